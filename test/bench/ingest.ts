import { parseArgs } from "node:util";
import { seriesPids } from "../services/series-place.ts";
import { inspect } from "../system/harness.ts";
import { type Load, readingsPerLine } from "./lines.ts";
import type { Send } from "./loader.ts";
import { machine, medians, quantile, round } from "./numbers.ts";
import { startQuestdbPeer } from "./peer.ts";
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
 * each to the first is printed too. With a peer each run is followed by the same load on it, and the
 * ratio to the peer is printed instead.
 * @param args [LINES] --load NAME[,NAME…] --lines N --runs N --assets N --against questdb
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
      against: { type: "string" },
    },
  });
  if (values.against !== undefined && values.against !== "questdb")
    throw new Error("--against takes questdb");
  const names = wayNames(values.load);
  const lines = values.lines ?? positionals[0];
  const assets = Number(values.assets);
  const peer = values.against === undefined ? undefined : await startQuestdbPeer();
  const plant = await startBenchPlant();
  try {
    let startS = Math.floor(Date.now() / 1000) - 86_400 * 30;
    for (const shape of new Set(names.map((name) => WAYS[name].shape)))
      await knowSeries(plant, { shape, assets, startS });
    // In a bucket of its own: the first one closes when making a large fleet known takes minutes.
    startS += 300;
    const results = new Map<string, Record<string, number>[]>();
    const keep = (load: string, run: number, result: Record<string, number>) => {
      results.set(load, [...(results.get(load) ?? []), result]);
      print({ bench: "ingest", load, run, ...result });
    };
    for (let run = 0; run < Number(values.runs); run++)
      for (const name of names) {
        const { connections, linesPerS, ...way }: Way = WAYS[name];
        const pace = { connections, ...(linesPerS === undefined ? {} : { linesPerS }) };
        const whole = { ...way, ...(lines === undefined ? {} : { lines: Number(lines) }) };
        const load: Load = { ...whole, assets, startS, sensors: SENSORS };
        keep(name, run, await runOnce(plant, load, pace));
        if (peer) keep(`${name} on questdb`, run, await peer.run(load, pace));
        // Rounds of the next run come after all of this one, held ones included.
        startS += Math.ceil((load.lines * readingsPerLine(load)) / (assets * SENSORS.length)) + 61;
      }
    const memoryMbAllProcesses = Math.round(memoryMbOf(plant.server.pid, ...(await seriesPids())));
    const what = { series: assets * SENSORS.length, memoryMbAllProcesses, machine: machine() };
    for (const line of summary(results, peer ? undefined : names[0])) print({ ...line, ...what });
  } finally {
    await plant.stop();
    await peer?.stop();
  }
}

/** Medians of each load, with the ratio to the one named, or to the same load on a peer. */
function summary(
  results: ReadonlyMap<string, readonly Record<string, number>[]>,
  first: string | undefined,
): object[] {
  return [...results].map(([load, runs]) => {
    const median = medians(runs);
    const of = first ?? `${load} on questdb`;
    const other = medians(results.get(of) ?? []);
    const ratios =
      of === load || !results.has(of)
        ? {}
        : {
            of,
            acknowledgedRatio: ratioOf(median, other, "acknowledgedPerS"),
            sustainedRatio: ratioOf(median, other, "sustainedPerS"),
            cpuRatio: ratioOf(median, other, "cpuSPerMillion"),
          };
    return { bench: "ingest", load, median: true, ...median, ...ratios };
  });
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
  load: Load,
  pace: Pick<Send, "connections" | "linesPerS">,
): Promise<Record<string, number>> {
  const { server } = plant;
  const before = await inspect(server.data);
  const lateBefore = await lateOf(plant);
  const pids = [server.pid, ...(await seriesPids())];
  const cpuBefore = cpuSOf(...pids);
  const startedAt = performance.now();
  const sent = await runLoader({ ...target(plant), ...pace, load });
  const loaderS = (performance.now() - startedAt) / 1000;
  const cpuAtEnd = cpuSOf(...pids);
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
    cpuSPerMillion: round(((cpuSOf(...pids) - cpuBefore) / readings) * 1e6, 3),
    rssPeakMb: Math.round(peakMbOf(server.pid)),
    refused: sent.refused,
    latePercent: round((((await lateOf(plant)) - lateBefore) / readings) * 100, 2),
  };
}
