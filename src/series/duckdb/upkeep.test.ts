import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { loadDuckdb } from "../../native/duckdb.ts";
import { batchOf, entryOf } from "../testing.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "./index.ts";

test("upkeep empties the database's log, and writes and reads go on", async () => {
  const dir = mkdtempSync(join(tmpdir(), "foresight-upkeep-"));
  const clock = manualClock(0);
  const file = join(dir, "series.duckdb");
  const store = await createDuckdbStore({
    duckdb: await loadDuckdb(join(dir, "runtime")),
    clock,
    logger: silentLogger,
    options: { ...DUCKDB_DEFAULTS, file, lakeDir: join(dir, "lake") },
  });
  const reading = (sequence: number) => ({ series: 1, atUs: sequence * 1e6, value: sequence });
  const first = store.apply(batchOf({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1)] }));
  await store.flush();
  await first;
  const logBytes = () => statSync(`${file}.wal`, { throwIfNoEntry: false })?.size ?? 0;
  expect(logBytes()).toBeGreaterThan(0);
  clock.advanceMs(DUCKDB_DEFAULTS.maintainMs);
  const second = store.apply(batchOf({ sequence: 2, fresh: [reading(2)] }));
  const read = store.counts({ atLeastSequence: 2 });
  expect((await read).readings).toBe(2);
  expect(await second).toBe(2);
  await store.stop();
  expect(logBytes()).toBe(0);
  rmSync(dir, { recursive: true });
});
