import type { Subprocess } from "bun";
import type { Checkpoint, ConnectorState } from "../domain/connector.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { encodeFrame, readFrames } from "./frames.ts";
import { checked, FromChild, type FromHost } from "./messages.ts";
import { type ConnectorBatch, createPipeline } from "./pipeline.ts";
import { createStderrTail } from "./stderr-tail.ts";

export type HostLimits = {
  /** Batches that a child may have out at a time. */
  readonly credits: number;
  /** Bad ends in a row, none of which committed a batch, before it is given up. */
  readonly failuresMax: number;
  readonly pauseFirstMs: number;
  readonly pauseMaxMs: number;
  /** How long a child may take to end when told to, before it is killed. */
  readonly stopGraceMs: number;
  /** Lines that a child may log in a minute; the rest is counted. */
  readonly logLinesPerMinute: number;
};

export const HOST_LIMITS: HostLimits = {
  credits: 8,
  failuresMax: Number.POSITIVE_INFINITY,
  pauseFirstMs: 500,
  pauseMaxMs: 60_000,
  stopGraceMs: 5_000,
  logLinesPerMinute: 600,
};

export type ConnectorOptions<R> = {
  /** How to start this very program: `[process.execPath]` in the binary, `[bun, "src/main.ts"]` else. */
  readonly command: readonly string[];
  /** Name of the connector in logs. */
  readonly name: string;
  readonly plugin: string;
  /** With secrets in the clear; goes to the child's stdin and nowhere else. */
  readonly config: unknown;
  /** Files the plugin may open by name. */
  readonly files?: Readonly<Record<string, { readonly path: string; readonly name: string }>>;
  load(): Promise<Checkpoint | undefined>;
  /** Resolves once the batch survives a crash. Calls overlap up to the credits, in order. */
  deliver(batch: ConnectorBatch): Promise<R>;
  /** Saves the checkpoint and what its batch came to; called in order, one at a time. */
  commit(checkpoint: Checkpoint, result: R): Promise<void>;
  onState?(state: ConnectorState): void;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limits?: Partial<HostLimits>;
};

export type Connector = {
  /** Resolves when it ends for good; never rejects. */
  readonly done: Promise<Extract<ConnectorState, { kind: "done" | "stopped" | "failed" }>>;
  /** Ends it after the batches that are out; resolves with `done`. Legal to call twice. */
  stop(): Promise<void>;
};

/** How one child ended. */
type Ending =
  | { readonly kind: "done" }
  /** Trying again would not help. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "broken"; readonly reason: string };

/**
 * Runs a configured plugin in a child process until its source ends, it is stopped, or it is refused.
 * A child that crashes, hangs up or writes garbage is ended and started again, from the last committed
 * checkpoint, with pauses that double up to a bound and start afresh after progress.
 */
export function startConnector<R>(options: ConnectorOptions<R>): Connector {
  const limits = { ...HOST_LIMITS, ...options.limits };
  const stopping = new AbortController();
  const say = (state: ConnectorState) => options.onState?.(state);
  const run = async () => {
    let failures = 0;
    while (!stopping.signal.aborted) {
      say({ kind: "starting" });
      const { ending, committed } = await runChild(options, limits, stopping.signal, say);
      if (ending.kind === "done" && !stopping.signal.aborted) return { kind: "done" } as const;
      if (ending.kind === "refused") return failed(ending.reason, true);
      if (ending.kind === "done" || stopping.signal.aborted) break;
      failures = committed > 0 ? 1 : failures + 1;
      if (failures >= limits.failuresMax) return failed(ending.reason, false);
      const pauseMs = Math.min(limits.pauseFirstMs * 2 ** (failures - 1), limits.pauseMaxMs);
      options.log.warn(`${options.name}: ${ending.reason}; starting again`, { pauseMs });
      const retryAtUs = options.clock.nowUs() + pauseMs * 1_000;
      say({ kind: "waiting", reason: ending.reason, retryAtUs });
      await pause(options.clock, pauseMs, stopping.signal);
    }
    return { kind: "stopped" } as const;
  };
  const done = run()
    .catch((error: unknown) => failed(reasonOf(error), false))
    .then((end) => {
      say(end);
      return end;
    });
  return {
    done,
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

function failed(reason: string, isRefused: boolean) {
  return { kind: "failed", reason, isRefused } as const;
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(delayMs, end);
    signal.addEventListener("abort", end);
  });
}

type Child = Subprocess<"pipe", "pipe", "pipe">;

function spawnChild(command: readonly string[]): Child {
  // Nothing of our environment reaches a plugin but where programs and temporary files are.
  const { PATH = "", TMPDIR = "/tmp" } = process.env;
  return Bun.spawn([...command, "plugin-run"], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH, TMPDIR, TZ: "UTC" },
  });
}

function tell(child: Child, message: FromHost): void {
  try {
    child.stdin.write(encodeFrame(message));
    // Rejects only when the child is gone, which the end of its stdout tells too.
    Promise.resolve(child.stdin.flush()).catch(() => {});
  } catch {
    // Likewise.
  }
}

async function runChild<R>(
  options: ConnectorOptions<R>,
  limits: HostLimits,
  signal: AbortSignal,
  say: (state: ConnectorState) => void,
): Promise<{ ending: Ending; committed: number }> {
  const checkpoint = await options.load();
  if (signal.aborted) return { ending: { kind: "done" }, committed: 0 };
  const child = spawnChild(options.command);
  const kill = () => child.kill("SIGKILL");
  const errors = createStderrTail(options, limits.logLinesPerMinute);
  const stderr = errors.drain(child.stderr);
  const pipeline = createPipeline(options, {
    onCommitted: (saved) => tell(child, { type: "committed", checkpoint: saved }),
    onFailure: kill,
  });
  let cancelKill = () => {};
  const stop = () => {
    tell(child, { type: "stop" });
    cancelKill = options.clock.after(limits.stopGraceMs, kill);
  };
  signal.addEventListener("abort", stop);
  tell(child, {
    type: "start",
    plugin: options.plugin,
    config: options.config,
    credits: limits.credits,
    files: options.files ?? {},
    ...(checkpoint !== undefined && { checkpoint }),
  });
  say({ kind: "running", sinceUs: options.clock.nowUs() });
  let said: Ending | undefined;
  try {
    said = await listen(child, pipeline, limits.credits, errors.log);
  } catch (error) {
    said = { kind: "broken", reason: reasonOf(error) };
    kill();
  }
  await pipeline.settled();
  const code = await child.exited;
  await stderr;
  cancelKill();
  signal.removeEventListener("abort", stop);
  const silent = `the plugin ended with ${child.signalCode ?? `code ${code}`}${errors.last()}`;
  const ending = pipeline.failure() ?? said ?? { kind: "broken", reason: silent };
  return { ending, committed: pipeline.committed() };
}

/** Takes what the child says until it closes its stdout. @returns how it says that it ended. */
async function listen<R>(
  child: Child,
  pipeline: ReturnType<typeof createPipeline<R>>,
  credits: number,
  log: (level: "info" | "warn" | "error", message: string) => void,
): Promise<Ending | undefined> {
  let said: Ending | undefined;
  for await (const frame of readFrames(child.stdout)) {
    const message = checked(FromChild, frame.header, "a message of the plugin");
    switch (message.type) {
      case "batch":
        if (pipeline.outstanding() >= credits) {
          throw new AppError("internal", `more than ${credits} batches at a time`);
        }
        pipeline.take(message, frame.parts);
        break;
      case "log":
        log(message.level, message.message);
        break;
      case "done":
        said = { kind: "done" };
        child.stdin.end();
        break;
      case "failed":
        said = {
          kind: message.code === "invalid" ? "refused" : "broken",
          reason: message.message,
        };
        child.stdin.end();
    }
  }
  return said;
}
