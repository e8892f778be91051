import type { Engine } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { RelationalBatch } from "./domain/reading.ts";
import type { BatchApplied, Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";

/** The relational store's side of the log: applies what the fold hands over, in order, once. */
export type Consumer = {
  push(batch: RelationalBatch): void;
  /**
   * Resolves when everything up to `sequence` is applied.
   * @throws AppError "unavailable" when the consumer stops before that.
   */
  reached(sequence: number): Promise<void>;
  applied(): number;
  waitingBatches(): number;
  /** Applies what waits, unless the database is away; what is left is applied at the next start. */
  stop(): Promise<void>;
};

export type ConsumerDeps = {
  readonly relational: Pick<Relational, "applyBatch" | "state">;
  readonly engine: () => Pick<Engine, "relationalApplied">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each batch that was applied, for live pages and frames. */
  readonly onApplied: (applied: BatchApplied) => void;
  readonly startSequence: number;
};

const RETRY_MS_MAX = 5_000;
/** Longest time that a stop waits for a database that does not answer. */
const DRAIN_MS = 10_000;

type Waiter = {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: AppError) => void;
};

/** The batch is applied whatever its listeners make of it. */
function told(deps: ConsumerDeps, applied: BatchApplied): void {
  try {
    deps.onApplied(applied);
  } catch (error) {
    deps.logger.error("what a batch changed was not told on", { reason: reasonOf(error) });
  }
}

/**
 * While the database is away, batches wait here and the log keeps them too: none is lost. The engine
 * has only a few on their way at once, which bounds the queue.
 */
export function createConsumer(deps: ConsumerDeps): Consumer {
  const queue: RelationalBatch[] = [];
  const waiters = new Set<Waiter>();
  let appliedSequence = deps.startSequence;
  let working: Promise<void> | undefined;
  let isStopping = false;
  let isOver = false;
  let wake = () => {};

  const pause = (ms: number) =>
    new Promise<void>((done) => {
      const cancel = deps.clock.after(ms, done);
      wake = () => {
        cancel();
        done();
      };
    });

  async function applyWithRetry(batch: RelationalBatch): Promise<BatchApplied | undefined> {
    for (let waitMs = 100; !isOver; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        return await deps.relational.applyBatch(batch);
      } catch (error) {
        const fields = { sequence: batch.sequence, reason: reasonOf(error) };
        if (isStopping) {
          deps.logger.warn("a batch is applied at the next start", fields);
          return undefined;
        }
        deps.logger.warn("a batch was not applied; it is tried again", { ...fields, waitMs });
        await pause(waitMs);
      }
    }
    return undefined;
  }

  async function work(): Promise<void> {
    for (let batch = queue[0]; batch !== undefined; batch = queue[0]) {
      const applied = await applyWithRetry(batch);
      if (applied === undefined) return;
      queue.shift();
      appliedSequence = Math.max(appliedSequence, applied.sequence);
      deps.engine().relationalApplied(appliedSequence);
      for (const waiter of waiters) {
        if (waiter.sequence > appliedSequence) continue;
        waiters.delete(waiter);
        waiter.resolve();
      }
      told(deps, applied);
    }
  }

  async function drainAndEnd(): Promise<void> {
    isStopping = true;
    wake();
    if (deps.relational.state() === "down") isOver = true;
    else if (working !== undefined) {
      let cancel = () => {};
      const late = new Promise<void>((done) => {
        cancel = deps.clock.after(DRAIN_MS, done);
      });
      await Promise.race([working, late]);
      cancel();
    }
    isOver = true;
    for (const { reject } of waiters) reject(stopError());
    waiters.clear();
  }

  return {
    push(batch) {
      queue.push(batch);
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    reached: (sequence) =>
      new Promise((resolve, reject) => {
        if (sequence <= appliedSequence) resolve();
        else if (isOver) reject(stopError());
        else waiters.add({ sequence, resolve, reject });
      }),
    applied: () => appliedSequence,
    waitingBatches: () => queue.length,
    stop: drainAndEnd,
  };
}

function stopError(): AppError {
  return new AppError("unavailable", "the server is stopping; what was asked for is kept");
}
