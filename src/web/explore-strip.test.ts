import { expect, test } from "bun:test";
import fc from "fast-check";
import { regularStepUs, SEVERAL, stripOf } from "./explore-strip.ts";

const S = 1_000_000;
const span = { fromUs: 100 * S, toUs: 200 * S };
const past = { nowUs: 1_000 * S, isCut: false };
const reading = (s: number, text: string) => ({ atUs: s * S, text });
const runs = (...args: Parameters<typeof stripOf>) =>
  stripOf(...args).runs.map(({ fromUs, toUs, text }) => [fromUs / S, toUs / S, text]);

test("a state that is sent when it changes holds until the next", () => {
  const readings = [reading(10, "off"), reading(120, "on"), reading(180, "off")];
  expect(runs(readings, span, past)).toEqual([
    [100, 120, "off"],
    [120, 180, "on"],
    [180, 200, "off"],
  ]);
});

test("it holds until now, not beyond", () => {
  expect(runs([reading(120, "on")], span, { ...past, nowUs: 150 * S })).toEqual([[120, 150, "on"]]);
});

test("what is read regularly has a gap where it is not", () => {
  const all = Array.from({ length: 90 }, (_, i) => reading(100 + i, "on"));
  const holed = all.filter((_, i) => i < 30 || i >= 60);
  expect(runs(holed, span, past)).toEqual([
    [100, 130, "on"],
    [160, 190, "on"],
  ]);
  expect(regularStepUs(all.map(({ atUs }) => atUs))).toBe(S);
  expect(regularStepUs([1, 2, 3])).toBeUndefined();
});

test("cut short, it says up to where it is known", () => {
  const strip = stripOf([reading(110, "on"), reading(140, "off")], span, { ...past, isCut: true });
  expect(strip.cutAtUs).toBe(140 * S);
  expect(strip.runs).toEqual([{ fromUs: 110 * S, toUs: 140 * S, text: "on" }]);
});

test("more changes than a chart shows are told as several; stretches never overlap", () => {
  const text = fc.constantFrom("a", "b", "c");
  const readings = fc
    .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 200 * S }), text), {
      ...{ selector: ([at]) => at, maxLength: 3_000, minLength: 1 },
    })
    .map((all) => all.sort((a, b) => a[0] - b[0]).map(([atUs, t]) => ({ atUs, text: t })));
  fc.assert(
    fc.property(readings, (all) => {
      const { runs: found } = stripOf(all, span, past);
      expect(found.length).toBeLessThanOrEqual(800);
      for (const [i, run] of found.entries()) {
        expect(run.toUs).toBeGreaterThan(run.fromUs);
        expect(run.fromUs).toBeGreaterThanOrEqual((found[i - 1]?.toUs ?? span.fromUs) - 1);
        expect(["a", "b", "c", SEVERAL]).toContain(run.text);
      }
    }),
    { numRuns: 50 },
  );
  const fast = Array.from({ length: 2_000 }, (_, i) => reading(100 + i / 20, i % 2 ? "a" : "b"));
  expect(runs(fast, span, past)).toEqual([[100, 200, SEVERAL]]);
});
