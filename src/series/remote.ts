import { AppError, type ErrorCode, type ErrorDetails } from "../domain/error.ts";
import type { ReadingStore } from "../domain/reading-store.ts";
import type { Logger } from "../lib/logger.ts";
import { createRpcClient, type RpcFailure } from "../lib/rpc.ts";
import type { FromWorker, StartStore, StoreWorkerOptions } from "./serve.ts";

/** The store worker as the main thread holds it. */
export type StoreWorkerPort = Pick<Worker, "postMessage" | "addEventListener" | "terminate">;

/** Calls that may be under way at once; further ones are refused as unavailable. */
const CALLS_MOST = 500;

const METHODS = [
  "range",
  "rows",
  "latest",
  "gridded",
  "states",
  "waveforms",
  "waveform",
  "seriesInfo",
  "zones",
  "counts",
  "lateLedger",
  "status",
  "flush",
  "seal",
  "describe",
  "retain",
  "retentionLog",
  "stop",
] as const satisfies readonly (keyof ReadingStore)[];

/**
 * Starts the store in its worker and returns it as the main thread sees it, once it is open.
 * @param deps.onFailure is told when the worker dies or finds a bug; nothing is stored any more then.
 * @throws AppError when the data cannot be opened; the message says what to do.
 */
export async function createRemoteStore(deps: {
  readonly worker: StoreWorkerPort;
  readonly options: StoreWorkerOptions;
  /** Leads to the engine worker; none when only reads are wanted. */
  readonly enginePort?: MessagePort;
  readonly logger: Logger;
  readonly onFailure: (message: string) => void;
}): Promise<ReadingStore & { readonly sequence: number }> {
  const { worker, enginePort } = deps;
  const client = createRpcClient<ReadingStore>({
    port: worker,
    methods: METHODS,
    maxPending: CALLS_MOST,
    errorOf,
  });
  const sequence = await new Promise<number>((resolve, reject) => {
    const die = (message: string) => {
      client.fail({ message, code: "unavailable", details: undefined });
      deps.onFailure(message);
      reject(new AppError("internal", message));
    };
    worker.addEventListener("error", (event) => die(`the store's thread ended: ${event.message}`));
    worker.addEventListener("message", (event: MessageEvent<FromWorker | { type?: undefined }>) => {
      const message = event.data;
      if (message.type === "ready") resolve(message.sequence);
      else if (message.type === "refused") reject(new AppError(message.code, message.message));
      else if (message.type === "failure") die(message.message);
      else if (message.type === "log") deps.logger[message.level](message.message, message.fields);
    });
    const start: StartStore = { type: "start", options: deps.options, enginePort };
    worker.postMessage(start, enginePort ? [enginePort] : []);
  });
  let stopping: Promise<void> | undefined;
  return {
    ...client.api,
    sequence,
    stop() {
      stopping ??= client.api.stop().finally(() => worker.terminate());
      return stopping;
    },
  };
}

const CODES: readonly string[] = [
  "invalid",
  "unauthorized",
  "forbidden",
  "not-found",
  "conflict",
  "too-large",
  "unavailable",
] satisfies ErrorCode[];

function errorOf({ code, message, details }: RpcFailure): AppError {
  // Only names in CODES pass, and each is an ErrorCode.
  const known = code !== undefined && CODES.includes(code) ? (code as ErrorCode) : "internal";
  return new AppError(known, message, { details: details as ErrorDetails });
}
