import type { Transition } from "./alert.ts";
import type { Dialect, Precision } from "./engine.ts";
import type { SeriesEntry } from "./series.ts";
import type { SeriesWaveform } from "./waveform.ts";

/** Columns of readings; `count` rows are valid. Times are µs since epoch, exact in a double until 2255. */
export type ReadingColumns = {
  readonly count: number;
  readonly series: Uint32Array;
  readonly atUs: Float64Array;
  /** NaN for a state series, whose text is in `texts`. */
  readonly value: Float64Array;
};

/** The text of a state reading, of a number that the double cannot hold, or of a waveform (its summary). */
export type ReadingText = { readonly series: number; readonly atUs: number; readonly text: string };

/** Readings at or before their series' high-water mark: the store drops, replaces or adds each. */
export type LateColumns = ReadingColumns & { readonly source: Uint32Array };

/**
 * Closed 5-minute buckets, a column each. NaN (a text, a gap) is in no bucket; where the store computes one
 * itself it leaves NaN out too, and removes a bucket that is left without readings.
 */
export type BucketColumns = {
  readonly count: number;
  readonly series: Uint32Array;
  readonly startUs: Float64Array;
  readonly n: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  readonly sumSq: Float64Array;
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly firstAtUs: Float64Array;
  readonly lastAtUs: Float64Array;
  /** 1 where the fold could not keep the bucket exactly: the store computes it from its readings. */
  readonly dirty: Uint8Array;
};

/**
 * What the fold hands to the series store for a run of log frames. The store applies it whole, with
 * `sequence` as its new cursor, in one transaction; it skips what lies at or before its cursor.
 */
export type StoreBatch = {
  readonly firstSequence: number;
  readonly sequence: number;
  readonly newSeries: readonly SeriesEntry[];
  readonly zones: readonly { readonly zone: string; readonly seriesNos: readonly number[] }[];
  /** In order and new: append without a look. */
  readonly fresh: ReadingColumns;
  readonly late: LateColumns;
  readonly texts: readonly ReadingText[];
  /** In order of arrival; each is also a reading of its series, with NaN as value. */
  readonly waveforms: readonly SeriesWaveform[];
  readonly buckets: BucketColumns;
};

/** What a batch weighs in every bound of rows: a reading counts one, and each sample of a waveform. */
export function weightOf(batch: Pick<StoreBatch, "fresh" | "late" | "waveforms">): number {
  return batch.waveforms.reduce(
    (sum, { samples }) => sum + samples.length,
    batch.fresh.count + batch.late.count,
  );
}

/** What one source sent and what became of it, as differences; the sums are the source's ledger. */
export type LedgerDelta = {
  readonly sourceNo: number;
  readonly tenantNo: number;
  /** Every reading a line carried: fresh + duplicate + overwrite + late + rejected + ignored. */
  readonly received: number;
  readonly fresh: number;
  readonly duplicates: number;
  readonly overwrites: number;
  /** Handed to the store to decide (new, duplicate or overwrite). */
  readonly late: number;
  readonly rejected: number;
  /** Readings that rules of the source ignored; none when left out. */
  readonly ignored?: number;
  readonly lastReceivedAtUs: number;
};

/** A line that could not be kept as readings. */
export type QuarantinedLine = {
  readonly tenantNo: number;
  readonly sourceNo: number;
  readonly receivedAtUs: number;
  readonly lineNo: number;
  readonly column: number;
  readonly reason: string;
  /** The line's bytes as latin1 text, cut at 4 KiB. */
  readonly line: string;
  /** How it was sent; undefined in logs of versions that did not note it. */
  readonly dialect?: Dialect | undefined;
  readonly precision?: Precision | undefined;
  /** True when `line` is not all of it. */
  readonly isCut?: boolean | undefined;
};

/**
 * What the fold hands to the relational store: applied in one transaction with the cursor. Emitted at
 * once when it holds transitions, otherwise gathered for up to 250 ms.
 */
export type RelationalBatch = {
  readonly sequence: number;
  readonly transitions: readonly Transition[];
  readonly newSeries: readonly SeriesEntry[];
  readonly ledger: readonly LedgerDelta[];
  readonly quarantine: readonly QuarantinedLine[];
};
