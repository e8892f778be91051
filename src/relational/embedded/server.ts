import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../domain/error.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/logger.ts";
import { guardArguments } from "./guard.ts";
import { initOnce } from "./init.ts";
import { isTaken, readPostmaster, whoHas } from "./postmaster-file.ts";
import { findRunner, giveTo, openWay, type Runner } from "./runner.ts";
import { makeSocketFolder, socketFolder } from "./socket-folder.ts";

export type EmbeddedDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Folder with PostgreSQL's bin, lib and share. */
  readonly pgRoot: string;
  /** The data folder; PostgreSQL lives in `postgres` below it. Its lock is held by the caller. */
  readonly dataFolder: string;
  /** Folder for short-lived files, such as the system's /tmp. */
  readonly tempFolder: string;
  /** Command that starts this program; "pg-guard" and its arguments are appended. */
  readonly self: readonly string[];
  readonly uid: number;
  /** False where user namespaces are forbidden; found out when left out. */
  readonly mayUnshare?: boolean;
};

export type EmbeddedState = "up" | "down";

export type EmbeddedServer = {
  readonly socketFolder: string;
  readonly pgData: string;
  state(): EmbeddedState;
  /** Process id of PostgreSQL itself; undefined while it is away. */
  pid(): number | undefined;
  onState(listener: (state: EmbeddedState) => void): void;
  /** Shuts PostgreSQL down; resolves when it is gone. Legal to call twice. */
  stop(): Promise<void>;
};

const START_MS_MAX = 60_000;
const STOP_MS_MAX = 20_000;
const POLL_MS = 5;
const RESTART_MS_MIN = 100;
const RESTART_MS_MAX = 10_000;
const LOG_BYTES_MAX = 1_048_576;

/** Where the embedded database of a data folder lives. */
export function pgDataOf(dataFolder: string): string {
  return join(dataFolder, "postgres");
}

/**
 * Starts PostgreSQL on the data folder and keeps it running: when it ends by itself it is started again,
 * with a growing pause between attempts.
 * @throws AppError "unavailable" with the reason when it cannot be started.
 */
export async function startEmbedded(deps: EmbeddedDeps): Promise<EmbeddedServer> {
  mkdirSync(deps.dataFolder, { recursive: true });
  const pgData = pgDataOf(deps.dataFolder);
  const sockets = socketFolder(deps.dataFolder, deps.tempFolder);
  const { uid, mayUnshare } = deps;
  const asked = mayUnshare === undefined ? {} : { mayUnshare };
  const runner = findRunner({ folder: deps.dataFolder, uid, ...asked });
  openWay(runner, join(deps.pgRoot, "bin", "postgres"), deps.dataFolder);
  makeSocketFolder(sockets, deps.uid, runner);
  await initOnce(deps.pgRoot, pgData, runner);
  giveTo(runner, pgData);
  const listeners: ((state: EmbeddedState) => void)[] = [];
  const run = { guard: undefined as ChildProcess | undefined, stopping: false, failures: 0 };
  let state: EmbeddedState = "down";
  const setState = (next: EmbeddedState) => {
    if (next === state) return;
    state = next;
    for (const listener of listeners) listener(next);
  };
  const supervise = async (): Promise<void> => {
    const started = await startOnce(deps, pgData, sockets, runner);
    run.guard = started;
    const sinceUs = deps.clock.nowUs();
    setState("up");
    started.once("exit", (code) => {
      run.guard = undefined;
      setState("down");
      if (run.stopping) return;
      if (deps.clock.nowUs() - sinceUs > RESTART_MS_MAX * 6_000) run.failures = 0;
      deps.logger.warn("PostgreSQL ended; starting it again", { code: code ?? undefined });
      again();
    });
    if (started.exitCode !== null) started.emit("exit", started.exitCode);
  };
  const again = () => {
    const pauseMs = Math.min(RESTART_MS_MIN * 2 ** run.failures++, RESTART_MS_MAX);
    deps.clock.after(pauseMs, () => {
      if (run.stopping) return;
      supervise().catch((error: unknown) => {
        deps.logger.error("PostgreSQL does not start", { reason: String(error) });
        again();
      });
    });
  };
  await supervise();
  return {
    socketFolder: sockets,
    pgData,
    state: () => state,
    pid: () => (state === "up" ? readPostmaster(pgData)?.pid : undefined),
    onState: (listener) => void listeners.push(listener),
    async stop() {
      run.stopping = true;
      await stopGuard(deps.clock, run.guard);
      await endStale(deps, pgData);
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}

async function startOnce(
  deps: EmbeddedDeps,
  pgData: string,
  sockets: string,
  runner: Runner,
): Promise<ChildProcess> {
  const staleMark = await endStale(deps, pgData);
  makeSocketFolder(sockets, deps.uid, runner);
  const logFile = join(deps.dataFolder, "postgres.log");
  if (existsSync(logFile) && statSync(logFile).size > LOG_BYTES_MAX)
    renameSync(logFile, `${logFile}.1`);
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const program = join(deps.pgRoot, "bin", "postgres");
  const [command = "", ...own] = deps.self;
  const task = { program, pgData, socketFolder: sockets, logFile, runner };
  const guard = spawn(command, [...own, ...guardArguments(task)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.stdin?.on("error", () => {}); // a guard that has gone is told by its exit
  const failed = new Promise<string>((resolve) => {
    guard.once("error", (error) => resolve(error.message));
    guard.once("exit", (code) => resolve(`it ended with ${code}`));
  });
  const ready = await untilReady(deps.clock, pgData, staleMark, failed);
  if (ready === undefined) return guard;
  await stopGuard(deps.clock, guard);
  const reason = fatalLine(logFile, logStart) ?? ready;
  throw new AppError(
    "unavailable",
    `the database in ${pgData} does not start: ${reason}; see ${logFile}, or put a backup of the data folder in its place`,
  );
}

/** Resolves with undefined once PostgreSQL takes connections, else with why it does not. */
async function untilReady(
  clock: Clock,
  pgData: string,
  staleMark: string,
  failed: Promise<string>,
): Promise<string | undefined> {
  let failure: string | undefined;
  void failed.then((reason) => {
    failure = reason;
  });
  const endUs = clock.nowUs() + START_MS_MAX * 1000;
  while (failure === undefined) {
    const found = readPostmaster(pgData);
    if (found?.isReady && found.mark !== staleMark) return undefined;
    if (clock.nowUs() > endUs) return `it was not ready within ${START_MS_MAX / 1000} s`;
    await pause(clock, POLL_MS);
  }
  return failure;
}

/** Ends a PostgreSQL that an earlier run left behind on this folder; returns the mark of its file. */
async function endStale(deps: EmbeddedDeps, pgData: string): Promise<string> {
  const found = readPostmaster(pgData);
  if (!found) return "";
  const holder = whoHas(found.pid, pgData);
  // PostgreSQL refuses to start while its old process id belongs to anything alive. A file whose process
  // is gone stays: by it PostgreSQL finds out whether children of the old one still write.
  if (holder === "another") rmSync(join(pgData, "postmaster.pid"), { force: true });
  if (holder === "another") return found.mark;
  // One that was killed a moment ago keeps its id until it is collected, and that long PostgreSQL
  // refuses to start.
  const isCollected = () => !isTaken(found.pid);
  if (holder === "nobody") {
    await gone(deps.clock, isCollected, STOP_MS_MAX / 4);
    return found.mark;
  }
  deps.logger.info("ending a PostgreSQL that an earlier run left behind", { pid: found.pid });
  const stages = ["SIGINT", "SIGQUIT", "SIGKILL"] as const;
  for (const signal of stages) {
    if (whoHas(found.pid, pgData) !== "postgres") break;
    process.kill(found.pid, signal);
    const isGone = () => whoHas(found.pid, pgData) !== "postgres";
    if (await gone(deps.clock, isGone, STOP_MS_MAX / stages.length)) break;
  }
  await gone(deps.clock, isCollected, STOP_MS_MAX / 4);
  return found.mark;
}

async function stopGuard(clock: Clock, guard: ChildProcess | undefined): Promise<void> {
  if (guard === undefined || guard.exitCode !== null || guard.signalCode !== null) return;
  guard.stdin?.end();
  await gone(clock, () => guard.exitCode !== null || guard.signalCode !== null, STOP_MS_MAX);
}

async function gone(clock: Clock, isGone: () => boolean, withinMs: number): Promise<boolean> {
  const endUs = clock.nowUs() + withinMs * 1000;
  while (!isGone()) {
    if (clock.nowUs() > endUs) return false;
    await pause(clock, POLL_MS);
  }
  return true;
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** The first reason that PostgreSQL wrote after `start`, without its time and process id. */
function fatalLine(logFile: string, start: number): string | undefined {
  if (!existsSync(logFile)) return undefined;
  const text = readFileSync(logFile).subarray(start).toString("utf8");
  const line = text.split("\n").find((l) => /\b(FATAL|PANIC)\b|error while loading/.test(l));
  return line?.replace(/^.*?(FATAL|PANIC):\s*/, "").trim();
}
