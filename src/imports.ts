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

export function createImports(deps: ImportsDeps): Imports {
  const aborts = new AbortController();
  const running = new Set<Promise<unknown>>();

  async function keep(file: ImportFile): Promise<Upload> {
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

  async function read(upload: Upload, tenantId: string, zone: string | undefined) {
    const who = systemActor(tenantId, `import of ${upload.name}`);
    const tenant = await deps.relational.tenants.get(tenantId);
    if (tenant === undefined) throw new AppError("not-found", `no tenant ${tenantId}`);
    const source = await deps.relational.sources.ensure(who, SOURCE);
    const sink = createImportSink({
      relational: deps.relational,
      engine: deps.engine,
      clock: deps.clock,
      tenant,
      sourceNo: source.no,
      by: who.name,
    });
    const settings = {
      ...(upload.kind === "unknown" ? {} : { kind: upload.kind }),
      zone: zone ?? tenant.zone,
    };
    const importDeps = { ...deps, log: deps.logger };
    const request = {
      upload: { ...upload, uploadId: upload.id, fileName: upload.name },
      settings,
      signal: aborts.signal,
      onProgress: (report: ImportReport) => void save(who, upload, report, "importing", undefined),
    };
    const report = await runImport(importDeps, request, sink);
    await deps.tellLog();
    return report;
  }

  async function save(
    who: Actor,
    upload: Upload,
    report: ImportReport,
    status: Upload["status"],
    failure: string | undefined,
  ): Promise<void> {
    try {
      await deps.relational.uploads.report(who, upload.id, {
        status,
        rows: report.rows,
        rowsTaken: report.stored + report.duplicates,
        rowsRefused: report.errorCount,
        errors: report.errors
          .slice(0, UPLOAD_ERRORS_KEPT)
          .map((e) => ({
            lineNo: e.line,
            reason: e.column ? `${e.column}: ${e.reason}` : e.reason,
            line: "",
          })),
        failure,
        kind: report.kind,
      });
    } catch (error) {
      deps.logger.warn("an import's report was not written", {
        upload: upload.id,
        reason: reasonOf(error),
      });
    }
    deps.onChange(who.tenantId);
  }

  async function carryOut(upload: Upload, tenantId: string, zone: string | undefined) {
    const who = systemActor(tenantId, `import of ${upload.name}`);
    try {
      const report = await read(upload, tenantId, zone);
      await save(who, upload, report, "done", undefined);
      await deps.checkpoints.remove(upload.id);
      return report;
    } catch (error) {
      // An import that a stop cut off keeps its status and goes on at the next start.
      if (!aborts.signal.aborted) {
        const nothing = {
          kind: undefined,
          rows: 0,
          stored: 0,
          duplicates: 0,
          missing: 0,
          errorCount: 0,
          errors: [],
        };
        await save(who, upload, nothing, "failed", reasonOf(error));
        await deps.checkpoints.remove(upload.id);
      }
      throw error;
    }
  }

  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    void work.catch(() => {}).then(() => running.delete(work));
    return work;
  }

  function later(upload: Upload, tenantId: string, zone: string | undefined): void {
    track(carryOut(upload, tenantId, zone)).catch((error: unknown) => {
      deps.logger.warn("import failed", { upload: upload.id, reason: reasonOf(error) });
    });
  }

  return {
    importNow: async (file) => track(carryOut(await keep(file), file.tenantId, file.zone)),
    async importLater(file) {
      const upload = await keep(file);
      later(upload, file.tenantId, file.zone);
      return upload;
    },
    async importPath({ path, by, ...file }) {
      const source = Bun.file(path);
      if (!(await source.exists())) throw new AppError("not-found", `no file ${path}`);
      const who = systemActor(file.tenantId, by);
      // Bun's stream iterates; the DOM type does not say so.
      const bytes = source.stream() as unknown as AsyncIterable<Uint8Array>;
      const upload = await keep({ ...file, name: basename(path), bytes, by: who });
      return track(carryOut(upload, file.tenantId, file.zone));
    },
    async resume() {
      for (const tenant of await deps.relational.tenants.list()) {
        const uploads = await deps.relational.uploads.list(systemActor(tenant.id, "import"), 1_000);
        for (const upload of uploads)
          if (upload.status === "received" || upload.status === "importing")
            later(upload, tenant.id, undefined);
      }
    },
    async stop() {
      aborts.abort();
      await Promise.allSettled([...running]);
    },
  };
}
