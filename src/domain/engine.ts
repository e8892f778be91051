import type { ControlFrame, LogDamage } from "./log-frame.ts";
import type { SourceRules } from "./mapping-rule.ts";
import type { RelationalBatch } from "./reading.ts";

export type Dialect = "influx" | "questdb";
/**
 * Unit of a request's times. "auto" takes each time by its size, as InfluxDB 3 does: below 5e9 it is in s,
 * below 5e12 in ms, below 5e15 in µs, above in ns.
 */
export type Precision = "ns" | "us" | "ms" | "s" | "m" | "h" | "auto";

/** One request's body on its way to the log. The buffer is transferred, not copied. */
export type WriteRequest = {
  readonly tenantNo: number;
  readonly sourceNo: number;
  readonly dialect: Dialect;
  readonly precision: Precision;
  readonly receivedAtUs: number;
  /** One bad line refuses the whole request; always so in QuestDB's dialect. */
  readonly isAtomic?: boolean;
  /** QuestDB's dialect too keeps the good lines beside bad ones: for senders that are given no answer. */
  readonly keepsGoodLines?: boolean;
  /**
   * Set for a line out of quarantine: when it first came, which is the time of one that names none. Such a
   * line is neither counted as refused nor kept in quarantine again.
   */
  readonly firstReceivedAtUs?: number;
  /** Readings of the past: stored like others, heard by no rule. */
  readonly isHistory?: boolean;
  /** Refused while a store is some seconds behind, so that live readings go first. */
  readonly yieldsToLive?: boolean;
  /** Sample rate of waveforms whose lines say none, in Hz. */
  readonly sampleRateHz?: number | undefined;
  /** The body is the beginning of one line that cannot be taken, for this reason: it is refused unread. */
  readonly refusal?: string;
  readonly body: ArrayBuffer;
};

export type LineError = {
  /** From 1. */
  readonly lineNo: number;
  readonly column: number;
  readonly reason: string;
  /** The line, cut at 200 characters. */
  readonly line: string;
  /** The line is well formed; there is no room for its new series. */
  readonly isSeriesLimit?: boolean;
};

/** Answered only after the flush that covers it. */
export type WriteResult = {
  readonly sequence: number;
  readonly lines: number;
  readonly readings: number;
  readonly rejectedLines: number;
  /** The first ten; of history the first thousand. */
  readonly errors: readonly LineError[];
};

/** Slots of a series in the shared state array, in doubles; see `Engine.onState`. */
export const STATE_SLOTS = 16;
export const SLOT_LAST_AT_US = 0;
export const SLOT_LAST_VALUE = 1;

/** How far one that follows the log is behind its end. */
export type ConsumerPosition = {
  readonly name: "store" | "relational" | "snapshot";
  readonly sequence: number;
  /** About, and at most. */
  readonly behindReadings: number;
  readonly behindUs: number;
};

export type EngineStats = {
  readonly logSequence: number;
  readonly storeSequence: number;
  readonly relationalSequence: number;
  readonly logBytes: number;
  readonly seriesCount: number;
  readonly readingsAccepted: number;
  readonly openBuckets: number;
  /** Buckets open in the fold, by tenant number. */
  readonly openBucketsByTenant: Readonly<Record<number, number>>;
  readonly pendingBytes: number;
  readonly snapshotSequence: number;
  readonly consumers: readonly ConsumerPosition[];
  /** Why writes are refused now, or undefined. */
  readonly refusal: string | undefined;
  /** Parts of the log that cannot be read. */
  readonly damage: readonly LogDamage[];
};

/**
 * The engine as the main thread sees it: scan, log, fold. Made by `engine.ts`'s worker.
 * `write` rejects with AppError("unavailable") when the queue is over its bound or it is stopping.
 */
export type Engine = {
  write(request: WriteRequest): Promise<WriteResult>;
  /** Appends control frames durably; resolves with the sequence of the last, once flushed and folded. */
  control(frames: readonly ControlFrame[]): Promise<number>;
  /** Lines that are written from now on go through the rules of their source; sources left out have none. */
  mapLines(sources: readonly SourceRules[]): void;
  /** The relational store has applied everything up to here. */
  relationalApplied(sequence: number): void;
  stats(): Promise<EngineStats>;
  /** Closes nothing but makes all that is acknowledged visible to the stores: flush, emit, wait for the store. */
  drain(): Promise<EngineStats>;
  /** Last value and time per series, shared memory: index = seriesNo * STATE_SLOTS + slot. */
  state(): Float64Array;
  stop(): Promise<void>;
};

/** What the engine tells main. */
export type EngineEvents = {
  onRelationalBatch(batch: RelationalBatch): void;
  /** The engine is gone; only a restart brings it back. */
  onFailure(message: string): void;
};
