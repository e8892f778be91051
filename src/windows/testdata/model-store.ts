import type { StoreBatch } from "../../domain/reading.ts";
import { bucketOf } from "../slots.ts";

/** A bucket as people read it. */
export type Bucket = {
  n: number;
  min: number;
  max: number;
  sum: number;
  first: number;
  last: number;
  firstAtUs: number;
  lastAtUs: number;
};

/**
 * The series store as its contract says it behaves, in memory and without any speed: fresh rows are
 * appended unseen, late ones judged, buckets they touch computed again, dirty ones computed from rows.
 */
export class ModelStore {
  readonly readings = new Map<string, number>();
  readonly buckets = new Map<string, Bucket>();
  /** Samples and rate of each waveform, as text. */
  readonly waveforms = new Map<string, string>();
  /** Fresh rows that were there already: a broken promise of the fold. */
  doubled = 0;

  apply(batch: Pick<StoreBatch, "fresh" | "late" | "waveforms" | "buckets">): void {
    const { fresh, late, waveforms, buckets } = batch;
    for (const { series, atUs, samples, sampleRateHz, isFresh } of waveforms) {
      if (isFresh && this.waveforms.has(`${series} ${atUs}`)) this.doubled++;
      this.waveforms.set(`${series} ${atUs}`, `${samples.join(" ")} at ${sampleRateHz}`);
    }
    for (let row = 0; row < fresh.count; row++) {
      const key = `${fresh.series[row]} ${fresh.atUs[row]}`;
      if (this.readings.has(key)) this.doubled++;
      this.readings.set(key, fresh.value[row] ?? 0);
    }
    const touched = new Set<string>();
    for (let row = 0; row < late.count; row++) {
      this.readings.set(`${late.series[row]} ${late.atUs[row]}`, late.value[row] ?? 0);
      touched.add(`${late.series[row]} ${bucketOf(late.atUs[row] ?? 0)}`);
    }
    for (let row = 0; row < buckets.count; row++) {
      const key = `${buckets.series[row]} ${buckets.startUs[row]}`;
      if (buckets.dirty[row] === 1) touched.add(key);
      this.buckets.set(key, {
        n: buckets.n[row] ?? 0,
        min: buckets.min[row] ?? 0,
        max: buckets.max[row] ?? 0,
        sum: buckets.sum[row] ?? 0,
        first: buckets.first[row] ?? 0,
        last: buckets.last[row] ?? 0,
        firstAtUs: buckets.firstAtUs[row] ?? 0,
        lastAtUs: buckets.lastAtUs[row] ?? 0,
      });
    }
    const truth = bucketsOf(this.readings);
    for (const key of touched) {
      const bucket = truth.get(key);
      if (bucket) this.buckets.set(key, bucket);
      else this.buckets.delete(key);
    }
  }
}

/** Buckets of readings, from nothing but the readings; NaN is in none. */
export function bucketsOf(readings: ReadonlyMap<string, number>): Map<string, Bucket> {
  const buckets = new Map<string, Bucket>();
  const sorted = [...readings]
    .map(([key, v]) => [...key.split(" ").map(Number), v] as [number, number, number]) // keys are "series time"
    .filter(([, , v]) => !Number.isNaN(v))
    .sort((a, b) => a[1] - b[1]);
  for (const [series, t, v] of sorted) {
    const key = `${series} ${bucketOf(t)}`;
    const b = buckets.get(key);
    if (b === undefined)
      buckets.set(key, {
        n: 1,
        min: v,
        max: v,
        sum: v,
        first: v,
        last: v,
        firstAtUs: t,
        lastAtUs: t,
      });
    else {
      b.n++;
      b.min = Math.min(b.min, v);
      b.max = Math.max(b.max, v);
      b.sum += v;
      b.last = v;
      b.lastAtUs = t;
    }
  }
  return buckets;
}
