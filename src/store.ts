// The store worker: owns the series store, takes batches from the engine, answers reads of the main thread.
import { join } from "node:path";
import { AppError, reasonOf } from "./domain/error.ts";
import type { ReadingStoreEngine } from "./domain/reading-store.ts";
import { systemClock } from "./lib/clock.ts";
import { loadDuckdb } from "./native/duckdb.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "./series/duckdb/index.ts";
import { createQuestdbStore, QUESTDB_DEFAULTS } from "./series/questdb/index.ts";
import {
  type FromWorker,
  remoteLogger,
  type StartStore,
  type StoreWorkerOptions,
  serveStore,
} from "./series/serve.ts";

declare const self: Worker;

const post = (message: FromWorker) => self.postMessage(message);

async function openStore(options: StoreWorkerOptions): Promise<ReadingStoreEngine> {
  const logger = remoteLogger(post);
  if (options.questdb !== undefined)
    return createQuestdbStore({
      clock: systemClock,
      logger,
      options: { ...QUESTDB_DEFAULTS, address: options.questdb },
    });
  return createDuckdbStore({
    duckdb: await loadDuckdb(options.runtimeDir),
    clock: systemClock,
    logger,
    options: {
      ...DUCKDB_DEFAULTS,
      file: join(options.dataDir, "series.duckdb"),
      lakeDir: options.lakeDir,
      guard: { ...DUCKDB_DEFAULTS.guard, leastBytes: options.leastFreeBytes },
      memoryBytes: options.memoryBytes,
      threads: options.threads,
    },
  });
}

async function start({ options, enginePort }: StartStore): Promise<void> {
  try {
    const store = await openStore(options);
    serveStore(store, self, enginePort, (message) => post({ type: "failure", message }));
    post({ type: "ready", sequence: (await store.status()).sequence });
  } catch (error) {
    const code = error instanceof AppError ? error.code : "internal";
    post({ type: "refused", code, message: reasonOf(error) });
  }
}

self.addEventListener("message", (event: MessageEvent<StartStore | { type?: undefined }>) => {
  if (event.data.type === "start") void start(event.data);
});
