import { expect, test } from "bun:test";
import fc from "fast-check";
import { lttb } from "./lttb.ts";

const line = (values: readonly number[]) => ({
  x: Float64Array.from(values, (_, index) => index),
  y: Float64Array.from(values),
});

test("a spike in a flat line is picked, with the first and last point", () => {
  const { x, y } = line(Array.from({ length: 1000 }, (_, i) => (i === 333 ? 50 : 1)));
  const picked = [...lttb(x, y, 10)];
  expect(picked).toHaveLength(10);
  expect(picked).toContain(333);
  expect([picked[0], picked.at(-1)]).toEqual([0, 999]);
});

test("it picks as many as asked, in order, each once; all of a line that is short enough", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { maxLength: 200 }),
      fc.integer({ min: 1, max: 50 }),
      (values, count) => {
        const { x, y } = line(values);
        const picked = [...lttb(x, y, count)];
        expect(picked).toHaveLength(Math.min(count, values.length));
        expect(picked).toEqual([...new Set(picked)].sort((a, b) => a - b));
        expect(picked.every((index) => index < values.length)).toBe(true);
      },
    ),
  );
});
