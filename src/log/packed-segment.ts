import type { Disk } from "./disk.ts";
import { HEADER_BYTES, isWhole, readHeader } from "./frame.ts";
import { packFrames } from "./packing.ts";
import { unpackFrames } from "./unpacking.ts";

/**
 * A closed segment, compressed: blocks of whole frames, then a trailer. Little endian, 64-byte heads.
 *
 *   block    0 magic · 8 packed bytes u32 · 12 crc32 of them · 16 where its frames begin in the plain
 *            segment f64 · 24 their bytes u32 · 32 first sequence f64 · 40 last f64 · 48 readings f64
 *            · 60 crc32 of 0–60; then the packed bytes, padded to a multiple of 8
 *   trailer  0 magic · 16 bytes of the plain segment f64 · 32 first sequence f64 · 40 last f64
 *            · 48 readings f64 · 56 crc32 of 0–56; nothing follows
 */
export const HEAD_BYTES = 64;
const BLOCK_MAGIC = 0x42505346; // "FSPB"
const END_MAGIC = 0x45505346; // "FSPE"
/** Plain bytes of a block, unless a single frame is larger. */
const BLOCK_BYTES = 2 * 1024 * 1024;

const crc32 = (bytes: Uint8Array): number => Bun.hash.crc32(bytes, 0);

/** One block, and where it lies in the file and in the plain segment. */
export type Block = {
  readonly fileAt: number;
  readonly packedBytes: number;
  readonly crc: number;
  readonly plainAt: number;
  readonly plainBytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly readings: number;
};

/** What a packed segment's trailer says. */
export type Trailer = {
  readonly plainBytes: number;
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly readings: number;
};

function head(magic: number, fill: (view: DataView) => void, crcAt: number): Uint8Array {
  const bytes = new Uint8Array(HEAD_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  fill(view);
  view.setUint32(crcAt, crc32(bytes.subarray(0, crcAt)), true);
  return bytes;
}

function viewOf(bytes: Uint8Array, at: number, magic: number, crcAt: number): DataView | undefined {
  if (at + HEAD_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, HEAD_BYTES);
  const isIntact =
    view.getUint32(0, true) === magic &&
    view.getUint32(crcAt, true) === crc32(bytes.subarray(at, at + crcAt));
  return isIntact ? view : undefined;
}

/** The block whose head stands at `at` of the bytes, which are the file's from `fileFrom` on. */
export function readBlock(bytes: Uint8Array, at: number, fileFrom: number): Block | undefined {
  const view = viewOf(bytes, at, BLOCK_MAGIC, 60);
  if (view === undefined) return undefined;
  return {
    fileAt: fileFrom + at,
    packedBytes: view.getUint32(8, true),
    crc: view.getUint32(12, true),
    plainAt: view.getFloat64(16, true),
    plainBytes: view.getUint32(24, true),
    firstSequence: view.getFloat64(32, true),
    lastSequence: view.getFloat64(40, true),
    readings: view.getFloat64(48, true),
  };
}

/** What stands at the end of a packed segment; undefined when it is no whole one. */
export function readTrailer(disk: Disk, path: string, fileBytes: number): Trailer | undefined {
  if (fileBytes < HEAD_BYTES) return undefined;
  const bytes = disk.read(path, fileBytes - HEAD_BYTES, HEAD_BYTES);
  const view = viewOf(bytes, 0, END_MAGIC, 56);
  if (view === undefined) return undefined;
  return {
    plainBytes: view.getFloat64(16, true),
    firstSequence: view.getFloat64(32, true),
    lastSequence: view.getFloat64(40, true),
    readings: view.getFloat64(48, true),
  };
}

/** The frames of a block, or undefined when it is damaged. */
export function openBlock(disk: Disk, path: string, block: Block): Uint8Array | undefined {
  const packed = disk.read(path, block.fileAt + HEAD_BYTES, block.packedBytes);
  if (packed.length !== block.packedBytes || crc32(packed) !== block.crc) return undefined;
  return unpackFrames(packed, block.plainBytes);
}

/** Where a block's successor begins. */
export const endOf = ({ fileAt, packedBytes }: Block): number =>
  fileAt + HEAD_BYTES + Math.ceil(packedBytes / 8) * 8;

type Run = { bytes: number; first: number; last: number; readings: number };

/** The whole frames at the beginning of the bytes, about a block's worth. */
function runOf(bytes: Uint8Array): Run {
  const run: Run = { bytes: 0, first: 0, last: 0, readings: 0 };
  while (run.bytes < BLOCK_BYTES) {
    const header = readHeader(bytes, run.bytes);
    if (header === undefined) break;
    const end = run.bytes + HEADER_BYTES + header.payloadBytes;
    if (end > bytes.length || !isWhole(bytes, run.bytes, header)) break;
    if (run.bytes === 0) run.first = header.sequence;
    run.last = header.sequence;
    run.readings += header.count;
    run.bytes = end;
  }
  return run;
}

/** What `packSegment` needs: the files, and what it does between two blocks. */
export type PackTask = {
  readonly disk: Disk;
  readonly from: string;
  readonly fromBytes: number;
  readonly to: string;
  /** Called after so many plain bytes; lets others go first. */
  readonly pace: (plainBytes: number) => Promise<void>;
};

/**
 * Writes the packed form of a closed segment beside it, flushed, and resolves with its size. The name
 * is not made durable and the plain segment stays: that is for whoever takes it over.
 * @throws an error when the segment holds bytes that are no frame; it stays as it is then.
 */
export async function packSegment({
  disk,
  from,
  fromBytes,
  to,
  pace,
}: PackTask): Promise<{ fileBytes: number; trailer: Trailer }> {
  disk.remove(to);
  const file = disk.append(to);
  try {
    const total = { first: 0, last: 0, readings: 0 };
    let fileBytes = 0;
    for (let at = 0; at < fromBytes; ) {
      const run = nextRun(disk, from, at, fromBytes);
      const packed = packFrames(run.frames);
      const blockHead = head(
        BLOCK_MAGIC,
        (view) => {
          view.setUint32(8, packed.length, true);
          view.setUint32(12, crc32(packed), true);
          view.setFloat64(16, at, true);
          view.setUint32(24, run.bytes, true);
          view.setFloat64(32, run.first, true);
          view.setFloat64(40, run.last, true);
          view.setFloat64(48, run.readings, true);
        },
        60,
      );
      const pad = new Uint8Array((8 - (packed.length % 8)) % 8);
      file.write([blockHead, packed, pad]);
      fileBytes += HEAD_BYTES + packed.length + pad.length;
      if (at === 0) total.first = run.first;
      total.last = run.last;
      total.readings += run.readings;
      at += run.bytes;
      await pace(run.bytes);
    }
    const trailer = {
      plainBytes: fromBytes,
      firstSequence: total.first,
      lastSequence: total.last,
      readings: total.readings,
    };
    file.write([trailerOf(trailer)]);
    await file.sync();
    return { fileBytes: fileBytes + HEAD_BYTES, trailer };
  } finally {
    file.close();
  }
}

function trailerOf(trailer: Trailer): Uint8Array {
  return head(
    END_MAGIC,
    (view) => {
      view.setFloat64(16, trailer.plainBytes, true);
      view.setFloat64(32, trailer.firstSequence, true);
      view.setFloat64(40, trailer.lastSequence, true);
      view.setFloat64(48, trailer.readings, true);
    },
    56,
  );
}

function nextRun(disk: Disk, path: string, at: number, fileBytes: number) {
  const bytes = disk.read(path, at, Math.min(BLOCK_BYTES + HEADER_BYTES, fileBytes - at));
  let run = runOf(bytes);
  let frames: Uint8Array = bytes.subarray(0, run.bytes);
  if (run.bytes === 0) {
    // A frame larger than a block is one of its own.
    const header = readHeader(bytes, 0);
    const length = HEADER_BYTES + (header?.payloadBytes ?? 0);
    if (header !== undefined) frames = disk.read(path, at, length);
    run = runOf(frames);
  }
  if (run.bytes === 0) throw new Error(`${path} holds no whole frame at byte ${at}`);
  return { ...run, frames };
}
