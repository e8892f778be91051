import type { Precision, WriteResult } from "./engine.ts";

/** What a file holds. `lines` is line protocol, passed through as it is. */
export const IMPORT_KINDS = [
  "asset-types",
  "assets",
  "sensors",
  "readings",
  "maintenance",
  "lines",
] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** A kind of machine. Keyed by `name` within the tenant. */
export type AssetTypeRow = {
  readonly name: string;
  /** Hours of calendar time in one step of the type's own clock. */
  readonly clockStepHours?: number;
  /** What one step is called: "hour", "cycle", "start". */
  readonly clockUnit?: string;
  /** How many steps ahead predictions are asked for. */
  readonly planningHorizonSteps?: number;
  /** Sensors that say how the machine is run (operating settings) rather than how it fares. */
  readonly settings?: readonly string[];
};

/** A machine. Keyed by `key` within the tenant: the name that its devices send. */
export type AssetRow = {
  readonly key: string;
  readonly name?: string;
  /** Name of its asset type. */
  readonly type?: string;
  /** Key of the asset it is a part of. */
  readonly parent?: string;
  /** Name of its site. */
  readonly site?: string;
  readonly criticality?: string;
  readonly installedAtUs?: number;
  readonly downtimeCostPerHour?: number;
  readonly repairCost?: number;
  readonly failureCost?: number;
};

/** A sensor with its unit and limits. Keyed by (asset, name). */
export type SensorRow = {
  /** Key of its asset. */
  readonly asset: string;
  readonly name: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly lowCritical?: number;
  readonly lowWarning?: number;
  readonly highWarning?: number;
  readonly highCritical?: number;
};

export const MAINTENANCE_KINDS = ["failure", "planned", "nothing_found"] as const;
export type MaintenanceKind = (typeof MAINTENANCE_KINDS)[number];

/** Work that was done on a machine. Keyed by `externalKey`: the same row twice changes nothing. */
export type MaintenanceRow = {
  readonly externalKey: string;
  /** Key of the asset. */
  readonly asset: string;
  readonly startedAtUs: number;
  readonly finishedAtUs?: number;
  readonly kind: MaintenanceKind;
  readonly failureMode?: string;
  readonly title?: string;
  readonly cost?: number;
  readonly hours?: number;
};

/** One thing wrong with one row of a file. The row, or only the cell when the rest is kept. */
export type RowError = {
  /** Line of the file, from 1; a row that spans lines is named by its first. */
  readonly line: number;
  /** Name of the column; undefined when the whole row is meant. */
  readonly column?: string;
  readonly reason: string;
};

/** What became of some rows: each is either stored, known already, or among the errors. */
export type RowsResult = {
  readonly stored: number;
  /** Rows that changed nothing, since the store holds them as they are. */
  readonly duplicates: number;
  /** Rows refused; `index` counts from 0 in the rows that were handed over. */
  readonly errors: readonly {
    readonly index: number;
    readonly column?: string;
    readonly reason: string;
  }[];
};

/** Which upload rows come from; stores keep it beside what they store. */
export type ImportOrigin = {
  readonly uploadId: string;
  /** Key of the original in the blob store. */
  readonly blobKey: string;
};

/**
 * Where an import's rows go, for one tenant and one upload. Every call resolves only once its rows
 * survive a crash, and may be repeated with the same rows after one: repeating changes nothing.
 * Rejects with AppError("unavailable") when it should be tried again later.
 */
export type ImportSink = {
  /** Line protocol, whole lines, at most 1 MiB. Calls overlap, and are kept in the order they were made. */
  writeLines(bytes: Uint8Array<ArrayBuffer>, precision: Precision): Promise<WriteResult>;
  upsertAssetTypes(rows: readonly AssetTypeRow[], origin: ImportOrigin): Promise<RowsResult>;
  upsertAssets(rows: readonly AssetRow[], origin: ImportOrigin): Promise<RowsResult>;
  upsertSensors(rows: readonly SensorRow[], origin: ImportOrigin): Promise<RowsResult>;
  addMaintenance(rows: readonly MaintenanceRow[], origin: ImportOrigin): Promise<RowsResult>;
  /**
   * How many of the readings this upload sent were known already, once all are folded; undefined
   * when the ledger cannot tell. Called once, at the end.
   */
  duplicateReadings?(): Promise<number | undefined>;
};

/** What an import did, and what it could not. */
export type ImportReport = {
  readonly kind: ImportKind | undefined;
  /** Rows of the file that were read, without its header and empty lines. */
  readonly rows: number;
  /** Readings written, or rows stored. */
  readonly stored: number;
  readonly duplicates: number;
  /** Cells that said "no value" (empty, NaN, null, NA). */
  readonly missing: number;
  readonly errorCount: number;
  /** The first hundred. */
  readonly errors: readonly RowError[];
};

/** Errors an `ImportReport` lists; all are counted. */
export const IMPORT_ERRORS_KEPT = 100;

/** An uploaded file whose bytes are in the blob store. */
export type ImportFile = {
  readonly uploadId: string;
  readonly fileName: string;
  readonly blobKey: string;
  readonly sha256: string;
  readonly sizeBytes: number;
};
