import { AssetPage, type AssetProps } from "../../../views/pages/asset.tsx";
import { SensorPage, type SensorProps } from "../../../views/pages/sensor.tsx";
import {
  ago,
  at,
  DAY,
  format,
  gearbox,
  HOUR,
  health,
  MIN,
  random,
  type Sample,
  shell,
  spark,
  vibration,
} from "./shell.ts";

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

export const assetSamples: readonly Sample[] = [
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
