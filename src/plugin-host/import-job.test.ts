import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../domain/error.ts";
import type { ImportSink, RowsResult } from "../domain/import.ts";
import { createFolderBlobStore } from "../lib/blob-store.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { type ImportDeps, runImport, storeUpload } from "./index.ts";

const entry = join(import.meta.dir, "../../test/plugin-run.ts");
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "import-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the real stores keep: rows by their keys. */
function memorySink(over: Partial<ImportSink> = {}) {
  const lines = new Map<string, number>();
  const rows = new Map<string, string>();
  const calls: string[] = [];
  const keep = (name: string, keyOf: (row: never) => string) => {
    return async (added: readonly object[]): Promise<RowsResult> => {
      calls.push(name);
      let stored = 0;
      for (const row of added) {
        const key = `${name} ${keyOf(row as never)}`;
        const text = JSON.stringify(row);
        if (rows.get(key) !== text) stored++;
        rows.set(key, text);
      }
      return { stored, duplicates: added.length - stored, errors: [] };
    };
  };
  const sink: ImportSink = {
    async writeLines(bytes) {
      calls.push("lines");
      const all = new TextDecoder().decode(bytes).trimEnd().split("\n");
      for (const line of all) lines.set(line, (lines.get(line) ?? 0) + 1);
      return { sequence: 1, lines: all.length, readings: all.length, rejectedLines: 0, errors: [] };
    },
    upsertAssetTypes: keep("type", (row: { name: string }) => row.name),
    upsertAssets: keep("asset", (row: { key: string }) => row.key),
    upsertSensors: keep("sensor", (row: { asset: string; name: string }) => row.asset + row.name),
    addMaintenance: keep("work", (row: { externalKey: string }) => row.externalKey),
    ...over,
  };
  return { sink, lines, rows, calls };
}

function harness(over: Partial<ImportDeps> = {}) {
  const saved = new Map<string, string>();
  const deps: ImportDeps = {
    command: [process.execPath, entry],
    blobs: createFolderBlobStore(join(folder, "blobs")),
    checkpoints: {
      load: async (key) => saved.get(key),
      save: async (key, checkpoint) => void saved.set(key, checkpoint),
      remove: async (key) => void saved.delete(key),
    },
    clock: systemClock,
    log: silentLogger,
    limits: { pauseFirstMs: 1, pauseMaxMs: 2 },
    ...over,
  };
  const store = (fileName: string, text: string, uploadId = "u1") =>
    storeUpload(deps.blobs, { tenantId: "t1", uploadId, fileName }, [Buffer.from(text)], 1e9);
  return { deps, saved, store };
}

const iso = (i: number) => new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString();
const readings = (count: number) =>
  `asset,sensor,time,value\n${Array.from({ length: count }, (_, i) => `P1,a,${iso(i)},${i}\n`).join("")}`;
const COUNT = 150_000;

test("a file is kept as it came, and its rows are imported and counted", async () => {
  const { deps, store } = harness();
  const text = `${readings(3)}P1,a,soon,1\nP1,a,${iso(9)},\n`;
  const upload = await store("r.csv", text);
  const { sink, lines } = memorySink();
  const report = await runImport(deps, { upload, settings: {} }, sink);
  expect(report).toMatchObject({ kind: "readings", rows: 5, stored: 3, missing: 1, errorCount: 1 });
  expect(report.errors).toMatchObject([{ line: 5, column: "time" }]);
  expect(lines.size).toBe(3);
  await deps.blobs.withFile(upload.blobKey, async (path) => {
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});

test("the same file twice changes nothing", async () => {
  const { deps, store } = harness();
  const { sink } = memorySink();
  const text = `asset,started_at,kind\nP1,${iso(0)},failure\nP2,${iso(0)},planned\n`;
  const settings = {};
  const first = await store("m.csv", text, "u1");
  const second = await store("m.csv", text, "u2");
  expect(second.blobKey).toBe(first.blobKey);
  expect(await runImport(deps, { upload: first, settings }, sink)).toMatchObject({
    stored: 2,
    duplicates: 0,
  });
  expect(await runImport(deps, { upload: second, settings }, sink)).toMatchObject({
    stored: 0,
    duplicates: 2,
  });
});

test.each([
  ["assets", "a.csv", "key,name\nP1,Pump\n", ["asset"]],
  ["sensors", "s.csv", "asset,name,unit\nP1,vib,mm/s\n", ["sensor"]],
  ["asset types", "t.csv", "name,clock_unit\npump,h\n", ["type"]],
  ["line protocol", "x.lp", "m,asset=a f=1 1\n", ["lines"]],
])("%s go where they belong", async (_name, fileName, text, calls) => {
  const { deps, store } = harness();
  const memory = memorySink();
  const upload = await store(fileName, text);
  const report = await runImport(deps, { upload, settings: {} }, memory.sink);
  expect(memory.calls).toEqual(calls);
  expect(report).toMatchObject({ rows: 1, stored: 1, errorCount: 0 });
});

test("what the stores refuse is named by the line of the file", async () => {
  const { deps, store } = harness();
  const { sink } = memorySink({
    upsertSensors: async () => ({
      stored: 1,
      duplicates: 0,
      errors: [{ index: 1, column: "asset", reason: "no asset P9" }],
    }),
    writeLines: async () => ({
      sequence: 1,
      lines: 3,
      readings: 2,
      rejectedLines: 1,
      errors: [{ lineNo: 2, column: 9, reason: "another type", line: "" }],
    }),
  });
  const sensors = await store("s.csv", "asset,name\nP1,a\n\nP9,a\n", "u1");
  expect((await runImport(deps, { upload: sensors, settings: {} }, sink)).errors).toEqual([
    { line: 4, column: "asset", reason: "no asset P9" },
  ]);
  const csv = await store(
    "r.csv",
    `asset,time,a\nP1,${iso(0)},1\n\nP1,${iso(1)},2\nP1,${iso(2)},2\n`,
    "u2",
  );
  expect((await runImport(deps, { upload: csv, settings: {} }, sink)).errors).toEqual([
    { line: 4, reason: "another type" },
  ]);
});

test.each([
  ["missing columns", "asset,when\nP1,1\n", {}, "has the columns asset, when"],
  ["a bad setting", "asset,time,a\n", { zone: "Mars/Base" }, "Mars/Base"],
  ["an empty file", "", {}, "is empty"],
])("%s: a clear error", async (_name, text, settings, message) => {
  const { deps, store } = harness();
  const upload = await store("r.csv", text);
  const run = runImport(deps, { upload, settings }, memorySink().sink);
  await expect(run).rejects.toMatchObject({ code: "invalid" });
  await expect(run).rejects.toThrow(message);
});

test("a file over the limit is refused and not kept", async () => {
  const { deps } = harness();
  const about = { tenantId: "t9", uploadId: "u1", fileName: "big.csv" };
  const put = storeUpload(deps.blobs, about, [new Uint8Array(11)], 10);
  await expect(put).rejects.toMatchObject({ code: "too-large" });
});

test("a full disk is said, and the file can be sent again", async () => {
  const { deps } = harness();
  const full: typeof deps.blobs = {
    ...deps.blobs,
    put: async () => {
      throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    },
  };
  const about = { tenantId: "t9", uploadId: "u1", fileName: "r.csv" };
  const put = storeUpload(full, about, [], 10);
  await expect(put).rejects.toMatchObject({ code: "unavailable" });
  await expect(put).rejects.toThrow("the disk is full");
});

test("kill -9 of the child in the middle doubles nothing and loses nothing", async () => {
  const pidFile = join(folder, "pid");
  const script = 'echo $$ > "$0"; exec "$@"'; // tells who to kill, then becomes the child
  const command = ["/bin/sh", "-c", script, pidFile, process.execPath, entry];
  const { deps, store } = harness({ command });
  const upload = await store("r.csv", readings(COUNT));
  const memory = memorySink();
  let kills = 0;
  const sink: ImportSink = {
    ...memory.sink,
    async writeLines(bytes, precision) {
      const result = await memory.sink.writeLines(bytes, precision);
      if (memory.calls.length % 3 === 2 && kills < 3) {
        kills++;
        process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
      }
      return result;
    },
  };
  const report = await runImport(deps, { upload, settings: {} }, sink);
  expect(kills).toBe(3);
  expect(report).toMatchObject({ rows: COUNT, stored: COUNT, errorCount: 0 });
  expect(memory.lines.size).toBe(COUNT);
});

test("a stopped import goes on where it was, in another process too", async () => {
  const { deps, store, saved } = harness();
  const upload = await store("r.csv", readings(COUNT));
  const memory = memorySink();
  const abort = new AbortController();
  const first = runImport(
    deps,
    { upload, settings: {}, signal: abort.signal, onProgress: () => abort.abort() },
    memory.sink,
  );
  await expect(first).rejects.toMatchObject({ code: "unavailable" });
  expect(memory.lines.size).toBeLessThan(COUNT);
  expect(saved.size).toBe(1);
  const report = await runImport(deps, { upload, settings: {} }, memory.sink);
  expect(report).toMatchObject({ rows: COUNT, stored: COUNT });
  expect(memory.lines.size).toBe(COUNT);
  // Once it has ended, asking again only repeats the report.
  const calls = memory.calls.length;
  expect(await runImport(deps, { upload, settings: {} }, memory.sink)).toEqual(report);
  expect(memory.calls.length).toBe(calls);
});

test("a store that stays away ends the import, to be tried later", async () => {
  const { deps, store } = harness();
  const upload = await store("r.csv", readings(10));
  const { sink } = memorySink({
    writeLines: async () => {
      throw new AppError("unavailable", "the log is full");
    },
  });
  const run = runImport(deps, { upload, settings: {} }, sink);
  await expect(run).rejects.toMatchObject({ code: "unavailable", message: "the log is full" });
});

test("readings that the ledger knew already are told apart", async () => {
  const { deps, store } = harness();
  const upload = await store("r.csv", readings(10));
  const { sink } = memorySink({ duplicateReadings: async () => 4 });
  const report = await runImport(deps, { upload, settings: {} }, sink);
  expect(report).toMatchObject({ stored: 6, duplicates: 4 });
});
