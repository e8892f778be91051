import { createRandom, type Random } from "../../src/lib/random.ts";

/** First event time; whole 5 minutes, so that buckets are easy to reason about. */
export const START_US = 1_790_000_100_000_000 - (1_790_000_100_000_000 % 300_000_000);
const SECOND_US = 1_000_000;

/** The rule that every workload runs under, on each sensor named "temperature". */
export const RULE = { threshold: 80, clear: 76, holdUs: 20 * SECOND_US };

/** One line of a batch. */
export type Sent = { readonly series: string; readonly atUs: number; readonly value: number };

/** What one device sends: batches in order, one after the other. */
export type Stream = { readonly device: string; readonly batches: readonly (readonly Sent[])[] };

const SENSORS = ["temperature", "pressure", "speed"] as const;

/** The name under which a sensor's readings are compared. */
export function seriesName(device: string, sensor: string): string {
  return `${device}/${sensor}`;
}

/** A batch as line protocol, times in µs. */
export function linesOf(device: string, batch: readonly Sent[]): string {
  return batch
    .map((s) => `machine,asset=${device} ${s.series.split("/")[1]}=${s.value} ${s.atUs}`)
    .join("\n");
}

function walk(random: Random, at: number, i: number): number {
  const swing = 14 * Math.sin(i / 37 + random.next() * 0.2);
  return Math.round((at + (74 + swing - at) * 0.5 + random.normal()) * 1000) / 1000;
}

/**
 * Streams with readings a second apart, and in them what real devices do: whole batches again, single
 * lines again, lines up to some minutes late, and values that replace earlier ones.
 */
export function makeStreams(seed: number, devices: number, batchesEach: number): Stream[] {
  return Array.from({ length: devices }, (_, d) => {
    const random = createRandom(seed * 1000 + d);
    const device = `M${d}`;
    const values = SENSORS.map(() => 74);
    const past: Sent[] = [];
    const batches: Sent[][] = [];
    let tick = 0;
    for (let b = 0; b < batchesEach; b++) {
      const batch: Sent[] = [];
      const ticks = 5 + random.int(30);
      for (let t = 0; t < ticks; t++, tick++) {
        SENSORS.forEach((sensor, s) => {
          if (random.next() < 0.03) return; // lost on the way for good
          values[s] = walk(random, values[s] ?? 74, tick);
          const atUs = START_US + tick * SECOND_US;
          batch.push({ series: seriesName(device, sensor), atUs, value: values[s] ?? 74 });
        });
        if (past.length > 0 && random.next() < 0.05) batch.push(random.pick(past)); // again
        if (past.length > 0 && random.next() < 0.03)
          batch.push({ ...random.pick(past), value: random.int(100) }); // replaced
        if (past.length > 0 && random.next() < 0.05) {
          const { series, atUs } = random.pick(past);
          batch.push({ series, atUs: atUs + 1000 * (1 + random.int(900)), value: 74 }); // late
        }
      }
      past.push(...batch);
      batches.push(batch);
      const before = batches.at(-2);
      if (before !== undefined && random.next() < 0.1) batches.push(before);
    }
    return { device, batches };
  });
}

/** What must be kept of streams: the last value sent for each series and time, in order of time. */
export function expectedReadings(streams: readonly Stream[]): Map<string, Map<number, number>> {
  const kept = new Map<string, Map<number, number>>();
  for (const sent of streams.flatMap((s) => s.batches.flat())) {
    const readings = kept.get(sent.series) ?? new Map<number, number>();
    kept.set(sent.series, readings);
    readings.set(sent.atUs, sent.value);
  }
  return kept;
}

export type ExpectedAlert = {
  readonly series: string;
  readonly openedAtUs: number;
  readonly sinceUs: number;
  readonly closedAtUs: number | undefined;
};

/** The alerts of `RULE`: it sees each series' readings that are newer than all before. */
export function expectedAlerts(streams: readonly Stream[]): ExpectedAlert[] {
  const alerts: ExpectedAlert[] = [];
  const states = new Map<string, { newestUs: number; sinceUs?: number; open?: ExpectedAlert }>();
  for (const sent of streams.flatMap((s) => s.batches.flat())) {
    if (!sent.series.endsWith("/temperature")) continue;
    const state = states.get(sent.series) ?? { newestUs: Number.NEGATIVE_INFINITY };
    states.set(sent.series, state);
    if (sent.atUs <= state.newestUs) continue;
    state.newestUs = sent.atUs;
    if (state.open !== undefined) {
      if (sent.value > RULE.clear) continue;
      alerts.push({ ...state.open, closedAtUs: sent.atUs });
      delete state.open;
    } else if (sent.value <= RULE.threshold) delete state.sinceUs;
    else {
      state.sinceUs ??= sent.atUs;
      if (sent.atUs - state.sinceUs < RULE.holdUs) continue;
      const { series, atUs } = sent;
      state.open = { series, openedAtUs: atUs, sinceUs: state.sinceUs, closedAtUs: undefined };
      delete state.sinceUs;
    }
  }
  for (const state of states.values()) if (state.open !== undefined) alerts.push(state.open);
  return alerts.sort((a, b) => a.series.localeCompare(b.series) || a.openedAtUs - b.openedAtUs);
}
