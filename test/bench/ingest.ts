import { parseArgs } from "node:util";
import { inspect } from "../system/harness.ts";
import { type Load, readingsPerLine } from "./lines.ts";
import type { Send } from "./loader.ts";
import { machine, medians, quantile, round } from "./numbers.ts";
import {
  ASSETS,
  knowSeries,
  lateOf,
  type Plant,
  runLoader,
  SENSORS,
  startBenchPlant,
  target,
} from "./plant.ts";
import { cpuSOf, memoryMbOf, peakMbOf } from "./processes.ts";

type Way = Pick<Send, "connections" | "linesPerS"> & Omit<Load, "assets" | "sensors" | "startS">;

const narrow = { shape: "narrow", lines: 4_000_000, linesPerBatch: 5_000, connections: 4 } as const;

/** The loads by name. 1,000 assets with 8 sensors each; every series has a rule. */
const WAYS = {
  narrow,
  narrow20000: { ...narrow, linesPerBatch: 20_000, connections: 2 },
  wide: { ...narrow, shape: "wide", lines: 1_000_000 },
  small: { ...narrow, lines: 2_000_000, linesPerBatch: 1_000, connections: 8 },
  tiny: { ...narrow, lines: 1_000_000, linesPerBatch: 10, connections: 2_000 },
  fixed: { ...narrow, lines: 2_000_000, linesPerBatch: 1_000, linesPerS: 100_000 },
  late: { ...narrow, lateShare: 0.05, duplicateShare: 0.01 },
  shuffled: { ...narrow, order: "shuffled" },
} as const satisfies Readonly<Record<string, Way>>;

type WayName = keyof typeof WAYS;

function wayNames(list: string): WayName[] {
  return list.split(",").map((name) => {
    if (name in WAYS) return name as WayName; // just looked up
    throw new Error(`no load ${name}; there are ${Object.keys(WAYS).join(", ")}`);
  });
}

/**
 * Readings a second through the compiled program. Acknowledged: flushed to disk. Sustained: until the
 * store and the buckets hold every reading. Several loads take turns on one server; then the ratio of
 * each to the first is printed too.
 * @param args [LINES] --load NAME[,NAME…] --lines N --runs N --assets N
 */
export async function benchIngest(
  print: (line: object) => void,
  args: readonly string[],
): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      load: { type: "string", default: "narrow" },
      lines: { type: "string" },
      runs: { type: "string", default: "5" },
      assets: { type: "string", default: String(ASSETS) },
    },
  });
  const names = wayNames(values.load);
  const asked = values.lines ?? positionals[0];
  const assets = Number(values.assets);
  const plant = await startBenchPlant();
  try {
    let startS = Math.floor(Date.now() / 1000) - 86_400 * 30;
    for (const shape of new Set(names.map((name) => WAYS[name].shape)))
      await knowSeries(plant, { shape, assets, startS });
    startS++;
    const results = new Map<WayName, Record<string, number>[]>(names.map((name) => [name, []]));
    for (let run = 0; run < Number(values.runs); run++)
      for (const name of names) {
        const way: Way = WAYS[name];
        const lines = asked === undefined ? way.lines : Number(asked);
        const result = await runOnce(plant, { ...way, lines, assets, startS, sensors: SENSORS });
        // Rounds of the next run come after all of this one, held ones included.
        startS +=
          Math.ceil(
            (lines * readingsPerLine({ ...way, sensors: SENSORS })) / (assets * SENSORS.length),
          ) + 61;
        results.get(name)?.push(result);
        print({ bench: "ingest", load: name, run, ...result });
      }
    const memoryMb = Math.round(memoryMbOf(plant.server.pid));
    const first = medians(results.get(names[0] ?? "narrow") ?? []);
    for (const [name, runs] of results) {
      const median = medians(runs);
      const ratio =
        name === names[0]
          ? {}
          : {
              of: names[0],
              acknowledgedRatio: ratioOf(median, first, "acknowledgedPerS"),
              sustainedRatio: ratioOf(median, first, "sustainedPerS"),
              cpuRatio: ratioOf(median, first, "cpuSPerMillion"),
            };
      const what = { bench: "ingest", load: name, median: true, series: assets * SENSORS.length };
      print({ ...what, ...median, ...ratio, memoryMbAllProcesses: memoryMb, machine: machine() });
    }
  } finally {
    await plant.stop();
  }
}

function ratioOf(
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>,
  key: string,
): number {
  return round((one[key] ?? 0) / (other[key] || 1), 3);
}

async function runOnce(
  plant: Plant,
  way: Load & Pick<Send, "connections" | "linesPerS">,
): Promise<Record<string, number>> {
  const { connections, linesPerS, ...load } = way;
  const { server } = plant;
  const pace = linesPerS === undefined ? {} : { linesPerS };
  const before = await inspect(server.data);
  const lateBefore = await lateOf(plant);
  const cpuBefore = cpuSOf(server.pid);
  const startedAt = performance.now();
  const sent = await runLoader({ ...target(plant), connections, ...pace, load });
  const loaderS = (performance.now() - startedAt) / 1000;
  const cpuAtEnd = cpuSOf(server.pid);
  const after = await inspect(server.data);
  const settleS = (performance.now() - startedAt) / 1000 - loaderS;
  const readings = load.lines * readingsPerLine(load);
  const stored = after.readings - before.readings;
  if (stored !== readings)
    throw new Error(`sent ${readings} readings, the store has ${stored} more`);
  const sentReadings = sent.lines * readingsPerLine(load);
  return {
    acknowledgedPerS: Math.round(sentReadings / sent.seconds),
    sustainedPerS: Math.round(sentReadings / (sent.seconds + settleS)),
    requestsPerS: Math.round(sent.requests / sent.seconds),
    p50Ms: round(quantile(sent.latenciesMs, 0.5), 1),
    p99Ms: round(quantile(sent.latenciesMs, 0.99), 1),
    coresUsed: round((cpuAtEnd - cpuBefore) / sent.seconds, 2),
    cpuSPerMillion: round(((cpuSOf(server.pid) - cpuBefore) / readings) * 1e6, 3),
    rssPeakMb: Math.round(peakMbOf(server.pid)),
    refused: sent.refused,
    latePercent: round((((await lateOf(plant)) - lateBefore) / readings) * 100, 2),
  };
}
