import type { EngineStats } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import { EngineCore, type EngineOutputs } from "./engine-core.ts";
import {
  buffersOf,
  type EngineStart,
  type FromEngine,
  type FromStore,
  type ToEngine,
} from "./engine-protocol.ts";
import { systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { systemDisk } from "./log/index.ts";
import { packInThread } from "./log-packing.ts";
import { workerUrl } from "./native/worker-url.ts";

/** The engine's worker thread: constructs the core and speaks the protocol. */
declare const self: Worker;

const post = (message: FromEngine, transfer: Transferable[] = []) =>
  self.postMessage(message, transfer);

const logger: Logger = {
  debug() {},
  info: (message) => post({ type: "log", level: "info", message }),
  warn: (message) => post({ type: "log", level: "warn", message }),
  error: (message) => post({ type: "log", level: "error", message }),
};

function outputsTo(storePort: MessagePort | undefined): EngineOutputs {
  return {
    acks: (acks) => post({ type: "acks", acks }, [acks.counts.buffer as ArrayBuffer]), // made by `new Float64Array(n)`
    refused: (ids, message) => post({ type: "refused", ids, message }),
    store: (batch) => {
      const message = { type: "batch", batch } as const;
      if (storePort) storePort.postMessage(message, buffersOf(batch));
      else post(message, buffersOf(batch));
    },
    relational: (batch) => post({ type: "relational", batch }),
    state: (buffer) => post({ type: "state", buffer }),
    failure: (message) => logger.error(message),
  };
}

async function start(
  options: EngineStart,
  storePort: MessagePort | undefined,
  onMade: (core: EngineCore) => void,
): Promise<void> {
  const core = new EngineCore({
    ...options,
    disk: systemDisk,
    pack: packInThread(() => new Worker(workerUrl("src/log-packer.ts"))),
    clock: systemClock,
    logger,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    outputs: outputsTo(storePort),
  });
  if (storePort) {
    storePort.onmessage = ({ data }: MessageEvent<FromStore>) => core.storeApplied(data.sequence);
    storePort.start();
  }
  // Answers of the store that come by way of the main thread are heard while it replays.
  onMade(core);
  await core.start();
  const { logSequence, seriesCount } = core.stats();
  post({ type: "ready", logSequence, seriesCount, isRebuilt: core.isRebuilt });
}

const codeOf = (error: unknown): string => (error instanceof AppError ? error.code : "internal");

function reply(id: number, work: Promise<number | EngineStats | undefined>): void {
  work.then(
    (value) => post({ type: "reply", id, value }),
    (error: unknown) => post({ type: "error", id, code: codeOf(error), message: reasonOf(error) }),
  );
}

function onMessage(core: EngineCore, message: Exclude<ToEngine, { type: "start" }>): void {
  switch (message.type) {
    case "writes":
      core.write(message.requests);
      return;
    case "map-lines":
      core.mapLines(message.sources);
      return;
    case "control":
      reply(message.id, core.control(message.frames));
      return;
    case "relational-applied":
      core.relationalApplied(message.sequence);
      return;
    case "applied":
      core.storeApplied(message.sequence);
      return;
    case "stats":
      reply(message.id, Promise.resolve(core.stats()));
      return;
    case "drain":
      reply(message.id, core.drain());
      return;
    case "stop":
      reply(
        message.id,
        core.stop().then(() => undefined),
      );
      return;
  }
}

/** Hears the main thread. There is one engine in a worker. */
function serve(): void {
  let core: EngineCore | undefined;
  self.onmessage = ({ data }: MessageEvent<ToEngine>) => {
    if (data.type === "start") {
      start(data.start, data.storePort, (made) => {
        core = made;
      }).catch((error: unknown) =>
        post({ type: "start-failed", code: codeOf(error), message: reasonOf(error) }),
      );
    } else if (core) onMessage(core, data);
  };
}

serve();
