import { readFileSync, renameSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How a command finds the server that runs on its data folder. The file is readable by its owner only. */
export type RunFile = {
  readonly pid: number;
  /** Address at which this machine reaches it, as in a URL. */
  readonly host: string;
  readonly port: number;
  readonly secret: string;
};

/** Writes it whole, so that a reader never sees half of it. */
export function writeRunFile(folder: string, run: RunFile): void {
  const path = join(folder, "run.json");
  writeFileSync(`${path}.new`, JSON.stringify(run), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The running server's address, or undefined when none is written. */
export function readRunFile(folder: string): RunFile | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(folder, "run.json"), "utf8"));
  } catch {
    return undefined; // no server has written it
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { pid, host, port, secret } = value as Partial<RunFile>; // each field is checked below
  if (typeof pid !== "number" || typeof port !== "number" || typeof secret !== "string")
    return undefined;
  return { pid, host: typeof host === "string" ? host : "127.0.0.1", port, secret };
}

/** Removes it; missing is fine. */
export function removeRunFile(folder: string): void {
  try {
    unlinkSync(join(folder, "run.json"));
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
