import type { BucketColumns, ReadingText, StoreBatch } from "../domain/reading.ts";
import type { SeriesEntry, SeriesKind } from "../domain/series.ts";
import { summaryOf, type Waveform } from "../domain/waveform.ts";

export const FIVE_MINUTES_US = 300_000_000;
export const HOUR_US = 12 * FIVE_MINUTES_US;

/** One reading as a test writes it down. */
export type TestReading = {
  readonly series: number;
  readonly atUs: number;
  readonly value: number;
  readonly source?: number;
  readonly text?: string;
  readonly waveform?: Waveform;
};

export type TestBucket = {
  readonly series: number;
  readonly startUs: number;
  readonly values: readonly (readonly [atUs: number, value: number])[];
  readonly dirty?: boolean;
};

export function entryOf(seriesNo: number, tenantNo = 1, kind: SeriesKind = "numeric"): SeriesEntry {
  return {
    tenantNo,
    seriesNo,
    kind,
    measurement: "machine",
    tags: [
      ["asset", `pump ${seriesNo} of the northern hall`],
      ["sensor", "temperature"],
    ],
    field: "value",
    sourceNo: 1,
    deviceKey: `pump ${seriesNo}`,
    firstAtUs: 1,
  };
}

/** A reading that is a waveform, as the fold hands it over. */
export function waveformReading(series: number, atUs: number, waveform: Waveform): TestReading {
  return { series, atUs, value: Number.NaN, text: summaryOf(waveform), waveform };
}

/** A batch from lists; texts are gathered from the readings that carry one, in their order. */
export function batchOf(parts: {
  readonly sequence: number;
  readonly firstSequence?: number;
  readonly newSeries?: readonly SeriesEntry[];
  readonly zones?: StoreBatch["zones"];
  readonly fresh?: readonly TestReading[];
  readonly late?: readonly TestReading[];
  readonly buckets?: readonly TestBucket[];
}): StoreBatch {
  const { fresh = [], late = [], buckets = [] } = parts;
  const texts = [...fresh, ...late].flatMap(({ series, atUs, text }): ReadingText[] =>
    text === undefined ? [] : [{ series, atUs, text }],
  );
  const waveforms = [fresh, late].flatMap((readings) =>
    readings.flatMap(({ series, atUs, waveform }) =>
      waveform ? [{ ...waveform, series, atUs, isFresh: readings === fresh }] : [],
    ),
  );
  return {
    firstSequence: parts.firstSequence ?? parts.sequence,
    sequence: parts.sequence,
    newSeries: parts.newSeries ?? [],
    zones: parts.zones ?? [],
    fresh: columnsOf(fresh),
    late: { ...columnsOf(late), source: Uint32Array.from(late, (r) => r.source ?? 1) },
    texts,
    waveforms,
    buckets: bucketColumns(buckets),
  };
}

function columnsOf(readings: readonly TestReading[]) {
  return {
    count: readings.length,
    series: Uint32Array.from(readings, (r) => r.series),
    atUs: Float64Array.from(readings, (r) => r.atUs),
    value: Float64Array.from(readings, (r) => r.value),
  };
}

function bucketColumns(buckets: readonly TestBucket[]): BucketColumns {
  const f64 = (of: (bucket: TestBucket) => number) => Float64Array.from(buckets, of);
  const values = (bucket: TestBucket) => bucket.values.map(([, value]) => value);
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    count: buckets.length,
    series: Uint32Array.from(buckets, (b) => b.series),
    startUs: f64((b) => b.startUs),
    n: f64((b) => b.values.length),
    min: f64((b) => Math.min(...values(b))),
    max: f64((b) => Math.max(...values(b))),
    sum: f64((b) => sum(values(b))),
    sumSq: f64((b) => sum(values(b).map((value) => value * value))),
    first: f64((b) => b.values[0]?.[1] ?? 0),
    last: f64((b) => b.values.at(-1)?.[1] ?? 0),
    firstAtUs: f64((b) => b.values[0]?.[0] ?? 0),
    lastAtUs: f64((b) => b.values.at(-1)?.[0] ?? 0),
    dirty: Uint8Array.from(buckets, (b) => (b.dirty ? 1 : 0)),
  };
}

/**
 * The fold as the store relies on it, in its simplest form: readings beyond their series' newest are
 * fresh, others late; a bucket closes once its series is `latenessUs` beyond it; one that a late reading
 * fell into while it was open is dirty. Cuts the history into batches at `cuts`.
 */
export function foldHistory(
  history: readonly TestReading[],
  cuts: ReadonlySet<number>,
  latenessUs: number,
): StoreBatch[] {
  const newest = new Map<number, number>();
  const open = new Map<number, TestBucketDraft[]>();
  const batches: StoreBatch[] = [];
  let fresh: TestReading[] = [];
  let late: TestReading[] = [];
  let buckets: TestBucket[] = [];
  let known = new Set<number>();
  history.forEach((reading, index) => {
    const { series, atUs } = reading;
    const startUs = Math.floor(atUs / FIVE_MINUTES_US) * FIVE_MINUTES_US;
    const drafts = open.get(series) ?? [];
    const draft = drafts.find((one) => one.startUs === startUs);
    if (atUs > (newest.get(series) ?? Number.NEGATIVE_INFINITY)) {
      fresh.push(reading);
      newest.set(series, atUs);
      if (draft) draft.values.push([atUs, reading.value]);
      else drafts.push({ series, startUs, values: [[atUs, reading.value]], dirty: false });
      const closed = drafts.filter((one) => one.startUs + FIVE_MINUTES_US <= atUs - latenessUs);
      buckets.push(...closed);
      open.set(
        series,
        drafts.filter((one) => !closed.includes(one)),
      );
    } else {
      late.push(reading);
      if (draft) draft.dirty = true;
    }
    if (!cuts.has(index) && index < history.length - 1) return;
    const sequence = batches.length + 1;
    const all = new Set([...known, ...[...fresh, ...late].map((r) => r.series)]);
    const newSeries = [...all]
      .filter((no) => !known.has(no))
      .map((no) => entryOf(no, 1 + (no % 2)));
    batches.push(batchOf({ sequence, newSeries, fresh, late, buckets }));
    known = all;
    fresh = [];
    late = [];
    buckets = [];
  });
  return batches;
}

type TestBucketDraft = {
  series: number;
  startUs: number;
  values: [number, number][];
  dirty: boolean;
};
