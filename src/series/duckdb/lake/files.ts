import { constants } from "node:fs";
import { access, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { reasonOf } from "../../../domain/error.ts";
import type { LakeSegment } from "../../../domain/lake.ts";

const READ_BYTES = 2 ** 20;

/** Flushes a finished file, gives it its name, and flushes the folder that names it. */
export async function settleFile(
  temporary: string,
  file: string,
): Promise<{ readonly sizeBytes: number; readonly crc32: number }> {
  const handle = await open(temporary, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  const sum = await sumFile(temporary);
  await rename(temporary, file);
  await syncFolder(dirname(file));
  return sum;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder; the names of those made are flushed up to `root`. */
export async function makeFolder(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let at = folder; at.startsWith(root); at = dirname(at)) await syncFolder(at);
}

async function sumFile(file: string): Promise<{ sizeBytes: number; crc32: number }> {
  const handle = await open(file, "r");
  try {
    const buffer = new Uint8Array(READ_BYTES);
    let [sizeBytes, crc32] = [0, 0];
    for (;;) {
      const { bytesRead } = await handle.read(buffer, 0, READ_BYTES, sizeBytes);
      if (bytesRead === 0) return { sizeBytes, crc32 };
      crc32 = Bun.hash.crc32(buffer.subarray(0, bytesRead), crc32);
      sizeBytes += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** What is wrong with a segment's file, empty when nothing is. `thorough` reads the whole of it. */
export async function defectOf(
  root: string,
  segment: LakeSegment,
  thorough: boolean,
): Promise<string> {
  const file = join(root, segment.file);
  try {
    const { size } = await stat(file);
    if (size !== segment.sizeBytes)
      return `has ${size} bytes instead of ${segment.sizeBytes}; put it back from a backup`;
    if (!thorough) return "";
    const { crc32 } = await sumFile(file);
    return crc32 === segment.crc32 ? "" : "fails its checksum; put it back from a backup";
  } catch (error) {
    const missing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return missing
      ? "is missing; put it back from a backup"
      : `cannot be read (${reasonOf(error)})`;
  }
}

/** Removes files that may be gone already, and the folders that are empty then. */
export async function removeFiles(root: string, files: readonly string[]): Promise<void> {
  for (const file of files) await rm(join(root, file), { force: true });
}

/** Whether a file is there. */
export async function isThere(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
