import { expect, test } from "bun:test";
import fc from "fast-check";
import { createFormat, duration, THIN } from "./format.ts";

const format = createFormat({ locale: "en-GB", zone: "Europe/Warsaw", currency: "EUR" });
const us = (text: string) => Date.parse(text) * 1_000;
const now = us("2026-11-23T13:32:10Z");
const thin = (text: string) => text.replaceAll("_", THIN);

test.each([
  [7.4, 1, "mm/s", "7.4_mm/s"],
  [-3.25, 1, "°C", "−3.3_°C"],
  [1_204, 0, "", "1,204"],
  [undefined, 1, "bar", "not known"],
  [Number.NaN, 1, "bar", "not known"],
  [Number.POSITIVE_INFINITY, 1, "bar", "not known"],
])("value %p with %p decimals", (value, decimals, unit, text) => {
  expect(format.value(value, decimals, unit)).toBe(thin(text));
});

test.each([
  [0.62, "62_%"],
  [0, "0_%"],
  [1, "100_%"],
  [0.004, "under 1_%"],
  [0.996, "over 99_%"],
  [undefined, "not known"],
])("percent of %p", (share, text) => {
  expect(format.percent(share)).toBe(thin(text));
});

test.each([
  [11_412, "€11.4k"],
  [640, "€640"],
  [999_600, "€1.0M"],
  [2_500_000, "€2.5M"],
  [-4_200, "€−4.2k"],
  [undefined, "not known"],
])("money, short, of %p", (amount, text) => {
  expect(format.moneyShort(amount)).toBe(text);
});

test.each([
  [0, "under 1_s"],
  [22 * 60_000, "22_min"],
  [71 * 60_000, "1_h 11_min"],
  [74 * 3_600_000, "3_d 2_h"],
  [40 * 86_400_000 + 5 * 3_600_000, "40_d"],
])("duration of %p ms", (ms, text) => {
  expect(duration(ms)).toBe(thin(text));
});

test.each([
  ["under a day it is the clock", "2026-11-23T13:10:00Z", "14:10"],
  ["this week it is the day", "2026-11-19T10:00:00Z", "Thu 19"],
  ["older has the month", "2026-09-14T10:00:00Z", "14 Sept"],
  ["another year has the year", "2025-03-14T10:00:00Z", "14 Mar 2025"],
])("a time: %s, in plant time", (_name, when, text) => {
  const shown = format.at(us(when), now);
  expect(shown.text).toBe(text);
  expect(shown.iso).toBe(new Date(when).toISOString());
  expect(shown.title).toContain("CE");
});

test("the plant's clock names its zone, in winter and in summer", () => {
  expect(format.plantClock(now).text).toBe("Mon 23 Nov 14:32 CET");
  expect(format.plantClock(us("2026-07-01T10:00:00Z")).text).toContain("CEST");
});

test("day ticks lie on plant midnights", () => {
  const from = us("2026-11-10T05:00:00Z");
  const ticks = format.timeTicks(from, from + 6 * 86_400e6, 8);
  expect(ticks.length).toBeGreaterThan(3);
  for (const tick of ticks) expect(format.seconds(tick.atUs).text).toBe("00:00:00");
});

test("ticks stay inside their span and are few", () => {
  fc.assert(
    fc.property(fc.integer({ min: 60, max: 4e7 }), (spanS) => {
      const ticks = format.timeTicks(now, now + spanS * 1e6, 8);
      expect(ticks.length).toBeLessThanOrEqual(10);
      for (const tick of ticks) {
        expect(tick.atUs).toBeGreaterThanOrEqual(now);
        expect(tick.atUs).toBeLessThanOrEqual(now + spanS * 1e6);
      }
    }),
  );
});
