import type { SeriesPoints, Tier } from "../../../domain/reading-store.ts";

/** A bucket of any length, on its way to become a point. */
export type Bucket = {
  startUs: number;
  n: number;
  min: number;
  max: number;
  sum: number;
};

/** Merges `next` into `bucket`, which starts earlier. */
export function mergeInto(bucket: Bucket, next: Bucket): void {
  bucket.n += next.n;
  bucket.sum += next.sum;
  bucket.min = Math.min(bucket.min, next.min);
  bucket.max = Math.max(bucket.max, next.max);
}

export function pointsOfBuckets(
  seriesNo: number,
  tier: Tier,
  reduced: boolean,
  buckets: readonly Bucket[],
): SeriesPoints {
  return {
    seriesNo,
    tier,
    reduced,
    atUs: Float64Array.from(buckets, (b) => b.startUs),
    n: Float64Array.from(buckets, (b) => b.n),
    mean: Float64Array.from(buckets, (b) => b.sum / b.n),
    min: Float64Array.from(buckets, (b) => b.min),
    max: Float64Array.from(buckets, (b) => b.max),
  };
}

export function pointsOfReadings(
  seriesNo: number,
  reduced: boolean,
  atUs: Float64Array,
  value: Float64Array,
): SeriesPoints {
  const n = new Float64Array(atUs.length).fill(1);
  return { seriesNo, tier: "raw", reduced, atUs, n, mean: value, min: value, max: value };
}
