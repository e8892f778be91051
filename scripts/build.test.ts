import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compile } from "./build.ts";

// A program as small as can be that does what the real one does with its native parts.
const MAIN = `
import { embedded } from "../../src/native/embedded.ts";
import { unpackPostgres } from "../../src/native/postgres.ts";
import { workerUrl } from "../../src/native/worker-url.ts";
const runtimeDir = process.argv[2];
const worker = new Worker(workerUrl(process.argv[3]));
worker.onerror = (event) => { console.error(event.message); process.exit(1); };
worker.onmessage = async (event) => {
  const folder = await unpackPostgres(runtimeDir);
  const version = Bun.spawnSync([folder + "/bin/postgres", "--version"]).stdout.toString().trim();
  console.log(JSON.stringify({
    duckdb: event.data, postgres: version, product: embedded.version, stray: process.env.STRAY,
  }));
  worker.terminate();
};
worker.postMessage(runtimeDir);
`;
const WORKER = `
import { loadDuckdb } from "../../src/native/duckdb.ts";
self.onmessage = async (event) => {
  const duckdb = await loadDuckdb(event.data);
  const database = await duckdb.open(":memory:");
  const connection = await duckdb.connect(database);
  const result = await duckdb.query(connection, "select 42::double");
  self.postMessage({ version: duckdb.library_version(), rows: duckdb.row_count(result) });
};
`;

const root = dirname(import.meta.dir);
let sources = "";
let place = "";
beforeAll(async () => {
  mkdirSync(join(root, "build"), { recursive: true });
  sources = mkdtempSync(join(root, "build", "proof-"));
  place = mkdtempSync(join(tmpdir(), "foresight-build-"));
  writeFileSync(join(sources, "main.ts"), MAIN);
  writeFileSync(join(sources, "worker.ts"), WORKER);
  await compile({
    entryPoints: [join(sources, "main.ts"), join(sources, "worker.ts")],
    outfile: join(place, "bin", "proof"),
  });
});
afterAll(() => {
  rmSync(sources, { recursive: true, force: true });
  rmSync(place, { recursive: true, force: true });
});

async function run(cwd: string) {
  const runtimeDir = join(place, "data", "runtime");
  const worker = join(sources.slice(root.length + 1), "worker.ts");
  const child = Bun.spawn([join(place, "bin", "proof"), runtimeDir, worker], {
    cwd,
    env: { PATH: process.env.PATH ?? "" },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { out, err, code: await child.exited };
}

test("the binary carries its native parts, also into a worker, and two starts at once are safe", async () => {
  const empty = join(place, "empty");
  mkdirSync(empty);
  const runs = await Promise.all([run(empty), run(empty)]);
  for (const { out, err, code } of runs) {
    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(JSON.parse(out)).toEqual({
      duckdb: { version: expect.stringMatching(/^v1\./), rows: 1 },
      postgres: expect.stringMatching(/^postgres \(PostgreSQL\) 18/),
      product: expect.stringMatching(/^\d+\.\d+\.\d+$/),
    });
  }
  expect(readdirSync(empty)).toEqual([]);
  const parts = readdirSync(join(place, "data", "runtime"));
  expect(parts.map((name) => name.replace(/-.*/, "")).sort()).toEqual(["duckdb", "postgres"]);
  const postgres = parts.find((name) => name.startsWith("postgres")) ?? "";
  const program = statSync(join(place, "data", "runtime", postgres, "bin", "postgres"));
  expect(program.mode & 0o111).toBe(0o111);
});

test("the binary reads no settings of Bun from the folder it is started in", async () => {
  const hostile = join(place, "hostile");
  mkdirSync(hostile);
  writeFileSync(join(hostile, ".env"), "STRAY=1\n");
  writeFileSync(join(hostile, "bunfig.toml"), 'preload = ["./absent.ts"]\n');
  const { out, err, code } = await run(hostile);
  expect({ err, code, stray: JSON.parse(out).stray }).toEqual({
    err: "",
    code: 0,
    stray: undefined,
  });
});
