import type { Dialect, LineError, Precision } from "../../domain/engine.ts";
import type { LineRule } from "../../domain/mapping-rule.ts";
import type { QuarantinedLine } from "../../domain/reading.ts";
import type { SeriesEntry, SeriesKind, Tags } from "../../domain/series.ts";
import { type Dictionary, KIND, UNLOGGED } from "../dictionary.ts";
import { FastScan } from "./fast.ts";
import type { KeyTable } from "./keys.ts";
import { type BadLine, lineStart, type ParsedField, type ParsedLine, parseLine } from "./line.ts";
import { applyRules, ignoredOf } from "./line-rules.ts";
import type { Rows } from "./rows.ts";
import { microsOf, nanosOf } from "./time.ts";
import { hasArray, readingsOf, sampleRateOf } from "./waveform-line.ts";

/** One request while it is scanned. */
export type ScanJob = {
  readonly tenantNo: number;
  readonly sourceNo: number;
  readonly dialect: Dialect;
  readonly precision: Precision;
  readonly receivedAtUs: number;
  /** Time of a line that names none. */
  readonly defaultAtUs: number;
  /** Of a line out of quarantine: its refusal is counted and kept already. */
  readonly isReplay: boolean;
  /** What the source's lines go through; undefined = nothing, and lines may be known by their bytes. */
  readonly rules: readonly LineRule[] | undefined;
  /** One bad line refuses all; so in QuestDB's dialect, too, unless the request keeps its good lines. */
  readonly isAtomic: boolean;
  readonly isHistory: boolean;
  /** Of waveforms whose lines say none, in Hz. */
  readonly sampleRateHz: number | undefined;
  /** Set when the body is a part of one line that is refused unread. */
  readonly refusal?: string;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Next byte; the job is done at the body's end. */
  p: number;
  lines: number;
  /** Row at which the job's readings begin. */
  fromRow: number;
  rejectedLines: number;
  /** Readings that rules ignored; a line that cannot be read counts as one. */
  ignored: number;
  readonly errors: LineError[];
  readonly quarantined: QuarantinedLine[];
  /** Series of this group whose entries the log must get with it: where the job's begin. */
  fromEntry: number;
};

export type JobRequest = Omit<
  ScanJob,
  | "bytes"
  | "view"
  | "isAtomic"
  | "defaultAtUs"
  | "isReplay"
  | "rules"
  | "isHistory"
  | "sampleRateHz"
  | "p"
  | "lines"
  | "fromRow"
  | "rejectedLines"
  | "ignored"
  | "errors"
  | "quarantined"
  | "fromEntry"
> & {
  readonly body: ArrayBuffer;
  readonly isAtomic?: boolean;
  readonly sampleRateHz?: number | undefined;
  readonly keepsGoodLines?: boolean;
  readonly firstReceivedAtUs?: number;
  readonly isHistory?: boolean;
};

/** Why a line that can be read is not kept. */
type Problem = { readonly reason: string; readonly isSeriesLimit?: boolean };

/** Kinds of fields that are not numbers. */
const SERIES_KIND: Partial<Record<ParsedField["kind"], SeriesKind>> = {
  bool: "boolean",
  string: "state",
  array: "waveform",
};

const ERRORS_KEPT = 10;
/** Who imports a file wants to mend all of it. */
const HISTORY_ERRORS_KEPT = 1_000;
const QUARANTINE_KEPT = 100;
const LINE_KEPT_BYTES = 4096;

/** A request at its beginning. */
export function startJob(
  request: JobRequest,
  rows: Rows,
  entries: readonly unknown[],
  rules?: readonly LineRule[],
): ScanJob {
  const { tenantNo, sourceNo, dialect, precision, receivedAtUs, body, refusal } = request;
  return {
    ...(refusal === undefined ? {} : { refusal }),
    tenantNo,
    sourceNo,
    dialect,
    precision,
    receivedAtUs,
    defaultAtUs: request.firstReceivedAtUs ?? receivedAtUs,
    isReplay: request.firstReceivedAtUs !== undefined,
    rules,
    isAtomic: isAtomic(request),
    isHistory: request.isHistory === true,
    sampleRateHz: request.sampleRateHz,
    bytes: new Uint8Array(body),
    view: new DataView(body),
    p: 0,
    lines: 0,
    fromRow: rows.count,
    rejectedLines: 0,
    ignored: 0,
    errors: [],
    quarantined: [],
    fromEntry: entries.length,
  };
}

function isAtomic(request: JobRequest): boolean {
  if (request.keepsGoodLines === true) return false;
  return request.dialect === "questdb" || request.isAtomic === true;
}

/**
 * Scans requests into rows: known series by their bytes (`FastScan`), everything else line by line.
 * InfluxDB's dialect keeps the good lines of a request unless it asks for all or none; QuestDB's is always so.
 */
export class Scanner {
  /** Entries the log must hold before this group's readings. */
  entries: SeriesEntry[] = [];
  private readonly dictionary: Dictionary;
  private readonly keys: KeyTable;
  private readonly fast: FastScan;

  constructor(dictionary: Dictionary, keys: KeyTable) {
    this.dictionary = dictionary;
    this.keys = keys;
    this.fast = new FastScan(dictionary, keys);
  }

  /** Goes on for about `sliceBytes`; true when the request is done and its rows are final. */
  scan(job: ScanJob, rows: Rows, sliceBytes: number): boolean {
    const end = job.bytes.length;
    const stop = Math.min(end, job.p + sliceBytes);
    const { fast } = this;
    if (job.refusal !== undefined) {
      job.lines++;
      this.reject(job, 0, { reason: job.refusal, at: 0, next: end, isLost: false });
      job.p = end;
      return true;
    }
    if (job.p === 0) fast.reset(job);
    while (job.p < stop) {
      if (job.rules === undefined) job.p = fast.run(job, rows, stop);
      if (job.p >= stop) break;
      job.p = lineStart(job.bytes, job.p, end, job.dialect, () => void job.lines++);
      if (job.p >= end) break;
      if (job.rules !== undefined || !fast.one(job, rows)) this.slowLine(job, rows);
      if (job.rejectedLines > 0 && job.isAtomic) {
        this.takeBack(job, rows);
        return true;
      }
    }
    if (job.p < end) return false;
    rows.endRun(job);
    return true;
  }

  /** Removes what the job has added. */
  takeBack(job: ScanJob, rows: Rows): void {
    rows.cutTo(job.fromRow);
    job.ignored = 0;
    for (const entry of this.entries.splice(job.fromEntry)) this.dictionary.giveBack(entry);
  }

  /** The group's entries; none of them is the scanner's any more. */
  takeEntries(): SeriesEntry[] {
    const taken = this.entries;
    this.entries = [];
    return taken;
  }

  private slowLine(job: ScanJob, rows: Rows): void {
    const start = job.p;
    const read = parseLine(job.bytes, start, job.bytes.length, job.dialect);
    job.lines++;
    const { bytes, dialect, rules } = job;
    const parsed = rules === undefined ? read : applyRules(rules, read, { bytes, dialect, start });
    job.ignored += ignoredOf(read, parsed);
    if (parsed === undefined) {
      job.p = read.next;
      return;
    }
    if ("reason" in parsed) {
      this.reject(job, start, parsed);
      job.p = parsed.next;
      return;
    }
    job.p = parsed.next;
    const problem = this.keep(job, rows, parsed);
    if (problem !== undefined)
      this.reject(job, start, { ...problem, next: parsed.next, isLost: false });
  }

  private keep(job: ScanJob, rows: Rows, line: ParsedLine): (Problem & { at: number }) | undefined {
    const atUs = timeOf(job, line);
    if (atUs === undefined)
      return {
        reason: "timestamp out of range; it must lie within 285 years of 1970",
        at: line.from,
      };
    const tags = sorted(line.tags);
    const rate = sampleRateOf(line) ?? job.sampleRateHz;
    if (typeof rate === "object") return rate;
    const fields = readingsOf(line);
    const found: number[] = [];
    for (const field of fields) {
      const problem = this.place(job, line.measurement, tags, field, atUs, found);
      if (problem !== undefined) return { ...problem, at: field.from };
    }
    for (const [index, field] of fields.entries()) {
      const series = found[index] ?? 0;
      const entry = this.dictionary.takeUnlogged(series);
      if (entry !== undefined) this.entries.push(entry);
      if (field.array === undefined) rows.add(series, atUs, field.value, field.text);
      else rows.addWaveform(series, atUs, { ...field.array, sampleRateHz: rate });
    }
    // A line with an array is read slowly each time: what its other fields mean depends on the array.
    const isLearnt = line.isPlain && line.fields.length > 0 && !hasArray(line);
    if (isLearnt) this.learn(job, line, found);
    return undefined;
  }

  private place(
    job: ScanJob,
    measurement: string,
    tags: Tags,
    field: ParsedField,
    atUs: number,
    found: number[],
  ): Problem | undefined {
    const kind = SERIES_KIND[field.kind] ?? "numeric";
    const { tenantNo, sourceNo } = job;
    const series = this.dictionary.numberOf({
      tenantNo,
      sourceNo,
      measurement,
      tags,
      field: field.name,
      kind,
      atUs,
    });
    if (series === undefined)
      return { reason: this.dictionary.refusal(tenantNo) ?? "no room", isSeriesLimit: true };
    const known = this.dictionary.kindOf(series);
    if (known !== KIND[kind])
      return { reason: `field ${field.name} is ${nameOf(known)}, the line has ${kind}` };
    found.push(series);
    return undefined;
  }

  /** From the next line like this on, its bytes are enough. */
  private learn(job: ScanJob, line: ParsedLine, found: readonly number[]): void {
    const first = line.fields[0];
    if (first === undefined) return;
    const realm = realmOf(job);
    const head = this.learnKey(job, line.from, first.keyEnd, realm, found[0] ?? 0);
    let before = -1;
    for (const [index, field] of line.fields.entries()) {
      if (index === 0) continue;
      const id = this.learnKey(job, field.from, field.keyEnd, -(head + 1), found[index] ?? 0);
      if (before < 0) this.keys.child[head] = id + 1;
      else this.keys.next[before] = id + 1;
      before = id;
    }
    this.fast.follow(head);
  }

  private learnKey(job: ScanJob, from: number, to: number, realm: number, series: number): number {
    // A copy with slack behind it: the key may be the body's last bytes.
    const bytes = new Uint8Array(to - from + 128);
    bytes.set(job.bytes.subarray(from, to));
    const known = this.keys.find(new DataView(bytes.buffer), 0, to - from, realm);
    return known >= 0 ? known : this.keys.add(bytes, 0, to - from, realm, series);
  }

  private reject(job: ScanJob, start: number, bad: BadLine & Problem): void {
    job.rejectedLines++;
    const errorsKept = job.isHistory ? HISTORY_ERRORS_KEPT : ERRORS_KEPT;
    const isKept = job.quarantined.length < QUARANTINE_KEPT;
    if (!isKept && job.errors.length >= errorsKept) return;
    const line = lineText(job.bytes, start, bad.next);
    const lineNo = job.lines;
    const column = bad.at - start + 1;
    const { reason } = bad;
    const { tenantNo, sourceNo, receivedAtUs, dialect, precision } = job;
    const isCut = bad.isLost || bad.next - start > LINE_KEPT_BYTES;
    if (isKept)
      job.quarantined.push({
        ...{ tenantNo, sourceNo, receivedAtUs, lineNo, column, reason, line },
        ...{ dialect, precision, isCut },
      });
    if (job.errors.length >= errorsKept) return;
    const error = { lineNo, column, reason, line: line.slice(0, 200) };
    job.errors.push(bad.isSeriesLimit ? { ...error, isSeriesLimit: true } : error);
  }
}

/** Keys of one tenant and dialect: what the same bytes mean depends on both. */
export function realmOf(job: Pick<ScanJob, "tenantNo" | "dialect">): number {
  return job.tenantNo * 2 + (job.dialect === "questdb" ? 1 : 0);
}

function timeOf(job: ScanJob, line: ParsedLine): number | undefined {
  if (line.time === undefined) return job.defaultAtUs;
  return microsOf(nanosOf(line.time, line.precision ?? job.precision, line.timeUnit));
}

function sorted(tags: Tags): Tags {
  return [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function nameOf(kind: number): string {
  const found = Object.entries(KIND).find(([, value]) => value === (kind & ~UNLOGGED));
  return found?.[0] ?? "unknown";
}

function lineText(bytes: Uint8Array, start: number, next: number): string {
  let end = Math.min(next, start + LINE_KEPT_BYTES);
  while (end > start && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--;
  let text = "";
  for (let p = start; p < end; p++) text += String.fromCharCode(bytes[p] ?? 0);
  return text;
}
