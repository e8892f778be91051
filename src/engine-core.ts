import type { EngineStats, LineError } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { ControlFrame, LogFrame } from "./domain/log-frame.ts";
import type { SourceRules } from "./domain/mapping-rule.ts";
import type { RelationalBatch, StoreBatch } from "./domain/reading.ts";
import { CatchUp } from "./engine-catch-up.ts";
import { Consumers } from "./engine-consumers.ts";
import { EngineFold } from "./engine-fold.ts";
import { type Group, Intake, type IntakeSettings, type Waiting } from "./engine-intake.ts";
import { LogMarks } from "./engine-marks.ts";
import { frameWeight, Readable, readingsIn, timeOf } from "./engine-readable.ts";
import { Snapshots } from "./engine-snapshots.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import {
  createLocalLog,
  type Disk,
  type Log,
  type LogSettings,
  type PackSegment,
} from "./log/index.ts";
import type { WindowSettings } from "./windows/index.ts";

export type EngineSettings = IntakeSettings & {
  readonly log: LogSettings;
  readonly windows: WindowSettings;
  /** Rows that the store may have before it without having applied them; more is read from the log later. */
  readonly unappliedRows: number;
  /** Time by which a consumer may be behind, while the server runs; then writes are refused. */
  readonly maxBehindUs: number;
  readonly snapshotBytes: number;
};

/** Answers to writes whose group is flushed, in the order they were sent. */
export type Acks = {
  readonly sequence: number;
  readonly ids: readonly number[];
  /** Lines, readings and rejected lines of each. */
  readonly counts: Float64Array;
  readonly errors: readonly { readonly id: number; readonly errors: readonly LineError[] }[];
};

/** What the engine says to the outside. */
export type EngineOutputs = {
  acks(acks: Acks): void;
  refused(ids: readonly number[], message: string): void;
  store(batch: StoreBatch): void;
  relational(batch: RelationalBatch): void;
  /** The shared state array has moved. */
  state(buffer: SharedArrayBuffer): void;
  /** What people should know; the engine goes on. */
  failure(message: string): void;
};

export type EngineDeps = {
  readonly logDir: string;
  readonly snapshotDir: string;
  readonly cursors: { readonly storeSequence: number; readonly relationalSequence: number };
  readonly settings: EngineSettings;
  readonly disk: Disk;
  /** Packs closed segments of the log away from this thread; without it they stay as they are. */
  readonly pack?: PackSegment;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves after what else waits on this thread has had its turn. */
  readonly turn: () => Promise<void>;
  readonly outputs: EngineOutputs;
};

/** History waits while a store is behind by so much, so that live readings are not. */
const HISTORY_BEHIND_US = 3e6;
const SLICE_BYTES = 192 * 1024;
const CLOCK_MS = 10_000;
const SNAPSHOT_US = 60e6;
const SNAPSHOTS_AHEAD = 8;
const REPLAY_ROWS = 131_072;

/** Scan, log and fold on one thread. `start` first; every method may be called from then on. */
export class EngineCore {
  private readonly deps: EngineDeps;
  private readonly log: Log;
  private readonly snapshots: Snapshots;
  private readonly intake: Intake;
  private readonly consumers: Consumers;
  private readonly readable: Readable;
  private readonly catchUp: CatchUp;
  private readonly marks = new LogMarks();
  private fold: EngineFold;
  /** Whether the state was made from nothing although consumers are ahead. */
  isRebuilt = false;
  private flushing: Promise<void> | undefined;
  private isTurnAsked = false;
  private isStarted = false;
  private isStopping = false;
  private cancelTicks: (() => void) | undefined;
  private toldFailure: string | undefined;
  private loggedBytes = 0;
  private loggedAtSnapshot = 0;
  private snapshotSequence = 0;
  private snapshotAtUs: number;
  private snapshotting: Promise<void> | undefined;
  private stateBuffer: SharedArrayBuffer;
  private readonly waiters: (() => void)[] = [];

  constructor(deps: EngineDeps) {
    this.deps = deps;
    const { disk, logger, clock, settings, cursors, outputs } = deps;
    this.snapshots = new Snapshots({ disk, folder: deps.snapshotDir, logger });
    this.log = createLocalLog({
      folder: deps.logDir,
      disk,
      clock,
      logger,
      settings: settings.log,
      atLeastSequence: Math.max(cursors.storeSequence, cursors.relationalSequence),
      ...(deps.pack === undefined ? {} : { pack: deps.pack }),
      onDamage: (_, message) => outputs.failure(message),
    });
    this.intake = new Intake(settings);
    this.fold = new EngineFold(settings.windows);
    this.consumers = new Consumers({
      cursors,
      clock,
      unappliedRows: settings.unappliedRows,
      fold: () => this.fold,
      store: outputs.store,
      relational: outputs.relational,
    });
    this.readable = new Readable({
      isDamaged: () => this.log.damage().length > 0,
      skip: (seriesNo) => this.intake.dictionary.skip(seriesNo),
      failure: outputs.failure,
    });
    this.catchUp = new CatchUp({
      log: this.log,
      snapshots: this.snapshots,
      settings: settings.windows,
      readable: this.readable,
      consumers: this.consumers,
      fold: () => this.fold,
      turn: deps.turn,
      failure: outputs.failure,
    });
    this.stateBuffer = this.fold.windows.state.buffer;
    this.snapshotAtUs = clock.nowUs();
  }

  /**
   * Loads the newest snapshot that the relational store does not lie before and replays what follows
   * through the fold. A store of readings that is further behind is caught up beside it.
   */
  async start(): Promise<void> {
    let at = this.restore();
    while (at < this.log.lastSequence()) {
      const before = at;
      let rows = 0;
      this.log.read(at, (sequence, frame) => {
        this.replay(sequence, frame);
        at = sequence;
        rows += frameWeight(frame);
        return rows < REPLAY_ROWS;
      });
      if (at === before) break; // the rest cannot be read, which the log has told
      await this.deps.turn();
    }
    this.fold.sequence = this.log.lastSequence();
    this.consumers.emitStore();
    this.consumers.emitRelational();
    this.shareState();
    this.isStarted = true;
    this.marks.pass(this.deps.clock.nowUs());
    this.cancelTicks = this.deps.clock.every(CLOCK_MS, () => this.tick());
    this.catchUp.goOn();
  }

  private restore(): number {
    const { storeSequence, relationalSequence } = this.consumers;
    const loaded = this.snapshots.load(relationalSequence);
    const isContinuous = this.log.firstSequence() <= (loaded?.sequence ?? 0) + 1;
    if (loaded !== undefined && isContinuous) {
      this.fold.load(loaded.sequence, loaded.entries, loaded.memory);
      for (const entry of loaded.entries) this.intake.dictionary.load(entry);
      this.snapshotSequence = loaded.sequence;
      this.consumers.isStoreBehind = storeSequence < loaded.sequence;
      return loaded.sequence;
    }
    const entries = isContinuous ? this.snapshots.startAnew() : this.snapshots.loadDictionaryOnly();
    this.isRebuilt = !isContinuous;
    const from = this.log.firstSequence() - 1;
    this.fold = new EngineFold(this.deps.settings.windows, from);
    for (const entry of entries) this.intake.dictionary.load(entry);
    this.fold.addKnown(entries);
    if (this.isRebuilt)
      this.deps.outputs.failure(
        `the engine's snapshot is missing or older than the log; windows and rules begin anew after frame ${from}`,
      );
    return from;
  }

  private replay(sequence: number, frame: LogFrame): void {
    const { consumers, fold } = this;
    if (frame.kind === "dictionary")
      for (const entry of frame.dictionary.entries) this.intake.dictionary.load(entry);
    // A batch never reaches over a consumer's cursor, so that whole ones can be dropped; nor when the
    // frame at the cursor cannot be read any more.
    const isOver = (cursor: number) => fold.sequence < cursor && sequence > cursor;
    const cursors = [consumers.storeSequence, consumers.relationalSequence];
    for (const cursor of cursors.filter(isOver).sort((a, b) => a - b)) {
      fold.sequence = cursor;
      consumers.emitStore();
      consumers.emitRelational();
    }
    const readable = this.readable.by(fold, frame);
    this.marks.add(sequence, readingsIn(readable), timeOf(frame));
    fold.apply(sequence, readable);
    if (fold.windows.rows >= REPLAY_ROWS || sequence === consumers.storeSequence)
      consumers.emitStore();
    if (fold.isUrgent || sequence === consumers.relationalSequence) consumers.emitRelational();
  }

  /** From now on lines of these sources go through their rules, and no others. */
  mapLines(sources: readonly SourceRules[]): void {
    this.intake.rules = new Map(sources.map(({ sourceNo, rules }) => [sourceNo, rules]));
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => this.waiters.push(resolve));
  }

  private notify(): void {
    for (const resolve of this.waiters.splice(0)) resolve();
  }

  /** Takes writes; each is answered by `acks` or `refused`. */
  write(requests: readonly Waiting[]): void {
    const refusal = this.isStopping ? "the server is stopping" : this.refusal();
    const refused: number[] = [];
    const early: number[] = [];
    const isBehind = this.marks.behind(this.consumers.slowest).us >= HISTORY_BEHIND_US;
    for (const waiting of requests)
      if (isBehind && waiting.request.yieldsToLive === true) early.push(waiting.id);
      else if (refusal !== undefined || !this.intake.offer(waiting)) refused.push(waiting.id);
    if (early.length > 0)
      this.deps.outputs.refused(
        early,
        refusal ?? "the stores take in what came before; history waits",
      );
    if (refused.length > 0)
      this.deps.outputs.refused(
        refused,
        refusal ??
          "as many bytes of this source, or of all, wait for the log as may; send it again",
      );
    this.work();
  }

  private refusal(): string | undefined {
    const { consumers, deps } = this;
    return this.log.refusal() ?? this.marks.refusal(consumers.slowest, deps.settings.maxBehindUs);
  }

  /** Appends control frames; resolves once they are flushed and folded. */
  control(frames: readonly ControlFrame[]): Promise<number> {
    if (this.isStopping)
      return Promise.reject(new AppError("unavailable", "the engine is stopping"));
    if (frames.length === 0) return Promise.resolve(this.log.lastSequence());
    return new Promise((resolve, reject) => {
      this.intake.control({
        frames,
        settle: (result) => ("error" in result ? reject(result.error) : resolve(result.sequence)),
      });
      this.work();
    });
  }

  storeApplied(sequence: number): void {
    this.consumers.storeApplied(sequence);
    this.afterProgress();
  }

  relationalApplied(sequence: number): void {
    this.consumers.relationalApplied(sequence);
    this.afterProgress();
  }

  private afterProgress(): void {
    this.release();
    this.notify();
    if (!this.isStarted) return;
    this.marks.pass(this.deps.clock.nowUs());
    this.snapshotIfDue();
    this.work();
    this.catchUp.goOn();
  }

  private release(): void {
    const needed = this.snapshots.sweep(this.consumers.slowest);
    this.log.release(needed);
    this.marks.release(needed);
  }

  stats(): EngineStats {
    const { windows, seriesCount, readingsAccepted } = this.fold;
    const { storeSequence, relationalSequence } = this.consumers;
    return {
      logSequence: this.log.lastSequence(),
      storeSequence,
      relationalSequence,
      logBytes: this.log.sizeBytes(),
      seriesCount,
      readingsAccepted,
      openBuckets: windows.openBuckets,
      openBucketsByTenant: windows.openBucketsByTenant(),
      pendingBytes: this.intake.pendingBytes,
      snapshotSequence: this.snapshotSequence,
      consumers: [
        this.marks.position("store", storeSequence),
        this.marks.position("relational", relationalSequence),
        this.marks.position("snapshot", this.snapshotSequence),
      ],
      refusal: this.refusal(),
      damage: this.log.damage(),
    };
  }

  /** Waits until all that has been taken is folded and the store has applied it. */
  async drain(): Promise<EngineStats> {
    await this.idle();
    this.consumers.emitStore();
    this.consumers.emitRelational();
    const target = this.fold.sequence;
    while (this.consumers.storeSequence < target) await this.nextChange();
    return this.stats();
  }

  /** Refuses new writes, finishes those taken, snapshots, closes. Legal to call twice. */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    this.catchUp.stop();
    this.cancelTicks?.();
    await this.idle();
    this.consumers.emitStore();
    this.consumers.emitRelational();
    this.consumers.stop();
    await this.snapshotting;
    if (this.fold.sequence > this.snapshotSequence) await this.snapshot();
    this.log.close();
  }

  private async idle(): Promise<void> {
    while (this.intake.hasWork || this.flushing !== undefined) {
      this.work();
      if (this.flushing !== undefined) await this.flushing;
      else await this.deps.turn();
    }
  }

  private tick(): void {
    this.marks.pass(this.deps.clock.nowUs());
    if (this.fold.windows.openBuckets > 0 && this.refusal() === undefined)
      this.intake.clock(this.deps.clock.nowUs());
    this.work();
    this.snapshotIfDue();
    this.catchUp.goOn();
  }

  /** Goes on with scanning and starts the next flush when none runs. Cheap when there is nothing. */
  private work(): void {
    const hasMore = this.intake.scan(SLICE_BYTES);
    if (this.flushing === undefined) this.commit();
    if (!hasMore || this.isTurnAsked) return;
    this.isTurnAsked = true;
    void this.deps.turn().then(() => {
      this.isTurnAsked = false;
      this.work();
    });
  }

  /** Writes what has been scanned as one group; while it is flushed the next one fills. */
  private commit(): void {
    if (!this.intake.canCommit) return;
    const group = this.intake.takeGroup();
    if (group.frames.length === 0) {
      this.answer(group, this.log.lastSequence());
      return;
    }
    this.flushing = this.log.append(group.frames).then(
      (sequence) => this.flushed(group, sequence),
      (error: unknown) => this.failed(group, error),
    );
  }

  private flushed(group: Group, sequence: number): void {
    this.flushing = undefined;
    this.toldFailure = undefined;
    // The disk first, then the answers, then the fold: none of them waits for the one after it.
    this.commit();
    this.answer(group, sequence);
    const first = sequence - group.frames.length + 1;
    const nowUs = this.deps.clock.nowUs();
    for (const [index, frame] of group.frames.entries()) {
      this.marks.add(first + index, readingsIn(frame), nowUs);
      this.fold.apply(first + index, frame);
    }
    this.loggedBytes += group.rows.sizeBytes + group.frames.length * 64;
    group.rows.clear();
    for (const control of group.controls) control.settle({ sequence });
    this.shareState();
    this.consumers.afterFold();
    this.snapshotIfDue();
    this.notify();
    this.work();
  }

  private failed(group: Group, error: unknown): void {
    this.flushing = undefined;
    const message = reasonOf(error);
    this.intake.refuse(group);
    this.deps.outputs.refused(
      group.jobs.map(({ id }) => id),
      message,
    );
    const refusal = new AppError("unavailable", message, { cause: error });
    for (const control of group.controls) control.settle({ error: refusal });
    // Writers come again and again while a disk is full: each reason is told once.
    if (message !== this.toldFailure) this.deps.outputs.failure(message);
    this.toldFailure = message;
    this.notify();
    this.work();
  }

  private answer(group: Group, sequence: number): void {
    this.intake.settle(group);
    if (group.jobs.length === 0) return;
    const counts = new Float64Array(group.jobs.length * 3);
    const errors: { id: number; errors: readonly LineError[] }[] = [];
    for (const [index, { id, job, readings }] of group.jobs.entries()) {
      counts[index * 3] = job.lines;
      counts[index * 3 + 1] = readings;
      counts[index * 3 + 2] = job.rejectedLines;
      if (job.errors.length > 0) errors.push({ id, errors: job.errors });
    }
    const ids = group.jobs.map(({ id }) => id);
    this.deps.outputs.acks({ sequence, ids, counts, errors });
  }

  private shareState(): void {
    const { buffer } = this.fold.windows.state;
    if (buffer === this.stateBuffer && this.isStarted) return;
    this.stateBuffer = buffer;
    this.deps.outputs.state(buffer);
  }

  private snapshotIfDue(): void {
    if (this.snapshotting !== undefined || this.isStopping) return;
    if (this.fold.sequence === this.snapshotSequence) return;
    const { clock, settings } = this.deps;
    const spacing = Math.max(settings.snapshotBytes, this.snapshots.lastBytes * 2);
    // A log that is full can only be emptied up to a snapshot.
    const { slowest } = this.consumers;
    const isFull = this.log.sizeBytes() >= settings.log.maxBytes && slowest >= this.fold.sequence;
    const isBig = this.loggedBytes - this.loggedAtSnapshot >= spacing;
    // A clock that was set back must not put it off.
    const isOld = Math.abs(clock.nowUs() - this.snapshotAtUs) >= SNAPSHOT_US;
    if (!isFull && !isBig && !isOld) return;
    this.snapshotting = this.snapshot().finally(() => {
      this.snapshotting = undefined;
    });
  }

  private async snapshot(): Promise<void> {
    // What the fold still holds for its consumers is not in it. It is used only when both have applied
    // everything up to it, so nothing of that can be missing then.
    const { sequence } = this.fold;
    this.snapshotAtUs = this.deps.clock.nowUs();
    this.loggedAtSnapshot = this.loggedBytes;
    try {
      await this.snapshots.write(this.fold, this.deps.turn);
      this.snapshotSequence = sequence;
      this.snapshots.thin(this.consumers.slowest, SNAPSHOTS_AHEAD);
      this.release();
    } catch (error) {
      // The log still holds everything: the next one is tried in its time.
      this.deps.outputs.failure(`cannot write a snapshot: ${reasonOf(error)}`);
    }
  }
}
