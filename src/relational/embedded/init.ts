import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { AppError } from "../../domain/error.ts";
import { giveTo, invocation, type Runner } from "./runner.ts";

/** Major version of the PostgreSQL in the binary; a data folder of another one is refused. */
export const EMBEDDED_MAJOR = "18";

/**
 * Makes the database folder unless it is there. It is made beside its place and renamed, so that a
 * crash leaves nothing half made.
 * @throws AppError "unavailable" when a folder is there that PostgreSQL cannot use, or making one fails.
 */
export async function initOnce(pgRoot: string, pgData: string, runner: Runner): Promise<void> {
  removeLeftovers(pgData);
  if (existsSync(pgData)) return checkFolder(pgData);
  const fresh = `${pgData}.new-${process.pid}`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  giveTo(runner, fresh);
  const args = ["-D", fresh, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"];
  args.push("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions");
  const { code, output } = await run(runner, join(pgRoot, "bin", "initdb"), args);
  if (code !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new AppError("unavailable", `${pgData}: cannot make the database: ${lastLine(output)}`);
  }
  renameSync(fresh, pgData);
}

function checkFolder(pgData: string): void {
  const file = join(pgData, "PG_VERSION");
  const version = existsSync(file) ? readFileSync(file, "utf8").trim() : "";
  const whole =
    existsSync(join(pgData, "global", "pg_control")) && existsSync(join(pgData, "base"));
  if (version === "" || !whole)
    throw new AppError(
      "unavailable",
      `${pgData} is damaged: it is not a whole PostgreSQL database; put a backup of the data folder in its place`,
    );
  if (version !== EMBEDDED_MAJOR)
    throw new AppError(
      "unavailable",
      `${pgData} was written by PostgreSQL ${version}, this program has ${EMBEDDED_MAJOR}; start the version that wrote it`,
    );
}

function removeLeftovers(pgData: string): void {
  const folder = dirname(pgData);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(`${basename(pgData)}.new-`) ? Number(name.split("-").at(-1)) : 0;
    if (pid > 0 && pid !== process.pid && !existsSync(`/proc/${pid}`))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function run(
  runner: Runner,
  program: string,
  programArgs: readonly string[],
): Promise<{ code: number | null; output: string }> {
  const { command, args, uid, gid } = invocation(runner, program, programArgs);
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: "/",
      env: { PATH: process.env.PATH ?? "/usr/bin:/bin", LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    let output = "";
    const keep = (part: Buffer) => {
      output = (output + part.toString()).slice(-4_000);
    };
    child.stdout?.on("data", keep);
    child.stderr?.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

function lastLine(output: string): string {
  const lines = output
    .split("\n")
    .filter((line) => /error|fatal|could not|denied|space/i.test(line));
  return lines[0]?.trim() ?? output.trim().split("\n").at(-1) ?? "no reason given";
}
