import { expect, test } from "bun:test";
import { readAmount, readLocalTime } from "./form.ts";

test.each([
  ["", undefined],
  [undefined, undefined],
  ["1,5", 1.5],
  [" 250 ", 250],
  ["-1", "wrong"],
  ["abc", "wrong"],
  ["1e999", "wrong"],
] as const)("amount %p", (text, value) => {
  expect(readAmount(text)).toBe(value);
});

test.each([
  ["winter time", "2026-11-25T06:00", "2026-11-25T05:00:00.000Z"],
  ["summer time, with a space", "2026-07-01 06:00", "2026-07-01T04:00:00.000Z"],
  ["a date alone is its midnight", "2026-11-25", "2026-11-24T23:00:00.000Z"],
  ["an hour the clocks skip", "2026-03-29T02:30", "2026-03-29T01:30:00.000Z"],
  ["an hour that comes twice is the first", "2026-10-25T02:30", "2026-10-25T00:30:00.000Z"],
  ["no such day", "2026-02-30", undefined],
  ["no time at all", "tomorrow", undefined],
])("local time: %s", (_name, text, iso) => {
  const atUs = readLocalTime(text, "Europe/Madrid");
  expect(atUs === undefined ? undefined : new Date(atUs / 1000).toISOString()).toBe(iso);
});
