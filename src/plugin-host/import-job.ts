import type { CheckpointStore } from "../domain/connector.ts";
import { AppError } from "../domain/error.ts";
import {
  IMPORT_ERRORS_KEPT,
  type ImportFile,
  type ImportOrigin,
  type ImportReport,
  type ImportSink,
  type RowError,
  type RowsResult,
} from "../domain/import.ts";
import { type BlobStore, BlobTooLargeError, type ByteSource } from "../lib/blob-store.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { type HostLimits, startConnector } from "./connector.ts";
import type { ConnectorBatch } from "./pipeline.ts";

/**
 * Stores an uploaded file as it came, before anything is read from it. The same bytes are kept once.
 * @throws AppError("too-large") past `maxBytes`, AppError("unavailable") when the disk is full.
 */
export async function storeUpload(
  blobs: BlobStore,
  upload: { readonly tenantId: string; readonly uploadId: string; readonly fileName: string },
  source: ByteSource,
  maxBytes: number,
): Promise<ImportFile> {
  const { uploadId, fileName } = upload;
  try {
    const { key, sha256, sizeBytes } = await blobs.put(upload.tenantId, source, maxBytes);
    return { uploadId, fileName, blobKey: key, sha256, sizeBytes };
  } catch (cause) {
    if (cause instanceof BlobTooLargeError) {
      throw new AppError("too-large", `${fileName}: ${cause.message}`, { cause });
    }
    if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") {
      const message = `${fileName} was not kept: the disk is full; free space and send it again`;
      throw new AppError("unavailable", message, { cause });
    }
    throw cause;
  }
}

export type ImportDeps = {
  /** How to start this very program; see `ConnectorOptions.command`. */
  readonly command: readonly string[];
  readonly blobs: BlobStore;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<HostLimits>;
};

export type ImportRequest = {
  readonly upload: ImportFile;
  /** Settings of the files plugin, all but `file`: kind, rename, zone, timeUnit … */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  /** Called after every batch with the report so far. */
  readonly onProgress?: (report: ImportReport) => void;
};

/** With the pauses between them, about a minute without any progress. */
const FAILURES_MAX = 8;

const EMPTY: ImportReport = {
  kind: undefined,
  rows: 0,
  stored: 0,
  duplicates: 0,
  missing: 0,
  errorCount: 0,
  errors: [],
};

/**
 * Imports a stored upload: the files plugin reads it in a child process, its rows go to `sink`. How far
 * it came is kept under the upload's id, so that the same call goes on after a crash of the child or of
 * this process, and nothing is stored twice. After the end the call only repeats its report; remove the
 * checkpoint once that is recorded.
 * @throws AppError("invalid") for what a person must mend (missing columns, a wrong setting, no text),
 *   AppError("unavailable") when it was stopped or the stores stay away; it can be called again then.
 */
export async function runImport(
  deps: ImportDeps,
  request: ImportRequest,
  sink: ImportSink,
): Promise<ImportReport> {
  const { upload } = request;
  return deps.blobs.withFile(upload.blobKey, async (path) => {
    const report = await readInChild(deps, request, path, sink);
    const known = (await sink.duplicateReadings?.()) ?? 0;
    if (known === 0) return report;
    return { ...report, stored: report.stored - known, duplicates: report.duplicates + known };
  });
}

async function readInChild(
  deps: ImportDeps,
  request: ImportRequest,
  path: string,
  sink: ImportSink,
): Promise<ImportReport> {
  const { upload, signal } = request;
  const origin = { uploadId: upload.uploadId, blobKey: upload.blobKey };
  const deliver = createDelivery(sink, origin);
  let report = EMPTY;
  const connector = startConnector<ImportReport>({
    command: deps.command,
    name: `import ${upload.fileName}`,
    plugin: "files",
    config: { ...request.settings, file: "upload" },
    files: { upload: { path, name: upload.fileName } },
    async load() {
      const saved = await deps.checkpoints.load(upload.uploadId);
      if (saved === undefined) return undefined;
      const { position, ...rest } = decodeProgress(saved);
      report = rest.report;
      return position;
    },
    deliver,
    async commit(position, added) {
      report = addReports(report, added);
      await deps.checkpoints.save(upload.uploadId, JSON.stringify({ position, report }));
      request.onProgress?.(report);
    },
    clock: deps.clock,
    log: deps.log,
    limits: { failuresMax: FAILURES_MAX, ...deps.limits },
  });
  const stop = () => void connector.stop();
  if (signal?.aborted) stop();
  signal?.addEventListener("abort", stop);
  const end = await connector.done;
  signal?.removeEventListener("abort", stop);
  if (end.kind === "done") return report;
  if (end.kind === "stopped") {
    throw new AppError("unavailable", `import of ${upload.fileName} was stopped; start it again`);
  }
  throw new AppError(end.isRefused ? "invalid" : "unavailable", end.reason);
}

/** Sums two reports; keeps the first errors. */
function addReports(a: ImportReport, b: ImportReport): ImportReport {
  return {
    kind: a.kind ?? b.kind,
    rows: a.rows + b.rows,
    stored: a.stored + b.stored,
    duplicates: a.duplicates + b.duplicates,
    missing: a.missing + b.missing,
    errorCount: a.errorCount + b.errorCount,
    errors: [...a.errors, ...b.errors].slice(0, IMPORT_ERRORS_KEPT),
  };
}

function decodeProgress(saved: string): { position: string; report: ImportReport } {
  const value: unknown = JSON.parse(saved);
  if (typeof value === "object" && value !== null && "position" in value && "report" in value) {
    // Written by `commit` above, and read back from our own store.
    return value as { position: string; report: ImportReport };
  }
  throw new AppError("internal", `progress of an import is damaged: ${saved.slice(0, 80)}`);
}

/** Hands batches to the sink: readings overlap, tables wait for what was sent before. */
function createDelivery(sink: ImportSink, origin: ImportOrigin) {
  let before: Promise<unknown> = Promise.resolve();
  const table = (batch: ConnectorBatch): (() => Promise<RowsResult>) | undefined => {
    const { assetTypes, assets, sensors, maintenance } = batch;
    if (assetTypes?.length) return () => sink.upsertAssetTypes(assetTypes, origin);
    if (assets?.length) return () => sink.upsertAssets(assets, origin);
    if (sensors?.length) return () => sink.upsertSensors(sensors, origin);
    if (maintenance?.length) return () => sink.addMaintenance(maintenance, origin);
    return undefined;
  };
  return async (batch: ConnectorBatch): Promise<ImportReport> => {
    const own: ImportReport = {
      ...EMPTY,
      kind: batch.kind,
      rows: batch.rows,
      missing: batch.missing,
      errorCount: batch.errorCount,
      errors: batch.rowErrors ?? [],
    };
    if (batch.lines.length > 0) return addReports(own, await writeLines(sink, batch));
    const call = table(batch);
    if (call === undefined) return own;
    const result = before.then(call);
    before = result.catch(() => {}); // the one who awaits `result` is told
    return addReports(own, reportOfRows(await result, batch));
  };
}

async function writeLines(sink: ImportSink, batch: ConnectorBatch): Promise<ImportReport> {
  const result = await sink.writeLines(batch.lines, batch.precision);
  const origin = batch.origin ?? [];
  const errors = result.errors.map(({ lineNo, column, reason }): RowError => {
    const start = origin.findLast(([first]) => first <= lineNo);
    const line = start === undefined ? lineNo : start[1] + lineNo - start[0];
    // A column of a line that we wrote ourselves says nothing about the file.
    return batch.kind === "lines" ? { line, column: String(column), reason } : { line, reason };
  });
  return { ...EMPTY, stored: result.readings, errorCount: result.rejectedLines, errors };
}

function reportOfRows(result: RowsResult, batch: ConnectorBatch): ImportReport {
  const errors = result.errors.map(({ index, column, reason }): RowError => {
    const line = batch.rowLines?.[index] ?? 0;
    return column === undefined ? { line, reason } : { line, column, reason };
  });
  const { stored, duplicates } = result;
  return { ...EMPTY, stored, duplicates, errorCount: errors.length, errors };
}
