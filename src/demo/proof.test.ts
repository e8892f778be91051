import { expect, test } from "bun:test";
import fc from "fast-check";
import { type AlarmSpan, joinAlarms, type ProofTerms, scoreAlarms } from "./proof.ts";
import type { AssetGrid } from "./readings.ts";
import { DAY_US, type Fault } from "./truth.ts";
import { alarmsOf, chooseSingleSignals, singleSignal, threeSigma } from "./yardsticks.ts";

const day = (days: number) => days * DAY_US;
const fault = (onset: number, failure: number, assetKey = "A"): Fault => ({
  assetKey,
  mode: "wear",
  onsetUs: day(onset),
  failureUs: day(failure),
  backUs: day(failure + 1),
  effects: [],
});
const alarm = (from: number, to: number, assetKey = "A"): AlarmSpan => ({
  assetKey,
  raisedAtUs: day(from),
  clearedAtUs: day(to),
});
const terms: ProofTerms = {
  fromUs: 0,
  toUs: day(60),
  assetKeys: ["A", "B"],
  horizonUs: day(14),
  leastNoticeUs: day(1),
  joinUs: day(3),
};

test.each([
  ["in time", [alarm(35, 40)], 1, 5, 0],
  ["early, and still standing in the last fortnight", [alarm(22, 30)], 1, 18, 0],
  ["early, and given up before the last fortnight", [alarm(21, 24)], 0, undefined, 0],
  ["on the last day", [alarm(39.5, 40)], 0, undefined, 0],
  ["before the fault began: it says nothing, and is false", [alarm(10, 40)], 0, undefined, 1],
  ["on another asset", [alarm(35, 40, "B")], 0, undefined, 1],
  ["long after the repair", [alarm(45, 46)], 0, undefined, 1],
  ["before the part looked at", [alarm(-5, 1)], 0, undefined, 0],
  ["flickering counts once", [alarm(50, 51), alarm(52, 53), alarm(54, 54.5)], 0, undefined, 1],
  ["two that lie apart count twice", [alarm(46, 47), alarm(51, 52)], 0, undefined, 2],
] as const)("an alarm %s", (_name, alarms, found, notice, falseAlarms) => {
  const score = scoreAlarms([fault(20, 40)], alarms, terms);
  expect(score.faults).toBe(1);
  expect(score.found).toBe(found);
  expect(score.missed).toBe(1 - found);
  expect(score.medianNoticeDays).toBe(notice as number | undefined);
  expect(score.falseAlarms).toBe(falseAlarms);
  expect(score.falseAlarmsPerAssetMonth).toBe(falseAlarms / 4);
});

test("a fault still developing at the end counts neither way", () => {
  const score = scoreAlarms([fault(50, 70)], [alarm(55, 60)], terms);
  expect([score.faults, score.falseAlarms]).toEqual([0, 0]);
});

test("faults found and missed are all faults, and more alarms find no fewer", () => {
  const spans = fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 55 }), fc.integer({ min: 0, max: 20 }))
      .map(([from, length]) => alarm(from, from + length)),
  );
  fc.assert(
    fc.property(spans, (alarms) => {
      const faults = [fault(5, 20), fault(30, 50)];
      const score = scoreAlarms(faults, alarms, terms);
      expect(score.found + score.missed).toBe(2);
      expect(score.falseAlarms).toBeLessThanOrEqual(alarms.length);
      const joined = joinAlarms(alarms, terms.joinUs);
      expect(joinAlarms(joined, terms.joinUs)).toEqual(joined);
      expect(scoreAlarms(faults, joined, terms)).toEqual(score);
    }),
  );
});

test("an alarm is raised and cleared by two scores in a row", () => {
  const grid = { assetKey: "A", startUs: 0, stepUs: day(1), steps: 8 };
  const spans = alarmsOf(grid, [0, 5, 5, 1, 5, 1, 1, 5], 4, 2);
  expect(spans).toEqual([alarm(3, 7)]);
  expect(alarmsOf(grid, [0, 0, 0, 0, 0, 0, 5, 5], 4, 2)).toEqual([alarm(8, 8)]);
});

/** Sixty days of two signals that alternate about 10; the first rises towards day 50 on asset A. */
function gridOf(assetKey: string, rise: number): AssetGrid {
  const values = new Float64Array(120);
  for (let i = 0; i < 60; i++) {
    const swing = i % 2 === 0 ? 1 : -1;
    values[2 * i] = 10 + swing + (i >= 38 && i < 50 ? rise * (i - 37) : 0);
    values[2 * i + 1] = 10 + swing;
  }
  const signals = ["vibration", "current"];
  return { assetKey, typeName: "T", startUs: 0, stepUs: day(1), steps: 60, signals, values };
}

test("both yardsticks find a fault that one signal shows plainly", () => {
  const grids = [gridOf("A", 1), gridOf("B", 0)];
  const faults = [fault(37, 50)];
  const chosen = chooseSingleSignals(grids, faults, terms);
  expect(chosen).toMatchObject([{ typeName: "T", signal: "vibration", direction: 1 }]);
  for (const alarms of [threeSigma(grids), singleSignal(grids, chosen)]) {
    const score = scoreAlarms(faults, alarms, terms);
    expect([score.found, score.falseAlarms]).toEqual([1, 0]);
  }
});
