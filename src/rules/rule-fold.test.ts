import { expect, test } from "bun:test";
import type { ControlFrame } from "../domain/log-frame.ts";
import type { CompiledRule } from "../domain/rule.ts";
import { RuleFold } from "./rule-fold.ts";

const rule = (over: Partial<CompiledRule> = {}): CompiledRule => ({
  ruleId: "r",
  version: 1,
  tenantNo: 1,
  severity: "warning",
  op: "above",
  threshold: 10,
  clear: 8,
  holdUs: 0,
  seriesNos: [1],
  ...over,
});

type Step = ControlFrame | readonly [seriesNo: number, atUs: number, value: number];

/** Runs the steps, each as a frame of its own, and answers its transitions in short. */
function run(steps: readonly Step[]): string[] {
  const last = new Map<number, { atUs: number; value: number }>();
  const fold = new RuleFold((s) => last.get(s) ?? { atUs: 0, value: Number.NaN });
  for (const [index, one] of steps.entries()) {
    fold.begin(index + 1);
    if ("kind" in one) fold.onControl(one);
    else {
      const [seriesNo, atUs, value] = one;
      last.set(seriesNo, { atUs, value });
      if (fold.watched[seriesNo] === 1) fold.onReading(seriesNo, atUs, value);
    }
  }
  return fold
    .takeTransitions()
    .map((t) => `${t.sequence}.${t.index} ${t.kind} ${t.seriesNo} ${t.reason} @${t.atUs}`);
}

const set = (over: Partial<CompiledRule> = {}): ControlFrame => ({
  kind: "rule",
  rule: rule(over),
});
const closed: ControlFrame = { kind: "alert-closed", ruleId: "r", seriesNo: 1, atUs: 25 };

test.each<[string, Step[], string[]]>([
  [
    "opens and clears",
    [set(), [1, 10, 11], [1, 20, 9], [1, 30, 8]],
    ["2.0 opened 1 condition @10", "4.0 closed 1 cleared @30"],
  ],
  ["other series are not watched", [set(), [2, 10, 11]], []],
  ["data that stops completes no hold", [set({ holdUs: 5 }), [1, 10, 11]], []],
  [
    "a new version closes what it does not hold",
    [set(), [1, 10, 11], set({ version: 2, threshold: 20, clear: 18 })],
    ["2.0 opened 1 condition @10", "3.0 closed 1 rule changed @10"],
  ],
  [
    "and keeps what it holds",
    [set(), [1, 10, 11], set({ version: 2, threshold: 5, clear: 4 })],
    ["2.0 opened 1 condition @10"],
  ],
  [
    "and closes series it no longer watches",
    [set(), [1, 10, 11], set({ version: 2, seriesNos: [2] }), [1, 20, 30]],
    ["2.0 opened 1 condition @10", "3.0 closed 1 rule changed @10"],
  ],
  [
    "an older version changes nothing",
    [set({ version: 2 }), set({ threshold: 99 }), [1, 10, 11]],
    ["3.0 opened 1 condition @10"],
  ],
  [
    "the same version with more series keeps the alerts it has",
    [set(), [1, 10, 11], set({ seriesNos: [1, 2] }), [2, 20, 11], [1, 30, 7]],
    ["2.0 opened 1 condition @10", "4.0 opened 2 condition @20", "5.0 closed 1 cleared @30"],
  ],
  [
    "the same version without a series closes the series' alert and hears of it no more",
    [set({ seriesNos: [1, 2] }), [1, 10, 11], set({ seriesNos: [2] }), [1, 30, 12], [2, 40, 11]],
    ["2.0 opened 1 condition @10", "3.0 closed 1 rule changed @10", "5.0 opened 2 condition @40"],
  ],
  [
    "a person closes what the fold does not hold: the alert elsewhere ends all the same",
    [set(), [1, 10, 5], closed],
    ["3.0 closed 1 closed by a person @25"],
  ],
  [
    "removing the rule closes its alerts",
    [
      set({ seriesNos: [1, 2] }),
      [1, 10, 11],
      [2, 10, 11],
      { kind: "rule-removed", ruleId: "r", atUs: 15 },
      [1, 20, 30],
    ],
    [
      "2.0 opened 1 condition @10",
      "3.0 opened 2 condition @10",
      "4.0 closed 1 rule removed @15",
      "4.1 closed 2 rule removed @15",
    ],
  ],
  [
    "closed by a person it stays closed until the condition was false once",
    [set(), [1, 10, 11], closed, [1, 30, 12], [1, 40, 9], [1, 50, 11]],
    [
      "2.0 opened 1 condition @10",
      "3.0 closed 1 closed by a person @25",
      "6.0 opened 1 condition @50",
    ],
  ],
  [
    "closed by a person between the thresholds it is armed at once",
    [set(), [1, 10, 11], [1, 20, 9], closed, [1, 30, 12]],
    [
      "2.0 opened 1 condition @10",
      "4.0 closed 1 closed by a person @25",
      "5.0 opened 1 condition @30",
    ],
  ],
  [
    "and the next breach opens one as any",
    [set(), closed, [1, 30, 12]],
    ["2.0 closed 1 closed by a person @25", "3.0 opened 1 condition @30"],
  ],
  [
    "an adopted alert opens nothing and clears as any",
    [
      set(),
      { kind: "alerts-adopted", open: [{ ruleId: "r", seriesNo: 1, sinceUs: 5 }] },
      [1, 10, 11],
      [1, 20, 8],
    ],
    ["4.0 closed 1 cleared @20"],
  ],
  [
    "NaN neither opens nor closes",
    [set(), [1, 5, Number.NaN], [1, 10, 11], [1, 20, Number.NaN]],
    ["3.0 opened 1 condition @10"],
  ],
])("rules: %s", (_name, steps, want) => {
  expect(run(steps)).toEqual(want);
});
