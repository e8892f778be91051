// Finds the pinned Bun, or fetches it, with nothing but Node's (or Bun's) own modules.
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const BUN_VERSION = "1.4.5";
export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const toolchain = join(root, ".toolchain");

/** Says one line of progress; set-up is silent otherwise. */
export function say(text) {
  process.stderr.write(`foresight: ${text}\n`);
}

/** Ends the process with one clear sentence. */
export function fail(text) {
  say(text);
  process.exit(1);
}

function versionOf(command) {
  try {
    return execFileSync(command, ["--version"], { stdio: ["ignore", "pipe", "ignore"] })
      .toString()
      .trim();
  } catch {
    return undefined;
  }
}

/** The npm package that carries Bun for this machine; "-baseline" where the processor has no AVX2. */
function bunPackage() {
  const os = { linux: "linux", darwin: "darwin" }[process.platform];
  const arch = { x64: "x64", arm64: "aarch64" }[process.arch];
  if (!os || !arch) fail(`no Bun for ${process.platform} ${process.arch}; use Linux or macOS`);
  const old =
    os === "linux" && arch === "x64" && !/\bavx2\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  return `@oven/bun-${os}-${arch}${old ? "-baseline" : ""}`;
}

/** Path of a Bun of exactly the pinned version; fetched once into .toolchain when there is none. */
export function ensureBun() {
  const name = bunPackage();
  const local = join(toolchain, "node_modules", name, "bin", "bun");
  if (existsSync(local) && versionOf(local) === BUN_VERSION) return local;
  if (process.versions.bun === BUN_VERSION) return process.execPath;
  say(`fetching Bun ${BUN_VERSION}`);
  mkdirSync(toolchain, { recursive: true });
  const want = `${name}@${BUN_VERSION}`;
  const got = process.versions.bun
    ? spawnSync(process.execPath, ["add", "--cwd", toolchain, "--exact", want], {
        stdio: "inherit",
      })
    : spawnSync(
        "npm",
        [
          "install",
          "--no-save",
          "--no-audit",
          "--no-fund",
          "--ignore-scripts",
          "--no-package-lock",
          "--prefix",
          toolchain,
          want,
        ],
        { stdio: ["ignore", "ignore", "inherit"] },
      );
  if (got.status !== 0)
    fail(`could not fetch ${want} from the npm registry; check the network and run it again`);
  if (versionOf(local) !== BUN_VERSION)
    fail(`the fetched Bun does not run on this machine: ${local}`);
  return local;
}

/** Installs the locked packages when they are missing or older than the lock file. */
export function ensurePackages(bun) {
  const stamp = join(root, "node_modules", ".foresight-lock");
  const lock = readFileSync(join(root, "bun.lock"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  say("installing the locked packages");
  const got = spawnSync(bun, ["install", "--frozen-lockfile"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (got.status !== 0)
    fail("could not install the packages in bun.lock; check the network and run it again");
  execFileSync(bun, ["-e", "await Bun.write(process.argv[1], Bun.file('bun.lock'))", stamp], {
    cwd: root,
  });
}

/** Newest modification time below the given files and folders, in ms; 0 when none exists. */
export function newestMs(paths) {
  let newest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const stat = statSync(path);
    newest = Math.max(newest, stat.mtimeMs);
    if (!stat.isDirectory()) continue;
    for (const name of readdirSync(path)) newest = Math.max(newest, newestMs([join(path, name)]));
  }
  return newest;
}
