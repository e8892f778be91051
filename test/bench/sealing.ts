import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAKE_DAY_US } from "../../src/domain/lake.ts";
import type { StoreBatch } from "../../src/domain/reading.ts";
import type { ReadingStoreEngine } from "../../src/domain/reading-store.ts";
import { manualClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/logger.ts";
import { loadDuckdb } from "../../src/native/duckdb.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "../../src/series/duckdb/index.ts";
import { batchOf, entryOf } from "../../src/series/testing.ts";
import { pause } from "../services/wait.ts";

const DAY_US = Date.UTC(2026, 2, 2) * 1000;

/** A day of random walks with three decimals, all series a step at a time, as devices send them. */
function* dayBatches(series: number, perSeries: number, linesPerBatch: number) {
  const walk = new Float64Array(series).fill(50);
  const stepUs = Math.floor(LAKE_DAY_US / perSeries);
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) | 0;
    return (seed >>> 0) / 2 ** 32;
  };
  const none = batchOf({ sequence: 0 });
  const total = series * perSeries;
  for (let from = 0, sequence = 2; from < total; from += linesPerBatch, sequence++) {
    const count = Math.min(linesPerBatch, total - from);
    const fresh = {
      count,
      series: new Uint32Array(count),
      atUs: new Float64Array(count),
      value: new Float64Array(count),
    };
    for (let row = 0; row < count; row++) {
      const no = (from + row) % series;
      walk[no] = Math.round(((walk[no] ?? 0) + (random() - 0.5) * 0.2) * 1000) / 1000;
      fresh.series[row] = no + 1;
      fresh.atUs[row] = DAY_US + Math.floor((from + row) / series) * stepUs;
      fresh.value[row] = walk[no] ?? 0;
    }
    yield { ...none, firstSequence: sequence, sequence, fresh } satisfies StoreBatch;
  }
}

async function applyDay(store: ReadingStoreEngine, batches: Iterable<StoreBatch>): Promise<void> {
  for (const batch of batches) {
    const done = store.apply(batch);
    if ((await store.status()).queuedRows > 2_000_000) await done;
  }
  await store.flush();
}

function cpuS(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function msOf(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/**
 * Seals one day of `readings` (bytes and CPU a reading, the longest a batch waited meanwhile), then
 * merges late readings into it, then reads one series' day.
 */
export async function benchSealing(
  print: (line: object) => void,
  [readings = "16000000", seriesText = "8000"]: readonly string[],
): Promise<void> {
  const series = Number(seriesText);
  const perSeries = Math.floor(Number(readings) / series);
  const dir = mkdtempSync(join(tmpdir(), "foresight-sealing-"));
  const clock = manualClock(DAY_US);
  const file = join(dir, "series.duckdb");
  const store = await createDuckdbStore({
    duckdb: await loadDuckdb(join(dir, "runtime")),
    clock,
    logger: silentLogger,
    options: { ...DUCKDB_DEFAULTS, file, lakeDir: join(dir, "lake") },
  });
  const newSeries = Array.from({ length: series }, (_, index) => entryOf(index + 1));
  await applyDay(store, [batchOf({ sequence: 1, newSeries })]);
  const [appendAt, appendCpu] = [performance.now(), process.cpuUsage()];
  await applyDay(store, dayBatches(series, perSeries, 100_000));
  const rows = series * perSeries;
  const appendCpuS = cpuS(appendCpu);
  const appendMs = performance.now() - appendAt;
  const [sealAt, sealCpu] = [performance.now(), process.cpuUsage()];
  let peakRss = 0;
  let slowestBatchMs = 0;
  let sequence = (await store.status()).sequence;
  const sealing = store.seal({ beforeUs: DAY_US + LAKE_DAY_US });
  let isSealed = false;
  void sealing.finally(() => {
    isSealed = true;
  });
  while (!isSealed) {
    await pause(50);
    peakRss = Math.max(peakRss, process.memoryUsage.rss());
    const fresh = [{ series: 1, atUs: DAY_US + LAKE_DAY_US + sequence, value: 1 }];
    slowestBatchMs = Math.max(
      slowestBatchMs,
      await msOf(() => applyDay(store, [batchOf({ sequence: ++sequence, fresh })])),
    );
  }
  const report = await sealing;
  print({
    bench: "sealing",
    readings: rows,
    series,
    files: report.files,
    bytesPerReading: round(report.sizeBytes / report.rows),
    cpuSPerMillion: round(cpuS(sealCpu) / (rows / 1e6)),
    readingsPerS: Math.round(rows / ((performance.now() - sealAt) / 1000)),
    slowestBatchMs: Math.round(slowestBatchMs),
    peakRssMb: Math.round(peakRss / 2 ** 20),
    appendCpuSPerMillion: round(appendCpuS / (rows / 1e6)),
    appendedPerS: Math.round(rows / (appendMs / 1000)),
    databaseMb: Math.round(statSync(file).size / 2 ** 20),
  });
  const request = {
    seriesNos: [Math.floor(series / 2)],
    fromUs: DAY_US,
    toUs: DAY_US + LAKE_DAY_US,
    tier: "raw" as const,
    maxPoints: 20_000,
  };
  const times: number[] = [];
  for (let run = 0; run < 20; run++) times.push(await msOf(() => store.range(request)));
  times.sort((a, b) => a - b);
  print({ bench: "sealed-day-of-a-series", points: perSeries, p50Ms: round(times[10] ?? 0) });
  await store.stop();
  rmSync(dir, { recursive: true });
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
