import { AppError, reasonOf } from "../../domain/error.ts";
import { type StoreBatch, weightOf } from "../../domain/reading.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";

export type WriterLimits = {
  /** A transaction is made when this many rows wait … */
  readonly rowsPerCommit: number;
  /** … or this long after the first batch came. */
  readonly commitEveryMs: number;
};

export type Writer = {
  apply(batch: StoreBatch): Promise<number>;
  /** Stores what is queued now. @throws AppError("unavailable") when that fails. */
  flush(): Promise<number>;
  /** Resolves once everything up to `sequence` is stored; stores at once what is queued for it. */
  reached(sequence: number, timeoutMs: number): Promise<void>;
  status(): {
    readonly sequence: number;
    readonly queuedBatches: number;
    readonly queuedRows: number;
    readonly rowsWritten: number;
    readonly commits: number;
    readonly failure: string | undefined;
  };
  /** Runs something that never rejects while no transaction runs; transactions wait for it. */
  between(run: () => Promise<void>): Promise<void>;
  /** Refuses new batches and tries once to store what is queued; what fails stays in the log. */
  stop(): Promise<void>;
};

type Queued = {
  readonly batch: StoreBatch;
  readonly rows: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: Error) => void;
};

type Waiting = { readonly sequence: number; readonly resolve: () => void };

/** After such an error DuckDB refuses everything until the file is opened again. */
const FATAL = /FATAL Error|has been invalidated/;

const RETRY_MS = { first: 1000, most: 30_000 };

/**
 * Gathers batches into transactions. A transaction that fails is tried again with growing pauses; its
 * batches stay queued, and whoever sends them bounds what is not yet applied.
 */
export function createWriter(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: WriterLimits;
  readonly sequence: number;
  /** Stores batches in one transaction. */
  readonly store: (batches: readonly StoreBatch[]) => Promise<void>;
}): Writer {
  const queue: Queued[] = [];
  const waiting = new Set<Waiting>();
  const status = { sequence: deps.sequence, queuedRows: 0, rowsWritten: 0, commits: 0 };
  let failure: string | undefined;
  let retryMs = RETRY_MS.first;
  let tail: Promise<void> = Promise.resolve();
  let nextDrain: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;
  let stopped = false;

  function schedule(delayMs: number): void {
    cancelTimer ??= deps.clock.after(delayMs, () => {
      cancelTimer = undefined;
      void commitAll();
    });
  }

  /** One after the other, in the order asked. */
  function exclusively(run: () => Promise<void>): Promise<void> {
    tail = tail.then(run);
    return tail;
  }

  /** Whoever asks while one runs shares the next, which takes all that is queued when it starts. */
  function commitAll(): Promise<void> {
    nextDrain ??= exclusively(() => {
      nextDrain = undefined;
      return drain();
    });
    return nextDrain;
  }

  async function drain(): Promise<void> {
    cancelTimer?.();
    cancelTimer = undefined;
    let left = queue.length;
    while (left > 0) {
      const group = takeGroup(queue.slice(0, left), deps.limits.rowsPerCommit);
      if (!(await commit(group))) return;
      left -= group.length;
    }
    if (queue.length > 0) schedule(deps.limits.commitEveryMs);
  }

  async function commit(group: readonly Queued[]): Promise<boolean> {
    try {
      await deps.store(group.map((one) => one.batch));
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== failure)
        deps.logger.error("cannot store readings; they wait in the log", { reason });
      failure = reason;
      if (FATAL.test(reason)) giveUp(new AppError("internal", `the series store: ${reason}`));
      else if (!stopped) schedule(retryMs);
      retryMs = Math.min(RETRY_MS.most, retryMs * 2);
      return false;
    }
    failure = undefined;
    retryMs = RETRY_MS.first;
    queue.splice(0, group.length);
    for (const { rows } of group) status.queuedRows -= rows;
    for (const { batch } of group) status.rowsWritten += batch.fresh.count + batch.late.count;
    status.commits++;
    status.sequence = group.at(-1)?.batch.sequence ?? status.sequence;
    for (const one of group) one.resolve(status.sequence);
    for (const one of waiting) {
      if (one.sequence > status.sequence) continue;
      waiting.delete(one);
      one.resolve();
    }
    return true;
  }

  function giveUp(error: AppError): void {
    stopped = true;
    status.queuedRows = 0;
    for (const one of queue.splice(0)) one.reject(error);
  }

  return {
    apply: (batch) =>
      new Promise<number>((resolve, reject) => {
        const last = queue.at(-1)?.batch.sequence ?? status.sequence;
        if (stopped) return reject(new AppError("unavailable", "the series store is stopping"));
        if (batch.sequence <= status.sequence) return resolve(status.sequence);
        if (batch.sequence <= last)
          return void waiting.add({ sequence: batch.sequence, resolve: () => resolve(last) });
        if (batch.firstSequence <= last) return reject(overlap(batch, last));
        const rows = weightOf(batch);
        queue.push({ batch, rows, resolve, reject });
        status.queuedRows += rows;
        if (failure === undefined && status.queuedRows >= deps.limits.rowsPerCommit)
          void commitAll();
        else schedule(deps.limits.commitEveryMs);
      }),
    async flush() {
      await commitAll();
      if (failure !== undefined)
        throw new AppError("unavailable", `cannot store readings: ${failure}`);
      return status.sequence;
    },
    reached: (sequence, timeoutMs) =>
      new Promise<void>((resolve, reject) => {
        if (status.sequence >= sequence) return resolve();
        const end = () => {
          waiting.delete(entry);
          cancel();
        };
        const cancel = deps.clock.after(timeoutMs, () => {
          end();
          const message = `the series store has reached ${status.sequence}, not yet ${sequence}; try again`;
          reject(new AppError("unavailable", message));
        });
        const entry: Waiting = {
          sequence,
          resolve: () => {
            end();
            resolve();
          },
        };
        waiting.add(entry);
        if (queue.some((one) => one.batch.sequence >= sequence)) void commitAll();
      }),
    between: exclusively,
    status: () => ({ ...status, queuedBatches: queue.length, failure }),
    async stop() {
      stopped = true;
      await commitAll();
      cancelTimer?.();
      giveUp(new AppError("unavailable", `not stored: ${failure ?? "stopped"}`));
    },
  };
}

function takeGroup(queue: readonly Queued[], rowsMost: number): Queued[] {
  const group: Queued[] = [];
  let rows = 0;
  for (const one of queue) {
    if (group.length > 0 && rows + one.rows > rowsMost) break;
    group.push(one);
    rows += one.rows;
  }
  return group;
}

function overlap(batch: StoreBatch, last: number): AppError {
  return new AppError(
    "internal",
    `batch ${batch.firstSequence} to ${batch.sequence} reaches over ${last}, which was taken already`,
  );
}
