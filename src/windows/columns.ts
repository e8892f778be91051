import type { BucketColumns, LateColumns } from "../domain/reading.ts";
import * as slot from "./slots.ts";

type Grown = Float64Array<ArrayBuffer>;

const DOUBLES = [
  "startUs",
  "n",
  "min",
  "max",
  "sum",
  "sumSq",
  "first",
  "last",
  "firstAtUs",
  "lastAtUs",
] as const;
type BucketDouble = (typeof DOUBLES)[number];

const SLOT_OF: Readonly<Record<BucketDouble, number>> = {
  startUs: slot.BUCKET,
  n: slot.COUNT,
  min: slot.MIN,
  max: slot.MAX,
  sum: slot.SUM,
  sumSq: slot.SUM_SQ,
  first: slot.FIRST,
  last: slot.NEWEST,
  firstAtUs: slot.FIRST_AT,
  lastAtUs: slot.NEWEST_AT,
};

function twice<T extends Uint8Array | Uint32Array | Float64Array>(
  column: T,
  make: (n: number) => T,
): T {
  const wider = make(column.length * 2);
  wider.set(column);
  return wider;
}

/** Closed buckets, gathered until they are taken. */
export class BucketSink {
  private count = 0;
  private series = new Uint32Array(256);
  private dirty = new Uint8Array(256);
  private columns = new Float64Array(256 * DOUBLES.length);

  /** Copies the open bucket that begins at `base` of the state. */
  add(series: number, state: Float64Array, base: number): void {
    if (this.count === this.series.length) {
      this.series = twice(this.series, (n) => new Uint32Array(n));
      this.dirty = twice(this.dirty, (n) => new Uint8Array(n));
      this.columns = twice(this.columns, (n) => new Float64Array(n));
    }
    const row = this.count++;
    this.series[row] = series;
    this.dirty[row] = state[base + slot.DIRTY] ?? 0;
    // Slots BUCKET to NEWEST_AT stand side by side, in the order of DOUBLES.
    this.columns.set(
      state.subarray(base + slot.BUCKET, base + slot.NEWEST_AT + 1),
      row * DOUBLES.length,
    );
  }

  take(): BucketColumns {
    const { count } = this;
    const column = (name: BucketDouble): Grown => {
      const out = new Float64Array(count);
      const at = SLOT_OF[name] - slot.BUCKET;
      for (let row = 0; row < count; row++) out[row] = this.columns[row * DOUBLES.length + at] ?? 0;
      return out;
    };
    this.count = 0;
    return {
      count,
      series: this.series.slice(0, count),
      startUs: column("startUs"),
      n: column("n"),
      min: column("min"),
      max: column("max"),
      sum: column("sum"),
      sumSq: column("sumSq"),
      first: column("first"),
      last: column("last"),
      firstAtUs: column("firstAtUs"),
      lastAtUs: column("lastAtUs"),
      dirty: this.dirty.slice(0, count),
    };
  }
}

/** Readings gathered until they are taken; with their sources for those that are late. */
export class ReadingSink {
  private count = 0;
  private series = new Uint32Array(1024);
  private source = new Uint32Array(1024);
  private atUs = new Float64Array(1024);
  private value = new Float64Array(1024);

  get size(): number {
    return this.count;
  }

  add(series: number, atUs: number, value: number, source: number): void {
    if (this.count === this.series.length) {
      this.series = twice(this.series, (n) => new Uint32Array(n));
      this.source = twice(this.source, (n) => new Uint32Array(n));
      this.atUs = twice(this.atUs, (n) => new Float64Array(n));
      this.value = twice(this.value, (n) => new Float64Array(n));
    }
    const row = this.count++;
    this.series[row] = series;
    this.source[row] = source;
    this.atUs[row] = atUs;
    this.value[row] = value;
  }

  take(): LateColumns {
    const { count } = this;
    this.count = 0;
    return {
      count,
      series: this.series.slice(0, count),
      source: this.source.slice(0, count),
      atUs: this.atUs.slice(0, count),
      value: this.value.slice(0, count),
    };
  }
}
