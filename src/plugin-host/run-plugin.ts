import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { AppError, reasonOf } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import {
  BATCH_LIMITS,
  type Batch,
  type Context,
  encodeReadings,
  type InputPlugin,
  type OpenFile,
} from "../plugin-sdk/index.ts";
import { encodeFrame, readFrames } from "./frames.ts";
import { checked, FromHost } from "./messages.ts";

/** Where a child writes; Bun's `Bun.stdout.writer()` is one. */
export type Output = { write(bytes: Uint8Array): unknown; flush(): unknown };

export type RunPluginDeps = {
  /** stdin. When it ends the host is gone. */
  readonly input: AsyncIterable<Uint8Array>;
  /** stdout, which nobody else may write to. */
  readonly output: Output;
  readonly plugins: readonly InputPlugin[];
  readonly clock: Clock;
};

type Start = Extract<FromHost, { type: "start" }>;
const READ_BYTES = 1 << 18;

/**
 * The child's side: waits for the host's `start`, reads with the plugin that it names, and sends what it
 * yields as far as there is credit. Resolves with the exit code; the process should then exit at once,
 * since a plugin may still wait on something.
 */
export async function runPlugin(deps: RunPluginDeps): Promise<number> {
  const frames = readFrames(deps.input);
  const first = await frames.next();
  if (first.done) return 1; // nobody talks to us
  const start = checked(FromHost, first.value.header, "the host's first message");
  if (start.type !== "start") return 1;
  const abort = new AbortController();
  const child = createChild(deps, start, abort.signal);
  const hostGone = (async () => {
    for await (const frame of frames) {
      const message = checked(FromHost, frame.header, "a message of the host");
      if (message.type === "stop") abort.abort();
      if (message.type === "committed") child.committed(message.checkpoint);
    }
    return 1;
  })();
  const code = await Promise.race([child.run(), hostGone]);
  abort.abort();
  return code;
}

function createChild(deps: RunPluginDeps, start: Start, signal: AbortSignal) {
  const plugin = deps.plugins.find((candidate) => candidate.id === start.plugin);
  let outstanding = 0;
  let commits: Promise<void> = Promise.resolve();
  let wake = () => {};
  let writing: Promise<unknown> = Promise.resolve();
  const send = (header: Readonly<Record<string, unknown>>, parts?: readonly Uint8Array[]) => {
    writing = writing.then(async () => {
      await deps.output.write(encodeFrame(header, parts));
      await deps.output.flush();
    });
    return writing;
  };
  const outstandingAtMost = async (limit: number) => {
    while (outstanding > limit) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    await commits; // surfaces what a plugin's commit threw
  };
  const context = createContext(deps, start, signal, (level, message) => {
    // A failed write means the host is gone, which the end of stdin tells too.
    send({ type: "log", level, message: message.slice(0, 2_000) }).catch(() => {});
  });
  const read = async () => {
    if (plugin === undefined) {
      throw new AppError("invalid", `there is no plugin ${JSON.stringify(start.plugin)}`);
    }
    plugin.check(start.config);
    for await (const batch of plugin.read(start.config, context)) {
      await outstandingAtMost(start.credits - 1);
      if (signal.aborted) break; // told to stop while it waited: the batch is read again next time
      const { header, parts } = messageOf(batch);
      outstanding++;
      await send(header, parts);
    }
    await outstandingAtMost(0);
  };
  return {
    committed(checkpoint: string) {
      commits = commits.then(() => plugin?.commit(start.config, checkpoint));
      // Awaited in `outstandingAtMost`; here only kept from being called unhandled before that.
      commits.catch(() => {});
      outstanding--;
      wake();
    },
    async run(): Promise<number> {
      try {
        await read();
        await send({ type: "done" });
        return 0;
      } catch (error) {
        const code = error instanceof AppError ? error.code : "internal";
        const message = reasonOf(error).slice(0, 4_000);
        // Failing to say it means that the host is gone: there is nobody to tell.
        await send({ type: "failed", code, message }).catch(() => {});
        return 1;
      }
    },
  };
}

function messageOf(batch: Batch) {
  const { readings, lines } = batch;
  if (readings !== undefined && lines !== undefined) {
    throw new AppError("internal", "a batch has readings and lines; yield two batches");
  }
  if ((readings?.length ?? 0) > BATCH_LIMITS.readings) {
    throw new AppError("internal", `a batch has more than ${BATCH_LIMITS.readings} readings`);
  }
  const bytes = readings === undefined ? lines?.bytes : encodeReadings(readings);
  if (bytes !== undefined && bytes.length > BATCH_LIMITS.lineBytes && readings === undefined) {
    throw new AppError(
      "internal",
      `a batch has more than ${BATCH_LIMITS.lineBytes} bytes of lines`,
    );
  }
  const { checkpoint, errorCount, rows = 0, missing = 0, kind, ...rest } = batch;
  const { readings: _readings, lines: _lines, ...entities } = rest;
  const body = { ...entities, origin: lines?.origin };
  const header = {
    type: "batch",
    checkpoint,
    precision: lines?.precision ?? "us",
    errorCount: errorCount ?? batch.rowErrors?.length ?? 0,
    rows,
    missing,
    kind,
  };
  const json = new TextEncoder().encode(JSON.stringify(body));
  return { header, parts: [json, bytes ?? new Uint8Array(0)] };
}

function createContext(
  deps: RunPluginDeps,
  start: Start,
  signal: AbortSignal,
  log: Context["log"],
): Context {
  return {
    checkpoint: start.checkpoint,
    signal,
    log,
    nowUs: () => deps.clock.nowUs(),
    wait: (delayMs) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const end = () => {
          cancel();
          signal.removeEventListener("abort", end);
          resolve();
        };
        const cancel = deps.clock.after(delayMs, end);
        signal.addEventListener("abort", end);
      }),
    openFile: (name) => openLentFile(start, name),
  };
}

async function openLentFile(start: Start, name: string): Promise<OpenFile> {
  const lent = start.files[name] ?? { path: name, name: basename(name) };
  try {
    const { size } = await stat(lent.path);
    return {
      name: lent.name,
      sizeBytes: size,
      stream: (offset) => createReadStream(lent.path, { start: offset, highWaterMark: READ_BYTES }),
    };
  } catch (cause) {
    throw new AppError("invalid", `${lent.name} cannot be opened: ${reasonOf(cause)}`, { cause });
  }
}
