import { readdirSync, readFileSync } from "node:fs";

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // ended meanwhile
  }
}

/** Fields of /proc/PID/stat after the name, which may hold blanks itself. */
function statOf(pid: number): string[] {
  const stat = readOr(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** A process and all that it started and that still run. */
export function familyOf(pid: number): number[] {
  const parentOf = new Map<number, number>();
  for (const name of readdirSync("/proc"))
    if (/^\d+$/.test(name)) parentOf.set(Number(name), Number(statOf(Number(name))[1] ?? 0));
  const isOurs = (own: number): boolean =>
    own === pid || (parentOf.has(own) && own > 1 && isOurs(parentOf.get(own) ?? 0));
  return [...parentOf.keys()].filter(isOurs);
}

/** CPU seconds, user and system, that processes and those they started have used. */
export function cpuSOf(...pids: readonly number[]): number {
  return pids.flatMap(familyOf).reduce((sum, own) => {
    const fields = statOf(own);
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
  }, 0);
}

/** Proportional memory of processes and all they started, in MB: shared pages count once. */
export function memoryMbOf(...pids: readonly number[]): number {
  return pids
    .flatMap(familyOf)
    .map(
      (own) => Number(/^Pss:\s+(\d+)/m.exec(readOr(`/proc/${own}/smaps_rollup`))?.[1] ?? 0) / 1024,
    )
    .reduce((a, b) => a + b, 0);
}

/** The most memory that a process itself held at once, in MB. */
export function peakMbOf(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readOr(`/proc/${pid}/status`))?.[1] ?? 0) / 1024;
}
