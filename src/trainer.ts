import { createTrainerService, type TrainerRequest } from "./ml/trainer.ts";
import { workerUrl } from "./native/worker-url.ts";

/**
 * Entry of a trainer worker. It answers fits of one training run, or does a whole run itself with
 * more workers of its own kind, so that the main thread only waits.
 */
const service = createTrainerService({
  reply: (message) => postMessage(message),
  spawn: () => new Worker(workerUrl("src/trainer.ts")),
});

globalThis.addEventListener("message", (event: MessageEvent) => {
  const request: TrainerRequest = event.data; // only the client in ml/trainer.ts posts here
  service(request);
});
