import { basename } from "node:path";
import { type Actor, systemActor } from "./domain/actor.ts";
import type { Engine } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { ImportKind, ImportReport } from "./domain/import.ts";
import type { Relational } from "./domain/relational.ts";
import type { SourceKind } from "./domain/source.ts";
import { UPLOAD_ERRORS_KEPT, type Upload } from "./domain/upload.ts";
import { createImportSink } from "./import-sink.ts";
import type { BlobStore, ByteSource } from "./lib/blob-store.ts";
import type { Clock } from "./lib/clock.ts";
import type { FileCheckpoints } from "./lib/file-checkpoints.ts";
import type { Logger } from "./lib/logger.ts";
import { runImport, storeUpload } from "./plugin-host/index.ts";

export type ImportsDeps = {
  readonly relational: Relational;
  readonly engine: Engine;
  readonly blobs: BlobStore;
  readonly checkpoints: FileCheckpoints;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How to start this program again, with `plugin-run`. */
  readonly command: readonly string[];
  /** Rules and zones that the imported assets bring into force. */
  readonly tellLog: () => Promise<void>;
  readonly onChange: (tenantId: string) => void;
};

export type ImportFile = {
  readonly tenantId: string;
  readonly name: string;
  readonly bytes: ByteSource;
  readonly kind: ImportKind | undefined;
  readonly zone: string | undefined;
  readonly by: Actor;
};

/** Brings files in: the original into the blob store first, then its rows, linked to it. */
export type Imports = {
  /** Keeps the file and imports it; resolves with the report. */
  importNow(file: ImportFile): Promise<ImportReport>;
  /** Keeps the file and resolves; the import goes on by itself. */
  importLater(file: ImportFile): Promise<Upload>;
  importPath(
    request: Omit<ImportFile, "bytes" | "name" | "by"> & { path: string; by: string },
  ): Promise<ImportReport>;
  /** Goes on with imports that a stop cut off. */
  resume(): Promise<void>;
  /** Ends what is under way; it goes on at the next start. */
  stop(): Promise<void>;
};

const FILE_BYTES_MAX = 4 * 1024 ** 3;
const SOURCE: { kind: SourceKind; name: string } = { kind: "files", name: "Imported files" };

/** What every step of an import needs beside the dependencies. */
type Running = ImportsDeps & {
  readonly signal: AbortSignal;
  readonly underWay: Set<Promise<unknown>>;
};

/** Makes the service; nothing runs before a file comes. */
export function createImports(deps: ImportsDeps): Imports {
  const aborts = new AbortController();
  const running: Running = { ...deps, signal: aborts.signal, underWay: new Set() };
  return {
    async importNow(file) {
      const upload = await keep(deps, file);
      return track(running, carryOut(running, upload, file.tenantId, file.zone));
    },
    async importLater(file) {
      const upload = await keep(deps, file);
      later(running, upload, file.tenantId, file.zone);
      return upload;
    },
    async importPath({ path, by, ...file }) {
      const source = Bun.file(path);
      if (!(await source.exists())) throw new AppError("not-found", `no file ${path}`);
      const who = systemActor(file.tenantId, by);
      // Bun's stream iterates; the DOM type does not say so.
      const bytes = source.stream() as unknown as AsyncIterable<Uint8Array>;
      const upload = await keep(deps, { ...file, name: basename(path), bytes, by: who });
      return track(running, carryOut(running, upload, file.tenantId, file.zone));
    },
    async resume() {
      for (const tenant of await deps.relational.tenants.list()) {
        const uploads = await deps.relational.uploads.list(systemActor(tenant.id, "import"), 1_000);
        for (const upload of uploads)
          if (upload.status === "received" || upload.status === "importing")
            later(running, upload, tenant.id, undefined);
      }
    },
    async stop() {
      aborts.abort();
      await Promise.allSettled([...running.underWay]);
    },
  };
}

async function keep(deps: ImportsDeps, file: ImportFile): Promise<Upload> {
  const uploadId = Bun.randomUUIDv7();
  const { blobKey, sizeBytes, sha256 } = await storeUpload(
    deps.blobs,
    { tenantId: file.tenantId, uploadId, fileName: file.name },
    file.bytes,
    FILE_BYTES_MAX,
  );
  return deps.relational.uploads.create(file.by, {
    name: file.name,
    kind: file.kind ?? "unknown",
    blobKey,
    sizeBytes,
    sha256,
  });
}

function track<T>({ underWay }: Running, work: Promise<T>): Promise<T> {
  underWay.add(work);
  void work.catch(() => {}).then(() => underWay.delete(work));
  return work;
}

function later(running: Running, upload: Upload, tenantId: string, zone: string | undefined): void {
  track(running, carryOut(running, upload, tenantId, zone)).catch((error: unknown) => {
    running.logger.warn("import failed", { upload: upload.id, reason: reasonOf(error) });
  });
}

const NOTHING: ImportReport = {
  kind: undefined,
  rows: 0,
  stored: 0,
  duplicates: 0,
  missing: 0,
  errorCount: 0,
  errors: [],
};

async function carryOut(
  running: Running,
  upload: Upload,
  tenantId: string,
  zone: string | undefined,
): Promise<ImportReport> {
  const who = systemActor(tenantId, `import of ${upload.name}`);
  let soFar = NOTHING;
  // One report after the other, so that none of the way is written after the end.
  let saving: Promise<void> = Promise.resolve();
  const onProgress = (report: ImportReport) => {
    soFar = report;
    saving = saving.then(() => save(running, who, upload, report, "importing", undefined));
  };
  try {
    const report = await read(running, who, upload, zone, onProgress);
    await saving;
    await save(running, who, upload, report, "done", undefined);
    await running.checkpoints.remove(upload.id);
    return report;
  } catch (error) {
    await saving;
    // An import that a stop cut off keeps its status and goes on at the next start.
    if (!running.signal.aborted) {
      await save(running, who, upload, soFar, "failed", reasonOf(error));
      await running.checkpoints.remove(upload.id);
    }
    throw error;
  }
}

async function read(
  running: Running,
  who: Actor,
  upload: Upload,
  zone: string | undefined,
  onProgress: (report: ImportReport) => void,
): Promise<ImportReport> {
  const { relational, engine, clock } = running;
  const tenant = await relational.tenants.get(who.tenantId);
  if (tenant === undefined) throw new AppError("not-found", `no tenant ${who.tenantId}`);
  const source = await relational.sources.ensure(who, SOURCE);
  const to = { relational, engine, clock, tenant, sourceNo: source.no, by: who.name };
  const kind = upload.kind === "unknown" ? {} : { kind: upload.kind };
  const report = await runImport(
    { ...running, log: running.logger },
    {
      upload: { ...upload, uploadId: upload.id, fileName: upload.name },
      settings: { ...kind, zone: zone ?? tenant.zone },
      signal: running.signal,
      onProgress,
    },
    createImportSink(to),
  );
  await unlessStopped(running.signal, running.tellLog());
  return report;
}

/** A stop does not wait for a database that is away. */
function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stop = Promise.withResolvers<never>();
  const onAbort = () => stop.reject(new AppError("unavailable", "the server is stopping"));
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort, { once: true });
  return Promise.race([work, stop.promise]).finally(() =>
    signal.removeEventListener("abort", onAbort),
  );
}

async function save(
  { relational, logger, onChange }: Running,
  who: Actor,
  upload: Upload,
  report: ImportReport,
  status: Upload["status"],
  failure: string | undefined,
): Promise<void> {
  const errors = report.errors.slice(0, UPLOAD_ERRORS_KEPT).map((e) => ({
    lineNo: e.line,
    reason: e.column ? `${e.column}: ${e.reason}` : e.reason,
    line: "",
  }));
  try {
    await relational.uploads.report(who, upload.id, {
      status,
      rows: report.rows,
      rowsTaken: report.stored + report.duplicates,
      rowsRefused: report.errorCount,
      errors,
      failure,
      kind: report.kind,
    });
  } catch (error) {
    const reason = reasonOf(error);
    logger.warn("an import's report was not written", { upload: upload.id, reason });
  }
  onChange(who.tenantId);
}
