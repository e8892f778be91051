// Compiles dist/foresight: one file that carries the program, its workers and their native parts.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { BunPlugin } from "bun";
import { duckdbPackageFolder } from "../src/native/duckdb.ts";
import { copyPostgres, postgresPackage } from "../src/native/postgres.ts";
import { tarOf } from "./tar.ts";

const root = dirname(import.meta.dir);
const buildDir = join(root, "build");
const ENTRY_POINTS = [
  "src/main.ts",
  "src/engine.ts",
  "src/log-packer.ts",
  "src/store.ts",
  "src/trainer.ts",
];

/** Writes lines of progress to the terminal. */
function say(text: string): void {
  process.stderr.write(`foresight: ${text}\n`);
}

/** Hash of everything the binary is made from. */
function sourceHash(): string {
  const hash = createHash("sha256");
  for (const top of ["src", "plugins", "views", "scripts"]) {
    const folder = join(root, top);
    if (!existsSync(folder)) continue;
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.(test|bench)\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(root.length)).update(readFileSync(file));
  }
  for (const file of ["package.json", "bun.lock"]) hash.update(readFileSync(join(root, file)));
  return hash.digest("hex").slice(0, 12);
}

/** Packs a folder to build/<name>-<version>.tar.zst unless that exists; returns its path and key. */
async function pack(name: string, version: string, fill: (folder: string) => void) {
  const path = join(buildDir, `${name}-${version}-${process.platform}-${process.arch}.tar.zst`);
  if (!existsSync(path)) {
    say(`packing ${name} ${version}`);
    const staging = mkdtempSync(join(buildDir, `${name}-`));
    fill(staging);
    const packed = await Bun.zstdCompress(tarOf(staging), { level: 10 });
    await Bun.write(`${path}.new`, packed);
    renameSync(`${path}.new`, path);
    rmSync(staging, { recursive: true });
  }
  return { path, key: version };
}

async function packParts() {
  const duckdbFolder = duckdbPackageFolder();
  const duckdb = JSON.parse(readFileSync(join(duckdbFolder, "package.json"), "utf8"));
  const postgres = postgresPackage();
  return {
    duckdb: await pack("duckdb", String(duckdb.version), (folder) => {
      for (const file of readdirSync(duckdbFolder))
        if (/\.(node|so|dylib)$/.test(file)) cpSync(join(duckdbFolder, file), join(folder, file));
    }),
    postgres: await pack("postgres", postgres.version, (folder) =>
      copyPostgres(postgres.folder, folder),
    ),
  };
}

/** Puts the packed parts in the place of src/native/embedded.ts. */
function embedPlugin(parts: Awaited<ReturnType<typeof packParts>>, buildId: string): BunPlugin {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const file = (path: string) => `${JSON.stringify(path)} with { type: "file" }`;
  const contents = `
    import duckdb from ${file(parts.duckdb.path)};
    import postgres from ${file(parts.postgres.path)};
    export const embedded = {
      version: ${JSON.stringify(version)},
      buildId: ${JSON.stringify(buildId)},
      parts: {
        duckdb: { archivePath: duckdb, key: ${JSON.stringify(parts.duckdb.key)} },
        postgres: { archivePath: postgres, key: ${JSON.stringify(parts.postgres.key)} },
      },
    };`;
  return {
    name: "embed-native-parts",
    setup(build) {
      build.onLoad({ filter: /src\/native\/embedded\.ts$/ }, () => ({ contents, loader: "ts" }));
    },
  };
}

/** Compiles `entryPoints` (the first is the program, the rest are its workers) to `outfile`. */
export async function compile(options: {
  readonly entryPoints: readonly string[];
  readonly outfile: string;
}): Promise<{ readonly buildId: string; readonly sizeBytes: number }> {
  mkdirSync(buildDir, { recursive: true });
  mkdirSync(dirname(options.outfile), { recursive: true });
  const buildId = sourceHash();
  const parts = await packParts();
  // The file's name stays in the program as the name of its entry point: no ".new" here.
  const staged = join(mkdtempSync(join(buildDir, "compile-")), basename(options.outfile));
  const result = await Bun.build({
    entrypoints: [...options.entryPoints],
    root,
    target: "bun",
    minify: { whitespace: true, syntax: true, identifiers: false },
    sourcemap: "inline",
    plugins: [embedPlugin(parts, buildId)],
    compile: {
      outfile: staged,
      autoloadDotenv: false,
      autoloadBunfig: false,
      autoloadTsconfig: false,
      autoloadPackageJson: false,
    },
  });
  if (!result.success) throw new AggregateError(result.logs, "the compile failed");
  renameSync(staged, options.outfile);
  rmSync(dirname(staged), { recursive: true });
  return { buildId, sizeBytes: Bun.file(options.outfile).size };
}

async function main(): Promise<void> {
  const css = join(root, "scripts", "build-css.ts");
  if (existsSync(css)) {
    say("making the style sheet");
    const child = Bun.spawnSync([process.execPath, css], {
      cwd: root,
      stdio: ["ignore", "inherit", "inherit"],
    });
    if (child.exitCode !== 0) process.exit(child.exitCode);
  }
  say("compiling");
  const { buildId, sizeBytes } = await compile({
    entryPoints: ENTRY_POINTS.map((path) => join(root, path)).filter((path) => existsSync(path)),
    outfile: join(root, "dist", "foresight"),
  });
  writeFileSync(join(buildDir, "build-id"), buildId);
  say(`dist/foresight, ${Math.round(sizeBytes / 2 ** 20)} MiB, build ${buildId}`);
}

if (import.meta.main) await main();
