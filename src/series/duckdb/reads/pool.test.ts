import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "../../../lib/clock.ts";
import { loadDuckdb } from "../../../native/duckdb.ts";
import { type OpenDatabase, openDatabase } from "../open.ts";
import { createReadPool } from "./pool.ts";

let dir = "";
let database: OpenDatabase;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "foresight-pool-"));
  database = await openDatabase(await loadDuckdb(join(dir, "runtime")), {
    file: join(dir, "series.duckdb"),
    memoryBytes: 128 * 2 ** 20,
    threads: 1,
    tempDir: join(dir, "temp"),
    extensionDir: join(dir, "extensions"),
  });
});
afterEach(() => {
  database.close();
  rmSync(dir, { recursive: true, force: true });
});

const limits = { connections: 2, waiting: 1, readMs: 1000 };
const ENDLESS = "select count(*)::double from range(100000000000) a where a.range % 7 = 3";
const one = "select 1::double";

test("a read that takes too long is ended and says so; its connection serves the next", async () => {
  const clock = manualClock(0);
  const pool = createReadPool({ clock, limits, open: database.connect });
  const started = Promise.withResolvers<void>();
  const endless = pool.use((connection) => {
    const rows = connection.rows(ENDLESS);
    started.resolve();
    return rows;
  });
  await started.promise;
  // A statement that has not begun yet does not notice that it is to end: the pool says it again.
  let isOver = false;
  const over = endless
    .catch(() => {})
    .then(() => {
      isOver = true;
    });
  while (!isOver) {
    clock.advanceMs(1000);
    await Promise.race([over, new Promise((resolve) => setImmediate(resolve))]);
  }
  await expect(endless).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining("longer than 1000 ms"),
  });
  expect((await pool.use((connection) => connection.rows(one))).f64(0)[0]).toBe(1);
  await pool.close();
});

test("reads beyond the bound are refused and counted; those that wait are served", async () => {
  const pool = createReadPool({ clock: manualClock(0), limits, open: database.connect });
  const gate = Promise.withResolvers<void>();
  const busy = [1, 2].map(() => pool.use(() => gate.promise));
  const waiting = pool.use(async () => "served");
  await expect(pool.use(async () => "refused")).rejects.toMatchObject({ code: "unavailable" });
  expect(pool.refused()).toBe(1);
  gate.resolve();
  expect(await waiting).toBe("served");
  await Promise.all(busy);
  await pool.close();
});

test("closing ends what runs and refuses what waits and what comes", async () => {
  const pool = createReadPool({ clock: manualClock(0), limits, open: database.connect });
  const started = Promise.withResolvers<void>();
  const busy = [1, 2].map(() =>
    pool.use((connection) => {
      started.resolve();
      return connection.rows(ENDLESS);
    }),
  );
  const waiting = pool.use(async () => "served");
  await started.promise;
  const ends = Promise.allSettled([...busy, waiting, pool.close()]);
  expect((await ends).map((end) => end.status)).toEqual([
    "rejected",
    "rejected",
    "rejected",
    "fulfilled",
  ]);
  await expect(pool.use(async () => "late")).rejects.toMatchObject({ code: "unavailable" });
});
