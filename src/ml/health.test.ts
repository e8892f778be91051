import { expect, test } from "bun:test";
import fc from "fast-check";
import { SEVERITIES } from "../domain/rule.ts";
import { type HealthFacts, healthOf, roundTogether } from "./health.ts";

const well: HealthFacts = {
  limitExcess: [0, 0],
  openAlerts: [],
  failureProbability: 0,
  remainingShare: 1,
  driftScore: 0.8,
  ageShare: 0.2,
  overdueShare: 0,
  coverage: 1,
};

test.each([
  ["an asset without a fault is whole", {}, 100, []],
  ["info alarms count for nothing", { openAlerts: ["info", "info"] }, 100, []],
  ["a critical alarm takes 20", { openAlerts: ["critical"] }, 80, ["open alarms"]],
  [
    "a model that sees an end takes most",
    { failureProbability: 1, remainingShare: 0 },
    40,
    ["predicted failure"],
  ],
  [
    "without a model nothing is held against it",
    { failureProbability: undefined, remainingShare: undefined },
    100,
    [],
  ],
  ["half the sensors silent", { coverage: 0.5 }, 92, ["missing readings"]],
  [
    "parts stand side by side",
    { openAlerts: ["warning"], driftScore: 3 },
    82,
    ["open alarms", "drift from own normal"],
  ],
] as const)("health: %s", (_name, facts, score, names) => {
  const health = healthOf({ ...well, ...facts });
  if (health.kind !== "known") throw new Error(health.reason);
  expect(health.score).toBe(score);
  expect(health.parts.map((part) => part.name)).toEqual([...names]);
});

test.each([
  ["no sensors", undefined],
  ["nearly all silent", 0.1],
  ["nobody knows who reports", Number.NaN],
])("health is unknown: %s", (_name, coverage) => {
  expect(healthOf({ ...well, coverage }).kind).toBe("unknown");
});

const share = fc.double({ min: 0, max: 2, noNaN: true });
const anyFacts: fc.Arbitrary<HealthFacts> = fc.record({
  limitExcess: fc.array(share, { maxLength: 6 }),
  openAlerts: fc.array(fc.constantFrom(...SEVERITIES), { maxLength: 8 }),
  failureProbability: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  remainingShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined }),
  driftScore: fc.option(fc.double({ min: 0, max: 20, noNaN: true }), { nil: undefined }),
  ageShare: fc.option(share, { nil: undefined }),
  overdueShare: share,
  coverage: fc.double({ min: 0.25, max: 1, noNaN: true }),
});

test("shown parts are whole, never negative, and 100 minus them is the score", () => {
  fc.assert(
    fc.property(anyFacts, (facts) => {
      const health = healthOf(facts);
      if (health.kind !== "known") throw new Error(health.reason);
      const sum = health.parts.reduce((total, part) => total + part.points, 0);
      expect(health.score).toBe(100 - sum);
      expect(health.score).toBeGreaterThanOrEqual(0);
      for (const part of health.parts)
        expect(Number.isInteger(part.points) && part.points > 0).toBe(true);
    }),
  );
});

test("one more alarm never makes an asset healthier", () => {
  fc.assert(
    fc.property(anyFacts, fc.constantFrom(...SEVERITIES), (facts, severity) => {
      const before = healthOf(facts);
      const after = healthOf({ ...facts, openAlerts: [...facts.openAlerts, severity] });
      if (before.kind === "known" && after.kind === "known") {
        expect(after.score).toBeLessThanOrEqual(before.score);
      }
    }),
  );
});

test("rounding together keeps the total and moves no number by one or more", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 9 }),
      (values) => {
        const total = Math.round(values.reduce((sum, value) => sum + value, 0));
        const whole = roundTogether(values, total);
        expect(whole.reduce((sum, value) => sum + value, 0)).toBe(total);
        for (const [i, value] of whole.entries()) {
          expect(Math.abs(value - (values[i] ?? 0))).toBeLessThanOrEqual(1);
        }
      },
    ),
  );
});
