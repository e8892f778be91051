import type { ReadingStoreEngine, SeriesPoints, Tier } from "../domain/reading-store.ts";
import type { manualClock } from "../lib/clock.ts";
import { type batchOf, HOUR_US, type TestReading } from "./testing.ts";

/** What an engine gives to be put through the contract. */
export type StoreHarness = {
  /** The clock that the store was given. */
  readonly clock: ReturnType<typeof manualClock>;
  /** Opens the store's data: empty the first time, as it was left afterwards. */
  open(): Promise<ReadingStoreEngine>;
  /** Removes the data. */
  dispose(): Promise<void>;
};

/** 2026-03-02T00:00:00Z. */
export const DAY0_US = Date.UTC(2026, 2, 2) * 1000;
export const SECOND_US = 1_000_000;
export const at = (seconds: number) => DAY0_US + seconds * SECOND_US;

export async function readAll(
  store: ReadingStoreEngine,
  tier: Tier,
  seriesNos: readonly number[],
  spanUs = 10 * 24 * HOUR_US,
): Promise<SeriesPoints[]> {
  const [fromUs, toUs] = [DAY0_US - spanUs, DAY0_US + spanUs];
  return store.range({ seriesNos, fromUs, toUs, tier, maxPoints: 20_000 });
}

/** What each case is given: the store as it is now, and ways to feed it. */
export type Use = () => {
  readonly store: ReadingStoreEngine;
  readonly harness: StoreHarness;
  readonly send: (...batches: readonly Parameters<typeof batchOf>[0][]) => Promise<number[]>;
  readonly reopen: () => Promise<void>;
};

/** A reading of series 1, so many seconds after DAY0. */
export const reading = (seconds: number, value: number, text?: string): TestReading => ({
  series: 1,
  atUs: at(seconds),
  value,
  ...(text === undefined ? {} : { text }),
});

/** Points as rows of start, n, mean, min, max. */
export function rowsOf(points: SeriesPoints | undefined): number[][] {
  if (!points) return [];
  return Array.from(points.atUs, (start, i) => [
    start,
    points.n[i] ?? 0,
    points.mean[i] ?? 0,
    points.min[i] ?? 0,
    points.max[i] ?? 0,
  ]);
}
