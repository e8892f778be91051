import { chownSync, existsSync, globSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { freePort } from "./free-port.ts";
import type { Found } from "./needs.ts";
import { temporaryFolder } from "./temporary-folder.ts";
import { waitFor } from "./wait.ts";

/** A PostgreSQL server of our own. */
export type PostgresServer = {
  /** Address of a fresh, empty database for a superuser. */
  readonly url: string;
  readonly port: number;
  /** A further empty database on it. */
  createDatabase(name: string): Promise<string>;
  /** Kills it and everything it started, at once. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port. */
  start(): Promise<void>;
  stop(): Promise<void>;
};

/** The folder with the server's programs: Debian's package, the newest from 15 on. */
export function findPostgres(): Found<string> {
  const found = globSync("/usr/lib/postgresql/*/bin/initdb")
    .map((path) => ({ folder: dirname(path), version: Number(path.split("/")[4]) }))
    .filter((one) => one.version >= 15)
    .sort((a, b) => b.version - a.version)[0];
  if (found === undefined)
    return { ok: false, why: "no PostgreSQL server; install Debian's package postgresql-15" };
  if (process.getuid?.() === 0 && Bun.which("setpriv") === null)
    return { ok: false, why: "no setpriv, which starts PostgreSQL as another user than root" };
  return { ok: true, value: found.folder };
}

/** PostgreSQL refuses root: then its programs run as the package's user. */
function asServerUser(command: readonly string[]): string[] {
  return process.getuid?.() === 0
    ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--", ...command]
    : [...command];
}

function idOf(user: string, flag: "-u" | "-g"): number {
  return Number(Bun.spawnSync(["id", flag, user]).stdout.toString());
}

/** Makes a data folder and starts a server on a free port of 127.0.0.1, trusting whoever connects. */
export async function startPostgres(binFolder: string): Promise<PostgresServer> {
  const folder = join(temporaryFolder("postgres"), "server");
  mkdirSync(folder);
  if (process.getuid?.() === 0) chownSync(folder, idOf("postgres", "-u"), idOf("postgres", "-g"));
  const data = join(folder, "data");
  const port = await freePort();
  const made = Bun.spawnSync(
    asServerUser([
      join(binFolder, "initdb"),
      ...["-D", data, "-U", "postgres", "-A", "trust", "--no-locale", "-E", "UTF8", "--no-sync"],
    ]),
    { cwd: folder },
  );
  if (!made.success || !existsSync(data)) throw new Error(`initdb: ${made.stderr.toString()}`);

  const admin = `postgres://postgres@127.0.0.1:${port}`;
  const query = (sql: string) =>
    Bun.spawnSync([join(binFolder, "psql"), `${admin}/postgres`, "-qAtc", sql], { cwd: folder });
  const launch = () =>
    Bun.spawn(
      asServerUser([
        join(binFolder, "postgres"),
        ...["-D", data, "-p", String(port), "-c", "listen_addresses=127.0.0.1"],
        ...["-c", `unix_socket_directories=${folder}`, "-c", "shared_buffers=32MB"],
        ...["-c", "max_connections=100"],
      ]),
      { cwd: folder, stdio: ["ignore", "ignore", "ignore"] },
    );
  let child = launch();
  const ready = () => waitFor("PostgreSQL", () => query("select 1").success, 30_000, 100);
  await ready();
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await child.exited;
  };
  const createDatabase = async (name: string) => {
    const created = query(`create database ${name}`);
    if (!created.success) throw new Error(`create database: ${created.stderr.toString()}`);
    return `${admin}/${name}`;
  };
  return {
    url: await createDatabase("foresight"),
    port,
    createDatabase,
    kill: () => end("SIGKILL"),
    start: async () => {
      child = launch();
      await waitFor("PostgreSQL", () => {
        // Right after a kill its shared memory may still be held for a moment.
        if (child.exitCode !== null) child = launch();
        return query("select 1").success;
      });
    },
    stop: () => end("SIGINT"), // fast shutdown
  };
}
