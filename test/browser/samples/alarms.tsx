import { type AlarmDetailProps, AlarmPage } from "../../../views/pages/alarm.tsx";
import { AlarmsPage, type AlarmsProps } from "../../../views/pages/alarms.tsx";
import { RulePage, type RuleProps } from "../../../views/pages/rule.tsx";
import { RulesPage } from "../../../views/pages/rules.tsx";
import { at, DAY, gearbox, HOUR, MIN, mini, type Sample, shell, vibration } from "./shell.ts";

const detail: AlarmDetailProps = {
  keys: shell,
  id: "41",
  version: 1,
  mark: { severity: "critical", acknowledged: false },
  title: "Output bearing vibration",
  asset: gearbox,
  sensorHref: "/sensors/s0",
  sentence: "7.4 mm/s was over 7.1 for 10 min. That is rule Output vibration, version 6.",
  chart: mini("alarm-chart", "Output bearing vibration"),
  facts: [
    { label: "Raised", value: "14:10:04, 22 min ago" },
    { label: "Clears below", value: "6.6 mm/s" },
    { label: "Same alarm before", value: "none in 24 months" },
  ],
  events: [
    { at: at(22 * MIN), text: "Raised" },
    { at: at(10 * MIN), text: "Jan Kowalski: heard it at the guard, looking" },
  ],
  mayAcknowledge: true,
  mayClose: true,
  workHref: "/work/new?alarm=41",
  problem: undefined,
};

const alarms: AlarmsProps = {
  shell,
  opening:
    "8 active, 4 not acknowledged. 7 new since midnight, 0.5 an hour; one person can handle about 6.",
  view: "active",
  counts: { active: 8, unacknowledged: 4 },
  severity: "",
  q: "",
  rows: (
    [
      [
        "critical",
        false,
        "Output bearing vibration",
        "GB-210 Conveyor 2 gearbox",
        "7.4 mm/s, limit 7.1",
        22 * MIN,
        "22 min",
        "new",
      ],
      [
        "warning",
        false,
        "Discharge temperature rising",
        "K-302 Screw compressor 2",
        "1.8 °C per day, limit 1.0",
        71 * MIN,
        "1 h 11 min",
        "new",
      ],
      [
        "warning",
        false,
        "Output bearing envelope",
        "GB-210 Conveyor 2 gearbox",
        "3.1 g, limit 2.5",
        104 * MIN,
        "1 h 44 min",
        "new",
      ],
      [
        "critical",
        true,
        "Motor winding temperature",
        "CT-512 Cooling tower fan 2",
        "128 °C, limit 125",
        4.9 * HOUR,
        "4 h 52 min",
        "Anna Nowak",
      ],
      [
        "warning",
        true,
        "Suction pressure low",
        "P-118 Process water pump",
        "0.42 bar, limit 0.50",
        3.1 * DAY,
        "3 d 2 h",
        "Jan Kowalski",
      ],
      [
        "warning",
        true,
        "Stromaufnahme ungewöhnlich hoch gegenüber dem Vorjahresmittel",
        undefined,
        "123,456,789.1 A, limit 5.0",
        6.3 * HOUR,
        "6 h 20 min",
        "shift A",
      ],
    ] as const
  ).map(([severity, acknowledged, title, assetName, value, since, lasted, state], i) => ({
    id: String(41 + i),
    version: 1,
    mark: { severity, acknowledged },
    title,
    assetName,
    assetHref: assetName === undefined ? undefined : "/assets/gb-210",
    value,
    since: at(since),
    lasted,
    state,
    mayAcknowledge: !acknowledged,
    chosen: i === 0,
  })),
  paging: { nextHref: undefined, countText: "End of list. Events are not in it but recorded." },
  flood: undefined,
  detail,
  mayAct: true,
};

const scopes: RuleProps["scopes"] = [
  {
    group: "All of a type",
    options: [
      { value: "type:gearbox:vibration", label: "output bearing vibration of any gearbox" },
    ],
  },
  { group: "GB-210", options: [{ value: "sensor:s0", label: "GB-210 output bearing vibration" }] },
];

const rule: RuleProps = {
  shell,
  rule: { id: "14", version: 6, name: "Output vibration" },
  form: {
    values: {
      name: "Output vibration",
      scope: "type:gearbox:vibration",
      op: "above",
      threshold: "7.1",
      hold_minutes: "10",
      severity: "critical",
      clear: "6.6",
      enabled: "on",
    },
    errors: {},
  },
  scopes,
  unit: "mm/s",
  covers: "Covers 11 gearboxes.",
  chart: vibration("rule-chart-svg", 30),
  versions: [
    {
      version: 6,
      sentence: "above 7.1 mm/s for 10 min raises critical, clears at 6.6",
      at: at(9 * DAY),
      by: "Anna Nowak",
      state: "in effect",
    },
    {
      version: 5,
      sentence: "above 6.8 mm/s for 5 min raises critical, clears at 6.6",
      at: at(70 * DAY),
      by: "Anna Nowak",
      state: "",
    },
  ],
  mayWrite: true,
};

export const alarmSamples: readonly Sample[] = [
  ["alarms", AlarmsPage(alarms)],
  [
    "alarms-empty",
    AlarmsPage({
      ...alarms,
      rows: [],
      detail: undefined,
      flood: "14 alarms in 10 minutes. They are grouped by asset; nothing is hidden.",
    }),
  ],
  [
    "alarm",
    AlarmPage({
      shell,
      detail: {
        ...detail,
        problem: "Jan Kowalski acknowledged it a moment ago; this is how it is now.",
      },
    }),
  ],
  [
    "rules",
    RulesPage({
      shell,
      opening: "3 rules watch 148 assets; 1 is off.",
      rules: [
        {
          id: "14",
          name: "Output vibration",
          mark: { severity: "critical" },
          sentence: "output bearing vibration of any gearbox is above 7.1 mm/s for 10 min",
          covers: "11 gearboxes",
          alarms30d: "2",
          enabled: true,
          pending: false,
          changed: at(9 * DAY),
        },
        {
          id: "15",
          name: "Oil temperature",
          mark: { severity: "warning" },
          sentence: "oil temperature of any gearbox is above 65 °C for 30 min",
          covers: "11 gearboxes",
          alarms30d: "6",
          enabled: true,
          pending: true,
          changed: at(5 * MIN),
        },
        {
          id: "16",
          name: "Suction pressure",
          mark: { severity: "warning" },
          sentence: "suction pressure of any pump is below 0.5 bar for 5 min",
          covers: "9 pumps",
          alarms30d: "24",
          enabled: false,
          pending: false,
          changed: at(40 * DAY),
        },
      ],
      mayWrite: true,
    }),
  ],
  ["rule", RulePage(rule)],
  [
    "rule-new",
    RulePage({
      ...rule,
      rule: undefined,
      covers: "",
      chart: undefined,
      versions: [],
      form: {
        values: { ...rule.form.values, threshold: "seven", clear: "9" },
        errors: {
          threshold: "Write a number, such as 7.1.",
          clear: "The clear value must not lie above the limit.",
        },
      },
    }),
  ],
];
