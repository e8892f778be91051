import type { JSX } from "hono/jsx/jsx-runtime";
import { AssetPage, type AssetProps } from "../../../views/pages/asset.tsx";
import { AssetsPage, type AssetsProps } from "../../../views/pages/assets.tsx";
import { NowPage, type NowProps } from "../../../views/pages/now.tsx";
import { SensorPage, type SensorProps } from "../../../views/pages/sensor.tsx";
import type { AssetState, StateMark } from "../../../views/ui/model.ts";
import type { ProofRow } from "../../../views/ui/proof.tsx";
import {
  ago,
  asset,
  at,
  DAY,
  format,
  gearbox,
  HOUR,
  health,
  MIN,
  random,
  shell,
  spark,
  vibration,
} from "./shell.ts";

type Sample = readonly [name: string, page: JSX.Element];

export const proof: { rows: readonly ProofRow[]; sub: string } = {
  sub: "60 days that training did not see, 24 machines, 12 faults, 36 decoys",
  rows: [
    {
      name: "Foresight",
      sub: "champion models and rules",
      isOurs: true,
      found: "11 of 12",
      foundShare: 11 / 12,
      missed: "1",
      notice: "9.5 d",
      falseAlarms: "0.03",
      falseShare: 0.03,
    },
    {
      name: "3-sigma rule",
      sub: "each signal against its own first 30 days",
      isOurs: false,
      found: "9 of 12",
      foundShare: 9 / 12,
      missed: "3",
      notice: "4.1 d",
      falseAlarms: "1.02",
      falseShare: 1,
    },
    {
      name: "Best single signal",
      sub: "bearing temperature, limit chosen on the training part",
      isOurs: false,
      found: "6 of 12",
      foundShare: 6 / 12,
      missed: "6",
      notice: "2.2 d",
      falseAlarms: "0.35",
      falseShare: 0.35,
    },
  ],
};

function area(name: string, count: number, odd: Readonly<Record<number, StateMark>>) {
  return {
    name,
    cells: Array.from({ length: count }, (_, i) => ({
      ...(odd[i] ?? { state: "healthy" as AssetState }),
      id: `${name.slice(0, 2)}-${i}`.toLowerCase(),
      label: `M-${100 + i} ${name} machine ${i + 1}`,
    })),
  };
}

const now: NowProps = {
  shell,
  opening: "Three things need you",
  sub: "121 of 148 assets are healthy. One new alarm since 14:00.",
  needs: [
    {
      id: "need-alarm-41",
      mark: { kind: "severity", severity: "critical", acknowledged: false },
      title: "GB-210 Conveyor 2 gearbox is above its critical vibration limit",
      href: "/alarms/41",
      detail:
        "Output bearing 7.4 mm/s, limit 7.1, for 22 min. Expected to fail in 9 to 21 days if nothing is done.",
      chips: [
        { text: "4 alarms on this asset", href: "/assets/gb-210" },
        { text: "€18.4k if it fails" },
      ],
      acknowledge: { alarmId: "41", version: 1 },
      links: [{ href: "/work/new?alarm=41", text: "Plan work" }],
    },
    {
      id: "need-blind-3",
      mark: { kind: "state", state: "blind" },
      title: "3 assets cannot be seen: gateway GW-3 is silent",
      href: "/ingest",
      detail: "No data for 48 min, normally every 10 s. Their alarms keep the state of 13:44.",
      chips: [],
      links: [{ href: "/ingest", text: "Open source" }],
    },
    {
      id: "need-alarm-40",
      mark: { kind: "severity", severity: "warning", acknowledged: false },
      title: "K-302 Screw compressor 2 discharge is warming 1.8 °C a day",
      href: "/alarms/40",
      detail: "Reaches its 105 °C limit about Fri 27 Nov.",
      chips: [],
      acknowledge: { alarmId: "40", version: 2 },
      links: [{ href: "/work/new?alarm=40", text: "Plan work" }],
    },
  ],
  later: [
    { href: "/work", text: "2 work orders are late" },
    { href: "/ingest/inbox", text: "12 new sensors to adopt" },
  ],
  calm: "Last alarm cleared 3 h ago; 148 assets are watched.",
  blindPlant: false,
  risks: [
    [
      "GB-210",
      "Conveyor 2 gearbox",
      34,
      "62 %",
      "9 to 21 d",
      "€11.4k",
      "Inspect output bearing",
      "WO-1187 asked for",
    ],
    [
      "K-302",
      "Screw compressor 2",
      52,
      "41 %",
      "4 to 30 d",
      "€3.9k",
      "Clean oil cooler",
      "no work yet",
    ],
    ["P-101A", "Feed pump A", 58, "18 %", "20 to 60 d", "€2.2k", "Check seal flush", "planned Thu"],
    [
      "M-117",
      "Mixer drive motor",
      71,
      "9 %",
      "over 60 d",
      "€0.7k",
      "Watch",
      "baseline day 12 of 21",
    ],
    [
      "CH-401",
      "Chiller 1",
      undefined,
      undefined,
      undefined,
      undefined,
      "Restore GW-3",
      "silent 48 min",
    ],
  ].map(([tag, name, score, chance, timeLeft, risk, next, nextSub], i) => ({
    asset: asset(String(tag), String(name)),
    health: health(typeof score === "number" ? score : undefined),
    chance: chance === undefined ? undefined : String(chance),
    timeLeft: timeLeft === undefined ? undefined : String(timeLeft),
    risk: risk === undefined ? undefined : String(risk),
    spark:
      score === undefined ? [1, 2, 1.5, 2, 1, 1.2, null, null, null, null] : spark(i + 3, 3 - i),
    next: String(next),
    nextSub: String(nextSub),
    href: `/predictions/${i}`,
  })),
  riskHorizon: "next 14 days",
  work: [
    {
      id: "1184",
      title: "Motor runs hot",
      sub: "CT-512 Cooling tower fan 2, in progress, yours",
      when: "5 h",
      late: false,
    },
    {
      id: "1176",
      title: "Suction strainer",
      sub: "P-118 Process water pump, waits for parts",
      when: "2 days late",
      late: true,
    },
  ],
  tally: {
    emergency: 0,
    critical: 2,
    blind: 3,
    warning: 5,
    watch: 10,
    maintenance: 4,
    stopped: 3,
    healthy: 121,
  },
  map: [
    area("Line 1 mixing", 34, {
      4: { state: "watch" },
      17: { state: "warning", acknowledged: true },
      28: { state: "maintenance" },
    }),
    area("Line 2 packing", 38, {
      6: { state: "critical" },
      7: { state: "watch" },
      18: { state: "watch" },
      33: { state: "stopped" },
      34: { state: "stopped" },
    }),
    area("Compressed air", 12, {
      1: { state: "warning" },
      2: { state: "watch" },
      8: { state: "maintenance" },
    }),
    area("Cooling and chilled water", 22, {
      3: { state: "blind" },
      4: { state: "blind" },
      9: { state: "watch" },
      15: { state: "warning", acknowledged: true },
      16: { state: "critical", acknowledged: true },
    }),
    area("Pumps and water", 26, {
      0: { state: "warning", acknowledged: true },
      12: { state: "maintenance" },
    }),
    area("Exhaust and fans", 16, {
      2: { state: "warning" },
      9: { state: "watch" },
      15: { state: "blind" },
    }),
  ],
  assetCount: 148,
  healthTens: [0, 1, 2, 1, 2, 5, 9, 21, 46, 58],
  healthUnknown: 3,
  proof,
  mayAct: true,
  now: at(0),
};

const tree: AssetsProps["tree"] = [
  {
    id: "root",
    name: "North works",
    count: 148,
    worst: { state: "critical" },
    chosen: false,
    children: [
      {
        id: "l1",
        name: "Line 1 mixing",
        count: 34,
        worst: { state: "warning" },
        chosen: false,
        children: [],
      },
      {
        id: "l2",
        name: "Line 2 packing",
        count: 38,
        worst: { state: "critical" },
        chosen: false,
        children: [
          {
            id: "c1",
            name: "Conveyor 1",
            count: 6,
            worst: { state: "healthy" },
            chosen: false,
            children: [],
          },
          {
            id: "c2",
            name: "Conveyor 2",
            count: 7,
            worst: { state: "critical" },
            chosen: true,
            children: [],
          },
        ],
      },
      {
        id: "air",
        name: "Compressed air",
        count: 12,
        worst: { state: "warning" },
        chosen: false,
        children: [],
      },
      {
        id: "cool",
        name: "Cooling",
        count: 22,
        worst: { state: "blind" },
        chosen: false,
        children: [],
      },
    ],
  },
];

const assets: AssetsProps = {
  shell,
  opening: "148 in 6 areas. The worst state of a branch shows beside its name.",
  tree,
  rows: (
    [
      [
        "GB-210",
        "Conveyor 2 gearbox",
        "gearbox",
        { state: "critical" },
        34,
        "62 %",
        "A",
        "WO-1187, asked for",
      ],
      ["CV-210", "Conveyor 2 belt drive", "motor", { state: "watch" }, 74, "7 %", "A", "none"],
      [
        "GB-211",
        "Conveyor 2 tail gearbox",
        "gearbox",
        { state: "healthy" },
        66,
        "5 %",
        "B",
        "4 sensors to adopt",
      ],
      [
        "M-210",
        "Conveyor 2 drive motor",
        "motor",
        { state: "healthy" },
        88,
        "2 %",
        "A",
        "Quarterly, Fri 27",
      ],
      [
        "F-204",
        "Zuluftventilator der Trocknungsanlage Halle 3 Ostseite, Antrieb",
        "fan",
        { state: "warning", acknowledged: true },
        57,
        "11 %",
        "B",
        "none",
      ],
      ["V-214", "Diverter", "", { state: "maintenance" }, undefined, undefined, "C", "none"],
    ] as const
  ).map(([tag, name, typeName, mark, score, chance, criticality, nextWork], i) => ({
    asset: asset(tag, name),
    typeName,
    mark,
    health: health(score),
    chance,
    spark: spark(i + 11, i === 0 ? 4 : 0),
    criticality,
    nextWork,
  })),
  filter: { q: "", state: "", type: "", criticality: "", branch: "c2", branchName: "Conveyor 2" },
  types: [
    { value: "pump", label: "pump" },
    { value: "gearbox", label: "gearbox" },
  ],
  crumbs: [
    { id: "root", name: "North works" },
    { id: "l2", name: "Line 2 packing" },
  ],
  paging: { nextHref: "/assets?cursor=2", countText: "6 of 148." },
  mayImport: true,
  isEmptyPlant: false,
};

export const parts = [
  { label: "Vibration against limits", value: 31.3 },
  { label: "Prediction, 62 % in 14 days", value: 13.9 },
  { label: "Oil temperature for this load", value: 11.6 },
  { label: "Alarms in 30 days", value: 6.2 },
  { label: "Age of bearing, 31 of 48 months", value: 3 },
];

const assetProps: AssetProps = {
  shell,
  asset: gearbox,
  crumbs: [
    { href: "/assets?branch=l2", text: "Line 2 packing" },
    { href: "/assets?branch=c2", text: "Conveyor 2" },
  ],
  mark: { state: "critical" },
  chips: ["Running, 46 rpm", "Criticality A", "gearbox", "In service since 2019"],
  note: undefined,
  unacknowledged: ["41", "42"],
  mayAct: true,
  mayEdit: true,
  chart: vibration("main"),
  signals: ["Output bearing vibration", "Oil temperature", "Motor current", "Output speed"].map(
    (label, i) => ({ id: `s${i}`, label, current: i === 0 }),
  ),
  range: "60d",
  health: health(34),
  healthParts: parts,
  healthBefore: "yesterday 41",
  coverage: "All 6 sensors reported in the last hour, coverage 100 %.",
  healthUnknown: "",
  prediction: {
    id: "9",
    sentence: "62 % chance of failure within 14 days.",
    second: "Most likely 9 to 21 days from now.",
    range: {
      low: 9,
      middle: 14,
      high: 21,
      end: 40,
      severity: "critical",
      lowLabel: "9 d",
      middleLabel: "14 d",
      highLabel: "21 d",
      endLabel: "40 d",
    },
    why: "Why: vibration trend and bearing-band energy rose together while load stayed the same.",
    isRule: false,
    missing: "",
  },
  ladder: [
    { label: "Type limits", detail: "gearbox limits", state: "done" },
    { label: "Learned baseline", detail: "since Feb 2024", state: "done" },
    { label: "Life from repairs", detail: "7 repairs, 4 units", state: "done" },
    { label: "Fleet model", detail: "gearbox v12, 11 gearboxes", state: "here" },
    { label: "Own model", detail: "needs 2 more failures of its own", state: "next" },
  ],
  sensors: (
    [
      ["Output bearing vibration", "critical", "7.4", "mm/s"],
      ["Output bearing envelope", "warning", "3.1", "g"],
      ["Input bearing vibration", undefined, "1.9", "mm/s"],
      ["Oil temperature", "warning", "71", "°C"],
      ["Motor current", undefined, "38.2", "A"],
      ["Output speed", undefined, undefined, "rpm"],
    ] as const
  ).map(([label, severity, value, unit], i) => ({
    id: `s${i}`,
    label,
    mark: severity === undefined ? undefined : { severity, acknowledged: i === 3 },
    spark: spark(20 + i, severity === undefined ? 0 : 3),
    value,
    unit,
    stale: value === undefined ? "silent 48 min, normally 10 s" : undefined,
  })),
  sensorsAge: "2 s old",
  timeline: [
    {
      at: at(22 * MIN),
      mark: { kind: "severity", severity: "critical", acknowledged: false },
      title: "Critical",
      detail: "Output bearing vibration 7.4 over 7.1, rule 14 version 6",
      href: "/alarms/41",
    },
    {
      at: at(5.2 * DAY),
      mark: { kind: "severity", severity: "warning", acknowledged: true },
      title: "Warning",
      detail: "acknowledged by Jan Kowalski: noise at the guard, greased last week",
    },
    {
      at: at(11 * DAY),
      mark: { kind: "icon", icon: "work" },
      title: "WO-1169 greased output bearing",
      detail: "closed: planned work",
      href: "/work/1169",
    },
    {
      at: at(14 * DAY),
      mark: { kind: "state", state: "watch" },
      title: "Prediction rose above 20 %",
      detail: "model gearbox v12",
      foundLater: true,
    },
    {
      at: at(19 * DAY),
      mark: { kind: "icon", icon: "prediction" },
      title: "Vibration left its learned band",
      detail: "",
    },
  ],
  facts: [
    { label: "Next work", value: { href: "/work/1187", text: "WO-1187 inspect bearing" } },
    { label: "If it fails", value: format.money(18_400) },
    { label: "Planned repair", value: format.money(2_150) },
    { label: "An hour of standstill", value: "not known" },
    { label: "Last failure", value: "none on this unit" },
  ],
  costs: {
    values: { failure_cost: "18400", repair_cost: "2150", criticality: "A", mode: "in-service" },
    errors: {},
  },
  version: 4,
  currency: "EUR",
  modes: [
    { value: "in-service", label: "In service" },
    { value: "maintenance", label: "Maintenance" },
  ],
  now: at(0),
};

const next = random(4);
const sensor: SensorProps = {
  shell,
  id: "s0",
  tableOpen: false,
  asset: gearbox,
  crumbs: [
    { href: "/assets?branch=l2", text: "Line 2 packing" },
    { href: "/assets/gb-210", text: "GB-210" },
  ],
  label: "Output bearing vibration",
  mark: { severity: "critical", acknowledged: false },
  value: "7.4 mm/s",
  valueSub: "2 s old, every 10 s, coverage 96 % this week",
  chart: vibration("sensor-chart", 30),
  range: "60d",
  comparing: false,
  table: Array.from({ length: 24 }, (_, i) => ({
    at: at(i * HOUR),
    value: format.number(7.3 - i * 0.05 + next() * 0.1, 1),
    low: format.number(6.9 - i * 0.05, 1),
    high: format.number(7.6 - i * 0.05, 1),
    count: "360",
  })),
  numbers: [
    { label: "Highest", value: "7.4 mm/s, today 14:31" },
    { label: "Mean", value: "5.4 mm/s" },
    { label: "Slope", value: "+0.42 mm/s a day" },
  ],
  marks: [
    {
      mark: { severity: "critical", acknowledged: false },
      text: "Over 7.1",
      at: at(22 * MIN),
      href: "/alarms/41",
    },
    {
      mark: { severity: "warning", acknowledged: true },
      text: "Over 4.5",
      at: at(5 * DAY),
      href: "/alarms/40",
    },
  ],
  facts: [
    { label: "Source", value: { href: "/ingest", text: "GW-2" } },
    { label: "Interval", value: "10 s" },
    { label: "Last reading", value: ago(2e6).text },
  ],
  rules: [{ id: "14", sentence: "above 7.1 mm/s for 10 min raises critical" }],
  mayWriteRules: true,
};

const calm: NowProps = {
  ...now,
  opening: "Nothing needs you",
  needs: [],
  later: [],
  risks: [],
  work: [],
  proof: undefined,
  blindPlant: true,
};

export const plantSamples: readonly Sample[] = [
  ["now", NowPage(now)],
  ["now-calm", NowPage(calm)],
  ["assets", AssetsPage(assets)],
  ["assets-empty", AssetsPage({ ...assets, isEmptyPlant: true, crumbs: [], rows: [] })],
  ["asset", AssetPage(assetProps)],
  [
    "asset-new",
    AssetPage({
      ...assetProps,
      chart: undefined,
      health: health(undefined),
      healthParts: [],
      healthUnknown: "Too few readings in the last day to say: 2 of 6 sensors reported.",
      prediction: undefined,
      sensors: [],
      timeline: [],
      unacknowledged: [],
      mark: { state: "blind" },
      note: {
        level: "warning",
        text: "Cannot be seen: no reading for 48 min, normally every 10 s.",
      },
      costs: { values: {}, errors: { failure_cost: "Write a number, such as 18400." } },
    }),
  ],
  ["sensor", SensorPage(sensor)],
];
