import type { WriteRequest } from "./domain/engine.ts";
import type { AppError } from "./domain/error.ts";
import type { ControlFrame, LogFrame, QuarantineFrame } from "./domain/log-frame.ts";
import type { LineRule } from "./domain/mapping-rule.ts";
import type { SeriesEntry } from "./domain/series.ts";
import { Dictionary, KeyTable, Rows, type ScanJob, Scanner, startJob } from "./ingest/index.ts";
import { FairShare } from "./lib/fair-share.ts";
import { RoundRobin } from "./lib/round-robin.ts";

export type IntakeSettings = {
  readonly maxSeries: number;
  readonly maxSeriesPerTenant: number;
  /** Bodies that may wait for the log at once. */
  readonly pendingBytes: number;
};

export type Waiting = { readonly id: number; readonly request: WriteRequest };

export type Control = {
  readonly frames: readonly ControlFrame[];
  readonly settle: (result: { sequence: number } | { error: AppError }) => void;
};

/** What is written and flushed together. */
export type Group = {
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

const GROUP_ROWS = 65_536;
const QUARANTINE_A_GROUP = 1_000;
/** What a request costs beside its bytes, so that many empty ones end a slice too. */
const REQUEST_COST_BYTES = 64;

/** Requests on their way to the log: waiting, being scanned, scanned and not yet in a group. */
export class Intake {
  readonly dictionary: Dictionary;
  private readonly scanner: Scanner;
  /** A source that sends much waits behind itself, not before others. */
  private readonly queue = new RoundRobin<Waiting>();
  private readonly pending: FairShare;
  private current: { id: number; job: ScanJob } | undefined;
  private filling = new Rows(GROUP_ROWS);
  private spare = new Rows(GROUP_ROWS);
  private done: { id: number; job: ScanJob; readings: number }[] = [];
  private controls: Control[] = [];
  private clockUs: number | undefined;
  /** Entries of a group that the log refused; later readings may use their numbers already. */
  private carried: SeriesEntry[] = [];
  /** What lines go through, by the number of their source. */
  rules: ReadonlyMap<number, readonly LineRule[]> = new Map();

  constructor(settings: IntakeSettings) {
    this.dictionary = new Dictionary(settings.maxSeries, settings.maxSeriesPerTenant);
    this.scanner = new Scanner(this.dictionary, new KeyTable());
    this.pending = new FairShare(settings.pendingBytes);
  }

  get pendingBytes(): number {
    return this.pending.totalBytes;
  }

  /** False when too many bytes wait already, in all or of this source. */
  offer(waiting: Waiting): boolean {
    const holder = holderOf(waiting.request);
    if (!this.pending.take(holder, waiting.request.body.byteLength)) return false;
    this.queue.push(holder, waiting);
    return true;
  }

  control(control: Control): void {
    this.controls.push(control);
  }

  /** The next group carries this clock. */
  clock(nowUs: number): void {
    this.clockUs = nowUs;
  }

  get hasWork(): boolean {
    return this.queue.length > 0 || this.current !== undefined || this.hasGroup;
  }

  /** Whether a group can be taken now: never in the middle of a request. */
  get canCommit(): boolean {
    return this.current === undefined && this.hasGroup;
  }

  private get hasGroup(): boolean {
    return this.done.length > 0 || this.controls.length > 0 || this.clockUs !== undefined;
  }

  /** Scans about so many bytes. Returns whether there is more to scan now. */
  scan(budgetBytes: number): boolean {
    let left = budgetBytes;
    while (left > 0 && this.nextJob()) left -= this.slice(left);
    return this.current !== undefined || (this.queue.length > 0 && this.hasRoom);
  }

  private get hasRoom(): boolean {
    return this.filling.count < GROUP_ROWS;
  }

  private nextJob(): boolean {
    if (this.current !== undefined) return true;
    if (!this.hasRoom) return false;
    const next = this.queue.shift();
    if (next === undefined) return false;
    const rules = this.rules.get(next.request.sourceNo);
    const job = startJob(next.request, this.filling, this.scanner.entries, rules);
    this.current = { id: next.id, job };
    return true;
  }

  private slice(budgetBytes: number): number {
    const { current } = this;
    if (current === undefined) return budgetBytes;
    const { job, id } = current;
    const from = job.p;
    if (this.scanner.scan(job, this.filling, budgetBytes)) {
      this.done.push({ id, job, readings: this.filling.count - job.fromRow });
      this.current = undefined;
    }
    return REQUEST_COST_BYTES + job.p - from;
  }

  /** All that has been scanned, as the frames of one group; the next one fills other columns. */
  takeGroup(): Group {
    const rows = this.filling;
    this.filling = this.spare;
    this.spare = rows;
    const { done: jobs, controls, clockUs } = this;
    const entries = [...this.carried, ...this.scanner.takeEntries()];
    this.carried = [];
    this.done = [];
    this.controls = [];
    this.clockUs = undefined;
    const frames: LogFrame[] = [];
    if (entries.length > 0) frames.push({ kind: "dictionary", dictionary: { entries } });
    if (rows.count > 0) frames.push({ kind: "readings", readings: rows.frame() });
    const quarantine = quarantineOf(jobs.map(({ job }) => job));
    if (quarantine) frames.push({ kind: "quarantine", quarantine });
    const all = controls.flatMap((control) => control.frames);
    if (all.length > 0) frames.push({ kind: "control", controls: all });
    if (clockUs !== undefined) frames.push({ kind: "clock", clock: { nowUs: clockUs } });
    return { rows, jobs, controls, entries, frames };
  }

  /** The group's bodies no longer wait. */
  settle(group: Group): void {
    for (const { job } of group.jobs) this.pending.give(holderOf(job), job.bytes.length);
  }

  /** The log did not take the group: its readings are gone, its new series come with the next. */
  refuse(group: Group): void {
    this.carried = [...group.entries, ...this.carried];
    this.settle(group);
    group.rows.clear();
  }
}

/** Whose turn it is: a source's history waits behind itself, not before its live readings. */
function holderOf({ sourceNo, isHistory }: { sourceNo: number; isHistory?: boolean }): number {
  return isHistory === true ? -sourceNo : sourceNo;
}

function quarantineOf(jobs: readonly ScanJob[]): QuarantineFrame | undefined {
  const isBad = ({ rejectedLines, isReplay }: ScanJob) => rejectedLines > 0 && !isReplay;
  const counted = jobs.filter((job) => isBad(job) || job.ignored > 0);
  if (counted.length === 0) return undefined;
  const bad = counted.filter(isBad);
  return {
    lines: bad.flatMap(({ quarantined }) => quarantined).slice(0, QUARANTINE_A_GROUP),
    counts: counted.map((job) => ({
      tenantNo: job.tenantNo,
      sourceNo: job.sourceNo,
      receivedAtUs: job.receivedAtUs,
      rejected: isBad(job) ? job.rejectedLines : 0,
      ...(job.ignored > 0 ? { ignored: job.ignored } : {}),
    })),
  };
}
