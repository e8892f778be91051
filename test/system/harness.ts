import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Inspection } from "../../src/domain/operation.ts";
import { readRunFile } from "../../src/lib/run-file.ts";
import { freePort } from "../services/free-port.ts";
import { type Found, need } from "../services/needs.ts";
import { seriesEnv } from "../services/series-place.ts";
import { waitFor } from "../services/wait.ts";

/** The compiled program; FORESIGHT_BINARY names another one. */
export const BINARY =
  process.env.FORESIGHT_BINARY ?? join(import.meta.dir, "..", "..", "dist", "foresight");

/** What every system test needs. */
export const binary: Found<true> = need(
  existsSync(BINARY),
  "no dist/foresight; npm run build makes it",
);

export type RunOptions = {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** A program and its arguments that start ours, such as strace. */
  readonly wrap?: readonly string[];
  readonly limitMs?: number;
};

export type Ran = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The environment of a program under test: ours without settings of Foresight and of the test runner. */
export function cleanEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(FORESIGHT|BUN)_/.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...extra };
}

/** Runs `foresight` to its end. */
export async function foresight(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const at = args.indexOf("--data");
  const env = { ...(await seriesEnv(at < 0 ? undefined : args[at + 1])), ...options.env };
  const child = Bun.spawn([...(options.wrap ?? []), BINARY, ...args], {
    cwd: options.cwd ?? "/",
    env: cleanEnv(env),
    stdin: new TextEncoder().encode(options.stdin ?? ""),
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.limitMs ?? 120_000,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** Like `foresight`, but throws with everything it said when it did not end well. */
export async function foresightOk(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const ran = await foresight(args, options);
  if (ran.code !== 0)
    throw new Error(`foresight ${args.join(" ")}: exit ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return ran;
}

/** A running server. */
export type Server = {
  readonly url: string;
  readonly port: number;
  readonly data: string;
  /** Of the server itself, not of a program that started it. */
  readonly pid: number;
  /** What it printed so far. */
  output(): string;
  /** Asks it to stop and returns its exit code. */
  stop(): Promise<number>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
  /** Resolves with its exit code when it ends by itself. */
  readonly exited: Promise<number>;
};

export type ServerOptions = Omit<RunOptions, "stdin"> & {
  readonly data: string;
  readonly port?: number;
  readonly command?: "serve" | "demo";
  readonly args?: readonly string[];
};

async function collect(stream: ReadableStream<Uint8Array>, add: (text: string) => void) {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

/**
 * Starts a server and waits until the process that we started itself takes writes. With
 * SERVER_OUTPUT=1 in our environment, what it prints is shown.
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const port = options.port ?? (await freePort());
  const before = readRunFile(options.data)?.pid;
  const env = { ...(await seriesEnv(options.data)), ...options.env };
  const child = Bun.spawn(
    [
      ...(options.wrap ?? []),
      BINARY,
      options.command ?? "serve",
      ...["--data", options.data, "--port", String(port)],
      ...(options.args ?? []),
    ],
    {
      cwd: options.cwd ?? "/",
      env: cleanEnv(env),
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  const add = (text: string) => {
    output += text;
    if (process.env.SERVER_OUTPUT === "1") process.stderr.write(text);
  };
  void collect(child.stdout, add);
  void collect(child.stderr, add);
  const { exited } = child;
  const url = `http://127.0.0.1:${port}`;
  const isWrapped = options.wrap !== undefined;
  const pid = await waitFor(
    "the server to take writes",
    async () => {
      if (child.exitCode !== null) return -1;
      const run = readRunFile(options.data);
      if (run === undefined || run.port !== port || !isAlive(run.pid)) return undefined;
      if (isWrapped ? run.pid === before : run.pid !== child.pid) return undefined;
      const health = await fetch(`${url}/health`);
      return health.status === 200 && health.headers.has("x-foresight-instance") && run.pid;
    },
    options.limitMs ?? 60_000,
  ).catch((error: unknown) => {
    child.kill("SIGKILL");
    throw new Error(`${error instanceof Error ? error.message : error}\n${output}`);
  });
  if (pid === -1) throw new Error(`the server ended with ${await exited}:\n${output}`);
  return {
    url,
    port,
    data: options.data,
    pid,
    output: () => output,
    exited,
    stop: () => {
      if (child.exitCode === null && isAlive(pid)) process.kill(pid, "SIGTERM");
      return exited;
    },
    kill: async () => {
      if (child.exitCode === null && isAlive(pid)) process.kill(pid, "SIGKILL");
      await exited;
    },
  };
}

export const PASSWORD = "correct horse battery staple";

/** Makes a tenant with its administrator, `admin@<tenant>.example`. */
export async function setUpTenant(data: string, tenant: string, zone = "UTC"): Promise<void> {
  await foresightOk(
    [
      ...["setup", "--data", data, "--tenant", tenant, "--name", `Plant ${tenant}`],
      ...["--email", `admin@${tenant}.example`, "--zone", zone, "--password-stdin"],
    ],
    { stdin: `${PASSWORD}\n` },
  );
}

/** Makes an API key and returns its token. */
export async function createToken(
  data: string,
  tenant: string,
  scope: "write" | "read" | "admin",
  name = `${scope}-key`,
): Promise<string> {
  const ran = await foresightOk([
    ...["token", "create", "--data", data, "--tenant", tenant, "--name", name, "--scope", scope],
  ]);
  return ran.stdout.trim();
}

export async function inspect(data: string, options: RunOptions = {}): Promise<Inspection> {
  const ran = await foresightOk(["inspect", "--data", data, "--json"], options);
  return JSON.parse(ran.stdout) as Inspection; // the command's documented form
}
