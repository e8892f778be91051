import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inspect, startServer } from "../system/harness.ts";
import { machine, quantile, round } from "./numbers.ts";
import { ASSETS, runLoader, SENSORS, startBenchPlant, target } from "./plant.ts";
import { cpuSOf, peakMbOf } from "./processes.ts";

const LINES_A_LOAD = 2_000_000;
const RUNS = 3;

/**
 * Readings a second that an empty store takes from the log: the log is written through the compiled
 * program, the store's folder is removed, and the time counts from the start of the server until the
 * store holds every reading. Some segments of the log are packed.
 */
export async function benchCatchUp(print: (line: object) => void, loads = 6): Promise<void> {
  const env = { FORESIGHT_LOG_MAX_BYTES: String(1024 * 1024 * 1024) };
  const plant = await startBenchPlant(env);
  const { data } = plant.server;
  let { server } = plant;
  try {
    const load = {
      shape: "narrow",
      assets: ASSETS,
      sensors: SENSORS,
      linesPerBatch: 5_000,
    } as const;
    let startS = Math.floor(Date.now() / 1000) - 86_400;
    for (let i = 0; i < loads; i++) {
      const lines = { ...load, lines: LINES_A_LOAD, startS };
      await runLoader({ ...target(plant), connections: 2, load: lines });
      startS += LINES_A_LOAD / (ASSETS * SENSORS.length) + 1;
    }
    const readings = loads * LINES_A_LOAD;
    const rates: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await inspect(data);
      await server.stop();
      rmSync(join(data, "series"), { recursive: true });
      const startedAt = performance.now();
      server = await startServer({ data, env });
      const servingS = (performance.now() - startedAt) / 1000;
      const cpuBefore = cpuSOf(server.pid);
      const counts = await inspect(data);
      const seconds = (performance.now() - startedAt) / 1000;
      if (counts.readings !== readings)
        throw new Error(`the store has ${counts.readings} readings of ${readings}`);
      rates.push(readings / seconds);
      const names = readdirSync(join(data, "log"));
      print({
        ...{ bench: "catch-up", run, readings },
        servingAfterS: round(servingS, 2),
        perS: Math.round(readings / seconds),
        perSWhileServing: Math.round(readings / (seconds - servingS)),
        cpuSPerMillion: round(((cpuSOf(server.pid) - cpuBefore) / readings) * 1e6, 3),
        rssPeakMb: Math.round(peakMbOf(server.pid)),
        packedSegments: names.filter((name) => name.endsWith(".zst")).length,
      });
    }
    const what = { bench: "catch-up", median: true, series: ASSETS * SENSORS.length, readings };
    print({ ...what, perS: Math.round(quantile(rates, 0.5)), machine: machine() });
  } finally {
    await server.stop();
    await plant.stop();
  }
}
