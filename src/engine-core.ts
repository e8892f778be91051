import type { EngineStats, LineError, WriteRequest } from "./domain/engine.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { ControlFrame, LogFrame, QuarantineFrame } from "./domain/log-frame.ts";
import type { RelationalBatch, StoreBatch } from "./domain/reading.ts";
import type { SeriesEntry } from "./domain/series.ts";
import { EngineFold } from "./engine-fold.ts";
import { Snapshots } from "./engine-snapshots.ts";
import { Dictionary, KeyTable, Rows, type ScanJob, Scanner, startJob } from "./ingest/index.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { createLocalLog, type Disk, type Log, type LogSettings } from "./log/index.ts";
import type { WindowSettings } from "./windows/index.ts";

export type EngineSettings = {
  readonly log: LogSettings;
  readonly windows: WindowSettings;
  readonly maxSeries: number;
  /** Bodies that may wait for the log at once. */
  readonly pendingBytes: number;
  /** Rows that the store may have before it without having applied them. */
  readonly unappliedRows: number;
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
  failure(message: string): void;
};

export type EngineDeps = {
  readonly logDir: string;
  readonly snapshotDir: string;
  readonly cursors: { readonly storeSequence: number; readonly relationalSequence: number };
  readonly acceptLogDamage: boolean;
  readonly settings: EngineSettings;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Resolves after what else waits on this thread has had its turn. */
  readonly turn: () => Promise<void>;
  readonly outputs: EngineOutputs;
};

type Waiting = { readonly id: number; readonly request: WriteRequest };
type Control = {
  readonly frames: readonly ControlFrame[];
  readonly settle: (result: { sequence: number } | { error: AppError }) => void;
};
type Group = {
  readonly rows: Rows;
  readonly jobs: readonly {
    readonly id: number;
    readonly job: ScanJob;
    readonly readings: number;
  }[];
  readonly controls: readonly Control[];
  readonly entries: readonly SeriesEntry[];
  readonly frames: readonly LogFrame[];
};

const SLICE_BYTES = 192 * 1024;
const GROUP_ROWS = 65_536;
const CLOCK_MS = 10_000;
const RELATIONAL_MS = 250;
const SNAPSHOT_US = 60e6;
const RELATIONAL_IN_FLIGHT = 16;
const SNAPSHOTS_AHEAD = 4;
const REPLAY_ROWS = 131_072;

/** Scan, log and fold on one thread. `start` first; every method may be called from then on. */
export class EngineCore {
  private readonly deps: EngineDeps;
  private readonly log: Log;
  private readonly snapshots: Snapshots;
  private readonly dictionary: Dictionary;
  private readonly scanner: Scanner;
  private fold: EngineFold;
  /** Whether the state was made from nothing although consumers are ahead. */
  isRebuilt = false;

  private readonly queue: Waiting[] = [];
  private queuedBytes = 0;
  private current: { id: number; job: ScanJob } | undefined;
  private filling: Rows;
  private spare: Rows;
  private done: { id: number; job: ScanJob; readings: number }[] = [];
  private controls: Control[] = [];
  private clockDueUs: number | undefined;
  private flushing: Promise<void> | undefined;
  private isScanning = false;
  private isTurnAsked = false;
  /** Entries of a group that the log refused; later readings may use their numbers already. */
  private carried: SeriesEntry[] = [];
  private isStopping = false;

  private storeSequence: number;
  private relationalSequence: number;
  private readonly storeInFlight: { sequence: number; rows: number }[] = [];
  private unapplied = 0;
  private readonly relationalInFlight: number[] = [];
  private cancelRelational: (() => void) | undefined;
  private cancelTicks: (() => void) | undefined;
  private logBytesAtSnapshot = 0;
  private loggedBytes = 0;
  private snapshotSequence = 0;
  private snapshotAtUs: number;
  private snapshotting: Promise<void> | undefined;
  private stateBuffer: SharedArrayBuffer;
  private changed: (() => void)[] = [];

  constructor(deps: EngineDeps) {
    this.deps = deps;
    const { disk, logger, clock, settings, cursors } = deps;
    this.storeSequence = cursors.storeSequence;
    this.relationalSequence = cursors.relationalSequence;
    this.snapshots = new Snapshots({ disk, folder: deps.snapshotDir, logger });
    this.log = createLocalLog({
      folder: deps.logDir,
      disk,
      clock,
      logger,
      settings: settings.log,
      atLeastSequence: Math.max(cursors.storeSequence, cursors.relationalSequence),
      acceptDamage: deps.acceptLogDamage,
    });
    this.dictionary = new Dictionary(settings.maxSeries);
    this.scanner = new Scanner(this.dictionary, new KeyTable());
    this.filling = new Rows(GROUP_ROWS);
    this.spare = new Rows(GROUP_ROWS);
    this.fold = new EngineFold(settings.windows);
    this.stateBuffer = this.fold.windows.state.buffer;
    this.snapshotAtUs = clock.nowUs();
  }

  /**
   * Loads the newest snapshot that no consumer lies before and replays what follows through the fold.
   * @throws AppError "internal" when acknowledged frames are damaged.
   */
  async start(): Promise<void> {
    const { clock, settings } = this.deps;
    const consumers = Math.min(this.storeSequence, this.relationalSequence);
    const from = this.restore(consumers);
    let at = from;
    while (at < this.log.lastSequence()) {
      const before = at;
      this.log.read(at, (sequence, frame) => {
        this.replay(sequence, frame);
        at = sequence;
        return this.unapplied <= settings.unappliedRows;
      });
      if (at === before) break; // the rest was lost to damage that a person accepted
      await this.storeHasRoom();
    }
    this.fold.sequence = this.log.lastSequence();
    this.emitStore();
    this.emitRelational();
    this.shareState();
    this.cancelTicks = clock.every(CLOCK_MS, () => this.tick());
  }

  private restore(consumers: number): number {
    const loaded = this.snapshots.load(consumers);
    const isContinuous = this.log.firstSequence() <= (loaded?.sequence ?? 0) + 1;
    if (loaded !== undefined && isContinuous) {
      this.fold.load(loaded.sequence, loaded.entries, loaded.memory);
      for (const entry of loaded.entries) this.dictionary.load(entry);
      this.snapshotSequence = loaded.sequence;
      return loaded.sequence;
    }
    const entries = isContinuous ? [] : this.snapshots.loadDictionaryOnly();
    if (entries.length > 0 || consumers > 0) this.isRebuilt = true;
    const from = this.log.firstSequence() - 1;
    this.fold = new EngineFold(this.deps.settings.windows, from);
    for (const entry of entries) this.dictionary.load(entry);
    this.fold.addKnown(entries);
    if (this.isRebuilt)
      this.deps.outputs.failure(
        `the engine's snapshot is missing or older than the log; windows and rules begin anew after frame ${from}`,
      );
    return from;
  }

  private replay(sequence: number, frame: LogFrame): void {
    if (frame.kind === "dictionary")
      for (const entry of frame.dictionary.entries) this.dictionary.load(entry);
    this.fold.apply(sequence, frame);
    if (this.fold.windows.rows >= REPLAY_ROWS || sequence === this.storeSequence) this.emitStore();
    if (this.fold.isUrgent || sequence === this.relationalSequence) this.emitRelational();
  }

  private async storeHasRoom(): Promise<void> {
    while (this.unapplied > this.deps.settings.unappliedRows) await this.nextChange();
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => this.changed.push(resolve));
  }

  private notify(): void {
    for (const resolve of this.changed.splice(0)) resolve();
  }

  /** Takes writes; each is answered by `acks` or `refused`. */
  write(requests: readonly Waiting[]): void {
    const refusal = this.isStopping ? "the server is stopping" : this.log.refusal();
    const refused: number[] = [];
    for (const waiting of requests) {
      const bytes = waiting.request.body.byteLength;
      const isFull =
        this.queuedBytes + bytes > this.deps.settings.pendingBytes && this.queuedBytes > 0;
      if (refusal !== undefined || isFull) refused.push(waiting.id);
      else {
        this.queuedBytes += bytes;
        this.queue.push(waiting);
      }
    }
    if (refused.length > 0)
      this.deps.outputs.refused(
        refused,
        refusal ?? `${this.queuedBytes} bytes wait for the log, as many as may; send it again`,
      );
    this.work();
  }

  /** Appends control frames; resolves once they are flushed and folded. */
  control(frames: readonly ControlFrame[]): Promise<number> {
    if (this.isStopping)
      return Promise.reject(new AppError("unavailable", "the engine is stopping"));
    return new Promise((resolve, reject) => {
      this.controls.push({
        frames,
        settle: (result) => ("error" in result ? reject(result.error) : resolve(result.sequence)),
      });
      this.work();
    });
  }

  storeApplied(sequence: number): void {
    this.storeSequence = Math.max(this.storeSequence, sequence);
    while ((this.storeInFlight[0]?.sequence ?? Number.POSITIVE_INFINITY) <= sequence)
      this.unapplied -= this.storeInFlight.shift()?.rows ?? 0;
    this.afterProgress();
  }

  relationalApplied(sequence: number): void {
    this.relationalSequence = Math.max(this.relationalSequence, sequence);
    while ((this.relationalInFlight[0] ?? Number.POSITIVE_INFINITY) <= sequence)
      this.relationalInFlight.shift();
    if (this.relationalInFlight.length < RELATIONAL_IN_FLIGHT) this.gatherRelational();
    this.afterProgress();
  }

  private afterProgress(): void {
    this.release();
    this.notify();
    this.work();
  }

  private release(): void {
    const consumers = Math.min(this.storeSequence, this.relationalSequence);
    this.log.release(this.snapshots.sweep(consumers));
  }

  stats(): EngineStats {
    return {
      logSequence: this.log.lastSequence(),
      storeSequence: this.storeSequence,
      relationalSequence: this.relationalSequence,
      logBytes: this.log.sizeBytes(),
      seriesCount: this.fold.seriesCount,
      readingsAccepted: this.fold.readingsAccepted,
      openBuckets: this.fold.windows.openBuckets,
      openBucketsByTenant: this.fold.windows.openBucketsByTenant(),
      pendingBytes: this.queuedBytes,
      snapshotSequence: this.snapshotSequence,
    };
  }

  /** Waits until all that has been taken is folded and the store has applied it. */
  async drain(): Promise<EngineStats> {
    await this.idle();
    this.emitStore();
    this.emitRelational();
    const target = this.fold.sequence;
    while (this.storeSequence < target) await this.nextChange();
    return this.stats();
  }

  /** Refuses new writes, finishes those taken, snapshots, closes. */
  async stop(): Promise<void> {
    if (this.isStopping) return;
    this.isStopping = true;
    this.cancelTicks?.();
    // A store that is away is not waited for.
    if (this.unapplied > this.deps.settings.unappliedRows) this.refuseQueued();
    await this.idle();
    this.emitStore();
    this.emitRelational();
    this.cancelRelational?.();
    await this.snapshotting;
    if (this.fold.sequence > this.snapshotSequence) await this.snapshot();
    this.log.close();
  }

  private refuseQueued(): void {
    const ids = this.queue.map(({ id }) => id);
    for (const { request } of this.queue.splice(0)) this.queuedBytes -= request.body.byteLength;
    if (ids.length > 0) this.deps.outputs.refused(ids, "the server is stopping");
  }

  private async idle(): Promise<void> {
    while (this.hasWork()) {
      this.work();
      await (this.flushing ?? this.nextChangeOrTurn());
    }
  }

  private async nextChangeOrTurn(): Promise<void> {
    if (this.unapplied > this.deps.settings.unappliedRows) await this.nextChange();
    else await this.deps.turn();
  }

  private hasWork(): boolean {
    return (
      this.queue.length > 0 ||
      this.current !== undefined ||
      this.done.length > 0 ||
      this.controls.length > 0 ||
      this.clockDueUs !== undefined ||
      this.flushing !== undefined
    );
  }

  private tick(): void {
    const { clock } = this.deps;
    if (this.fold.windows.openBuckets > 0 && this.log.refusal() === undefined)
      this.clockDueUs = clock.nowUs();
    this.work();
    this.snapshotIfDue();
  }

  /** Goes on with scanning and starts the next flush when none runs. Cheap when there is nothing. */
  private work(): void {
    if (this.isScanning) return;
    this.isScanning = true;
    let bytes = 0;
    while (bytes < SLICE_BYTES && this.nextJob()) bytes += this.slice(SLICE_BYTES - bytes);
    this.isScanning = false;
    if (this.flushing === undefined) this.commit();
    const more = this.current !== undefined || (this.queue.length > 0 && this.hasRoom());
    if (more && !this.isTurnAsked) {
      this.isTurnAsked = true;
      void this.deps.turn().then(() => {
        this.isTurnAsked = false;
        this.work();
      });
    }
  }

  private hasRoom(): boolean {
    return this.filling.count < GROUP_ROWS && this.unapplied <= this.deps.settings.unappliedRows;
  }

  private nextJob(): boolean {
    if (this.current !== undefined) return true;
    if (!this.hasRoom()) return false;
    const next = this.queue.shift();
    if (next === undefined) return false;
    const job = startJob(next.request, this.filling, this.scanner.entries);
    this.current = { id: next.id, job };
    return true;
  }

  private slice(budget: number): number {
    const { current } = this;
    if (current === undefined) return 0;
    const { job, id } = current;
    const from = job.p;
    const isDone = this.scanner.scan(job, this.filling, Math.max(1, budget));
    if (isDone) {
      this.done.push({ id, job, readings: this.filling.count - job.fromRow });
      this.current = undefined;
    }
    return Math.max(64, job.p - from);
  }

  /** Writes what has been scanned as one group; while it is flushed the next one fills. */
  private commit(): void {
    if (this.current !== undefined) return;
    const hasAny =
      this.done.length > 0 || this.controls.length > 0 || this.clockDueUs !== undefined;
    if (!hasAny) return;
    const group = this.takeGroup();
    if (group.frames.length === 0) {
      this.answer(group, this.log.lastSequence());
      return;
    }
    this.flushing = this.log.append(group.frames).then(
      (sequence) => this.flushed(group, sequence),
      (error: unknown) => this.failed(group, error),
    );
  }

  private takeGroup(): Group {
    const rows = this.filling;
    this.filling = this.spare;
    this.spare = rows;
    const { done: jobs, controls } = this;
    this.done = [];
    this.controls = [];
    const entries = [...this.carried, ...this.scanner.takeEntries()];
    this.carried = [];
    const frames: LogFrame[] = [];
    if (entries.length > 0) frames.push({ kind: "dictionary", dictionary: { entries } });
    if (rows.count > 0) frames.push({ kind: "readings", readings: rows.frame() });
    const quarantine = quarantineOf(jobs.map(({ job }) => job));
    if (quarantine) frames.push({ kind: "quarantine", quarantine });
    const all = controls.flatMap((control) => control.frames);
    if (all.length > 0) frames.push({ kind: "control", controls: all });
    if (this.clockDueUs !== undefined) {
      frames.push({ kind: "clock", clock: { nowUs: this.clockDueUs } });
      this.clockDueUs = undefined;
    }
    return { rows, jobs, controls, entries, frames };
  }

  private flushed(group: Group, sequence: number): void {
    this.flushing = undefined;
    // The disk first, then the answers, then the fold: none of them waits for the one after it.
    if (this.current === undefined && this.done.length > 0 && this.filling !== group.rows)
      this.commit();
    this.answer(group, sequence);
    const first = sequence - group.frames.length + 1;
    for (const [index, frame] of group.frames.entries()) this.fold.apply(first + index, frame);
    this.loggedBytes += group.rows.count * 16 + group.frames.length * 64;
    group.rows.clear();
    for (const control of group.controls) control.settle({ sequence });
    this.shareState();
    this.emitStore();
    if (this.fold.isUrgent) this.emitRelational();
    else this.gatherRelational();
    this.snapshotIfDue();
    this.notify();
    this.work();
  }

  private failed(group: Group, error: unknown): void {
    this.flushing = undefined;
    const message = reasonOf(error);
    this.carried = [...group.entries, ...this.carried];
    group.rows.clear();
    this.settleBytes(group);
    this.deps.outputs.refused(
      group.jobs.map(({ id }) => id),
      message,
    );
    const refusal = new AppError("unavailable", message, { cause: error });
    for (const control of group.controls) control.settle({ error: refusal });
    this.deps.outputs.failure(message);
    this.notify();
    this.work();
  }

  private answer(group: Group, sequence: number): void {
    this.settleBytes(group);
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

  private settleBytes(group: Group): void {
    for (const { job } of group.jobs) this.queuedBytes -= job.bytes.length;
  }

  private shareState(): void {
    const { buffer } = this.fold.windows.state;
    if (buffer === this.stateBuffer && this.cancelTicks !== undefined) return;
    this.stateBuffer = buffer;
    this.deps.outputs.state(buffer);
  }

  private emitStore(): void {
    const batch = this.fold.takeStore();
    if (batch === undefined || batch.sequence <= this.storeSequence) return;
    const rows = batch.fresh.count + batch.late.count;
    this.storeInFlight.push({ sequence: batch.sequence, rows });
    this.unapplied += rows;
    this.deps.outputs.store(batch);
  }

  private emitRelational(): void {
    this.cancelRelational?.();
    this.cancelRelational = undefined;
    if (this.relationalInFlight.length >= RELATIONAL_IN_FLIGHT) return; // it gathers until answered
    const batch = this.fold.takeRelational();
    if (batch === undefined || batch.sequence <= this.relationalSequence) return;
    this.relationalInFlight.push(batch.sequence);
    this.deps.outputs.relational(batch);
  }

  private gatherRelational(): void {
    this.cancelRelational ??= this.deps.clock.after(RELATIONAL_MS, () => {
      this.cancelRelational = undefined;
      this.emitRelational();
    });
  }

  private snapshotIfDue(): void {
    if (this.snapshotting !== undefined || this.isStopping) return;
    if (this.fold.sequence === this.snapshotSequence) return;
    const consumers = Math.min(this.storeSequence, this.relationalSequence);
    if (this.snapshots.all.filter((s) => s > consumers).length >= SNAPSHOTS_AHEAD) return;
    const { clock, settings } = this.deps;
    const spacing = Math.max(settings.snapshotBytes, this.snapshots.lastBytes * 2);
    const isBig = this.loggedBytes - this.logBytesAtSnapshot >= spacing;
    if (!isBig && clock.nowUs() - this.snapshotAtUs < SNAPSHOT_US) return;
    this.snapshotting = this.snapshot().finally(() => {
      this.snapshotting = undefined;
    });
  }

  private async snapshot(): Promise<void> {
    // What waits for the stores is not in it; so nothing may wait that would be lost.
    this.emitStore();
    const isTaken = this.relationalInFlight.length < RELATIONAL_IN_FLIGHT;
    this.emitRelational();
    if (!isTaken) return;
    const { sequence } = this.fold;
    this.snapshotAtUs = this.deps.clock.nowUs();
    this.logBytesAtSnapshot = this.loggedBytes;
    try {
      await this.snapshots.write(this.fold, this.deps.turn);
      this.snapshotSequence = sequence;
      this.release();
    } catch (error) {
      // The log still holds everything: the next one is tried in its time.
      this.deps.outputs.failure(`cannot write a snapshot: ${reasonOf(error)}`);
    }
  }
}

const QUARANTINE_A_GROUP = 1_000;

function quarantineOf(jobs: readonly ScanJob[]): QuarantineFrame | undefined {
  const bad = jobs.filter(({ rejectedLines }) => rejectedLines > 0);
  if (bad.length === 0) return undefined;
  return {
    lines: bad.flatMap(({ quarantined }) => quarantined).slice(0, QUARANTINE_A_GROUP),
    counts: bad.map(({ tenantNo, sourceNo, receivedAtUs, rejectedLines }) => ({
      tenantNo,
      sourceNo,
      receivedAtUs,
      rejected: rejectedLines,
    })),
  };
}
