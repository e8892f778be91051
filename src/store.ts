// The store worker: owns the series store, takes batches from the engine, answers reads of the main thread.
import { AppError, reasonOf } from "./domain/error.ts";
import { openStore } from "./open-store.ts";
import { type FromWorker, remoteLogger, type StartStore, serveStore } from "./series/serve.ts";

declare const self: Worker;

const post = (message: FromWorker) => self.postMessage(message);

async function start({ options, enginePort }: StartStore): Promise<void> {
  try {
    const store = await openStore(options, remoteLogger(post));
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
