import {
  closeSync,
  fdatasync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writevSync,
} from "node:fs";
import { join } from "node:path";

/** A file that only grows. */
export type DiskFile = {
  /** Appends all parts; throws the system's error, after which the file may hold some of them. */
  write(parts: readonly Uint8Array[]): void;
  /** Resolves when all that was written would survive a loss of power. Runs off the thread. */
  sync(): Promise<void>;
  truncate(sizeBytes: number): void;
  close(): void;
};

/** The file system as the log and the snapshots use it; a test may give a simulated one. */
export type Disk = {
  makeFolder(path: string): void;
  list(folder: string): readonly { name: string; sizeBytes: number; modifiedAtUs: number }[];
  /** Up to `length` bytes from `offset`; fewer at the file's end. */
  read(path: string, offset: number, length: number): Uint8Array<ArrayBuffer>;
  /** Opens for appending; creates the file when it is not there. */
  append(path: string): DiskFile;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Makes names created, renamed and removed in a folder durable. */
  syncFolder(path: string): void;
  freeBytes(folder: string): number;
};

const PARTS_MAX = 512;

function writeAll(fd: number, parts: readonly Uint8Array[]): void {
  let queue = parts.filter((part) => part.length > 0);
  while (queue.length > 0) {
    let written = writevSync(fd, queue.slice(0, PARTS_MAX));
    let whole = 0;
    for (const part of queue) {
      if (written < part.length) break;
      written -= part.length;
      whole++;
    }
    const partial = queue[whole];
    queue = queue.slice(whole);
    if (written > 0 && partial !== undefined) queue[0] = partial.subarray(written);
  }
}

function readRange(path: string, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const fd = openSync(path, "r");
  try {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      const got = readSync(fd, bytes, filled, length - filled, offset + filled);
      if (got === 0) break;
      filled += got;
    }
    return filled === length ? bytes : bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}

function openAppend(path: string): DiskFile {
  const fd = openSync(path, "a", 0o600);
  return {
    write: (parts) => writeAll(fd, parts),
    sync: () =>
      new Promise((resolve, reject) => {
        fdatasync(fd, (error) => (error ? reject(error) : resolve()));
      }),
    truncate: (sizeBytes) => ftruncateSync(fd, sizeBytes),
    close: () => closeSync(fd),
  };
}

/** The machine's file system. */
export const systemDisk: Disk = {
  makeFolder: (path) => void mkdirSync(path, { recursive: true, mode: 0o700 }),
  list: (folder) =>
    readdirSync(folder).flatMap((name) => {
      // One that another process has removed since is not listed.
      const stat = statSync(join(folder, name), { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return [{ name, sizeBytes: stat.size, modifiedAtUs: Math.floor(stat.mtimeMs) * 1000 }];
    }),
  read: readRange,
  append: openAppend,
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
  syncFolder(path) {
    const fd = openSync(path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  freeBytes(folder) {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  },
};
