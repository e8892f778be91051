import type { Waveform } from "../../src/domain/waveform.ts";
import { createRandom } from "../../src/lib/random.ts";

export const DAY_US = 86_400_000_000;
const BUCKET_US = 300_000_000;
export const ASSETS = ["P0", "P1", "P2"];

/** What one request holds: readings of `value`, or waveforms of `wave`. */
export type SealBatch = {
  readonly readings: readonly {
    readonly asset: string;
    readonly atUs: number;
    readonly value: number;
  }[];
  readonly waveforms: readonly {
    readonly asset: string;
    readonly atUs: number;
    readonly samples: readonly number[];
  }[];
};

/** Series as the store knows them, by asset. */
export type Stored = {
  readonly readings: Map<string, Map<number, number>>;
  readonly waveforms: Map<string, Map<number, Waveform["samples"]>>;
};

/**
 * Batches of some days, one after the other: readings half a minute apart, and from the second batch of a
 * `late` load on also readings again, replaced and late; now and then waveforms, of which some are replaced.
 */
export function sealBatches(
  seed: number,
  days: readonly number[],
  each: number,
  late: boolean,
): SealBatch[] {
  const random = createRandom(seed);
  const past: SealBatch["readings"][number][] = [];
  const pastWaves: SealBatch["waveforms"][number][] = [];
  return days.flatMap((dayUs) =>
    Array.from({ length: each }, (_, at): SealBatch => {
      const fromUs = dayUs + at * 10 * 60_000_000;
      const readings = Array.from({ length: 20 }, (_, step) =>
        ASSETS.map((asset) => ({
          ...{ asset, atUs: fromUs + step * 30_000_000 },
          value: random.int(1_000_000) / 1000,
        })),
      ).flat();
      const waveforms = ASSETS.map((asset) => ({
        ...{ asset, atUs: fromUs },
        samples: Array.from({ length: 50 + random.int(2000) }, () => random.normal()),
      }));
      const again = late
        ? Array.from({ length: Math.min(past.length, 6) }, () => random.pick(past))
        : [];
      const changed = again.map(
        (one, nth) =>
          [
            one,
            { ...one, value: random.int(1000) },
            { ...one, atUs: one.atUs + 1_000_000 * (1 + random.int(20)), value: 7 },
          ][nth % 3] ?? one,
      );
      const replaced =
        late && pastWaves.length > 0
          ? [random.pick(pastWaves), { ...random.pick(pastWaves), samples: [random.normal(), 2] }]
          : [];
      past.push(...readings);
      pastWaves.push(...waveforms);
      return { readings: [...readings, ...changed], waveforms: [...waveforms, ...replaced] };
    }),
  );
}

/** What must be there after all batches: of each series and time what came last. */
export function expectedOf(batches: readonly SealBatch[]): Stored {
  const readings = new Map(ASSETS.map((asset) => [asset, new Map<number, number>()]));
  const waveforms = new Map(ASSETS.map((asset) => [asset, new Map<number, Waveform["samples"]>()]));
  for (const batch of batches) {
    for (const { asset, atUs, value } of batch.readings) readings.get(asset)?.set(atUs, value);
    for (const { asset, atUs, samples } of batch.waveforms)
      waveforms.get(asset)?.set(atUs, Float64Array.from(samples));
  }
  return { readings, waveforms };
}

/** How many readings each 5-minute bucket holds, in order of time. */
export function bucketCounts(readings: ReadonlyMap<number, number>): [number, number][] {
  const counts = new Map<number, number>();
  for (const atUs of readings.keys()) {
    const startUs = Math.floor(atUs / BUCKET_US) * BUCKET_US;
    counts.set(startUs, (counts.get(startUs) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => a[0] - b[0]);
}
