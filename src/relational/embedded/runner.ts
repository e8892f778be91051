import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { AppError } from "../../domain/error.ts";

/**
 * How PostgreSQL's programs are started. PostgreSQL refuses uid 0, so root runs them in a user namespace
 * (files stay root's, and a data folder below a 0700 home works), or as another user.
 */
export type Runner =
  | { readonly kind: "direct" }
  | { readonly kind: "namespace" }
  | { readonly kind: "user"; readonly uid: number; readonly gid: number };

export type Invocation = {
  readonly command: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
};

const NAMESPACE = ["-U", "--map-user=1000", "--map-group=1000"];
const SERVICE_USERS = ["foresight", "postgres", "nobody"];

/** What to spawn so that `program` runs the way the runner says. */
export function invocation(runner: Runner, program: string, args: readonly string[]): Invocation {
  switch (runner.kind) {
    case "direct":
      return { command: program, args };
    case "namespace":
      return { command: "unshare", args: [...NAMESPACE, program, ...args] };
    case "user":
      return { command: program, args, uid: runner.uid, gid: runner.gid };
  }
}

/**
 * Finds the way that works here: directly for a plain user; for root a user namespace, else the owner of
 * the data folder or a service user.
 * @throws AppError "unavailable" when root has neither.
 */
export function findRunner(options: {
  readonly folder: string;
  readonly uid: number;
  readonly mayUnshare?: boolean;
  readonly passwd?: string;
}): Runner {
  if (options.uid !== 0) return { kind: "direct" };
  const mayUnshare =
    options.mayUnshare ??
    spawnSync("unshare", [...NAMESPACE, "true"], { stdio: "ignore" }).status === 0;
  if (mayUnshare) return { kind: "namespace" };
  const owner = lstatSync(options.folder);
  if (owner.uid !== 0) return { kind: "user", uid: owner.uid, gid: owner.gid };
  const found = serviceUser(options.passwd ?? "/etc/passwd");
  if (found) return { kind: "user", ...found };
  throw new AppError(
    "unavailable",
    "the embedded PostgreSQL cannot run as root here: user namespaces are forbidden and there is no user foresight, postgres or nobody; start as a plain user or set FORESIGHT_DATABASE_URL",
  );
}

function serviceUser(passwd: string): { uid: number; gid: number } | undefined {
  const rows = readFileSync(passwd, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  for (const name of SERVICE_USERS) {
    const row = rows.find((r) => r[0] === name);
    if (row && Number(row[2]) > 0) return { uid: Number(row[2]), gid: Number(row[3]) };
  }
  return undefined;
}

/** Gives a folder and all in it to the user that PostgreSQL runs as; does nothing otherwise. */
export function giveTo(runner: Runner, folder: string): void {
  if (runner.kind !== "user") return;
  if (lstatSync(folder).uid === runner.uid) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) giveTo(runner, path);
    else chownSync(path, runner.uid, runner.gid);
  }
  chownSync(folder, runner.uid, runner.gid);
}

/**
 * Lets the other user reach the programs and the data: our own folders may be entered, not listed. What
 * lies above them is not ours to open.
 * @throws AppError "unavailable" naming what is closed to it.
 */
export function openWay(runner: Runner, program: string, folder: string): void {
  if (runner.kind !== "user") return;
  const root = dirname(dirname(program));
  for (const own of [folder, dirname(root), root])
    chmodSync(own, (lstatSync(own).mode & 0o777) | 0o011);
  const asUser = { cwd: "/", uid: runner.uid, gid: runner.gid, stdio: "ignore" } as const;
  const mayRun = spawnSync(program, ["--version"], asUser).status === 0;
  const mayEnter = spawnSync("sh", ["-c", 'cd "$0"', folder], asUser).status === 0;
  if (mayRun && mayEnter) return;
  throw new AppError(
    "unavailable",
    `the embedded PostgreSQL runs as user ${runner.uid}, which cannot reach ${mayRun ? folder : program}; put the data folder where it can, start as a plain user, or set FORESIGHT_DATABASE_URL`,
  );
}
