import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Who holds a folder: process id and, where the system tells, the process's start mark. */
export type LockHolder = { readonly pid: number; readonly started: string };

/** The kernel's start time of a process, so that a reused process id is not mistaken for the holder. */
export function processStarted(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name may hold spaces and brackets; fields count from after its last bracket.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined; // no such process, or a system without /proc
  }
}

function isAlive(holder: LockHolder): boolean {
  const started = processStarted(holder.pid);
  if (started !== undefined) return started === holder.started || holder.started === "";
  try {
    process.kill(holder.pid, 0);
    return holder.started === "";
  } catch {
    return false; // the process is gone
  }
}

/**
 * Takes the folder for this process. A lock left by a process that no longer runs is replaced.
 * @returns a function that gives it back, or the process that holds it.
 * @throws the file system's error when the folder cannot be written.
 */
export function lockFolder(folder: string): { release: () => void } | { heldBy: LockHolder } {
  const path = join(folder, "lock");
  const own = { pid: process.pid, started: processStarted(process.pid) ?? "" };
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const fd = openSync(path, "wx", 0o600);
      writeSync(fd, JSON.stringify(own));
      closeSync(fd);
      return { release: () => releaseLock(path, own) };
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
    }
    const holder = readLock(path);
    if (holder && isAlive(holder)) return { heldBy: holder };
    removeIfThere(path);
  }
  throw new Error(`${path}: another process keeps taking it`);
}

function readLock(path: string): LockHolder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return undefined;
    const { pid, started } = value as Partial<LockHolder>; // each field is checked below
    return typeof pid === "number" && typeof started === "string" ? { pid, started } : undefined;
  } catch {
    return undefined; // gone meanwhile, or cut short by a crash: nobody's
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}

function releaseLock(path: string, own: LockHolder): void {
  const holder = readLock(path);
  if (holder?.pid === own.pid && holder.started === own.started) removeIfThere(path);
}
