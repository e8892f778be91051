import type { Engine } from "./domain/engine.ts";
import { reasonOf } from "./domain/error.ts";
import type { RelationalBatch } from "./domain/reading.ts";
import type { BatchApplied, Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";

/** The relational store's side of the log: applies what the fold hands over, in order, once. */
export type Consumer = {
  push(batch: RelationalBatch): void;
  /** Resolves when everything up to `sequence` is applied. */
  reached(sequence: number): Promise<void>;
  applied(): number;
  waitingBatches(): number;
  stop(): Promise<void>;
};

export type ConsumerDeps = {
  readonly relational: Relational;
  readonly engine: () => Pick<Engine, "relationalApplied">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each batch that was applied, for live pages and frames. */
  readonly onApplied: (applied: BatchApplied) => void;
  readonly startSequence: number;
};

const RETRY_MS_MAX = 5_000;

/** While the database is away, batches wait here and the log keeps them too: none is lost. */
export function createConsumer(deps: ConsumerDeps): Consumer {
  const queue: RelationalBatch[] = [];
  const waiters: { sequence: number; resolve: () => void }[] = [];
  let appliedSequence = deps.startSequence;
  let working: Promise<void> | undefined;
  let stopped = false;

  const pause = (ms: number) => new Promise<void>((done) => void deps.clock.after(ms, done));

  async function applyWithRetry(batch: RelationalBatch): Promise<BatchApplied | undefined> {
    for (let waitMs = 100; !stopped; waitMs = Math.min(waitMs * 2, RETRY_MS_MAX)) {
      try {
        return await deps.relational.applyBatch(batch);
      } catch (error) {
        const reason = reasonOf(error);
        deps.logger.warn("relational store did not take a batch; it is tried again", {
          sequence: batch.sequence,
          waitMs,
          reason,
        });
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
      deps.onApplied(applied);
      for (let i = waiters.length - 1; i >= 0; i--) {
        const waiter = waiters[i];
        if (waiter === undefined || waiter.sequence > appliedSequence) continue;
        waiters.splice(i, 1);
        waiter.resolve();
      }
    }
  }

  return {
    push(batch) {
      queue.push(batch);
      working ??= work().finally(() => {
        working = undefined;
      });
    },
    reached: (sequence) =>
      sequence <= appliedSequence
        ? Promise.resolve()
        : new Promise((resolve) => waiters.push({ sequence, resolve })),
    applied: () => appliedSequence,
    waitingBatches: () => queue.length,
    async stop() {
      // What waits stays in the log and is applied at the next start.
      if (deps.relational.state() === "down") stopped = true;
      await working;
      stopped = true;
    },
  };
}
