// Run by full-disk.test.ts in a process of its own, whose files may not grow beyond a limit for a while.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reasonOf } from "../../../domain/error.ts";
import { systemClock } from "../../../lib/clock.ts";
import { silentLogger } from "../../../lib/logger.ts";
import { loadDuckdb } from "../../../native/duckdb.ts";
import { batchOf, entryOf } from "../../testing.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "../index.ts";

const dir = mkdtempSync(join(tmpdir(), "foresight-full-"));
const store = await createDuckdbStore({
  duckdb: await loadDuckdb(join(dir, "runtime")),
  clock: systemClock,
  logger: silentLogger,
  options: { ...DUCKDB_DEFAULTS, file: join(dir, "series.duckdb"), lakeDir: join(dir, "lake") },
});
const limitFiles = (soft: string) =>
  Bun.spawnSync(["prlimit", "--pid", String(process.pid), `--fsize=${soft}:unlimited`]);
const flushed = () => store.flush().catch(reasonOf);
const ROWS = 50_000;
const send = (sequence: number) => {
  const fresh = Array.from({ length: ROWS }, (_, row) => ({
    series: 1,
    atUs: sequence * 1e9 + row,
    // No two alike, so that they cannot be packed.
    value: Math.sin(row + sequence * ROWS),
  }));
  const newSeries = sequence === 1 ? [entryOf(1)] : [];
  return store.apply(batchOf({ sequence, newSeries, fresh }));
};

const first = send(1);
await store.flush();
await first;
limitFiles("1000000");
const waiting = [2, 3, 4, 5, 6].map(send);
const refusal = await flushed();
// What failed must not be written when its memory is given back.
Bun.gc(true);
const { failure } = await store.status();
const { readings: whileFull } = await store.counts();
limitFiles("unlimited");
await flushed();
await Promise.all(waiting);
const { readings } = await store.counts();
await store.stop();
rmSync(dir, { recursive: true });
process.stdout.write(JSON.stringify({ refusal, failure, whileFull, readings }));
