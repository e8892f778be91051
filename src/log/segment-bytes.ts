import type { Disk } from "./disk.ts";
import {
  type Block,
  endOf,
  HEAD_BYTES,
  openBlock,
  readBlock,
  readTrailer,
} from "./packed-segment.ts";

/** The bytes of a segment as they were written, whichever form its file has. */
export type SegmentBytes = {
  /** Of the plain form. */
  readonly sizeBytes: number;
  /** Bytes from `offset` on, at least `length` of them unless they end or are damaged there. */
  window(offset: number, length: number): { readonly bytes: Uint8Array; readonly at: number };
  /** Where a frame may begin behind an offset at which there is none. */
  after(offset: number): number;
  /** The part of the file that holds this part of the plain bytes, to be set aside. */
  fileRange(from: number, to: number): { readonly from: number; readonly to: number };
};

const CHUNK_BYTES = 8 * 1024 * 1024;
/** Frames begin at multiples of it. */
const STEP = 8;

/** A segment's file as it was written. */
export function plainBytes(disk: Disk, path: string, sizeBytes: number): SegmentBytes {
  let chunk = new Uint8Array(0);
  let chunkAt = 0;
  return {
    sizeBytes,
    window(offset, length) {
      const isInside = offset >= chunkAt && offset + length <= chunkAt + chunk.length;
      if (!isInside) {
        const wanted = Math.min(sizeBytes - offset, Math.max(length, CHUNK_BYTES));
        chunk = disk.read(path, offset, Math.max(0, wanted));
        chunkAt = offset;
      }
      return { bytes: chunk, at: offset - chunkAt };
    },
    after: (offset) => (Math.floor(offset / STEP) + 1) * STEP,
    fileRange: (from, to) => ({ from, to }),
  };
}

/** Heads of all blocks that can be read; what stands between two of them is damaged. */
export function blocksOf(disk: Disk, path: string, fileBytes: number): Block[] {
  const blocks: Block[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= fileBytes) {
    const block = readBlock(disk.read(path, at, HEAD_BYTES), 0, at);
    if (block === undefined) {
      const found = searchBlock(disk, path, at + STEP, fileBytes);
      if (found === undefined) break;
      at = found;
      continue;
    }
    blocks.push(block);
    at = endOf(block);
  }
  return blocks;
}

function searchBlock(disk: Disk, path: string, from: number, fileBytes: number) {
  for (let at = from; at + HEAD_BYTES <= fileBytes; at += CHUNK_BYTES) {
    const bytes = disk.read(path, at, CHUNK_BYTES + HEAD_BYTES);
    for (let i = 0; i < CHUNK_BYTES && i + HEAD_BYTES <= bytes.length; i += STEP)
      if (readBlock(bytes, i, at) !== undefined) return at + i;
  }
  return undefined;
}

const NONE = new Uint8Array(0);

/** A packed segment's file, unpacked a block at a time. */
export function packedBytes(disk: Disk, path: string, fileBytes: number): SegmentBytes {
  const blocks = blocksOf(disk, path, fileBytes);
  const last = blocks.at(-1);
  const end = last === undefined ? 0 : last.plainAt + last.plainBytes;
  const sizeBytes = Math.max(readTrailer(disk, path, fileBytes)?.plainBytes ?? end, end);
  let opened: { block: Block; bytes: Uint8Array | undefined } | undefined;
  let hint = 0;
  const at = (offset: number): Block | undefined => {
    const holds = (block: Block | undefined) =>
      block !== undefined && offset >= block.plainAt && offset < block.plainAt + block.plainBytes;
    // Readers go forward.
    for (const near of [hint, hint + 1]) {
      if (!holds(blocks[near])) continue;
      hint = near;
      return blocks[near];
    }
    hint = Math.max(0, blocks.findIndex(holds));
    return holds(blocks[hint]) ? blocks[hint] : undefined;
  };
  const nextOf = (offset: number) => blocks.find(({ plainAt }) => plainAt > offset);
  return {
    sizeBytes,
    window(offset) {
      const block = at(offset);
      if (block === undefined) return { bytes: NONE, at: 0 };
      if (opened?.block !== block) opened = { block, bytes: openBlock(disk, path, block) };
      return { bytes: opened.bytes ?? NONE, at: opened.bytes ? offset - block.plainAt : 0 };
    },
    after(offset) {
      const isOpen = opened?.bytes !== undefined && opened.block === at(offset);
      const next = nextOf(offset)?.plainAt ?? sizeBytes;
      return isOpen ? Math.min(next, (Math.floor(offset / STEP) + 1) * STEP) : next;
    },
    fileRange(from, to) {
      const first = at(from);
      const before = blocks.findLast(({ plainAt }) => plainAt < from);
      const start = first?.fileAt ?? (before === undefined ? 0 : endOf(before));
      const next = blocks.find(({ plainAt }) => plainAt >= to);
      return { from: start, to: next?.fileAt ?? fileBytes };
    },
  };
}
