/** Where a connector stands. Opaque to all but the plugin that made it. */
export type Checkpoint = string;

/**
 * Keeps checkpoints by key (a connector's or an upload's id). `save` resolves once the checkpoint
 * survives a crash; what is saved is never ahead of the readings it stands for.
 */
export type CheckpointStore = {
  load(key: string): Promise<Checkpoint | undefined>;
  save(key: string, checkpoint: Checkpoint): Promise<void>;
  /** Forgets the key; unknown keys are fine. */
  remove(key: string): Promise<void>;
};

/** What a running connector is doing, for its page. */
export type ConnectorState =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly sinceUs: number }
  /** The child ended badly; it starts again at `retryAtUs`. */
  | { readonly kind: "waiting"; readonly reason: string; readonly retryAtUs: number }
  | { readonly kind: "done" }
  | { readonly kind: "stopped" }
  /** Given up: refused by the plugin or the sink, which a person must mend, or broken too often. */
  | { readonly kind: "failed"; readonly reason: string; readonly isRefused: boolean };
