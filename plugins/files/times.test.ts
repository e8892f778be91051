import { expect, test } from "bun:test";
import fc from "fast-check";
import { createTimeParser, type TimeSettings } from "./times.ts";

const at = (iso: string) => Date.parse(iso) * 1_000;

function parse(text: string, settings: TimeSettings = {}, isDateAllowed = false) {
  const time = createTimeParser(settings).parse(text, isDateAllowed);
  return "atUs" in time ? time.atUs : time.reason;
}

test.each([
  ["2026-01-31T13:45:00Z", {}, at("2026-01-31T13:45:00Z")],
  ["2026-01-31 13:45:00Z", {}, at("2026-01-31T13:45:00Z")],
  ["2026-01-31T13:45Z", {}, at("2026-01-31T13:45:00Z")],
  ["2026-01-31T13:45:00.123456789Z", {}, at("2026-01-31T13:45:00Z") + 123_456],
  ["2026-01-31T13:45:00,5Z", {}, at("2026-01-31T13:45:00Z") + 500_000],
  ["2026-01-31T13:45:00+01:00", {}, at("2026-01-31T12:45:00Z")],
  ["2026-01-31T13:45:00-0530", {}, at("2026-01-31T19:15:00Z")],
  ["2026-01-31T13:45:00+01", {}, at("2026-01-31T12:45:00Z")],
  ["2024-02-29T00:00:00Z", {}, at("2024-02-29T00:00:00Z")],
  ["1969-12-31T23:59:59Z", {}, -1_000_000],
  ["2026-01-31T13:45:00", { zone: "Europe/Berlin" }, at("2026-01-31T12:45:00Z")],
  ["2026-07-31T13:45:00", { zone: "Europe/Berlin" }, at("2026-07-31T11:45:00Z")],
  ["2026-07-31T13:45:00Z", { zone: "Europe/Berlin" }, at("2026-07-31T13:45:00Z")],
  // Spring skips 02:00-03:00; autumn has 02:00-03:00 twice and means the first.
  ["2026-03-29T02:30:00", { zone: "Europe/Berlin" }, at("2026-03-29T01:30:00Z")],
  ["2026-10-25T02:30:00", { zone: "Europe/Berlin" }, at("2026-10-25T00:30:00Z")],
  ["2026-10-25T03:00:00", { zone: "Europe/Berlin" }, at("2026-10-25T02:00:00Z")],
  ["2026-04-05T01:45:00", { zone: "Australia/Lord_Howe" }, at("2026-04-04T14:45:00Z")],
  ["1767225600", { timeUnit: "s" }, at("2026-01-01T00:00:00Z")],
  ["1767225600.25", { timeUnit: "s" }, at("2026-01-01T00:00:00Z") + 250_000],
  ["1767225600123", { timeUnit: "ms" }, at("2026-01-01T00:00:00Z") + 123_000],
  ["1767225600123456", { timeUnit: "us" }, at("2026-01-01T00:00:00Z") + 123_456],
  ["1767225600123456789", { timeUnit: "ns" }, at("2026-01-01T00:00:00Z") + 123_456],
  ["3", { timeUnit: "h", timeOrigin: "2020-01-01T00:00:00Z" }, at("2020-01-01T03:00:00Z")],
] as const)("time %s %p", (text, settings, expected) => {
  expect(parse(text, settings)).toBe(expected);
});

test.each([
  ["", {}, "is not a time"],
  ["yesterday", {}, "is not a time"],
  ["31.01.2026", {}, "is not a time; write it as"],
  ["1767225600", {}, "set timeUnit"],
  ["2026-02-29T00:00:00Z", {}, "is not on the calendar"],
  ["2026-13-01T00:00:00Z", {}, "is not on the calendar"],
  ["2026-01-01T24:00:00Z", {}, "is not on the calendar"],
  ["2026-01-31T13:45:00", {}, "has no time zone"],
  ["2026-01-31", {}, "has no time zone"],
  ["x", { timeUnit: "s" }, "is not a number of s"],
  ["", { timeUnit: "s" }, "is not a number of s"],
  ["1e300", { timeUnit: "s" }, "is not a number of s"],
] as const)("no time: %s %p", (text, settings, reason) => {
  expect(parse(text, settings)).toContain(reason);
});

test("a date alone is fine where a day is meant", () => {
  expect(parse("2026-01-31", {}, true)).toBe(at("2026-01-31T00:00:00Z"));
  expect(parse("2026-01-31", { zone: "Europe/Berlin" }, true)).toBe(at("2026-01-30T23:00:00Z"));
});

test("an unknown zone and a bad origin are refused", () => {
  expect(() => createTimeParser({ zone: "Mars/Base" })).toThrow("Mars/Base");
  expect(() => createTimeParser({ timeOrigin: "soon" })).toThrow("timeOrigin");
});

test("any moment reads back from ISO text, and from local text outside the autumn hour", () => {
  const moments = fc.integer({ min: Date.parse("1971-01-01"), max: Date.parse("2200-01-01") });
  const zone = createTimeParser({ zone: "America/New_York" });
  const local = new Intl.DateTimeFormat("sv-SE", {
    timeZone: "America/New_York",
    dateStyle: "short",
    timeStyle: "medium",
  });
  fc.assert(
    fc.property(moments, (ms) => {
      expect(parse(new Date(ms).toISOString())).toBe(ms * 1_000);
      const wholeMs = Math.floor(ms / 1_000) * 1_000;
      const time = zone.parse(local.format(wholeMs), false);
      if (!("atUs" in time)) throw new Error(time.reason);
      // The same wall clock, and the same moment but for the hour that occurs twice.
      expect(local.format(time.atUs / 1_000)).toBe(local.format(wholeMs));
      expect([0, 3_600_000]).toContain(wholeMs - time.atUs / 1_000);
    }),
  );
});
