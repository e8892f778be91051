import { expect, test } from "bun:test";
import fc from "fast-check";
import { LogMarks } from "./engine-marks.ts";

const S = 1e6;

test("who has applied everything is behind by nothing; others by readings and running time", () => {
  const marks = new LogMarks();
  for (let i = 1; i <= 100; i++) marks.add(i, 10, 1e15 + i * 2 * S);
  expect(marks.behind(100)).toEqual({ readings: 0, us: 0 });
  expect(marks.behind(90)).toEqual({ readings: 100, us: 18 * S });
  expect(marks.behind(0)).toEqual({ readings: 1000, us: 198 * S });
  marks.release(90);
  expect(marks.behind(95)).toEqual({ readings: 50, us: 8 * S });
  marks.pass(1e15 + 201 * S);
  expect(marks.behind(99)).toEqual({ readings: 10, us: S });
});

test("a clock that jumps, or a server that was off, makes nobody be behind", () => {
  const marks = new LogMarks();
  marks.add(1, 1, 1e15);
  marks.add(2, 1, 1e15 + 86_400 * S);
  marks.pass(1e15 - 86_400 * S);
  marks.pass(1e15 - 86_400 * S + 5 * S);
  expect(marks.behind(0)).toEqual({ readings: 2, us: 5 * S });
  expect(marks.refusal(0, 10 * S)).toBeUndefined();
  expect(marks.refusal(0, 5 * S)).toContain("hours behind the log");
});

test("however many marks there are, none tells too little, and few are kept", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (n, part) => {
        const marks = new LogMarks();
        for (let i = 1; i <= n; i++) marks.add(i, 1, 1e15 + i * 10 * S);
        const at = Math.floor(n * part);
        const { readings, us } = marks.behind(at);
        const slack = Math.ceil(n / 1_000);
        expect(readings).toBeGreaterThanOrEqual(n - at);
        expect(readings).toBeLessThanOrEqual(n - at + (at === n ? 0 : slack));
        expect(us).toBeGreaterThanOrEqual(Math.max(0, n - at - 1) * 10 * S);
      },
    ),
    { numRuns: 20 },
  );
});
