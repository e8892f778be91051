import type { LakeStatus, SealReport, SealRequest, TenantFacts } from "./lake.ts";
import type { ReadingText, StoreBatch } from "./reading.ts";
import type { Leaving, RetentionEntry, RetentionRequest } from "./retention.ts";
import type { SeriesEntry } from "./series.ts";
import type { Waveform, WaveformInfo } from "./waveform.ts";

/** Resolutions kept: readings as sent, and event-time buckets of 5 minutes, an hour, a day of the site. */
export const TIERS = ["raw", "5m", "1h", "1d"] as const;
export type Tier = (typeof TIERS)[number];

/** Bounds of one read; a request beyond them is refused with AppError("invalid"). */
export const READ_LIMITS = {
  seriesPerRead: 5000,
  pointsPerSeries: 20_000,
  /** Cells (series × steps) of one gridded read. */
  gridCells: 32_000_000,
  textsPerRead: 10_000,
  infoRows: 10_000,
  /** Readings that one read of rows holds in memory. */
  rowsPerRead: 2_000_000,
  waveformsPerList: 1000,
} as const;

/** A read that names it sees at least everything up to this log sequence, or fails as unavailable. */
export type AtLeast = { readonly atLeastSequence?: number };

/** Readings of [fromUs, toUs). */
export type RangeRequest = AtLeast & {
  readonly seriesNos: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  /** "auto" takes the finest tier that the span and `maxPoints` justify and that holds anything. */
  readonly tier: Tier | "auto";
  /** Per series, at least 2. */
  readonly maxPoints: number;
};

/**
 * One series over a range, in order of time. A raw point has n = 1 and mean = min = max = its value; a
 * bucket stands at its start. When there were more than `maxPoints`, `reduced` is true: of raw readings
 * the lowest and highest of each slice of time remain, buckets are merged; no peak is lost either way.
 */
export type SeriesPoints = {
  readonly seriesNo: number;
  readonly tier: Tier;
  readonly reduced: boolean;
  readonly atUs: Float64Array;
  readonly n: Float64Array;
  readonly mean: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
};

export type LatestRequest = AtLeast & { readonly seriesNos: readonly number[] };

/** The newest stored reading of a series; `text` for a state series. */
export type LatestReading = {
  readonly seriesNo: number;
  readonly atUs: number;
  readonly value: number;
  readonly text: string | undefined;
};

/** Steps start at fromUs, fromUs + stepUs, … before toUs. */
export type GridRequest = AtLeast & {
  readonly seriesNos: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  readonly stepUs: number;
};

export type GriddedSeries = {
  readonly seriesNo: number;
  /** Mean of the readings in each step, NaN where there is none. */
  readonly mean: Float64Array;
  /** How many readings each mean stands on. */
  readonly count: Uint32Array;
};

export type StatesRequest = AtLeast & {
  readonly seriesNos: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
};

/** In order of series and time; `truncated` when the limit cut them. */
export type States = { readonly texts: readonly ReadingText[]; readonly truncated: boolean };

/** Readings as stored, in order of series and time: a page of them, or all that a computation needs. */
export type RowsRequest = AtLeast & {
  readonly seriesNos: readonly number[];
  readonly fromUs: number;
  readonly toUs: number;
  /** Go on behind this reading. */
  readonly after?: { readonly seriesNo: number; readonly atUs: number };
  readonly limit: number;
  /** "numbers" leaves out readings that are no number; "all" keeps them (NaN) and gives the texts. */
  readonly of: "numbers" | "all";
  /** Of each series only the newest number within `withinUs` up to each firstUs + k · stepUs. */
  readonly lastOfSteps?: {
    readonly firstUs: number;
    readonly stepUs: number;
    readonly withinUs: number;
  };
};

/** Columns of `count` rows; `more` when the limit cut them. */
export type ReadingRows = {
  readonly count: number;
  readonly series: Uint32Array;
  readonly atUs: Float64Array;
  readonly value: Float64Array;
  /** Texts of states and of integers that a double does not hold, in the same order. */
  readonly texts: readonly ReadingText[];
  readonly more: boolean;
};

/** The newest waveforms of [fromUs, toUs), newest first; at most `limit`. */
export type WaveformsRequest = AtLeast & {
  readonly seriesNo: number;
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
};

export type WaveformRequest = AtLeast & { readonly seriesNo: number; readonly atUs: number };

export type SeriesInfoRequest = AtLeast & {
  /** Either these series, or all of a tenant, in order of number after `afterSeriesNo`. */
  readonly seriesNos?: readonly number[];
  readonly tenantNo?: number;
  readonly afterSeriesNo?: number;
  readonly limit?: number;
};

export type ZonesRequest = AtLeast & { readonly seriesNos: readonly number[] };

/** A series of the store's dictionary with the zone of its days. */
export type SeriesInfo = SeriesEntry & { readonly zone: string };

export type TenantCounts = {
  readonly readings: number;
  readonly series: number;
  readonly buckets5m: number;
  readonly buckets1h: number;
  readonly buckets1d: number;
};

export type StoreCounts = TenantCounts & {
  readonly sequence: number;
  readonly byTenantNo: Readonly<Record<number, TenantCounts>>;
};

/** What became of a source's readings that arrived at or before their series' newest. */
export type LateLedgerRow = {
  readonly sourceNo: number;
  readonly fresh: number;
  readonly duplicates: number;
  readonly overwrites: number;
};

export type ReadingStoreStatus = {
  /** Everything up to here is stored. */
  readonly sequence: number;
  readonly queuedBatches: number;
  readonly queuedRows: number;
  /** Readings written since the start. */
  readonly rowsWritten: number;
  readonly commits: number;
  /** Reads refused because too many waited. */
  readonly readsRefused: number;
  /** Why batches cannot be stored at the moment; they wait and are tried again. */
  readonly failure: string | undefined;
  readonly lake: LakeStatus;
};

/**
 * Reads of the series store. All reject with AppError: "invalid" beyond a limit, "unavailable" when too
 * many reads wait, one takes too long, or `atLeastSequence` is not reached in time.
 */
export type ReadingReads = {
  range(request: RangeRequest): Promise<SeriesPoints[]>;
  rows(request: RowsRequest): Promise<ReadingRows>;
  latest(request: LatestRequest): Promise<LatestReading[]>;
  gridded(request: GridRequest): Promise<GriddedSeries[]>;
  states(request: StatesRequest): Promise<States>;
  waveforms(request: WaveformsRequest): Promise<WaveformInfo[]>;
  /** The waveform at exactly this time, with its samples. */
  waveform(request: WaveformRequest): Promise<Waveform | undefined>;
  seriesInfo(request: SeriesInfoRequest): Promise<SeriesInfo[]>;
  /** Zone of the site's days of each series, in the order asked for; UTC of one that has none. */
  zones(request: ZonesRequest): Promise<string[]>;
  counts(request?: AtLeast): Promise<StoreCounts>;
  lateLedger(request?: AtLeast): Promise<LateLedgerRow[]>;
  status(): Promise<ReadingStoreStatus>;
};

/** The series store as the main thread sees it. */
export type ReadingStore = ReadingReads & {
  /** Commits what is queued; resolves with the sequence reached. */
  flush(): Promise<number>;
  /** Moves whole days into the lake, and late readings into the days sealed before. */
  seal(request: SealRequest): Promise<SealReport>;
  /** Takes names and classes of a tenant's series in place of those it had, and writes its catalogue. */
  describe(facts: TenantFacts): Promise<void>;
  /** Drops what is older than the tenant's classes allow, or only says what would go. */
  retain(request: RetentionRequest): Promise<Leaving[]>;
  /** The newest entries of a tenant's log of what went, newest first. */
  retentionLog(tenantNo: number): Promise<RetentionEntry[]>;
  /** Commits what is queued, writes the file whole and closes it. Legal to call twice. */
  stop(): Promise<void>;
};

/** The engine of a series store: the only writer is the log. */
export type ReadingStoreEngine = ReadingStore & {
  /**
   * Takes the next batch. Batches come in order of sequence; one that lies at or before the cursor is
   * skipped, one that reaches over it is a bug. Resolves with the sequence once it is stored.
   */
  apply(batch: StoreBatch): Promise<number>;
  /**
   * Ends a copy into this store: sets its cursor and ledger to those of the store that was copied. Only
   * stopping is legal afterwards.
   */
  takeOver(from: {
    readonly sequence: number;
    readonly lateLedger: readonly LateLedgerRow[];
  }): Promise<void>;
};

/** Sequences from here on are those of a copy under way; a store that stands there is not whole. */
export const COPY_SEQUENCE = 2 ** 52;

/** Messages on the port between the engine worker and the store worker. */
export type ToStore =
  | { readonly type: "batch"; readonly batch: StoreBatch }
  /** Store what is queued without waiting for more. */
  | { readonly type: "flush" };
export type FromStore =
  /** Sent once at the start with the cursor, then after each commit. */
  { readonly type: "applied"; readonly sequence: number };
