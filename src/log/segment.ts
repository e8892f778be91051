import type { LogFrame } from "../domain/log-frame.ts";
import type { Disk } from "./disk.ts";
import { decodeFrame, HEADER_BYTES, type Header, isWhole, readHeader } from "./frame.ts";
import { packedBytes, plainBytes, type SegmentBytes } from "./segment-bytes.ts";

/** A segment's file: as it was written, or packed after it was closed. */
export type SegmentForm = "plain" | "packed";

const ENDINGS = { plain: "log", packed: "zst" } as const;

/** A segment's file name: the sequence of its first frame. */
export const segmentName = (firstSequence: number, form: SegmentForm = "plain"): string =>
  `${String(firstSequence).padStart(16, "0")}.${ENDINGS[form]}`;

/** The first sequence and the form of a segment, from its name; undefined for other files. */
export function segmentOfName(
  name: string,
): { readonly firstSequence: number; readonly form: SegmentForm } | undefined {
  const match = /^(\d{16})\.(log|zst)$/.exec(name);
  if (match === null) return undefined;
  return { firstSequence: Number(match[1]), form: match[2] === "log" ? "plain" : "packed" };
}

/** Where a segment's whole frames end, and why they end there. Offsets are those of the plain form. */
export type SegmentEnd = {
  readonly lastSequence: number;
  readonly sizeBytes: number;
  readonly ending: "whole" | "torn" | "damaged" | "stopped";
  /** For a damaged one: where the next whole frame begins, and its sequence. */
  readonly resumesAt: number;
  readonly resumesWith: number;
};

/** A frame that its header says is there although it is not whole. */
export type BrokenFrame = {
  readonly kind: Header["kind"];
  readonly sequence: number;
  readonly readings: number;
};

/** Reads a segment's frames in order, a part at a time. */
export class SegmentReader {
  private readonly bytes: SegmentBytes;

  constructor(disk: Disk, path: string, fileBytes: number) {
    this.bytes = path.endsWith(`.${ENDINGS.packed}`)
      ? packedBytes(disk, path, fileBytes)
      : plainBytes(disk, path, fileBytes);
  }

  /** Bytes of the plain form. */
  get sizeBytes(): number {
    return this.bytes.sizeBytes;
  }

  /** The part of the file that holds this part of the plain form. */
  fileRange(from: number, to: number): { readonly from: number; readonly to: number } {
    return this.bytes.fileRange(from, to);
  }

  private headerAt(offset: number): Header | undefined {
    if (offset + HEADER_BYTES > this.sizeBytes) return undefined;
    const { bytes, at } = this.bytes.window(offset, HEADER_BYTES);
    return readHeader(bytes, at);
  }

  /** The whole frame at `offset`, or undefined. */
  at(offset: number): { header: Header; endsAt: number; frame: () => LogFrame } | undefined {
    const header = this.headerAt(offset);
    if (header === undefined) return undefined;
    const length = HEADER_BYTES + header.payloadBytes;
    if (offset + length > this.sizeBytes) return undefined;
    const { bytes, at } = this.bytes.window(offset, length);
    if (!isWhole(bytes, at, header)) return undefined;
    return { header, endsAt: offset + length, frame: () => decodeFrame(bytes, at, header) };
  }

  /** The next whole frame at or after `offset` with a sequence above the given one. */
  private search(offset: number, above: number): { at: number; header: Header } | undefined {
    for (let at = offset; at + HEADER_BYTES <= this.sizeBytes; at = this.bytes.after(at)) {
      const found = this.at(at);
      if (found && found.header.sequence > above) return { at, header: found.header };
    }
    return undefined;
  }

  /** Frames between two offsets whose headers can be read, the first `most` of them. */
  broken(from: number, to: number, most: number): BrokenFrame[] {
    const found: BrokenFrame[] = [];
    for (let at = from; at + HEADER_BYTES <= to && found.length < most; at = this.bytes.after(at)) {
      const header = this.headerAt(at);
      if (header === undefined) continue;
      const { kind, sequence, count } = header;
      found.push({ kind, sequence, readings: count });
    }
    return found;
  }

  /**
   * Visits the frames from `offset` on, until one is answered with false. They must follow on each other,
   * the first after `previous`.
   *
   * Groups are written one after the other, each when the one before it is flushed. So bytes at the end
   * that are no frame are a torn tail, which nobody was told of; when a whole frame follows them, they
   * may have been acknowledged and are damaged.
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
        const later = this.search(found === undefined ? this.bytes.after(at) : at, last);
        return {
          lastSequence: last,
          sizeBytes: at,
          ending: later === undefined ? "torn" : "damaged",
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
