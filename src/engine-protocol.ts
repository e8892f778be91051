import type { EngineStats, WriteRequest } from "./domain/engine.ts";
import type { ControlFrame } from "./domain/log-frame.ts";
import type { SourceRules } from "./domain/mapping-rule.ts";
import type { RelationalBatch, StoreBatch } from "./domain/reading.ts";
import type { Acks, EngineSettings } from "./engine-core.ts";

/** Where the engine keeps its files, how far its consumers are, and its limits. */
export type EngineStart = {
  readonly logDir: string;
  readonly snapshotDir: string;
  readonly cursors: { readonly storeSequence: number; readonly relationalSequence: number };
  readonly settings: EngineSettings;
};

/** What the main thread tells the engine's worker. */
export type ToEngine =
  | { readonly type: "start"; readonly start: EngineStart; readonly storePort?: MessagePort }
  | {
      readonly type: "writes";
      readonly requests: readonly { readonly id: number; readonly request: WriteRequest }[];
    }
  | { readonly type: "map-lines"; readonly sources: readonly SourceRules[] }
  | { readonly type: "control"; readonly id: number; readonly frames: readonly ControlFrame[] }
  | { readonly type: "relational-applied"; readonly sequence: number }
  | { readonly type: "applied"; readonly sequence: number }
  | { readonly type: "stats" | "drain" | "stop"; readonly id: number };

/** What the engine's worker tells the main thread. */
export type FromEngine =
  | {
      readonly type: "ready";
      readonly logSequence: number;
      readonly seriesCount: number;
      readonly isRebuilt: boolean;
    }
  | { readonly type: "start-failed"; readonly code: string; readonly message: string }
  | { readonly type: "acks"; readonly acks: Acks }
  | { readonly type: "refused"; readonly ids: readonly number[]; readonly message: string }
  | { readonly type: "state"; readonly buffer: SharedArrayBuffer }
  | { readonly type: "relational"; readonly batch: RelationalBatch }
  | { readonly type: "batch"; readonly batch: StoreBatch }
  | { readonly type: "log"; readonly level: "info" | "warn" | "error"; readonly message: string }
  | {
      readonly type: "reply";
      readonly id: number;
      readonly value: number | EngineStats | undefined;
    }
  | {
      readonly type: "error";
      readonly id: number;
      readonly code: string;
      readonly message: string;
    };

/** What goes to the store's worker, and what comes back once a batch is committed. */
export type ToStore = { readonly type: "batch"; readonly batch: StoreBatch };
export type FromStore = { readonly type: "applied"; readonly sequence: number };

/** The buffers of a batch, to be moved instead of copied. */
export function buffersOf(batch: StoreBatch): ArrayBuffer[] {
  const columns = [batch.fresh, batch.late, batch.buckets].flatMap((part) => Object.values(part));
  const buffers = new Set<ArrayBuffer>();
  for (const column of columns)
    if (ArrayBuffer.isView(column) && column.buffer instanceof ArrayBuffer)
      buffers.add(column.buffer);
  for (const { samples } of batch.waveforms) buffers.add(samples.buffer);
  return [...buffers];
}
