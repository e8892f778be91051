import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { HistoryReport } from "../../src/domain/history-import.ts";
import { loadDuckdb } from "../../src/native/duckdb.ts";
import { connect } from "../../src/series/duckdb/connection.ts";
import { BINARY, cleanEnv, inspect } from "../system/harness.ts";
import { batchesOf } from "./lines.ts";
import { machine, quantile, round } from "./numbers.ts";
import {
  ASSETS,
  knowSeries,
  type Plant,
  runLoader,
  SENSORS,
  startBenchPlant,
  target,
} from "./plant.ts";
import { cpuSOf } from "./processes.ts";

/** What is imported: each in a time of its own, in the order of time. */
const WAYS = [
  "lp narrow",
  "lp wide",
  "csv long",
  "csv wide",
  "parquet long",
  "parquet wide",
] as const;
type Way = (typeof WAYS)[number];

const LIVE = { shape: "narrow", assets: 100, sensors: SENSORS, linesPerBatch: 1_000 } as const;
const LIVE_LINES_PER_S = 50_000;

/**
 * Readings a second that `foresight import readings` brings in, and what live writes feel of it.
 * Acknowledged: until the command ends. Sustained: until the store and the buckets hold all.
 * @param args --readings N (of each file)
 */
export async function benchImport(print: (line: object) => void, args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: { readings: { type: "string", default: "8000000" } },
  });
  const readings = Number(values.readings);
  const folder = mkdtempSync(join(tmpdir(), "bench-import-"));
  const plant = await startBenchPlant();
  try {
    let startS = Math.floor(Date.now() / 1000) - 86_400 * 400;
    await knowSeries(plant, { shape: "narrow", assets: ASSETS, startS: startS - 1 });
    for (const way of WAYS) {
      const path = await fileOf(folder, way, readings, startS);
      startS += Math.ceil(readings / (ASSETS * SENSORS.length)) + 600;
      print({ bench: "import", way, ...(await runOnce(plant, folder, path)), machine: machine() });
      rmSync(path);
    }
    const alone = await liveMs(plant, 0);
    // Series of their own: those of live writes have newer readings.
    const path = await fileOf(folder, "parquet long", readings, startS, "H");
    const importing = runOnce(plant, folder, path);
    const beside = await liveMs(plant, 50_000);
    const live = { linesPerS: LIVE_LINES_PER_S, alone, beside };
    print({
      bench: "import",
      way: "parquet long beside live",
      live,
      ...(await importing),
      machine: machine(),
    });
  } finally {
    await plant.stop();
    rmSync(folder, { recursive: true });
  }
}

async function runOnce(plant: Plant, folder: string, path: string) {
  const before = await inspect(plant.server.data);
  const cpuBefore = cpuSOf(plant.server.pid);
  const startedAt = performance.now();
  const child = Bun.spawn(
    [
      ...[BINARY, "import", "readings", path, "--json", "--url", plant.server.url],
      ...["--token", plant.writeToken, "--state", join(folder, "state")],
    ],
    { env: cleanEnv({ XDG_CACHE_HOME: join(folder, "cache") }), stdout: "pipe", stderr: "inherit" },
  );
  const report: HistoryReport = JSON.parse(await new Response(child.stdout).text());
  if ((await child.exited) !== 0) throw new Error(`the import ended with ${child.exitCode}`);
  const importS = (performance.now() - startedAt) / 1000;
  const after = await inspect(plant.server.data);
  const allS = (performance.now() - startedAt) / 1000;
  const [file] = report.files;
  const sent = file?.readings ?? 0;
  const clientCpuS = (child.resourceUsage()?.cpuTime.total ?? 0n) / 1_000n;
  return {
    readings: sent,
    stored: after.readings - before.readings,
    acknowledgedPerS: Math.round(sent / importS),
    sustainedPerS: Math.round(sent / allS),
    waits: report.waits,
    clientCpuS: round(Number(clientCpuS) / 1e3, 2),
    serverCpuS: round(cpuSOf(plant.server.pid) - cpuBefore, 2),
  };
}

/** Latencies of live writes at a fixed rate. */
async function liveMs(plant: Plant, fromS: number) {
  const startS = Math.floor(Date.now() / 1000) - 90_000 + fromS;
  const load = { ...LIVE, startS, lines: LIVE_LINES_PER_S * 8 };
  const pace = { connections: 8, linesPerS: LIVE_LINES_PER_S };
  const { latenciesMs, refused } = await runLoader({ ...target(plant), ...pace, load });
  const at = (q: number) => round(quantile(latenciesMs, q), 2);
  return { p50Ms: at(0.5), p99Ms: at(0.99), refused };
}

async function fileOf(
  folder: string,
  way: Way,
  readings: number,
  startS: number,
  first = "A",
): Promise<string> {
  const [format, shape] = way.split(" ");
  const path = join(folder, `${way.replace(" ", "-")}.${format}`);
  if (format === "lp") {
    const isWide = shape === "wide";
    const lines = isWide ? readings / SENSORS.length : readings;
    const load = { assets: ASSETS, sensors: SENSORS, lines, linesPerBatch: 10_000, startS };
    const file = Bun.file(path).writer();
    for (const { body } of batchesOf({ ...load, shape: isWide ? "wide" : "narrow" }))
      file.write(body);
    await file.end();
    return path;
  }
  mkdirSync(join(folder, "runtime"), { recursive: true });
  const duckdb = await loadDuckdb(join(folder, "runtime"));
  const connection = await connect(duckdb, await duckdb.open(":memory:"));
  await connection.run(
    `copy (${rowsSql({ isWide: shape === "wide", isText: format === "csv", first, readings, startS })}) to '${path}' (format ${format})`,
  );
  connection.close();
  return path;
}

type Rows = {
  readonly isWide: boolean;
  /** Times as text. */
  readonly isText: boolean;
  /** What names of assets begin with. */
  readonly first: string;
  readonly readings: number;
  readonly startS: number;
};

/** Rows of readings with three decimals, a round of all series a second. */
function rowsSql({ isWide, isText, first, readings, startS }: Rows): string {
  const rows = isWide ? readings / SENSORS.length : readings;
  const perSecond = isWide ? ASSETS : ASSETS * SENSORS.length;
  const asset = isWide ? `i % ${ASSETS}` : `i // ${SENSORS.length} % ${ASSETS}`;
  const value = "round(random() * 100, 3)";
  const values = isWide
    ? SENSORS.map((name) => `${value} as ${name}`).join(", ")
    : `['${SENSORS.join("','")}'][i % ${SENSORS.length} + 1] as sensor, ${value} as value`;
  const time = `make_timestamp((${startS} + i // ${perSecond}) * 1000000)`;
  return (
    `select ${isText ? `strftime(${time}, '%Y-%m-%dT%H:%M:%SZ')` : time} as time, ` +
    `'${first}' || lpad((${asset})::varchar, 4, '0') as asset, ${values} from range(${rows}) t(i)`
  );
}
