import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { parseArgs } from "node:util";
import { invocation, type Runner } from "./runner.ts";

/** What the guard is told on its command line. */
export type GuardTask = {
  readonly program: string;
  readonly pgData: string;
  readonly socketFolder: string;
  readonly logFile: string;
  readonly runner: Runner;
};

/** Settings of the embedded server; durability is never traded. */
const SERVER_SETTINGS = {
  listen_addresses: "",
  shared_buffers: "32MB",
  max_connections: "60",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
  wal_level: "minimal",
  max_wal_senders: "0",
  max_wal_size: "256MB",
  autovacuum_max_workers: "1",
  jit: "off",
  max_parallel_workers: "0",
  io_method: "sync",
  log_min_messages: "warning",
  log_checkpoints: "off",
  log_line_prefix: "%m [%p] ",
  logging_collector: "off",
  timezone: "UTC",
} as const;

/** The guard's arguments, to be appended to the command that starts this program. */
export function guardArguments(task: GuardTask): string[] {
  const user = task.runner.kind === "user" ? `${task.runner.uid}:${task.runner.gid}` : "";
  const own = ["--program", task.program, "--data", task.pgData, "--socket", task.socketFolder];
  return ["pg-guard", ...own, "--log", task.logFile, "--run", task.runner.kind, `--user=${user}`];
}

function readTask(argv: readonly string[]): GuardTask {
  const text = { type: "string", default: "" } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: { program: text, data: text, socket: text, log: text, run: text, user: text },
  });
  const [uid, gid] = values.user.split(":").map(Number);
  const runner: Runner =
    values.run === "user" && uid !== undefined && gid !== undefined
      ? { kind: "user", uid, gid }
      : { kind: values.run === "namespace" ? "namespace" : "direct" };
  return {
    program: values.program,
    pgData: values.data,
    socketFolder: values.socket,
    logFile: values.log,
    runner,
  };
}

/**
 * Runs PostgreSQL until it ends or until the standard input closes, which it does when the parent dies:
 * then PostgreSQL is shut down fast. Signals meant for the parent (Ctrl-C) are ignored, since the parent
 * still needs the database while it stops.
 * @param argv what follows `pg-guard` on the command line; see `guardArguments`.
 * @returns PostgreSQL's exit code.
 */
export function runPgGuard(argv: readonly string[]): Promise<number> {
  const task = readTask(argv);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
  const settings = Object.entries(SERVER_SETTINGS).flatMap(([k, v]) => ["-c", `${k}=${v}`]);
  const socket = `unix_socket_directories=${task.socketFolder}`;
  const { command, args, uid, gid } = invocation(task.runner, task.program, [
    ...["-D", task.pgData, "-c", socket],
    ...settings,
  ]);
  const log = openSync(task.logFile, "a", 0o600);
  const child = spawn(command, args, {
    cwd: "/",
    // A session of its own: Ctrl-C in the terminal reaches neither the guard nor PostgreSQL.
    detached: true,
    env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
    stdio: ["ignore", log, log],
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  closeSync(log);
  const shutDown = () => void child.kill("SIGINT");
  process.stdin.on("end", shutDown);
  process.stdin.on("error", shutDown);
  process.stdin.resume();
  return new Promise((resolve) => {
    child.on("error", () => resolve(127));
    child.on("exit", (code) => resolve(code ?? 1));
  });
}
