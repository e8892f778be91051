import { expect, test } from "bun:test";
import fc from "fast-check";
import { zonedDays } from "./zoned-day.ts";

const us = (iso: string) => Date.parse(iso) * 1000;
const iso = (atUs: number) => new Date(atUs / 1000).toISOString().replace(":00.000Z", "Z");

test.each([
  // zone, a time in it, start, hours
  ["UTC", "2026-03-01T00:00:00Z", "2026-03-01T00:00Z", 24],
  ["UTC", "2026-03-01T23:59:59Z", "2026-03-01T00:00Z", 24],
  ["Europe/Madrid", "2026-07-01T21:59:00Z", "2026-06-30T22:00Z", 24],
  ["Europe/Madrid", "2026-03-29T12:00:00Z", "2026-03-28T23:00Z", 23],
  ["Europe/Madrid", "2026-10-25T12:00:00Z", "2026-10-24T22:00Z", 25],
  ["Asia/Kathmandu", "2026-05-05T00:00:00Z", "2026-05-04T18:15Z", 24],
  ["America/Sao_Paulo", "2018-11-04T12:00:00Z", "2018-11-04T03:00Z", 23], // midnight was skipped
  ["America/Sao_Paulo", "2018-02-17T12:00:00Z", "2018-02-17T02:00Z", 25], // midnight went back to 23:00
  ["America/Havana", "2026-11-01T12:00:00Z", "2026-11-01T04:00Z", 25], // midnight came twice
  ["Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-29T10:00Z", 24], // the next date was left out
  ["Pacific/Apia", "2011-12-30T11:00:00Z", "2011-12-30T10:00Z", 24],
])("the day in %s at %s starts at %s and has %i hours", (zone, at, start, hours) => {
  const { startUs, endUs } = zonedDays(zone)(us(at));
  expect([iso(startUs), (endUs - startUs) / 3_600_000_000]).toEqual([start, hours]);
});

test("days of a zone cover time without a gap and without an overlap", () => {
  const zones = [
    "UTC",
    "Europe/Madrid",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
  ];
  const days = new Map(zones.map((zone) => [zone, zonedDays(zone)]));
  const time = fc.integer({ min: us("1990-01-01") / 1e6, max: us("2040-01-01") / 1e6 });
  fc.assert(
    fc.property(fc.constantFrom(...zones), time, (zone, atS) => {
      const dayAt = days.get(zone) ?? zonedDays(zone);
      const day = dayAt(atS * 1e6);
      expect(day.startUs <= atS * 1e6 && atS * 1e6 < day.endUs).toBe(true);
      expect(dayAt(day.endUs).startUs).toBe(day.endUs);
      expect(dayAt(day.startUs - 1).endUs).toBe(day.startUs);
    }),
  );
});

test("an unknown zone is refused", () => {
  expect(() => zonedDays("Mars/Olympus")).toThrow(RangeError);
});
