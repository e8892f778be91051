import type { Static, TObject } from "@sinclair/typebox";
import { checkConfig } from "./config.ts";
import type { Batch } from "./rows.ts";

/** A file that the host lends to the plugin. */
export type OpenFile = {
  /** What people call it, such as "readings.csv". */
  readonly name: string;
  readonly sizeBytes: number;
  /** Its bytes from `offset` on, in parts; may be called again. */
  stream(offset: number): AsyncIterable<Uint8Array>;
};

/** What the host gives to a running plugin. */
export type Context = {
  /** What the last durable batch said, or undefined at the very first start. */
  readonly checkpoint: string | undefined;
  /** Aborted when the plugin is to stop. Pass it to everything that waits; return soon after. */
  readonly signal: AbortSignal;
  /** A line for the connector's own log, cut at 2,000 characters. Never log a secret. */
  log(level: "info" | "warn" | "error", message: string): void;
  /**
   * A file by the name under which the host lends it (an upload is called "upload"), or by its path.
   * @throws AppError("invalid") when there is no such file.
   */
  openFile(name: string): Promise<OpenFile>;
  /** µs since epoch. */
  nowUs(): number;
  /** Resolves after `delayMs`, at once when `signal` aborts: the way to wait between polls. */
  wait(delayMs: number): Promise<void>;
};

/** What `defineInput` takes. */
export type InputSpec<S extends TObject> = {
  /** The plugin's folder under plugins/. */
  readonly id: string;
  /** One line for people. */
  readonly title: string;
  /**
   * Every setting with a description; mark secrets with `secret()`. It validates, fills the form on
   * the settings page and the docs.
   */
  readonly config: S;
  /**
   * Reads the source and yields what it finds, from `context.checkpoint` on.
   *
   * - Called once per start of the child process, with a checked configuration.
   * - The host takes the next batch only when it has credit for it: a slow store slows the reading.
   * - The checkpoint is saved only after the batch's rows are durable. After a crash the same rows may
   *   be read again; the store drops readings that it has (same series, same time, same value), and
   *   knows other rows by their keys. So read the same input to the same rows.
   * - Return when the source has ended; a source that has no end returns when `context.signal` aborts.
   * - Throw AppError("invalid") for what a person must mend: it is shown and not tried again. Anything
   *   else thrown is retried with growing pauses, from the last saved checkpoint.
   */
  read(config: Static<S>, context: Context): AsyncGenerator<Batch, void, void>;
  /**
   * Called after the checkpoint of a batch is saved, in order: the place to acknowledge to the source.
   * At most once per batch; not for a batch before a crash, so the source may deliver it again.
   */
  commit?(config: Static<S>, checkpoint: string): Promise<void>;
};

/** A plugin as the host holds it, its config's type put away. */
export type InputPlugin = {
  readonly id: string;
  readonly title: string;
  readonly config: TObject;
  /** @throws AppError("invalid") naming every wrong setting. */
  check(config: unknown): void;
  /** Checks the configuration, then reads; see `InputSpec.read`. */
  read(config: unknown, context: Context): AsyncGenerator<Batch, void, void>;
  commit(config: unknown, checkpoint: string): Promise<void>;
};

/** Makes a plugin that reads: `export const files = defineInput({ id: "files", … })`. */
export function defineInput<S extends TObject>(spec: InputSpec<S>): InputPlugin {
  return {
    id: spec.id,
    title: spec.title,
    config: spec.config,
    check: (config) => void checkConfig(spec.id, spec.config, config),
    async *read(config, context) {
      yield* spec.read(checkConfig(spec.id, spec.config, config), context);
    },
    async commit(config, checkpoint) {
      await spec.commit?.(checkConfig(spec.id, spec.config, config), checkpoint);
    },
  };
}
