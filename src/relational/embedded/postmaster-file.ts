import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What a running PostgreSQL writes of itself into its data folder. */
export type Postmaster = {
  readonly pid: number;
  readonly socketFolder: string;
  readonly isReady: boolean;
  /** The file without its state: two runs never write the same. */
  readonly mark: string;
};

/** Reads `postmaster.pid`; undefined when there is none or it is not complete yet. */
export function readPostmaster(pgData: string): Postmaster | undefined {
  let text: string;
  try {
    text = readFileSync(join(pgData, "postmaster.pid"), "utf8");
  } catch {
    return undefined; // not running, or gone meanwhile
  }
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    socketFolder: lines[4] ?? "",
    isReady: (lines[7] ?? "").startsWith("ready"),
    mark: lines.slice(0, 3).join("\n"),
  };
}

/** True while a process id is taken, if only by one that is dying and not collected yet. */
export function isTaken(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** What has a process id now: nothing, the PostgreSQL of this folder, or something else. */
export function whoHas(pid: number, pgData: string): "nobody" | "postgres" | "another" {
  if (!isTaken(pid)) return "nobody";
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    if (words.length === 1) return "nobody"; // a zombie has no command line
    return words[0]?.endsWith("postgres") && words.includes(pgData) ? "postgres" : "another";
  } catch {
    return process.platform === "linux" ? "nobody" : "postgres"; // no /proc: take it for ours
  }
}
