import { join } from "node:path";
import { AppError, reasonOf } from "../domain/error.ts";
import type { LogDamage, LogFrame } from "../domain/log-frame.ts";
import { DamageRecord } from "./damage.ts";
import type { DiskFile } from "./disk.ts";
import { encodeFrame } from "./frame.ts";
import type { Log, LogDeps } from "./index.ts";
import { Packer } from "./packer.ts";
import { type SegmentEnd, SegmentReader, segmentName } from "./segment.ts";
import { openSegments, type Segment } from "./segments.ts";

const FREE_CHECK_US = 250_000;

/** Opens the log in its folder: cuts a torn tail, names damage. */
export function createLocalLog(deps: LogDeps): Log {
  return new LocalLog(deps);
}

type Visit = (sequence: number, frame: LogFrame) => boolean;

class LocalLog implements Log {
  private readonly deps: LogDeps;
  private readonly segments: Segment[];
  private readonly record: DamageRecord;
  private readonly packer: Packer;
  private file: DiskFile | undefined;
  private last: number;
  private released = 0;
  private freeBytes = Number.POSITIVE_INFINITY;
  private freeCheckedAtUs = Number.NEGATIVE_INFINITY;
  private isWriting = false;
  /** Where the last reading stopped: the next one goes on there, with what is read ahead. */
  private stopped:
    | { end: SegmentEnd; segment: Segment; name: string; reader: SegmentReader }
    | undefined;

  constructor(deps: LogDeps) {
    this.deps = deps;
    deps.disk.makeFolder(deps.folder);
    this.record = new DamageRecord({ ...deps, nowUs: () => deps.clock.nowUs() });
    const { segments, lastSequence } = openSegments(deps, this.record);
    this.segments = segments;
    this.last = Math.max(lastSequence, deps.atLeastSequence);
    const current = segments.at(-1);
    // Sequences have moved on without the log: a gap must not stand inside a segment.
    if (current?.form === "plain" && lastSequence === this.last)
      this.file = deps.disk.append(join(deps.folder, current.name));
    this.packer = new Packer(deps, () => this.segments.slice(0, -1 - deps.settings.plainSegments));
    this.packer.next();
  }

  lastSequence(): number {
    return this.last;
  }

  firstSequence(): number {
    return this.segments.find(({ sizeBytes }) => sizeBytes > 0)?.firstSequence ?? this.last + 1;
  }

  sizeBytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.sizeBytes, 0);
  }

  damage(): readonly LogDamage[] {
    return this.record.list();
  }

  refusal(): string | undefined {
    const { settings, clock, disk, folder } = this.deps;
    const now = clock.nowUs();
    if (Math.abs(now - this.freeCheckedAtUs) >= FREE_CHECK_US) {
      this.freeBytes = disk.freeBytes(folder);
      this.freeCheckedAtUs = now;
    }
    if (this.freeBytes < settings.diskFloorBytes)
      return `the disk of ${folder} has ${this.freeBytes} bytes free, less than the ${settings.diskFloorBytes} kept back; free some space`;
    const size = this.sizeBytes();
    return size >= settings.maxBytes
      ? `the log holds ${size} bytes, as much as it may; its consumers must catch up first`
      : undefined;
  }

  async append(frames: readonly LogFrame[]): Promise<number> {
    if (this.isWriting) throw new Error("append was called before the last one had answered");
    const refusal = this.refusal();
    if (refusal !== undefined) throw new AppError("unavailable", `log: ${refusal}`);
    this.isWriting = true;
    try {
      return await this.writeGroup(frames);
    } finally {
      this.isWriting = false;
    }
  }

  private async writeGroup(frames: readonly LogFrame[]): Promise<number> {
    const groupFirst = this.last + 1;
    const parts = frames.flatMap((frame, i) => encodeFrame(frame, groupFirst + i, groupFirst));
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    let segment: Segment | undefined;
    try {
      segment = this.segmentFor(groupFirst);
      this.file?.write(parts);
      await this.file?.sync();
    } catch (cause) {
      this.undo(segment);
      throw new AppError("unavailable", `log: cannot write (${reasonOf(cause)}); send it again`, {
        cause,
      });
    }
    segment.sizeBytes += bytes;
    segment.changedAtUs = this.deps.clock.nowUs();
    this.last = groupFirst + frames.length - 1;
    return this.last;
  }

  /** The segment to write to; a full one is closed first, after its last flush. */
  private segmentFor(firstSequence: number): Segment {
    const { disk, folder, clock, settings } = this.deps;
    const current = this.segments.at(-1);
    if (
      current !== undefined &&
      this.file !== undefined &&
      current.sizeBytes < settings.segmentBytes
    )
      return current;
    this.file?.close();
    this.file = undefined;
    const name = segmentName(firstSequence);
    const changedAtUs = clock.nowUs();
    const segment: Segment = { name, form: "plain", firstSequence, sizeBytes: 0, changedAtUs };
    // One that failed before its first frame has the same name.
    if (current?.firstSequence === firstSequence) this.segments.pop();
    const file = disk.append(join(folder, name));
    this.file = file;
    file.truncate(0);
    disk.syncFolder(folder);
    this.segments.push(segment);
    this.sweep();
    this.packer.next();
    return segment;
  }

  /** A failed write leaves nothing: what it wrote is cut, and the next group begins a new segment. */
  private undo(segment: Segment | undefined): void {
    const { logger } = this.deps;
    this.freeCheckedAtUs = Number.NEGATIVE_INFINITY;
    try {
      if (segment !== undefined) this.file?.truncate(segment.sizeBytes);
      this.file?.close();
    } catch (error) {
      // Readers stop where the next segment begins, and the next start cuts what is no frame.
      logger.error(`log: cannot cut a failed write of ${segment?.name}: ${reasonOf(error)}`);
    }
    this.file = undefined;
  }

  read(afterSequence: number, visit: Visit): void {
    let expected = 0;
    for (const [index, segment] of [...this.segments].entries()) {
      const nextFirst = this.segments[index + 1]?.firstSequence ?? this.last + 1;
      if (nextFirst <= afterSequence + 1) continue;
      const { firstSequence } = segment;
      if (segment.sizeBytes === 0) {
        expected ||= firstSequence;
        continue;
      }
      if (expected > 0 && expected < firstSequence)
        this.record.add({ firstSequence: expected, lastSequence: firstSequence - 1 });
      expected = this.readSegment(segment, nextFirst, afterSequence, visit);
      if (expected === 0) return;
    }
  }

  /** The sequence that must come next; 0 when the visitor has had enough. */
  private readSegment(
    segment: Segment,
    nextFirst: number,
    afterSequence: number,
    visit: Visit,
  ): number {
    const { disk, folder } = this.deps;
    const { stopped } = this;
    this.stopped = undefined;
    const { firstSequence } = segment;
    const isSame = stopped?.segment === segment && stopped.end.lastSequence === afterSequence;
    const resumes = isSame ? stopped : undefined;
    const path = join(folder, segment.name);
    const reader =
      resumes?.name === segment.name && !this.isNewest(segment)
        ? resumes.reader
        : new SegmentReader(disk, path, segment.sizeBytes);
    let offset = resumes?.end.sizeBytes ?? 0;
    let previous = resumes?.end.lastSequence ?? firstSequence - 1;
    let isEnough = false;
    for (;;) {
      const end = reader.visit(
        previous,
        (header, frame) => {
          // A write that failed and could not be cut left what the next segment holds.
          if (header.sequence >= nextFirst) return false;
          if (header.sequence > afterSequence) isEnough = !visit(header.sequence, frame());
          return !isEnough;
        },
        offset,
      );
      if (end.ending === "stopped" && isEnough)
        this.stopped = { end, segment, name: segment.name, reader };
      if (isEnough) return 0;
      if (end.lastSequence + 1 >= nextFirst) return nextFirst;
      const isLast = end.ending !== "damaged" || end.resumesWith >= nextFirst;
      if (isLast && end.sizeBytes >= reader.sizeBytes) return end.lastSequence + 1;
      this.record.add({
        firstSequence: end.lastSequence + 1,
        lastSequence: isLast ? nextFirst - 1 : end.resumesWith - 1,
        segment: {
          name: segment.name,
          fileBytes: segment.sizeBytes,
          from: end.sizeBytes,
          to: isLast ? reader.sizeBytes : end.resumesAt,
        },
      });
      if (isLast) return nextFirst;
      offset = end.resumesAt;
      previous = end.resumesWith - 1;
    }
  }

  private isNewest(segment: Segment): boolean {
    return segment === this.segments.at(-1);
  }

  release(sequence: number): void {
    if (sequence <= this.released) return;
    this.released = sequence;
    this.sweep();
  }

  /** Deletes closed segments that nobody needs and that lie beyond what is kept. */
  private sweep(): void {
    const { disk, folder, clock, settings, logger } = this.deps;
    // What is kept for nobody must not be what fills the log.
    const keepBytes = Math.min(settings.keepBytes, settings.maxBytes / 2);
    for (;;) {
      const [oldest, second] = this.segments;
      if (oldest === undefined || second === undefined) return;
      if (second.firstSequence - 1 > this.released) return;
      // A clock that was set back makes nothing old.
      const isKept =
        this.sizeBytes() <= keepBytes && clock.nowUs() - oldest.changedAtUs <= settings.keepUs;
      if (isKept) return;
      try {
        disk.remove(join(folder, oldest.name));
      } catch (error) {
        logger.error(`log: cannot delete ${oldest.name}: ${reasonOf(error)}`);
        return;
      }
      this.segments.shift();
    }
  }

  settled(): Promise<void> {
    return this.packer.settled();
  }

  close(): void {
    this.packer.stop();
    this.file?.close();
    this.file = undefined;
  }
}
