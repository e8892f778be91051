import type { ErrorCode } from "../domain/error.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { SealSchedule } from "../domain/lake.ts";
import type {
  FromStore,
  ReadingStore,
  ReadingStoreEngine,
  ToStore,
} from "../domain/reading-store.ts";
import type { LogFields, Logger, LogLevel } from "../lib/logger.ts";
import { type RpcPort, serveRpc } from "../lib/rpc.ts";
import type { S3Settings } from "../lib/s3-files.ts";
import type { QuestdbAddress } from "./questdb/address.ts";

export type StoreWorkerOptions = {
  /** The folder that holds `series.duckdb`. */
  readonly dataDir: string;
  /** The folder of sealed days. */
  readonly lakeDir: string;
  /** When days are sealed; as DuckDB's store does by itself when left out. */
  readonly seal?: SealSchedule;
  /** S3-compatible storage for sealed days, if there is one. */
  readonly lakeS3?: S3Settings | undefined;
  /** Free bytes of the disk below which the oldest readings yield. */
  readonly leastFreeBytes: number;
  /** Where native parts are unpacked. */
  readonly runtimeDir: string;
  readonly memoryBytes: number;
  readonly threads: number;
  /** The server that keeps the readings instead of a file. */
  readonly questdb?: QuestdbAddress;
  /** Tells this installation from others that use the same QuestDB. */
  readonly owner?: string;
};

/** The first message to the store worker; the port leads to the engine worker. */
export type StartStore = {
  readonly type: "start";
  readonly options: StoreWorkerOptions;
  readonly enginePort: MessagePort | undefined;
};

/** What the store worker tells the main thread, beside answers to calls. */
export type FromWorker =
  | { readonly type: "ready"; readonly sequence: number }
  | { readonly type: "refused"; readonly code: ErrorCode; readonly message: string }
  /** A bug: the store cannot go on. */
  | { readonly type: "failure"; readonly message: string }
  | {
      readonly type: "log";
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: LogFields;
    };

/** The store's side of the worker: reads for the main thread, batches from the engine's port. */
export function serveStore(
  store: ReadingStoreEngine,
  mainPort: RpcPort,
  enginePort: MessagePort | undefined,
  onFailure: (message: string) => void,
): void {
  // Everything but what is for the engine alone, or for a copy.
  const { apply: _apply, takeOver: _takeOver, ...reads } = store;
  serveRpc<ReadingStore>(mainPort, reads);
  if (enginePort) void serveEngine(store, enginePort, onFailure);
}

async function serveEngine(
  store: ReadingStoreEngine,
  port: MessagePort,
  onFailure: (message: string) => void,
): Promise<void> {
  let told = -1;
  const tell = (sequence: number) => {
    if (sequence <= told) return;
    told = sequence;
    port.postMessage({ type: "applied", sequence } satisfies FromStore);
  };
  port.addEventListener("message", (event: MessageEvent<ToStore>) => {
    const message = event.data;
    const done = message.type === "batch" ? store.apply(message.batch) : store.flush();
    done.then(tell, (error) => {
      // Stopping, or a disk that is full for now: the log keeps what was not stored.
      if (!(error instanceof AppError && error.code === "unavailable")) onFailure(reasonOf(error));
    });
  });
  tell((await store.status()).sequence);
  port.start();
}

/** A logger whose lines are written by the main thread. */
export function remoteLogger(post: (message: FromWorker) => void): Logger {
  const at =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) =>
      post({ type: "log", level, message, fields });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
