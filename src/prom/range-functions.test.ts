import { expect, test } from "bun:test";
import type { SeriesEntry } from "../domain/series.ts";
import { numberText } from "./answers.ts";
import { durationUs, stepUs, timeUs } from "./durations.ts";
import { matcher } from "./matcher.ts";
import { createNaming, labelsOf, matches, metricName } from "./naming.ts";
import { RANGE_FUNCTIONS } from "./range-functions.ts";

const S = 1e6;
/** A counter every 10 s that is reset once. */
const samples = {
  atUs: Float64Array.from([10, 20, 30, 40], (s) => s * S),
  value: Float64Array.of(5, 15, 2, 12),
};
const whole = { from: 0, to: 4, endUs: 45 * S, rangeUs: 45 * S };

test.each([
  // increase of 5→15→(reset) 2→12: 22 over 30 s; 5 s after, before it at most to zero
  ["increase", (22 * (30 + 5 + Math.min(10, (30 * 5) / 22))) / 30],
  ["delta", (7 * (30 + 10 + 5)) / 30],
  ["irate", 1],
  ["idelta", 10],
  ["sum_over_time", 34],
  ["avg_over_time", 8.5],
  ["min_over_time", 2],
  ["max_over_time", 15],
  ["count_over_time", 4],
  ["last_over_time", 12],
  ["first_over_time", 5],
  ["stdvar_over_time", 27.25],
  ["resets", 1],
  ["changes", 3],
])("%s", (name, expected) => {
  expect(RANGE_FUNCTIONS[name]?.(samples, whole, Number.NaN)).toBeCloseTo(expected, 9);
});

test("a rate needs two readings, and nothing has no value", () => {
  const one = { ...whole, to: 1 };
  expect(RANGE_FUNCTIONS.rate?.(samples, one, 0)).toBeUndefined();
  const none = { ...whole, to: 0 };
  for (const [name, compute] of Object.entries(RANGE_FUNCTIONS))
    expect([name, compute(samples, none, 0.5)]).toEqual([name, undefined]);
});

test.each([
  ["1h30m", 5400],
  ["90", 90],
  ["0.5", 0.5],
  ["1m0s", 60],
  ["1w", 604_800],
  ["100ms", 0.1],
])("a duration of %s is %d s", (text, seconds) => {
  expect(durationUs(text)).toBe(seconds * S);
});

test("what is no duration, step or time is refused", () => {
  expect(durationUs("5x")).toBeUndefined();
  for (const text of ["0", "", "-5", "1q"]) expect(() => stepUs(text)).toThrow("step");
  for (const text of ["", "yesterday", "NaN"]) expect(() => timeUs("time", text)).toThrow("time");
  expect(timeUs("time", "2026-09-21T14:13:20.5Z")).toBe(1_790_000_000_500_000);
});

test.each([
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf"],
  [-0, "-0"],
  [0.1, "0.1"],
])("%p is written %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});

test("metrics and labels have names that Prometheus takes", () => {
  expect(metricName({ measurement: "pump", field: "value" })).toBe("pump");
  expect(metricName({ measurement: "2nd pump", field: "temp °C" })).toBe("_2nd_pump_temp__C");
  const tags = [
    ["a-b", "x"],
    ["__name__", "y"],
    ["empty", ""],
  ] as const;
  expect([...labelsOf({ measurement: "m", field: "value", tags })]).toEqual([
    ["__name__", "m"],
    ["a_b", "x"],
    ["tag___name__", "y"],
  ]);
});

test("two series that would be the same are told apart, and states are none", () => {
  const entry = (seriesNo: number, measurement: string, field: string): SeriesEntry => ({
    ...{ seriesNo, measurement, field, tenantNo: 1, tags: [], kind: "numeric" },
    ...{ sourceNo: 1, deviceKey: "", firstAtUs: 1 },
  });
  const series = new Map<number, SeriesEntry>([
    [1, entry(1, "a", "b_c")],
    [2, entry(2, "a_b", "c")],
    [3, { ...entry(3, "s", "value"), kind: "state" }],
  ]);
  const named = createNaming().of(1, series);
  expect(named.map(({ labels }) => [...labels])).toEqual([
    [["__name__", "a_b_c"]],
    [
      ["__name__", "a_b_c"],
      ["series_no", "2"],
    ],
  ]);
});

test.each([
  ["=", "x", true],
  ["!=", "x", false],
  ["=~", "x|y", true],
  ["=~", "X", false],
  ["=~", "(?i)X", true],
  ["!~", ".+", false],
  ["=~", "", false],
])("label x %s %s is %p", (op, value, expected) => {
  expect(matches(new Map([["l", "x"]]), [matcher("l", op, value)])).toBe(expected);
});
