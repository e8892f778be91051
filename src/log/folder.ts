import { join } from "node:path";
import type { LogFrame } from "../domain/log-frame.ts";
import type { Disk } from "./disk.ts";
import { readTrailer } from "./packed-segment.ts";
import { type SegmentEnd, type SegmentForm, SegmentReader } from "./segment.ts";
import { blocksOf } from "./segment-bytes.ts";
import { listSegments, type Segment } from "./segments.ts";

/** What a segment holds. */
export type SegmentContent = {
  readonly name: string;
  readonly form: SegmentForm;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly fileBytes: number;
  readonly plainBytes: number;
  readonly readings: number;
  /** When its first and last frames came that say so; undefined when none does. */
  readonly firstAtUs: number | undefined;
  readonly lastAtUs: number | undefined;
};

/** What a check found: each problem in words, and how much was whole. */
export type LogCheck = {
  readonly segments: number;
  readonly frames: number;
  readonly readings: number;
  readonly bytes: number;
  readonly problems: readonly string[];
  /** Bytes of a write that was not finished, at the end: the next start cuts them. */
  readonly unfinishedBytes: number;
};

/** A log's folder to be looked at. Nothing in it is changed; a server may be writing to it. */
export type LogFolder = {
  segments(): SegmentContent[];
  check(): LogCheck;
  /** The frames that can be read, in their order; says what cannot. */
  frames(skipped: (problem: string) => void): Iterable<LogFrame>;
};

const ATTEMPTS = 5;

/** @throws the file system's error when the folder cannot be read. */
export function openLogFolder(disk: Disk, folder: string): LogFolder {
  const list = () => listSegments({ disk, folder }, () => undefined);
  const readerOf = (segment: Segment) =>
    new SegmentReader(disk, join(folder, segment.name), segment.sizeBytes);
  return {
    segments: () =>
      list().flatMap((segment) => {
        try {
          return [contentOf(disk, folder, segment)];
        } catch (error) {
          if (isGone(error)) return []; // deleted or packed since it was listed
          throw error;
        }
      }),
    check: () => {
      const walk = new Walk(list, readerOf);
      const sum = { frames: 0, readings: 0 };
      for (const { readings } of walk.run()) {
        sum.frames++;
        sum.readings += readings;
      }
      for (const segment of list()) {
        const path = join(folder, segment.name);
        if (segment.form === "packed" && !readTrailer(disk, path, segment.sizeBytes))
          walk.problems.push(`${segment.name}: its trailer is damaged`);
      }
      const { problems, unfinishedBytes } = walk;
      const segments = list();
      const bytes = segments.reduce((all, { sizeBytes }) => all + sizeBytes, 0);
      return { segments: segments.length, ...sum, bytes, problems, unfinishedBytes };
    },
    *frames(skipped) {
      const walk = new Walk(list, readerOf);
      for (const { frame } of walk.run()) yield frame();
      walk.problems.forEach(skipped);
    },
  };
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOENT";

type Found = { readonly readings: number; readonly frame: () => LogFrame };

/** Plain bytes that are read before they are handed on. */
const BATCH_BYTES = 4 * 1024 * 1024;

/** One way through all frames. A segment that vanishes under it was deleted or packed: it looks again. */
class Walk {
  readonly problems: string[] = [];
  unfinishedBytes = 0;
  private last = 0;
  private readonly list: () => Segment[];
  private readonly readerOf: (segment: Segment) => SegmentReader;

  constructor(list: () => Segment[], readerOf: (segment: Segment) => SegmentReader) {
    this.list = list;
    this.readerOf = readerOf;
  }

  *run(): Generator<Found> {
    for (let attempt = 0; ; attempt++)
      try {
        const segments = this.list();
        for (const [index, segment] of segments.entries()) {
          const nextFirst = segments[index + 1]?.firstSequence;
          if (nextFirst !== undefined && nextFirst <= this.last + 1) continue;
          yield* this.segment(segment, nextFirst);
        }
        return;
      } catch (error) {
        if (!isGone(error) || attempt >= ATTEMPTS) throw error;
      }
  }

  private *segment(segment: Segment, nextFirst: number | undefined): Generator<Found> {
    const reader = this.readerOf(segment);
    let previous = segment.firstSequence - 1;
    if (this.last > 0 && previous > this.last)
      this.problems.push(`frames ${this.last + 1} to ${previous}: their segment is gone`);
    for (let offset = 0; ; ) {
      const batch: Found[] = [];
      let bytes = 0;
      const end = reader.visit(
        previous,
        ({ sequence, count, payloadBytes }, frame) => {
          if (nextFirst !== undefined && sequence >= nextFirst) return false;
          if (sequence > this.last) batch.push({ readings: count, frame });
          this.last = Math.max(this.last, sequence);
          bytes += payloadBytes;
          return bytes < BATCH_BYTES;
        },
        offset,
      );
      yield* batch;
      if (nextFirst !== undefined && end.lastSequence + 1 >= nextFirst) return;
      offset = end.resumesAt;
      previous = end.resumesWith - 1;
      if (end.ending === "stopped") continue;
      if (end.ending !== "damaged" && nextFirst === undefined) {
        this.unfinishedBytes = reader.sizeBytes - end.sizeBytes;
        return;
      }
      if (this.damaged(segment, reader, end, nextFirst)) return;
    }
  }

  /** Names a damaged part; true when it reaches to the segment's end. */
  private damaged(
    { name }: Segment,
    reader: SegmentReader,
    end: SegmentEnd,
    nextFirst: number | undefined,
  ): boolean {
    const isRest = end.ending !== "damaged";
    const to = isRest ? (nextFirst ?? 0) - 1 : end.resumesWith - 1;
    const range = reader.fileRange(end.sizeBytes, isRest ? reader.sizeBytes : end.resumesAt);
    const place = `${name} from byte ${range.from} to byte ${range.to}`;
    this.problems.push(`frames ${end.lastSequence + 1} to ${to}: ${place} is damaged`);
    this.last = Math.max(this.last, to);
    return isRest;
  }
}

/** When a frame's readings came, or what its clock said. */
function timeOf(frame: LogFrame): number | undefined {
  if (frame.kind === "readings") return frame.readings.runs.at(-1)?.receivedAtUs;
  return frame.kind === "clock" ? frame.clock.nowUs : undefined;
}

/** Of a packed segment its trailer, its beginning and its end are read; of a plain one all. */
function contentOf(disk: Disk, folder: string, segment: Segment): SegmentContent {
  const { name, form, firstSequence, sizeBytes: fileBytes } = segment;
  const path = join(folder, name);
  const reader = new SegmentReader(disk, path, fileBytes);
  const trailer = form === "packed" ? readTrailer(disk, path, fileBytes) : undefined;
  const found = { readings: 0, lastSequence: firstSequence - 1 };
  const times: number[] = [];
  const look = (from: number, previous: number, stops: boolean) =>
    reader.visit(
      previous,
      (header, frame) => {
        found.readings += header.count;
        found.lastSequence = header.sequence;
        if (header.kind !== "readings" && header.kind !== "clock") return true;
        const atUs = timeOf(frame());
        if (atUs !== undefined) times.push(atUs);
        return !stops || times.length === 0;
      },
      from,
    );
  look(0, firstSequence - 1, trailer !== undefined);
  const lastBlock = trailer === undefined ? undefined : blocksOf(disk, path, fileBytes).at(-1);
  if (lastBlock !== undefined) look(lastBlock.plainAt, lastBlock.firstSequence - 1, false);
  return {
    name,
    form,
    firstSequence,
    lastSequence: trailer?.lastSequence ?? found.lastSequence,
    fileBytes,
    plainBytes: trailer?.plainBytes ?? reader.sizeBytes,
    readings: trailer?.readings ?? found.readings,
    firstAtUs: times[0],
    lastAtUs: times.at(-1),
  };
}
