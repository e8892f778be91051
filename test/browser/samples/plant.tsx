import { AssetsPage, type AssetsProps } from "../../../views/pages/assets.tsx";
import { NowPage, type NowProps } from "../../../views/pages/now.tsx";
import type { AssetState, StateMark } from "../../../views/ui/model.ts";
import type { ProofRow } from "../../../views/ui/proof.tsx";
import { asset, at, health, type Sample, shell, spark } from "./shell.ts";

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
];
