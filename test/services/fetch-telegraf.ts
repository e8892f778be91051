// Builds Telegraf from its Go module into build/services, once: node scripts/run.mjs fetch-telegraf
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { TELEGRAF } from "./telegraf.ts";

type Module = { readonly Dir: string; readonly Sum: string };

/** What Telegraf's go.mod asks for. */
const GO_MIN = [1, 25, 5] as const;
/** Brought as a module where the machine's Go is older, as Debian 12's is. */
const TOOLCHAIN = {
  module: "golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64",
  sum: "h1:ZOmGe1OnfREDMIdb1Qi4G9JSuDPBLGExZMQ4nis1RXM=",
} as const;

function run(command: string[], cwd: string): string {
  // -mod and -tags of the machine's own settings would build something else.
  const env = { ...process.env, GOFLAGS: "-buildvcs=false", GOTOOLCHAIN: "local", GOWORK: "off" };
  const ran = Bun.spawnSync(command, { cwd, env, stdio: ["ignore", "pipe", "inherit"] });
  if (!ran.success) throw new Error(`${command.slice(0, 4).join(" ")} ended with ${ran.exitCode}`);
  return ran.stdout.toString();
}

/** Fetches a module into Go's own cache and compares its checksum. */
function download(go: string, name: string, sum: string): Module {
  const folder = dirname(TELEGRAF.program);
  const module = JSON.parse(run([go, "mod", "download", "-json", name], folder)) as Module; // Go's documented form
  if (module.Sum !== sum) throw new Error(`${name} is not what it was: ${module.Sum}`);
  return module;
}

function isRecent(version: string): boolean {
  const parts = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(version)?.slice(1) ?? [];
  for (const [i, least] of GO_MIN.entries()) {
    const part = Number(parts[i] ?? 0);
    if (part !== least) return part > least;
  }
  return true;
}

/** A Go that can build it. @throws Error when there is none, and none can be brought. */
function findGo(): string {
  const go = Bun.which("go");
  if (go === null) throw new Error("no go; install Debian's package golang-go");
  const version = run([go, "env", "GOVERSION"], "/").trim();
  if (isRecent(version)) return go;
  if (process.platform !== "linux" || process.arch !== "x64")
    throw new Error(`${version} is too old for Telegraf; install Go ${GO_MIN.join(".")} or later`);
  const { Dir } = download(go, TOOLCHAIN.module, TOOLCHAIN.sum);
  // A module's files are made without the right to run them.
  for (const folder of [join(Dir, "bin"), join(Dir, "pkg", "tool", "linux_amd64")])
    if (existsSync(folder))
      for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o755);
  return join(Dir, "bin", "go");
}

function fetchTelegraf(): void {
  const { program, version, sum, plugins } = TELEGRAF;
  if (existsSync(program)) return;
  mkdirSync(dirname(program), { recursive: true });
  const go = findGo();
  const { Dir } = download(go, `github.com/influxdata/telegraf@v${version}`, sum);
  const making = `${program}.making-${process.pid}`;
  const linked = `-s -w -X github.com/influxdata/telegraf/internal.Version=${version}`;
  const options = ["-trimpath", "-ldflags", linked, "-tags", ["custom", ...plugins].join(",")];
  run([go, "build", ...options, "-o", making, "./cmd/telegraf"], Dir);
  renameSync(making, program);
}

try {
  fetchTelegraf();
} catch (error) {
  process.stderr.write(`Telegraf could not be built: ${error}\n`);
  process.exitCode = 1;
}
