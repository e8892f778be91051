import type { Precision } from "../domain/engine.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { ImportKind } from "../domain/import.ts";
import { BatchBody, checked, type FromChild } from "./messages.ts";

/** A batch as the host hands it on; the buffers are its own, so they may be transferred. */
export type ConnectorBatch = BatchBody & {
  /** Line protocol; empty when the batch has no readings. */
  readonly lines: Uint8Array<ArrayBuffer>;
  readonly precision: Precision;
  readonly errorCount: number;
  readonly rows: number;
  readonly missing: number;
  readonly kind: ImportKind | undefined;
};

type BatchMessage = Extract<FromChild, { type: "batch" }>;
type Failure = { readonly kind: "refused" | "broken"; readonly reason: string };

/**
 * Batches on their way: delivered as they come, committed strictly in order, and none after the first
 * that could not be delivered. So a checkpoint is never ahead of what is durable.
 */
export function createPipeline<R>(
  sink: {
    deliver(batch: ConnectorBatch): Promise<R>;
    commit(checkpoint: string, result: R): Promise<void>;
  },
  events: { onCommitted(checkpoint: string): void; onFailure(): void },
) {
  let outstanding = 0;
  let committed = 0;
  let failure: Failure | undefined;
  /** A delivery has failed, though batches before it may still be committed. */
  let isBroken = false;
  let tail: Promise<void> = Promise.resolve();
  const settle = async (checkpoint: string, delivery: Promise<R>) => {
    try {
      const result = await delivery;
      if (failure !== undefined) return;
      await sink.commit(checkpoint, result);
      committed++;
      outstanding--;
      events.onCommitted(checkpoint);
    } catch (error) {
      const refused = error instanceof AppError && error.code === "invalid";
      failure ??= { kind: refused ? "refused" : "broken", reason: reasonOf(error) };
      events.onFailure();
    }
  };
  return {
    outstanding: () => outstanding,
    committed: () => committed,
    failure: () => failure,
    /** @throws AppError("internal") when the batch's body is not as agreed. */
    take(message: BatchMessage, parts: readonly Uint8Array<ArrayBuffer>[]) {
      const [json, lines] = parts;
      if (json === undefined || lines === undefined) {
        throw new AppError("internal", "a batch has not two parts");
      }
      const body = checked(BatchBody, JSON.parse(new TextDecoder().decode(json)), "a batch");
      const { precision, errorCount, rows, missing, kind, checkpoint } = message;
      if (isBroken) return; // it would overtake the one that failed; all of them are read again
      outstanding++;
      const delivery = sink.deliver({ ...body, lines, precision, errorCount, rows, missing, kind });
      delivery.catch(() => {
        isBroken = true; // `settle` takes the reason up, after the batches before it
      });
      tail = tail.then(() => settle(checkpoint, delivery));
    },
    settled: () => tail,
  };
}
