import { expect, test } from "bun:test";
import { LAKE_DAY_US } from "./lake.ts";
import {
  byClassAndTier,
  checkPolicy,
  classOfSensor,
  DEFAULT_POLICY,
  type Holding,
  KEEPS_NOTHING,
  leaving,
  yielding,
} from "./retention.ts";

const NOW_US = 1000 * LAKE_DAY_US;
const CLASSES = [
  { name: "default", keepDays: { raw: 90, "5m": 365, "1h": 500, "1d": null } },
  { name: "short", keepDays: { raw: 1, "5m": 30, "1h": 90, "1d": null, waveform: 5 } },
] as const;

function holding(part: Partial<Holding> & { ageDays: number }): Holding {
  const { ageDays, ...rest } = part;
  return {
    tenantNo: 1,
    className: "default",
    tier: "raw",
    arrivedAtUs: undefined,
    rows: 10,
    sizeBytes: 100,
    // The day ended so many days ago.
    dayStartUs: NOW_US - (ageDays + 1) * LAKE_DAY_US,
    ...rest,
  };
}

test.each([
  ["readings of the allowed age stay", { ageDays: 89 }, false],
  ["readings as old as allowed go", { ageDays: 90 }, true],
  ["another class has its own age", { ageDays: 1, className: "short" }, true],
  ["a class that is gone is kept like the default", { ageDays: 89, className: "old" }, false],
  ["buckets have their own age", { ageDays: 300, tier: "5m" }, false],
  ["waveforms have their own age", { ageDays: 4, tier: "waveform", className: "short" }, false],
  ["and go at it", { ageDays: 5, tier: "waveform", className: "short" }, true],
  ["a class that says none keeps them like readings", { ageDays: 89, tier: "waveform" }, false],
  ["and no longer", { ageDays: 90, tier: "waveform" }, true],
  ["what is kept for ever stays", { ageDays: 900, tier: "1d" }, false],
  ["what came late is as old as its coming", { ageDays: 900, arrivedAtUs: NOW_US - 1 }, false],
  ["and goes in the end", { ageDays: 900, arrivedAtUs: NOW_US - 90 * LAKE_DAY_US }, true],
] as const)("retention: %s", (_name, part, goes) => {
  expect(leaving([holding(part)], CLASSES, NOW_US).length).toBe(goes ? 1 : 0);
});

test("a nearly full disk takes the oldest readings, then 5-minute buckets, never more than needed", () => {
  const all = [
    holding({ ageDays: 5, tier: "1h" }),
    holding({ ageDays: 9, tier: "5m" }),
    holding({ ageDays: 1 }),
    holding({ ageDays: 3 }),
    holding({ ageDays: 2, tier: "waveform" }),
    holding({ ageDays: 1, tier: "waveform" }),
  ];
  const chosen = (needBytes: number) =>
    yielding(all, needBytes).map(({ tier, dayStartUs }) => [
      tier,
      (NOW_US - dayStartUs) / LAKE_DAY_US - 1,
    ]);
  expect(chosen(0)).toEqual([]);
  expect(chosen(100)).toEqual([["raw", 3]]);
  expect(chosen(450)).toEqual([
    ["raw", 3],
    ["waveform", 2],
    ["waveform", 1],
    ["raw", 1],
    ["5m", 9],
  ]);
  expect(chosen(1e9).length).toBe(5);
});

test("a sensor's own class wins over its type's, and that over the default", () => {
  const policy = {
    ...DEFAULT_POLICY,
    byAssetType: { pump: "short" },
    bySensor: { s1: "long" },
  };
  const of = (sensorId: string, assetTypeId?: string) =>
    classOfSensor(policy, { sensorId, assetTypeId });
  expect([of("s1", "pump"), of("s2", "pump"), of("s2", "fan"), of("s2")]).toEqual([
    "long",
    "short",
    "default",
    "default",
  ]);
});

test.each([
  ["no default class", { classes: [] }, "default"],
  [
    "a name that is no folder",
    { classes: [...CLASSES, { ...CLASSES[0], name: "../x" }] },
    "hyphens",
  ],
  ["a name twice", { classes: [...CLASSES, CLASSES[0]] }, "same name"],
  ["a sensor in no class", { bySensor: { s1: "nowhere" } }, "nowhere"],
  [
    "half a day",
    { classes: [{ name: "default", keepDays: { ...CLASSES[0].keepDays, raw: 0.5 } }] },
    "whole days",
  ],
])("a policy with %s is refused", (_name, part, words) => {
  expect(() => checkPolicy({ ...DEFAULT_POLICY, ...part })).toThrow(words);
});

test("a policy that keeps nothing names all that is held, today's too", () => {
  const held = [
    holding({ ageDays: -1 }),
    holding({ ageDays: 400, tier: "1d", className: "short" }),
  ];
  expect(leaving(held, KEEPS_NOTHING, NOW_US)).toHaveLength(2);
});

test("days of one class and tier are summed, a day once", () => {
  const items = [
    holding({ ageDays: 3, className: "short" }),
    holding({ ageDays: 5, className: "short" }),
    holding({ ageDays: 5, className: "short" }),
    holding({ ageDays: 1, tier: "1h" }),
  ].map((one) => ({ ...one, reason: "old" }));
  expect(byClassAndTier(items)).toEqual([
    {
      ...{ className: "default", tier: "1h", days: 1, rows: 10, sizeBytes: 100, reason: "old" },
      ...{ fromUs: NOW_US - 2 * LAKE_DAY_US, toUs: NOW_US - LAKE_DAY_US },
    },
    {
      ...{ className: "short", tier: "raw", days: 2, rows: 30, sizeBytes: 300, reason: "old" },
      ...{ fromUs: NOW_US - 6 * LAKE_DAY_US, toUs: NOW_US - 3 * LAKE_DAY_US },
    },
  ]);
});
