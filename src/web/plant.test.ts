import { expect, test } from "bun:test";
import { stateOf } from "./plant.ts";

const calm = {
  worst: undefined,
  mode: "in-service",
  isBlind: false,
  chance: undefined,
  healthScore: undefined,
} as const;

test.each([
  ["nothing is known", {}, "healthy"],
  [
    "an emergency wins over all",
    { worst: "emergency", isBlind: true, mode: "stopped" },
    "emergency",
  ],
  ["a critical alarm wins over blindness", { worst: "critical", isBlind: true }, "critical"],
  ["an asset without data is never healthy", { isBlind: true }, "blind"],
  ["blindness wins over a warning", { worst: "warning", isBlind: true }, "blind"],
  ["a stopped asset may be silent", { isBlind: true, mode: "stopped" }, "stopped"],
  ["info is no alarm", { worst: "info" }, "healthy"],
  ["a likely failure is watched", { chance: 0.25 }, "watch"],
  ["low health is watched", { healthScore: 59 }, "watch"],
  ["maintenance silences the watch", { chance: 0.9, mode: "maintenance" }, "maintenance"],
] as const)("%s", (_name, facts, state) => {
  expect(stateOf({ ...calm, ...facts })).toBe(state);
});
