import { reasonOf } from "./domain/error.ts";
import type { LogFrame } from "./domain/log-frame.ts";
import type { Consumers } from "./engine-consumers.ts";
import { EngineFold } from "./engine-fold.ts";
import { frameWeight, type Readable } from "./engine-readable.ts";
import type { Snapshots } from "./engine-snapshots.ts";
import type { Log } from "./log/index.ts";
import type { WindowSettings } from "./windows/index.ts";

/** Rows that a batch gathers. */
const BATCH_ROWS = 131_072;
/** Rows that one step takes at least, unless it is done before. */
const STEP_ROWS = 32_768;

export type CatchUpDeps = {
  readonly log: Pick<Log, "read" | "firstSequence">;
  readonly snapshots: Pick<Snapshots, "peek" | "entries">;
  readonly settings: WindowSettings;
  readonly readable: Readable;
  readonly consumers: Consumers;
  /** The engine's own. */
  readonly fold: () => EngineFold;
  /** Resolves after what else waits on this thread has had its turn. */
  readonly turn: () => Promise<void>;
  readonly failure: (message: string) => void;
};

/**
 * Makes again, from the log, the batches of the store that could not be kept for it while it was away: a
 * fold of its own goes from a snapshot that the store does not lie before to where the engine's fold is.
 * Folds are functions of the log, so its batches are those that were dropped.
 */
export class CatchUp {
  private readonly deps: CatchUpDeps;
  private fold: EngineFold | undefined;
  private isAsked = false;
  private isStopped = false;

  constructor(deps: CatchUpDeps) {
    this.deps = deps;
  }

  /** While the store is behind and has room: sends a little, then lets others go first. */
  goOn(): void {
    const { consumers, turn, failure } = this.deps;
    if (!consumers.isStoreBehind || !consumers.hasStoreRoom) return;
    if (this.isAsked || this.isStopped) return;
    this.isAsked = true;
    void turn().then(() => {
      this.isAsked = false;
      if (this.isStopped) return;
      try {
        const engineFold = this.deps.fold();
        if (this.step(engineFold.sequence)) {
          engineFold.takeStore(); // what it held has just been sent
          consumers.isStoreBehind = false;
        }
      } catch (error) {
        failure(`the store cannot be caught up now: ${reasonOf(error)}`);
        return; // the engine's next tick tries again
      }
      this.goOn();
    });
  }

  stop(): void {
    this.isStopped = true;
  }

  /** True when the store has been sent everything up to `until`. */
  private step(until: number): boolean {
    this.fold ??= this.begin();
    const { fold, deps } = this;
    const before = fold.sequence;
    let rows = 0;
    if (before < until)
      deps.log.read(before, (sequence, frame) => {
        if (sequence > until) return false;
        rows += this.apply(fold, sequence, frame);
        return rows < STEP_ROWS && sequence < until && deps.consumers.hasStoreRoom;
      });
    // What follows cannot be read, which the log has told.
    if (fold.sequence === before) fold.sequence = until;
    if (fold.sequence < until) return false;
    this.emit(fold);
    this.fold = undefined;
    return true;
  }

  private apply(fold: EngineFold, sequence: number, frame: LogFrame): number {
    const sent = this.deps.consumers.sentSequence;
    // A batch never reaches over what was sent, though the frame there may be unreadable.
    if (fold.sequence < sent && sequence > sent) {
      fold.sequence = sent;
      this.emit(fold);
    }
    const readable = this.deps.readable.by(fold, frame);
    fold.apply(sequence, readable);
    if (sequence === sent || fold.windows.rows >= BATCH_ROWS) this.emit(fold);
    return frameWeight(readable);
  }

  private emit(fold: EngineFold): void {
    fold.takeRelational(); // the engine's fold has handed that over
    const batch = fold.takeStore();
    if (batch !== undefined) this.deps.consumers.sendStore(batch);
  }

  private begin(): EngineFold {
    const { snapshots, log, settings, failure } = this.deps;
    const { sentSequence } = this.deps.consumers;
    const first = log.firstSequence();
    const loaded = snapshots.peek(sentSequence);
    if (loaded !== undefined && first <= loaded.sequence + 1) {
      const fold = new EngineFold(settings);
      fold.load(loaded.sequence, loaded.entries, loaded.memory);
      return fold;
    }
    const fold = new EngineFold(settings, first - 1);
    if (first > 1) {
      fold.addKnown(snapshots.entries());
      failure(
        `the store is at ${sentSequence} and no snapshot reaches back to it; it goes on from frame ${first}`,
      );
    }
    return fold;
  }
}
