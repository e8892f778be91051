import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { ReadingStoreEngine } from "../domain/reading-store.ts";
import { zonedDays } from "../lib/zoned-day.ts";
import { DAY0_US, readAll, type StoreHarness } from "./contract-case.ts";
import { FIVE_MINUTES_US, foldHistory, HOUR_US, type TestReading } from "./testing.ts";

const SERIES = [1, 2, 3];
const LATENESS_US = 30_000_000;
const ZONES = ["UTC", "Europe/Madrid", "Asia/Kathmandu"];

/** Readings of a few series over some hours, mostly in order, some late, some twice, some changed. */
const histories = fc.array(
  fc.record({
    series: fc.constantFrom(...SERIES),
    stepS: fc.integer({ min: 1, max: 400 }),
    backS: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 2000 })),
    value: fc.integer({ min: -3, max: 3 }),
    source: fc.integer({ min: 1, max: 2 }),
  }),
  { minLength: 1, maxLength: 120 },
);

type Step = { series: number; stepS: number; backS: number; value: number; source: number };

/** Each step moves the common clock on; `backS` sends an older time, in steps of 20 s so that keys meet. */
function toReadings(steps: readonly Step[]): TestReading[] {
  let clockS = 79_200;
  return steps.map(({ series, stepS, backS, value, source }) => {
    clockS += stepS;
    const seconds = Math.floor((clockS - backS) / 20) * 20;
    return { series, atUs: DAY0_US + seconds * 1_000_000, value, source };
  });
}

/** What must be stored in the end: the last value of each key, and what became of the late ones. */
function model(history: readonly TestReading[]) {
  const cells = new Map<number, Map<number, number>>();
  const newest = new Map<number, number>();
  const ledger = new Map<number, { fresh: number; duplicates: number; overwrites: number }>();
  for (const { series, atUs, value, source = 1 } of history) {
    const own = cells.get(series) ?? new Map<number, number>();
    cells.set(series, own);
    const before = own.get(atUs);
    if (atUs <= (newest.get(series) ?? Number.NEGATIVE_INFINITY)) {
      const row = ledger.get(source) ?? { fresh: 0, duplicates: 0, overwrites: 0 };
      ledger.set(source, row);
      if (before === undefined) row.fresh++;
      else if (before === value) row.duplicates++;
      else row.overwrites++;
    }
    own.set(atUs, value);
    newest.set(series, Math.max(atUs, newest.get(series) ?? atUs));
  }
  return { cells, newest, ledger };
}

type Row = readonly [start: number, n: number, mean: number, min: number, max: number];

function bucketsOf(cells: ReadonlyMap<number, number>, startOf: (atUs: number) => number): Row[] {
  const groups = new Map<number, number[]>();
  for (const [atUs, value] of cells) {
    const start = startOf(atUs);
    groups.set(start, [...(groups.get(start) ?? []), value]);
  }
  return [...groups]
    .sort(([a], [b]) => a - b)
    .map(([start, values]) => {
      const sum = values.reduce((a, b) => a + b, 0);
      return [start, values.length, sum / values.length, Math.min(...values), Math.max(...values)];
    });
}

async function stored(store: ReadingStoreEngine) {
  const tiers = await Promise.all(
    (["raw", "5m", "1h", "1d"] as const).map(async (tier) => {
      const points = await readAll(store, tier, SERIES, 24 * 10 * HOUR_US);
      return points.map(({ atUs, n, mean, min, max }) =>
        Array.from(atUs, (t, i) => [t, n[i], mean[i], min[i], max[i]]),
      );
    }),
  );
  const { readings, buckets5m, buckets1h, buckets1d } = await store.counts();
  const ledger = await store.lateLedger();
  const grid = await store.gridded({
    seriesNos: SERIES,
    fromUs: DAY0_US,
    toUs: DAY0_US + 48 * HOUR_US,
    stepUs: 2 * FIVE_MINUTES_US,
  });
  const gridded = grid.map(({ mean, count }) =>
    Array.from(mean, (value, step) => [value, count[step]]),
  );
  const latest = (await store.latest({ seriesNos: SERIES })).map((one) => [one.atUs, one.value]);
  const closed = { buckets5m, buckets1h, buckets1d };
  return { tiers, readings, closed, ledger, gridded, latest };
}

function expected(history: readonly TestReading[], zoneOf: (series: number) => string) {
  const { cells, newest, ledger } = model(history);
  const floor = (length: number) => (atUs: number) => Math.floor(atUs / length) * length;
  const dayOf = (no: number) => (atUs: number) => zonedDays(zoneOf(no))(atUs).startUs;
  const of = (start: (no: number) => (atUs: number) => number) =>
    SERIES.map((no) => bucketsOf(cells.get(no) ?? new Map(), start(no)));
  const closed = { buckets5m: 0, buckets1h: 0, buckets1d: 0 };
  for (const no of SERIES) {
    const newestUs = newest.get(no) ?? 0;
    const inOrder = closedStarts(history, no, newestUs);
    const starts = new Set([...(cells.get(no)?.keys() ?? [])].map(floor(FIVE_MINUTES_US)));
    const closedHere = [...starts].filter((start) => start <= inOrder);
    closed.buckets5m += closedHere.length;
    closed.buckets1h += new Set(closedHere.map(floor(HOUR_US))).size;
    closed.buckets1d += new Set(closedHere.map(dayOf(no))).size;
  }
  const gridded = SERIES.map((no) => {
    const rows = bucketsOf(cells.get(no) ?? new Map(), floor(2 * FIVE_MINUTES_US));
    const byStart = new Map(rows.map(([start, n, mean]) => [start, [mean, n]]));
    return Array.from(
      { length: (48 * HOUR_US) / (2 * FIVE_MINUTES_US) },
      (_, step) => byStart.get(DAY0_US + step * 2 * FIVE_MINUTES_US) ?? [Number.NaN, 0],
    );
  });
  return {
    tiers: [
      of(() => (atUs) => atUs),
      of(() => floor(FIVE_MINUTES_US)),
      of(() => floor(HOUR_US)),
      of(dayOf),
    ],
    readings: [...cells.values()].reduce((all, own) => all + own.size, 0),
    latest: SERIES.flatMap((no) => {
      const atUs = newest.get(no);
      return atUs === undefined ? [] : [[atUs, cells.get(no)?.get(atUs)]];
    }),
    closed,
    ledger: [...ledger].sort(([a], [b]) => a - b).map(([sourceNo, row]) => ({ sourceNo, ...row })),
    gridded,
  };
}

/** Seals every day that has readings, the last one too. */
function sealAny(store: ReadingStoreEngine): Promise<unknown> {
  return store.seal({ beforeUs: DAY0_US + 1000 * 24 * HOUR_US });
}

/** Start of the newest bucket that the fold has closed for a series. */
function closedStarts(history: readonly TestReading[], no: number, newestUs: number): number {
  let highest = Number.NEGATIVE_INFINITY;
  let closed = Number.NEGATIVE_INFINITY;
  for (const { series, atUs } of history) {
    if (series !== no || atUs <= highest) continue;
    highest = atUs;
    const start = Math.floor(atUs / FIVE_MINUTES_US) * FIVE_MINUTES_US;
    if (start + FIVE_MINUTES_US <= newestUs - LATENESS_US) closed = start;
  }
  return closed;
}

/**
 * Whatever the history, the cuts into batches, the grouping of batches into transactions and a restart
 * between them: the store ends as the model says.
 */
export function describeStoreLaws(
  name: string,
  makeHarness: () => Promise<StoreHarness>,
  runs: number,
): void {
  describe(`${name}: laws`, () => {
    test("what is stored depends on the order of the log alone", async () => {
      await fc.assert(
        fc.asyncProperty(
          histories,
          fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
          fc.array(fc.constantFrom(...ZONES), { minLength: 3, maxLength: 3 }),
          async (steps, dice, zones) => {
            const history = toReadings(steps);
            const roll = () => dice.next().value ?? 0;
            const cuts = new Set(history.keys().filter(() => roll() < 2));
            const zoneOf = (no: number) => zones[no - 1] ?? "UTC";
            const harness = await makeHarness();
            let store = await harness.open();
            let sealing: Promise<unknown> = Promise.resolve();
            for (const batch of foldHistory(history, cuts, LATENESS_US)) {
              const known = batch.newSeries.map((entry) => entry.seriesNo);
              const zoned = known.map((no) => ({ zone: zoneOf(no), seriesNos: [no] }));
              const done = store.apply({ ...batch, zones: zoned });
              const next = roll();
              // Days are sealed while batches go on, and merged when more of them comes.
              if (next > 7) sealing = Promise.allSettled([sealing, sealAny(store)]);
              if (next > 2) continue;
              await store.flush();
              await done;
              if (next > 1) await sealing;
              if (next > 0) continue;
              await store.stop();
              await sealing;
              store = await harness.open();
            }
            await store.flush();
            const wanted = expected(history, zoneOf);
            await sealing;
            expect<unknown>(await stored(store)).toEqual(wanted);
            await sealAny(store);
            expect<unknown>(await stored(store)).toEqual(wanted);
            await store.stop();
            await harness.dispose();
          },
        ),
        { numRuns: runs },
      );
    }, 120_000);
  });
}
