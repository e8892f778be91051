import type { Disk, DiskFile } from "../disk.ts";

/** A file: what a reader sees, and what the platter holds. */
type Held = { bytes: number[]; durable: number[] };

/** Bytes that the platter takes whole or not at all. */
const PAGE_BYTES = 16;

/** A disk in memory for tests: it knows what was flushed, can lose the rest, fail, and be damaged. */
export type SimulatedDisk = Disk & {
  /** Power fails: of what was not flushed, each file keeps its first `kept` bytes; names stay. */
  losePower(keptUnsynced: number): void;
  /**
   * Power fails: of what was not flushed, pages, lengths and names remain by the toss of a coin, in any
   * combination. `next` gives numbers from 0 up to 1.
   */
  losePowerAtRandom(next: () => number): void;
  /** Flips a bit. */
  damage(path: string, offset: number): void;
  cut(path: string, sizeBytes: number): void;
  size(path: string): number;
  paths(): string[];
  copy(): SimulatedDisk;
  /** Bytes that can still be written; then writes fail with ENOSPC after a part. */
  free: number;
  /** Flushes fail while it is set. */
  failsSync: boolean;
  /** Writes fail while it is set, as on a disk that became read-only. */
  isReadOnly: boolean;
  /** Flushes do not end while it is set: the machine dies in the middle of one. */
  holdsSync: boolean;
};

const failure = (code: string, path = ""): Error =>
  Object.assign(new Error(`${code}: ${path}`), { code });

/** Makes an empty one. */
export function simulatedDisk(freeBytes = Number.POSITIVE_INFINITY): SimulatedDisk {
  return new MemoryDisk(freeBytes);
}

class MemoryDisk implements SimulatedDisk {
  failsSync = false;
  holdsSync = false;
  isReadOnly = false;
  /** Names as a reader sees them. */
  private files = new Map<string, Held>();
  /** Names as the platter holds them. */
  private durable = new Map<string, Held>();

  free: number;

  constructor(free: number) {
    this.free = free;
  }

  private held(path: string): Held {
    const found = this.files.get(path);
    if (found === undefined) throw failure("ENOENT", path);
    return found;
  }

  private checkWritable(path: string): void {
    if (this.isReadOnly) throw failure("EROFS", path);
  }

  makeFolder(): void {}

  list(folder: string) {
    const found = new Map<string, number>();
    for (const [path, file] of this.files) {
      if (!path.startsWith(`${folder}/`)) continue;
      const [name = "", ...below] = path.slice(folder.length + 1).split("/");
      found.set(name, below.length === 0 ? file.bytes.length : 0);
    }
    return [...found].map(([name, sizeBytes]) => ({ name, sizeBytes, modifiedAtUs: 0 }));
  }

  read(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.held(path).bytes.slice(offset, offset + length));
  }

  append(path: string): DiskFile {
    this.checkWritable(path);
    const file = this.files.get(path) ?? { bytes: [], durable: [] };
    this.files.set(path, file);
    return {
      write: (parts) => {
        this.checkWritable(path);
        for (const part of parts)
          for (const byte of part) {
            if (this.free <= 0) throw failure("ENOSPC");
            this.free--;
            file.bytes.push(byte);
          }
      },
      sync: async () => {
        if (this.holdsSync) await new Promise<never>(() => undefined);
        if (this.failsSync) throw failure("EIO");
        file.durable = [...file.bytes];
      },
      truncate: (sizeBytes) => {
        this.checkWritable(path);
        this.free += Math.max(0, file.bytes.length - sizeBytes);
        file.bytes.length = Math.min(file.bytes.length, sizeBytes);
      },
      close: () => undefined,
    };
  }

  rename(from: string, to: string): void {
    this.checkWritable(from);
    this.files.set(to, this.held(from));
    this.files.delete(from);
  }

  remove(path: string): void {
    this.checkWritable(path);
    this.free += this.files.get(path)?.bytes.length ?? 0;
    this.files.delete(path);
  }

  syncFolder(path: string): void {
    const file = this.files.get(path);
    if (file !== undefined) file.durable = [...file.bytes];
    const isIn = (name: string) => name.startsWith(`${path}/`);
    for (const name of [...this.durable.keys()])
      if (isIn(name) && !this.files.has(name)) this.durable.delete(name);
    for (const [name, own] of this.files) if (isIn(name)) this.durable.set(name, own);
  }

  freeBytes(): number {
    return this.free;
  }

  losePower(keptUnsynced: number): void {
    for (const file of this.files.values()) {
      const kept = Math.min(file.bytes.length, file.durable.length + keptUnsynced);
      file.bytes.length = kept;
      file.durable = [...file.bytes];
    }
    this.durable = new Map(this.files);
  }

  losePowerAtRandom(next: () => number): void {
    for (const file of new Set([...this.files.values(), ...this.durable.values()])) {
      file.bytes = remainsOf(file, next);
      file.durable = [...file.bytes];
    }
    for (const path of new Set([...this.files.keys(), ...this.durable.keys()])) {
      const seen = this.files.get(path);
      const platter = this.durable.get(path);
      const kept = seen === platter || next() < 0.5 ? seen : platter;
      if (kept === undefined) this.files.delete(path);
      else this.files.set(path, kept);
    }
    this.durable = new Map(this.files);
  }

  damage(path: string, offset: number): void {
    const { bytes } = this.held(path);
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
  }

  cut(path: string, sizeBytes: number): void {
    this.held(path).bytes.length = sizeBytes;
  }

  size(path: string): number {
    return this.files.get(path)?.bytes.length ?? 0;
  }

  paths(): string[] {
    return [...this.files.keys()].sort();
  }

  copy(): SimulatedDisk {
    const other = new MemoryDisk(this.free);
    // What the platter holds is replaced whole, never changed in place.
    for (const [path, file] of this.files)
      other.files.set(path, { bytes: [...file.bytes], durable: file.durable });
    other.durable = new Map(other.files);
    return other;
  }
}

/** Length and pages are the reader's or the platter's, each by a toss. */
function remainsOf({ bytes, durable }: Held, next: () => number): number[] {
  const shorter = Math.min(bytes.length, durable.length);
  const longer = Math.max(bytes.length, durable.length);
  const length = shorter + Math.floor(next() * (longer - shorter + 1));
  const out: number[] = [];
  for (let at = 0; at < length; at += PAGE_BYTES) {
    const [first, second] = next() < 0.5 ? [bytes, durable] : [durable, bytes];
    const isSame = at + PAGE_BYTES <= shorter;
    for (let i = at; i < Math.min(length, at + PAGE_BYTES); i++) {
      // What neither holds was never written: the file system gives zeros.
      const kept = first[i] ?? (isSame || next() < 0.5 ? second[i] : 0);
      out.push(kept ?? 0);
    }
  }
  return out;
}
