import { expect, test } from "bun:test";
import fc from "fast-check";
import { cronOf, lastDueUs, nextDueUs, type Schedule } from "./schedule.ts";

const us = (iso: string) => Date.parse(iso) * 1000;
const daily: Schedule = { kind: "daily", hour: 2, minute: 30 };
const weekly: Schedule = { kind: "weekly", weekday: 0, hour: 3, minute: 0 };
const hourly: Schedule = { kind: "hourly", minute: 5 };

test.each([
  ["hourly, after the minute", hourly, "2026-11-25T10:06:00Z", "UTC", "2026-11-25T10:05:00Z"],
  ["hourly, before the minute", hourly, "2026-11-25T10:04:59Z", "UTC", "2026-11-25T09:05:00Z"],
  [
    "daily in the plant's zone",
    daily,
    "2026-11-25T10:00:00Z",
    "Europe/Madrid",
    "2026-11-25T01:30:00Z",
  ],
  ["daily, not yet today", daily, "2026-11-25T01:00:00Z", "Europe/Madrid", "2026-11-24T01:30:00Z"],
  [
    "daily at an hour the clocks skip",
    daily,
    "2026-03-29T12:00:00Z",
    "Europe/Madrid",
    "2026-03-29T01:30:00Z",
  ],
  [
    "daily at an hour that comes twice",
    daily,
    "2026-10-25T12:00:00Z",
    "Europe/Madrid",
    "2026-10-25T00:30:00Z",
  ],
  [
    "daily in a zone of half hours",
    daily,
    "2026-11-25T10:00:00Z",
    "Asia/Kolkata",
    "2026-11-24T21:00:00Z",
  ],
  ["weekly", weekly, "2026-11-25T10:00:00Z", "UTC", "2026-11-22T03:00:00Z"],
  ["weekly, due this very moment", weekly, "2026-11-22T03:00:00Z", "UTC", "2026-11-22T03:00:00Z"],
] as const)("last due: %s", (_name, schedule, now, zone, due) => {
  expect(new Date(lastDueUs(schedule, us(now), zone) / 1000).toISOString()).toBe(
    new Date(due).toISOString(),
  );
});

test("next due is the first time after now that becomes last due", () => {
  const zones = ["UTC", "Europe/Madrid", "America/Sao_Paulo", "Australia/Lord_Howe"];
  fc.assert(
    fc.property(
      fc.integer({ min: us("2024-01-01T00:00:00Z"), max: us("2028-01-01T00:00:00Z") }),
      fc.constantFrom(daily, weekly, hourly),
      fc.constantFrom(...zones),
      (nowUs, schedule, zone) => {
        const nextUs = nextDueUs(schedule, nowUs, zone);
        expect(nextUs).toBeGreaterThan(nowUs);
        expect(lastDueUs(schedule, nextUs, zone)).toBe(nextUs);
        expect(lastDueUs(schedule, nextUs - 1, zone)).toBeLessThanOrEqual(nowUs);
      },
    ),
    { numRuns: 200 },
  );
});

test("schedules in cron's words", () => {
  expect([hourly, daily, weekly].map(cronOf)).toEqual(["5 * * * *", "30 2 * * *", "0 3 * * 0"]);
});
