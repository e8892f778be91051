import type { WriteRequest, WriteResult } from "../domain/engine.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import { type ListenerCounters, linesIn } from "./counters.ts";

/** Hands lines to the engine; rejects with AppError "unavailable" when it has no room for them now. */
export type Write = (request: WriteRequest) => Promise<WriteResult>;

/** Whole lines of one arrival. */
export type Batch = Omit<WriteRequest, "body"> & { readonly bytes: Uint8Array };

export type SendingDeps = {
  readonly write: Write;
  readonly clock: Clock;
  readonly counters: ListenerCounters;
  /** Something that no repetition mends. */
  readonly onFailure: (reason: string) => void;
};

/** What an arrival costs beside its bytes, so that many tiny ones are bounded too. */
const ARRIVAL_COST_BYTES = 256;

/** What these bytes count for until they are flushed. */
export function costBytesOf(bytes: Uint8Array): number {
  return bytes.length + ARRIVAL_COST_BYTES;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;

/**
 * Lines of one connection on their way to the log. What arrives while a flush runs goes together with
 * the next one; what the engine has no room for is sent again until it has. Nothing is dropped unless
 * `giveUp` is called or the engine fails.
 */
export class Sending {
  /** What waits or is being flushed, by `costBytesOf`. */
  heldBytes = 0;
  private readonly deps: SendingDeps;
  private readonly onProgress: (bytes: number) => void;
  private waiting: Batch[] = [];
  private isRunning = false;
  private isGivenUp = false;
  private wake: (() => void) | undefined;

  /** `onProgress` is told of what is held no longer, by `costBytesOf`. */
  constructor(deps: SendingDeps, onProgress: (bytes: number) => void) {
    this.deps = deps;
    this.onProgress = onProgress;
  }

  add(batch: Batch): void {
    this.heldBytes += costBytesOf(batch.bytes);
    this.waiting.push(batch);
    if (!this.isRunning) void this.run();
  }

  /** What is not flushed by now is dropped and counted. */
  giveUp(): void {
    this.isGivenUp = true;
    this.wake?.();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    let pauseMs = FIRST_PAUSE_MS;
    while (this.waiting.length > 0) {
      const batches = this.waiting;
      this.waiting = [];
      const refused = await this.sendAll(batches);
      if (refused.length === 0) {
        pauseMs = FIRST_PAUSE_MS;
        continue;
      }
      this.deps.counters.refusals++;
      if (!this.isGivenUp) await this.pause(pauseMs);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      if (this.isGivenUp) for (const batch of refused) this.drop(batch);
      else this.waiting = [...refused, ...this.waiting];
    }
    this.isRunning = false;
  }

  /** Resolves with those that the engine had no room for, in order. */
  private async sendAll(batches: readonly Batch[]): Promise<Batch[]> {
    const taken = await Promise.all(batches.map((batch) => this.send(batch)));
    return batches.filter((_, index) => !taken[index]);
  }

  private async send(batch: Batch): Promise<boolean> {
    const { counters, write, onFailure } = this.deps;
    const { bytes, ...request } = batch;
    try {
      // The engine owns what it is given; ours is kept for another try.
      const result = await write({ ...request, body: bytes.slice().buffer });
      counters.readings += result.readings;
      counters.rejectedLines += result.rejectedLines;
      this.release(batch);
    } catch (error) {
      if (error instanceof AppError && error.code === "unavailable") return false;
      onFailure(reasonOf(error));
      this.drop(batch);
    }
    return true;
  }

  private drop(batch: Batch): void {
    this.deps.counters.droppedLines += linesIn(batch.bytes);
    this.release(batch);
  }

  private release({ bytes }: Batch): void {
    const cost = costBytesOf(bytes);
    this.heldBytes -= cost;
    this.onProgress(cost);
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.deps.clock.after(ms, resolve);
      this.wake = () => {
        cancel();
        resolve();
      };
    });
  }
}
