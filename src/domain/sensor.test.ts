import { expect, test } from "bun:test";
import { limitsInOrder, limitsOf } from "./sensor.ts";

test.each([
  ["none at all", {}, true],
  ["one side", { highWarning: 80 }, true],
  ["all in order", { lowCritical: -1, lowWarning: 0, highWarning: 5, highCritical: 9 }, true],
  ["warning and critical alike", { highWarning: 5, highCritical: 5 }, true],
  ["critical before warning", { highWarning: 9, highCritical: 5 }, false],
  ["low above high", { lowWarning: 6, highCritical: 5 }, false],
  ["not a number", { highWarning: Number.NaN }, false],
] as const)("limits: %s", (_name, limits, isFine) => {
  expect(limitsInOrder(limits)).toBe(isFine);
});

test("a sensor's own limits come before those of its type, side by side", () => {
  const type = { lowWarning: 0, highWarning: 70, highCritical: 90 };
  expect(limitsOf({ highWarning: 80 }, type)).toEqual({
    ...{ lowCritical: undefined, lowWarning: 0, highWarning: 80, highCritical: 90 },
  });
});
