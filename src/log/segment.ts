import type { LogFrame } from "../domain/log-frame.ts";
import type { Disk } from "./disk.ts";
import { decodeFrame, HEADER_BYTES, type Header, isWhole, readHeader } from "./frame.ts";

/** A segment's file name: the sequence of its first frame. */
export const segmentName = (firstSequence: number): string =>
  `${String(firstSequence).padStart(16, "0")}.log`;

/** The first sequence of a segment, from its name; undefined for other files. */
export function sequenceOfName(name: string): number | undefined {
  const match = /^(\d{16})\.log$/.exec(name);
  return match ? Number(match[1]) : undefined;
}

/** Where a segment's whole frames end, and why they end there. */
export type SegmentEnd = {
  readonly lastSequence: number;
  readonly sizeBytes: number;
  readonly ending: "whole" | "torn" | "damaged" | "stopped";
  /** For a damaged one: where the next whole frame begins, and its sequence. */
  readonly resumesAt: number;
  readonly resumesWith: number;
};

const CHUNK_BYTES = 8 * 1024 * 1024;

/** Reads a segment's frames in order, a chunk at a time. */
export class SegmentReader {
  private readonly disk: Disk;
  private readonly path: string;
  private chunk = new Uint8Array(0);
  private chunkAt = 0;
  readonly sizeBytes: number;

  constructor(disk: Disk, path: string, sizeBytes: number) {
    this.disk = disk;
    this.path = path;
    this.sizeBytes = sizeBytes;
  }

  /** The bytes from `offset` on, at least `length` of them unless the file ends. */
  private window(offset: number, length: number): { bytes: Uint8Array; at: number } {
    const isInside = offset >= this.chunkAt && offset + length <= this.chunkAt + this.chunk.length;
    if (!isInside) {
      const wanted = Math.min(this.sizeBytes - offset, Math.max(length, CHUNK_BYTES));
      this.chunk = this.disk.read(this.path, offset, Math.max(0, wanted));
      this.chunkAt = offset;
    }
    return { bytes: this.chunk, at: offset - this.chunkAt };
  }

  /** The whole frame at `offset`, or undefined. */
  at(offset: number): { header: Header; endsAt: number; frame: () => LogFrame } | undefined {
    if (offset + HEADER_BYTES > this.sizeBytes) return undefined;
    const head = this.window(offset, HEADER_BYTES);
    const header = readHeader(head.bytes, head.at);
    if (header === undefined) return undefined;
    const length = HEADER_BYTES + header.payloadBytes;
    if (offset + length > this.sizeBytes) return undefined;
    const { bytes, at } = this.window(offset, length);
    if (!isWhole(bytes, at, header)) return undefined;
    return { header, endsAt: offset + length, frame: () => decodeFrame(bytes, at, header) };
  }

  /** The next whole frame at or after `offset`; frames begin at multiples of 8. */
  search(offset: number): { at: number; header: Header } | undefined {
    for (let at = Math.ceil(offset / 8) * 8; at + HEADER_BYTES <= this.sizeBytes; at += 8) {
      const found = this.at(at);
      if (found) return { at, header: found.header };
    }
    return undefined;
  }

  /** Whether a frame of a group that begins after the sequence stands at or behind the whole frame at `at`. */
  private hasLaterGroup(at: number, sequence: number): boolean {
    for (let next = this.search(at); next !== undefined; ) {
      if (next.header.groupFirst > sequence) return true;
      next = this.search(next.at + HEADER_BYTES + next.header.payloadBytes);
    }
    return false;
  }

  /**
   * Visits the frames from `offset` on, until one is answered with false. They must follow on each other,
   * the first after `previous`.
   *
   * Groups are written one after the other, each when the one before it is flushed. So bytes that are no
   * frame are a torn tail when nothing of a later group stands behind them, which nobody was told of;
   * otherwise acknowledged readings are damaged.
   */
  visit(
    previous: number,
    each: (header: Header, frame: () => LogFrame) => boolean,
    offset = 0,
  ): SegmentEnd {
    let at = offset;
    let last = previous;
    while (at < this.sizeBytes) {
      const found = this.at(at);
      if (found === undefined || found.header.sequence !== last + 1) {
        const later = this.search(found === undefined ? at + 8 : at);
        const isTorn = later === undefined || !this.hasLaterGroup(later.at, last + 1);
        return {
          lastSequence: last,
          sizeBytes: at,
          ending: isTorn && found === undefined ? "torn" : "damaged",
          resumesAt: later?.at ?? this.sizeBytes,
          resumesWith: later?.header.sequence ?? 0,
        };
      }
      const goesOn = each(found.header, found.frame);
      last = found.header.sequence;
      at = found.endsAt;
      if (!goesOn && at < this.sizeBytes) return endAt(last, at, "stopped");
    }
    return endAt(last, at, "whole");
  }
}

function endAt(last: number, at: number, ending: SegmentEnd["ending"]): SegmentEnd {
  return { lastSequence: last, sizeBytes: at, ending, resumesAt: at, resumesWith: last + 1 };
}
