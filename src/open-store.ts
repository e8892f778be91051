import { join } from "node:path";
import type { ReadingStoreEngine } from "./domain/reading-store.ts";
import { systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { createS3Files } from "./lib/s3-files.ts";
import { loadDuckdb } from "./native/duckdb.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "./series/duckdb/index.ts";
import { createQuestdbStore, QUESTDB_DEFAULTS } from "./series/questdb/index.ts";
import type { StoreWorkerOptions } from "./series/serve.ts";

/**
 * Opens the store of readings in this thread: on a server when the options name one, else in a file.
 * @throws AppError when it cannot be opened; the message says what to do.
 */
export async function openStore(
  options: StoreWorkerOptions,
  logger: Logger,
): Promise<ReadingStoreEngine> {
  if (options.questdb !== undefined)
    return createQuestdbStore({
      clock: systemClock,
      logger,
      options: { ...QUESTDB_DEFAULTS, address: options.questdb, owner: options.owner },
    });
  return createDuckdbStore({
    duckdb: await loadDuckdb(options.runtimeDir),
    clock: systemClock,
    logger,
    remote: options.lakeS3 && createS3Files(options.lakeS3),
    options: {
      ...DUCKDB_DEFAULTS,
      file: join(options.dataDir, "series.duckdb"),
      lakeDir: options.lakeDir,
      seal: options.seal ?? DUCKDB_DEFAULTS.seal,
      guard: { ...DUCKDB_DEFAULTS.guard, leastBytes: options.leastFreeBytes },
      memoryBytes: options.memoryBytes,
      threads: options.threads,
    },
  });
}
