import { expect, test } from "bun:test";
import fc from "fast-check";
import { createRandom, hash32, normalAt, smoothAt, uniformAt } from "./random.ts";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

test("the same seed gives the same numbers, another seed others", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const [one, two, other] = [createRandom(seed), createRandom(seed), createRandom(seed + 1)];
      const first = Array.from({ length: 8 }, () => one.next());
      expect(Array.from({ length: 8 }, () => two.next())).toEqual(first);
      expect(Array.from({ length: 8 }, () => other.next())).not.toEqual(first);
    }),
  );
});

test("a fork does not depend on what was drawn before", () => {
  const fresh = createRandom(5).fork(3).next();
  const used = createRandom(5);
  used.next();
  expect(used.fork(3).next()).toBe(fresh);
  expect(used.fork(4).next()).not.toBe(fresh);
});

test("numbers keep their ranges and a shuffle keeps its items", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 50 }), (seed, bound) => {
      const random = createRandom(seed);
      expect(random.int(bound)).toBeWithin(0, bound);
      expect(random.between(-bound, bound)).toBeWithin(-bound, bound);
      const items = Array.from({ length: bound }, (_, i) => i);
      expect(random.shuffled(items).sort((a, b) => a - b)).toEqual(items);
      expect(items).toContain(random.pick(items));
    }),
  );
});

test("picking from nothing says so", () => {
  expect(() => createRandom(1).pick([])).toThrow("nothing to pick");
});

test.each([
  ["stream", () => createRandom(11).normal, 0, 1, 0.03],
  ["by index", () => (i: number) => normalAt(3, i), 0, 1, 0.03],
  ["uniform by index", () => (i: number) => uniformAt(9, i), 0.5, Math.sqrt(1 / 12), 0.01],
  ["smooth", () => (i: number) => smoothAt(4, i * 0.37), 0, 0.86, 0.06],
] as const)("mean and spread: %s", (_name, make, mean, sd, tolerance) => {
  const draw = make();
  const values = Array.from({ length: 20_000 }, (_, i) => draw(i));
  const average = values.reduce((sum, v) => sum + v, 0) / values.length;
  const spread = Math.sqrt(values.reduce((s, v) => s + (v - average) ** 2, 0) / values.length);
  expect(Math.abs(average - mean)).toBeLessThan(tolerance);
  expect(Math.abs(spread - sd)).toBeLessThan(tolerance);
});

test("every bit of the hash depends on either input", () => {
  let ones = 0;
  for (let i = 0; i < 4_096; i++) {
    for (let x = hash32(i, 7) ^ hash32(i ^ 1, 7); x !== 0; x &= x - 1) ones++;
    for (let x = hash32(7, i) ^ hash32(7, i ^ 1); x !== 0; x &= x - 1) ones++;
  }
  expect(ones / (2 * 4_096)).toBeWithin(15.5, 16.5);
});
