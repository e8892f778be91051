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

test("tries made at the same moment are not more than those made one after the other", async () => {
  const guard = createGuessGuard(manualClock(0));
  const checked = { count: 0 };
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const check = () => {
    checked.count++;
    return promise;
  };
  const tries = Array.from({ length: 20 }, () => guard.tried("a", check));
  resolve(undefined);
  const ended = await Promise.allSettled(tries);
  expect(ended.filter((one) => one.status === "rejected")).toHaveLength(15);
  expect(checked.count).toBe(5);
  expect(() => guard.before("a")).toThrow("try again in 30 s");
});

test("a check that cannot be made is nobody's failure", async () => {
  const guard = createGuessGuard(manualClock(0));
  const away = async () => {
    throw new Error("the database is away");
  };
  for (let i = 0; i < 10; i++) await expect(guard.tried("a", away)).rejects.toThrow("away");
  expect(await guard.tried("a", async () => "anna")).toBe("anna");
});
