import { expect, test } from "bun:test";
import type { RangeRequest, SeriesPoints } from "../domain/reading-store.ts";
import { manualClock } from "../lib/clock.ts";
import { createSilence, silentAfterUs } from "./silence.ts";

const MINUTE_US = 60_000_000;

test.each([
  ["never read", 0, 15],
  ["every second", 86_400, 15],
  ["every ten minutes", 144, 30],
  ["hourly", 24, 180],
  ["once a day", 1, 3 * 24 * 60],
])("silent after: %s", (_name, mostReadingsADay, minutes) => {
  expect(silentAfterUs(mostReadingsADay)).toBe(minutes * MINUTE_US);
});

function pointsOf(seriesNo: number, n: readonly number[]): SeriesPoints {
  const column = Float64Array.from(n);
  return {
    seriesNo,
    tier: "1d",
    reduced: false,
    atUs: column,
    n: column,
    mean: column,
    min: column,
    max: column,
  };
}

test("what was learned of a tenant is kept for ten minutes", async () => {
  const asked: RangeRequest[] = [];
  const range = async (request: RangeRequest) => {
    asked.push(request);
    return [pointsOf(1, [3, 24, 20])];
  };
  const clock = manualClock(1e15);
  const silence = createSilence({ readings: { range }, clock });
  const after = await silence("acme", [1, 2]);
  expect([after(1), after(2)]).toEqual([180 * MINUTE_US, 15 * MINUTE_US]);
  await silence("acme", [1, 2]);
  expect(asked.length).toBe(1);
  clock.advanceMs(10 * 60_000 + 1);
  await silence("acme", [1, 2]);
  await silence("other", [9]);
  expect(asked.map((request) => request.seriesNos)).toEqual([[1, 2], [1, 2], [9]]);
});
