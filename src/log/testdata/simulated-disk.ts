import type { Disk, DiskFile } from "../disk.ts";

type Held = { bytes: number[]; syncedBytes: number };

/** A disk in memory for tests: it knows what was flushed, can lose the rest, fail, and be damaged. */
export type SimulatedDisk = Disk & {
  /** Power fails: of what was not flushed, each file keeps its first `kept` bytes. */
  losePower(keptUnsynced: number): void;
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
  /** Flushes do not end while it is set: the machine dies in the middle of one. */
  holdsSync: boolean;
};

/** Makes an empty one. */
export function simulatedDisk(
  files = new Map<string, Held>(),
  freeBytes = Number.POSITIVE_INFINITY,
): SimulatedDisk {
  const held = (path: string): Held => {
    const found = files.get(path);
    if (found === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
    return found;
  };
  const append = (path: string): DiskFile => {
    const file = files.get(path) ?? { bytes: [], syncedBytes: 0 };
    files.set(path, file);
    return {
      write(parts) {
        for (const part of parts)
          for (const byte of part) {
            if (disk.free <= 0) throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
            disk.free--;
            file.bytes.push(byte);
          }
      },
      async sync() {
        if (disk.holdsSync) await new Promise<never>(() => undefined);
        if (disk.failsSync) throw new Error("EIO");
        file.syncedBytes = file.bytes.length;
      },
      truncate(sizeBytes) {
        disk.free += Math.max(0, file.bytes.length - sizeBytes);
        file.bytes.length = Math.min(file.bytes.length, sizeBytes);
        file.syncedBytes = Math.min(file.syncedBytes, sizeBytes);
      },
      close: () => undefined,
    };
  };
  const disk: SimulatedDisk = {
    free: freeBytes,
    failsSync: false,
    holdsSync: false,
    makeFolder: () => undefined,
    list: (folder) =>
      [...files]
        .filter(([path]) => path.startsWith(`${folder}/`))
        .map(([path, file]) => ({
          name: path.slice(folder.length + 1),
          sizeBytes: file.bytes.length,
          modifiedAtUs: 0,
        })),
    read: (path, offset, length) =>
      Uint8Array.from(held(path).bytes.slice(offset, offset + length)),
    append,
    rename(from, to) {
      files.set(to, held(from));
      files.delete(from);
    },
    remove(path) {
      disk.free += files.get(path)?.bytes.length ?? 0;
      files.delete(path);
    },
    syncFolder: () => undefined,
    freeBytes: () => disk.free,
    losePower(keptUnsynced) {
      for (const file of files.values()) {
        const kept = Math.min(file.bytes.length, file.syncedBytes + keptUnsynced);
        file.bytes.length = kept;
        file.syncedBytes = kept;
      }
    },
    damage(path, offset) {
      const { bytes } = held(path);
      bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
    },
    cut(path, sizeBytes) {
      held(path).bytes.length = sizeBytes;
    },
    size: (path) => files.get(path)?.bytes.length ?? 0,
    paths: () => [...files.keys()].sort(),
    copy: () =>
      simulatedDisk(
        new Map(
          [...files].map(([path, file]) => [path, { ...file, bytes: [...file.bytes] }] as const),
        ),
        disk.free,
      ),
  };
  return disk;
}
