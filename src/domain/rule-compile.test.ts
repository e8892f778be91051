import { expect, test } from "bun:test";
import { compileRules, type RuleTargets } from "./rule-compile.ts";
import { type Rule, type RuleScope, ruleFault } from "./rule-store.ts";

const rule = (scope: RuleScope): Rule => ({
  ...{ id: "r", name: "hot", enabled: true, version: 3, sequence: undefined, updatedAtUs: 0 },
  ...{ severity: "warning", op: "above", threshold: 80, clear: 75, holdMs: 5_000, scope },
});
const plant: RuleTargets = {
  bySensor: [
    { sensorId: "a", kind: "numeric", seriesNos: [9, 2] },
    { sensorId: "a", kind: "state", seriesNos: [5] },
    { sensorId: "b", kind: "numeric", seriesNos: [1] },
  ],
  byName: [
    { sensorName: "temp", assetTypeId: "pump", kind: "numeric", seriesNos: [9] },
    { sensorName: "temp", assetTypeId: "pump", kind: "boolean", seriesNos: [2] },
    { sensorName: "temp", assetTypeId: "pump", kind: "waveform", seriesNos: [7] },
    { sensorName: "temp", assetTypeId: "fan", kind: "numeric", seriesNos: [3] },
    { sensorName: "flow", assetTypeId: "pump", kind: "numeric", seriesNos: [4] },
    { sensorName: "temp", assetTypeId: undefined, kind: "numeric", seriesNos: [6] },
  ],
};

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
