import { expect, test } from "bun:test";
import { compileRules, type RuleTarget } from "./rule-compile.ts";
import { type Rule, type RuleScope, ruleFault } from "./rule-store.ts";

const target = (seriesNo: number, over: Partial<RuleTarget> = {}): RuleTarget => ({
  ...{
    seriesNo,
    kind: "numeric",
    sensorId: `s${seriesNo}`,
    sensorName: "temp",
    assetTypeId: "pump",
  },
  ...over,
});
const rule = (scope: RuleScope): Rule => ({
  ...{ id: "r", name: "hot", enabled: true, version: 3, sequence: undefined, updatedAtUs: 0 },
  ...{ severity: "warning", op: "above", threshold: 80, clear: 75, holdMs: 5_000, scope },
});
const plant = [
  target(9, { sensorId: "a" }),
  target(2, { sensorId: "a" }),
  target(3, { assetTypeId: "fan" }),
  target(4, { sensorName: "flow" }),
  target(5, { kind: "state", sensorId: "a" }),
  target(6, { assetTypeId: undefined }),
];

test.each([
  ["one sensor: every series that feeds it", { kind: "sensor", sensorId: "a" }, [2, 9]],
  ["a name within a type", { kind: "type", assetTypeId: "pump", sensorName: "temp" }, [2, 9]],
  [
    "a name in any type",
    { kind: "type", assetTypeId: undefined, sensorName: "temp" },
    [2, 3, 6, 9],
  ],
  ["nothing yet", { kind: "sensor", sensorId: "later" }, []],
] as const)("a rule watches %s", (_name, scope, seriesNos) => {
  expect(compileRules(7, [rule(scope)], plant)).toEqual([
    {
      ...{ ruleId: "r", version: 3, tenantNo: 7, severity: "warning", op: "above" },
      ...{ threshold: 80, clear: 75, holdUs: 5_000_000, seriesNos: [...seriesNos] },
    },
  ]);
});

test.each([
  ["clears where it raises", {}, undefined],
  [
    "clears above its threshold",
    { clear: 81 },
    "the clear threshold must not lie above the threshold",
  ],
  [
    "below: clears below",
    { op: "below", clear: 79 },
    "the clear threshold must not lie below the threshold",
  ],
  ["holds for a negative time", { holdMs: -1 }, "the hold time must be from 0 to 30 days"],
  ["has no threshold", { threshold: Number.NaN }, "the threshold must be a number"],
] as const)("a rule that %s", (_name, over, fault) => {
  const terms = { severity: "info", op: "above", threshold: 80, clear: 80, holdMs: 0 } as const;
  expect(ruleFault({ ...terms, ...over })).toBe(fault);
});
