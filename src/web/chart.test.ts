import { expect, test } from "bun:test";
import type { RangeRequest, SeriesPoints, Tier } from "../domain/reading-store.ts";
import { readSensor } from "./chart.ts";

const HOUR_US = 3_600_000_000;
const START_US = 500_000 * HOUR_US;

/** A store whose series have points of one tier at these hours. */
function storeOf(tier: Tier, hours: Readonly<Record<number, readonly number[]>>) {
  return {
    range: (request: RangeRequest): Promise<SeriesPoints[]> =>
      Promise.resolve(
        request.seriesNos.map((seriesNo) => {
          const own = hours[seriesNo] ?? [];
          const values = Float64Array.from(own, () => seriesNo);
          const atUs = Float64Array.from(own, (hour) => START_US + hour * HOUR_US);
          const means = { mean: values, min: values, max: values, n: values };
          return { seriesNo, tier, reduced: false, atUs, ...means };
        }),
      ),
  };
}

const feeds = (seriesNo: number, fromHour: number) => ({
  seriesNo,
  kind: "numeric" as const,
  sensorId: "s",
  sensorName: "vibration",
  assetId: "a",
  assetTypeId: undefined,
  mappedFromUs: START_US + fromHour * HOUR_US,
});
const range = { fromUs: START_US - HOUR_US, toUs: START_US + 10 * HOUR_US };
const hoursOf = (points: { readonly atUs: readonly number[] }) =>
  points.atUs.map((at) => (at - START_US) / HOUR_US);

test.each([
  ["1h", [0, 1, 2]],
  ["raw", [1, 2]],
] as const)("a sensor fed since half past shows its first %s points", async (tier, expected) => {
  const store = storeOf(tier, { 1: [-1, 0, 1, 2] });
  expect(hoursOf(await readSensor(store, [feeds(1, 0.5)], "s", range))).toEqual([...expected]);
});

test("of two series that feed one sensor the later has the bucket it begins in", async () => {
  const store = storeOf("1h", { 1: [0, 1, 2, 3], 2: [0, 1, 2, 3] });
  const points = await readSensor(store, [feeds(1, 0), feeds(2, 2.5)], "s", range);
  expect(hoursOf(points)).toEqual([0, 1, 2, 3]);
  expect(points.mean).toEqual([1, 1, 2, 2]);
});
