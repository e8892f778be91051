import type { Precision } from "../domain/engine.ts";
import type {
  AssetRow,
  AssetTypeRow,
  ImportKind,
  MaintenanceRow,
  RowError,
  SensorRow,
} from "../domain/import.ts";

/** One value of one sensor at one time. Its identity is measurement, tags and field together. */
export type Reading = {
  /** What is measured, such as "pump" or "readings". */
  readonly measurement: string;
  /** Names the machine: the tag `asset`, and what else tells series apart. Order does not matter. */
  readonly tags: Readonly<Record<string, string>>;
  /** The sensor. */
  readonly field: string;
  /** A finite number, a text (the name of a state) or a boolean. A series keeps the kind of its first. */
  readonly value: number | string | boolean;
  /** µs since epoch, whole. */
  readonly atUs: number;
};

/** Readings that are line protocol already: the fast way for much data. */
export type Lines = {
  /** Whole lines, each ended by a newline; at most 1 MiB. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Unit of the lines' times. */
  readonly precision: Precision;
  /**
   * Where the lines come from, for messages: from line `lineNo` of `bytes` (from 1) on, lines follow
   * one another from line `fileLine` of the file, up to the next entry.
   */
  readonly origin?: readonly (readonly [lineNo: number, fileLine: number])[];
};

/**
 * What a plugin hands over at a time. The host makes all of it durable, then saves `checkpoint`, then
 * tells `commit`. After a crash in between, the plugin is asked for it again, from the checkpoint before.
 */
export type Batch = {
  /**
   * Where to go on after this batch; given back as `context.checkpoint`. Any text of at most 16 KiB.
   * A batch without rows may carry one too, to move on past input that held nothing.
   */
  readonly checkpoint: string;
  /** At most 10,000; or `lines`, not both. */
  readonly readings?: readonly Reading[];
  readonly lines?: Lines;
  readonly assetTypes?: readonly AssetTypeRow[];
  readonly assets?: readonly AssetRow[];
  readonly sensors?: readonly SensorRow[];
  readonly maintenance?: readonly MaintenanceRow[];
  /** Line of the file for each asset type, asset, sensor or maintenance row, in that order. */
  readonly rowLines?: readonly number[];
  /** What was wrong with rows that are not handed over; at most 100 a batch. */
  readonly rowErrors?: readonly RowError[];
  /** All errors, where more than `rowErrors` lists. */
  readonly errorCount?: number;
  /** Rows of the input that this batch stands for, good and bad. */
  readonly rows?: number;
  /** Cells that said "no value". */
  readonly missing?: number;
  /** What kind of file it turned out to be. */
  readonly kind?: ImportKind;
};

/** Bounds of a batch; the host refuses more. */
export const BATCH_LIMITS = {
  readings: 10_000,
  lineBytes: 1 << 20,
  rows: 50_000,
  rowErrors: 100,
  checkpointChars: 16_384,
} as const;
