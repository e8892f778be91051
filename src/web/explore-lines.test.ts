import { expect, test } from "bun:test";
import type { SensorPoints } from "./chart.ts";
import { brokenLine, commonGaps, groupsOf, slicesOf } from "./explore-lines.ts";

const MINUTE_US = 60_000_000;
const at = (minutes: readonly number[]) => minutes.map((minute) => minute * MINUTE_US);
const span = { fromUs: 0, toUs: 100 * MINUTE_US };
const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.ceil((to - from) / step) }, (_, i) => from + i * step);

function pointsAt(minutes: readonly number[], tier: SensorPoints["tier"] = "raw"): SensorPoints {
  const values = minutes.map(() => 2);
  return { tier, atUs: at(minutes), mean: values, min: values, max: values, n: values };
}
const gapsIn = (points: SensorPoints, nowUs = span.toUs) =>
  brokenLine(points, span, nowUs).gaps.map(({ fromUs, toUs }) => [
    fromUs / MINUTE_US,
    toUs / MINUTE_US,
  ]);

test.each([
  ["readings without a hole", pointsAt(range(0, 100)), []],
  ["a late reading is no gap", pointsAt([...range(0, 40), ...range(43, 100)]), []],
  ["a hole in readings", pointsAt([...range(0, 40), ...range(60, 100)]), [[40, 60]]],
  ["nothing before", pointsAt(range(30, 100)), [[0, 30]]],
  ["nothing after", pointsAt(range(0, 70)), [[70, 100]]],
  ["nothing at all", pointsAt([]), [[0, 100]]],
  ["two buckets that miss", pointsAt([...range(0, 40, 5), ...range(50, 100, 5)], "5m"), [[40, 50]]],
  ["the bucket that is open", pointsAt(range(0, 95, 5), "5m"), []],
] as const)("gaps: %s", (_name, points, expected) => {
  expect(gapsIn(points).map((gap) => gap.map(Math.round))).toEqual(expected.map((g) => [...g]));
});

test("readings that come less often at one time than at another are no gap", () => {
  const slow = range(0, 60, 10);
  const fast = range(60, 100, 0.1);
  expect(gapsIn(pointsAt([...slow, ...fast]))).toEqual([]);
  const [[from, to] = []] = gapsIn(pointsAt([...slow, ...fast.filter((at) => at < 70 || at > 80)]));
  expect([Math.round(from ?? 0), Math.round(to ?? 0)]).toEqual([70, 80]);
});

test("time ahead of now is no gap", () => {
  expect(gapsIn(pointsAt(range(0, 50)), 51 * MINUTE_US)).toEqual([]);
});

test("the line is broken inside a gap, and buckets carry their band", () => {
  const line = brokenLine(
    pointsAt([...range(0, 40, 5), ...range(60, 100, 5)], "5m"),
    span,
    span.toUs,
  );
  expect(line.values.filter((value) => value === null)).toHaveLength(1);
  expect(line.low).toHaveLength(line.values.length);
  expect(brokenLine(pointsAt(range(0, 9)), span, span.toUs).low).toBeUndefined();
});

test("only what every line of a chart lacks is hatched", () => {
  const gap = (from: number, to: number) => ({ fromUs: from, toUs: to });
  const lines = [{ gaps: [gap(0, 10), gap(20, 40)] }, { gaps: [gap(5, 30)] }];
  const label = (lengthUs: number) => `${lengthUs} µs`;
  expect(commonGaps(lines, label)).toEqual([
    { fromUs: 5, toUs: 10, label: "5 µs" },
    { fromUs: 20, toUs: 30, label: "10 µs" },
  ]);
  expect(commonGaps([], label)).toEqual([]);
});

test("lines of one unit share a chart, four at most", () => {
  const item = (token: string, unit: string) => ({
    ...{ token, unit, name: token, asset: "", decimals: 1, kind: "numeric" as const },
    ...{ href: undefined, mapped: [] },
  });
  const items = [..."abcde"].map((token) => item(token, "bar"));
  const groups = groupsOf([...items, item("f", "rpm")]);
  expect(groups.map(({ unit, items: own }) => [unit, own.length])).toEqual([
    ["bar", 4],
    ["bar", 1],
    ["rpm", 1],
  ]);
});

test("a slice of the table weighs readings alike and keeps the peaks", () => {
  const points: SensorPoints = {
    ...{ tier: "5m", atUs: at([0, 5, 60]), mean: [1, 4, Number.NaN] },
    ...{ min: [0, 4, Number.NaN], max: [2, 9, Number.NaN], n: [2, 1, 0] },
  };
  expect(slicesOf([points, pointsAt([])], span, 10)).toEqual([
    { fromUs: 0, cells: [{ mean: 2, min: 0, max: 9 }, undefined] },
  ]);
});
