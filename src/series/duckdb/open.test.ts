import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadDuckdb } from "../../native/duckdb.ts";
import { openDatabase } from "./open.ts";

let dir = "";
let file = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "foresight-open-"));
  file = join(dir, "series.duckdb");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const runtime = () => loadDuckdb(join(dir, "runtime"));
const options = () => ({
  file,
  memoryBytes: 128 * 2 ** 20,
  threads: 1,
  tempDir: join(dir, "temp"),
  extensionDir: join(dir, "extensions"),
});

test.each([
  ["a file of something else", "not a database ".repeat(10_000), "restore it"],
  ["a file that was cut to nothing readable", "DUCK", "restore it"],
])("%s gets one sentence that names it and says what to do", async (_name, content, advice) => {
  writeFileSync(file, content);
  const opening = openDatabase(await runtime(), options());
  await expect(opening).rejects.toMatchObject({ code: "unavailable" });
  await expect(opening).rejects.toThrow(file);
  await expect(opening).rejects.toThrow(advice);
  await expect(opening).rejects.not.toThrow("\n");
});

test("a file that another process has open is named with that reason", async () => {
  const holder = Bun.spawn(
    [
      process.execPath,
      "-e",
      `const { loadDuckdb } = await import(process.argv[1]);
       const duckdb = await loadDuckdb("unused");
       globalThis.held = await duckdb.open(process.argv[2]);
       console.log("held");
       await new Promise((resolve) => process.stdin.on("end", resolve).resume());`,
      join(import.meta.dir, "../../native/duckdb.ts"),
      file,
    ],
    { stdin: "pipe", stdout: "pipe", stderr: "inherit" },
  );
  await holder.stdout.getReader().read();
  await expect(openDatabase(await runtime(), options())).rejects.toThrow("another process");
  holder.stdin.end();
  await holder.exited;
});

test("a file of a later version is refused and stays as it is", async () => {
  const duckdb = await runtime();
  const first = await openDatabase(duckdb, options());
  const connection = await first.connect();
  await connection.run("update schema_version set version = 99");
  connection.close();
  first.close();
  await expect(openDatabase(duckdb, options())).rejects.toThrow("version 99");
});
