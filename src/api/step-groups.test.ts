import { expect, test } from "bun:test";
import { zonedDays } from "../lib/zoned-day.ts";
import { mergeSteps, stepLengthUs, stepStartUs } from "./step-groups.ts";

const HOUR_US = 3_600_000_000;

test.each([
  ["10s", 10_000_000],
  ["15m", 900_000_000],
  ["6h", 6 * HOUR_US],
  ["1d", 24 * HOUR_US],
])("a step of %s is %i µs", (step, lengthUs) => {
  expect(stepLengthUs(step)).toBe(lengthUs);
});

test.each(["", "0s", "2d", "1w", "-1h", "1.5h", "h"])("a step of %s is refused", (step) => {
  expect(() => stepLengthUs(step)).toThrow("step");
});

test.each([
  // name, start of the day in UTC, hours it has, starts of its 6-hour steps after its own
  ["23 hours", Date.UTC(2026, 2, 28, 23), 23, [0, 6, 12, 18]],
  ["24 hours", Date.UTC(2026, 5, 1, 22), 24, [0, 6, 12, 18]],
  ["25 hours", Date.UTC(2026, 9, 24, 22), 25, [0, 6, 12, 18, 24]],
])("steps of 6 h in a day of %s in Madrid begin with the day", (_name, startMs, hours, starts) => {
  const dayOf = zonedDays("Europe/Madrid");
  const startUs = startMs * 1000;
  const atUs = Float64Array.from({ length: hours }, (_, hour) => startUs + hour * HOUR_US);
  const n = new Float64Array(hours).fill(2);
  const mean = Float64Array.from(atUs, (_, hour) => hour);
  const points = { atUs, n, mean, min: mean, max: mean };
  const steps = mergeSteps(points, 6 * HOUR_US, dayOf, "count");
  expect([...steps.atUs].map((at) => (at - startUs) / HOUR_US)).toEqual([...starts]);
  expect(steps.value.reduce((a, b) => a + b, 0)).toBe(2 * hours);
  expect(stepStartUs(startUs + hours * HOUR_US, 6 * HOUR_US, dayOf)).toBe(
    startUs + hours * HOUR_US,
  );
});

test.each([
  ["mean", [2, 5]],
  ["min", [1, 4]],
  ["max", [3, 6]],
  ["sum", [8, 5]],
  ["count", [4, 1]],
] as const)("%s of buckets weighs them by their readings", (aggregate, expected) => {
  const points = {
    atUs: Float64Array.of(0, 1, HOUR_US),
    n: Float64Array.of(3, 1, 1),
    mean: Float64Array.of(2, 2, 5),
    min: Float64Array.of(1, 2, 4),
    max: Float64Array.of(3, 2, 6),
  };
  expect([...mergeSteps(points, HOUR_US, zonedDays("UTC"), aggregate).value]).toEqual([
    ...expected,
  ]);
});
