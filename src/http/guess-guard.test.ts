import { expect, test } from "bun:test";
import { manualClock } from "../lib/clock.ts";
import { createGuessGuard } from "./guess-guard.ts";

test("five wrong passwords are free, then each wait is twice the one before, up to 15 minutes", () => {
  const clock = manualClock(0);
  const guard = createGuessGuard(clock);
  for (let i = 0; i < 4; i++) guard.failed("a");
  expect(() => guard.before("a")).not.toThrow();
  guard.failed("a");
  expect(() => guard.before("a")).toThrow("try again in 30 s");
  clock.advanceMs(30_000);
  expect(() => guard.before("a")).not.toThrow();
  guard.failed("a");
  expect(() => guard.before("a")).toThrow("try again in 60 s");
  for (let i = 0; i < 20; i++) guard.failed("a");
  expect(() => guard.before("a")).toThrow("try again in 900 s");
  expect(() => guard.before("b")).not.toThrow();
});

test("the right password forgets what was wrong", () => {
  const guard = createGuessGuard(manualClock(0));
  for (let i = 0; i < 5; i++) guard.failed("a");
  guard.succeeded("a");
  expect(() => guard.before("a")).not.toThrow();
});
