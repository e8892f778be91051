import { expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../random.ts";
import { dealFolds } from "./folds.ts";
import { intervalOf, intervalTable } from "./intervals.ts";
import { asymmetricPenalty, averagePrecision, horizonMetrics } from "./metrics.ts";

/** Predictions whose errors grow with their height, as remaining life's do. */
function noisy(count: number, seed: number) {
  const random = new Random(seed);
  const predicted = Float64Array.from({ length: count }, () => random.next() * 100);
  const truth = predicted.map((p) =>
    Math.max(0, Math.min(100, p + (random.next() - 0.5) * (4 + 0.4 * p))),
  );
  return { predicted, truth };
}

test("intervals hold 80 % in every part of the range, and are narrow where errors are small", () => {
  const learnt = noisy(4000, 1);
  const table = intervalTable(learnt.predicted, learnt.truth, 100);
  const fresh = noisy(4000, 2);
  for (const [from, to] of [
    [0, 16],
    [32, 48],
    [64, 80],
    [80, 92],
  ] as const) {
    let inside = 0;
    let count = 0;
    for (const [i, p] of fresh.predicted.entries()) {
      if (p <= from || p > to) continue;
      const { lowSteps, highSteps } = intervalOf(table, p, 100);
      const truth = fresh.truth[i] ?? 0;
      count++;
      if (truth >= lowSteps && truth <= highSteps) inside++;
    }
    expect(inside / count).toBeGreaterThan(0.74);
    expect(inside / count).toBeLessThan(0.86);
  }
  const width = (p: number) =>
    intervalOf(table, p, 100).highSteps - intervalOf(table, p, 100).lowSteps;
  expect(width(8)).toBeLessThan(0.5 * width(85));
});

test("an interval holds its prediction and stays between 0 and the cap", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { maxLength: 30 }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      (truth, predicted) => {
        const table = intervalTable(
          truth.map(() => 50),
          truth,
          100,
        );
        const { lowSteps, highSteps } = intervalOf(table, predicted, 100);
        expect(lowSteps).toBeGreaterThanOrEqual(0);
        expect(highSteps).toBeLessThanOrEqual(100);
        expect(lowSteps <= predicted && predicted <= highSteps).toBe(true);
      },
    ),
  );
});

test("a part of the range without residuals borrows those of its neighbours", () => {
  const table = intervalTable(new Float64Array(60).fill(10), new Float64Array(60).fill(13), 100);
  expect(intervalOf(table, 40, 100)).toEqual({ lowSteps: 40, highSteps: 43 });
});

test("every fold gets its share of groups with failures", () => {
  const has = Array.from({ length: 37 }, (_u, i) => i % 3 === 0);
  const folds = dealFolds(has, 5, 1);
  for (let fold = 0; fold < 5; fold++) {
    const own = has.filter((_has, group) => folds[group] === fold);
    expect(own.length).toBeGreaterThanOrEqual(7);
    expect(own.filter((failed) => failed).length).toBeGreaterThanOrEqual(2);
  }
});

test.each([
  ["right", 0, 0],
  ["13 early", -13, Math.E - 1],
  ["10 late", 10, Math.E - 1],
])("penalty of an answer that is %s", (_name, difference, wanted) => {
  expect(asymmetricPenalty(difference)).toBeCloseTo(wanted, 12);
});

test.each([
  ["perfect order", [0.9, 0.8, 0.2, 0.1], [1, 1, 0, 0], 1],
  ["worst order", [0.9, 0.8, 0.2, 0.1], [0, 0, 0, 1], 0.25],
  ["all alike is the share of positives", [0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0], 0.25],
])("area under precision and recall: %s", (_name, score, truth, wanted) => {
  expect(averagePrecision(Float64Array.from(score), Float64Array.from(truth))).toBeCloseTo(
    wanted,
    12,
  );
});

test("a certain wrong answer costs a finite log loss", () => {
  const metrics = horizonMetrics("random forest", Float64Array.of(0, 1), Float64Array.of(1, 0));
  expect(metrics.logLoss).toBeCloseTo(-Math.log(1e-4), 6);
  expect(metrics.brier).toBe(1);
});
