import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Found } from "./needs.ts";

const REQUIREMENTS = join(import.meta.dir, "python-requirements.txt");
const CACHE = join(import.meta.dir, "..", "..", "build", "services");

/**
 * A Python with the client libraries of python-requirements.txt: exact versions with their checksums, kept in
 * build/services and made when it is not there. It needs Debian's packages python3 and python3-venv.
 */
export function findPythonClients(): Found<string> {
  const version = Bun.hash(readFileSync(REQUIREMENTS)).toString(16);
  const folder = join(CACHE, `python-${version}`);
  const python = join(folder, "bin", "python");
  if (existsSync(python)) return { ok: true, value: python };
  const making = `${folder}.making-${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  const steps = [
    ["python3", "-m", "venv", making],
    [
      ...[
        join(making, "bin", "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-compile",
      ],
      ...["--only-binary", ":all:", "--require-hashes", "-r", REQUIREMENTS],
    ],
  ];
  for (const step of steps) {
    const why = failureOf(step);
    if (why === undefined) continue;
    rmSync(making, { recursive: true, force: true });
    return { ok: false, why: `no Python with client libraries: ${why}` };
  }
  renameSync(making, folder);
  return { ok: true, value: python };
}

function failureOf(command: string[]): string | undefined {
  if (Bun.which(command[0] ?? "") === null) return `${command[0]} is not there`;
  const ran = Bun.spawnSync(command, { timeout: 400_000, stdout: "pipe", stderr: "pipe" });
  const said = `${ran.stdout}${ran.stderr}`.trim().split("\n").slice(-3).join(" ");
  return ran.success ? undefined : `${command.slice(0, 5).join(" ")}: ${said}`;
}
