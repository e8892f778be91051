import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { AppError } from "../domain/error.ts";
import type { ReadingStoreEngine, SeriesPoints, Tier } from "../domain/reading-store.ts";
import type { manualClock } from "../lib/clock.ts";
import { batchOf, entryOf, FIVE_MINUTES_US, HOUR_US, type TestReading } from "./testing.ts";

/** What an engine gives to be put through the contract. */
export type StoreHarness = {
  /** The clock that the store was given. */
  readonly clock: ReturnType<typeof manualClock>;
  /** Opens the store's data: empty the first time, as it was left afterwards. */
  open(): Promise<ReadingStoreEngine>;
  /** Removes the data. */
  dispose(): Promise<void>;
};

/** 2026-03-02T00:00:00Z. */
export const DAY0_US = Date.UTC(2026, 2, 2) * 1000;
const SECOND_US = 1_000_000;
const at = (seconds: number) => DAY0_US + seconds * SECOND_US;

export async function readAll(
  store: ReadingStoreEngine,
  tier: Tier,
  seriesNos: readonly number[],
  spanUs = 10 * 24 * HOUR_US,
): Promise<SeriesPoints[]> {
  const [fromUs, toUs] = [DAY0_US - spanUs, DAY0_US + spanUs];
  return store.range({ seriesNos, fromUs, toUs, tier, maxPoints: 20_000 });
}

/** The behaviour that every engine of the series store has. */
export function describeStore(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(name, () => {
    let harness: StoreHarness;
    let store: ReadingStoreEngine;
    beforeEach(async () => {
      harness = await makeHarness();
      store = await harness.open();
    });
    afterEach(async () => {
      await store.stop();
      await harness.dispose();
    });
    const send = async (...batches: readonly Parameters<typeof batchOf>[0][]) => {
      const applied = batches.map((batch) => store.apply(batchOf(batch)));
      await store.flush();
      return Promise.all(applied);
    };
    const reopen = async () => {
      await store.stop();
      store = await harness.open();
    };
    const use = () => ({ store, harness, send, reopen });
    describeWrites(use);
    describeBuckets(use);
    describeReads(use);
    describeRefusals(use);
  });
}

type Use = () => {
  readonly store: ReadingStoreEngine;
  readonly harness: StoreHarness;
  readonly send: (...batches: readonly Parameters<typeof batchOf>[0][]) => Promise<number[]>;
  readonly reopen: () => Promise<void>;
};

const reading = (seconds: number, value: number, text?: string): TestReading => ({
  series: 1,
  atUs: at(seconds),
  value,
  ...(text === undefined ? {} : { text }),
});

function describeWrites(use: Use): void {
  const state = (seconds: number, text: string) => reading(seconds, Number.NaN, text);
  test.each([
    // name, fresh, late, what is stored, [fresh, duplicates, overwrites] of the late ones
    [
      "a late reading between others is kept",
      [1, 3],
      [[2, 20]],
      [
        [1, 1],
        [2, 20],
        [3, 3],
      ],
      [1, 0, 0],
    ],
    [
      "the same again changes nothing",
      [1, 2],
      [
        [1, 1],
        [2, 2],
      ],
      [
        [1, 1],
        [2, 2],
      ],
      [0, 2, 0],
    ],
    [
      "another value replaces",
      [1, 2],
      [[1, 9]],
      [
        [1, 9],
        [2, 2],
      ],
      [0, 0, 1],
    ],
    [
      "of several the last wins",
      [5],
      [
        [1, 7],
        [1, 8],
        [1, 8],
      ],
      [
        [1, 8],
        [5, 5],
      ],
      [1, 1, 1],
    ],
    [
      "back to the first value is one more overwrite",
      [1],
      [
        [1, 9],
        [1, 1],
      ],
      [[1, 1]],
      [0, 0, 2],
    ],
  ] as const)("late: %s", async (_name, fresh, late, stored, [added, duplicates, overwrites]) => {
    const { store, send } = use();
    await send({
      sequence: 1,
      newSeries: [entryOf(1)],
      fresh: fresh.map((seconds) => reading(seconds, seconds)),
      late: late.map(([seconds, value]) => ({ ...reading(seconds, value), source: 7 })),
    });
    const [points] = await readAll(store, "raw", [1]);
    expect(Array.from(points?.atUs ?? [], (t, i) => [t, points?.mean[i]])).toEqual(
      stored.map(([seconds, value]) => [at(seconds), value]),
    );
    expect(await store.lateLedger()).toEqual([
      { sourceNo: 7, fresh: added, duplicates, overwrites },
    ]);
  });

  test("states are compared by their text, and a state replaced keeps one text", async () => {
    const { store, send } = use();
    await send(
      {
        sequence: 1,
        newSeries: [entryOf(1, 1, "state")],
        fresh: [state(1, "on"), state(2, "off")],
      },
      {
        sequence: 2,
        late: [state(1, "on"), state(2, "a state with a long name"), state(0, "idle")],
      },
    );
    const { texts } = await store.states({ seriesNos: [1], fromUs: at(-9), toUs: at(9) });
    expect(texts).toEqual([
      { series: 1, atUs: at(0), text: "idle" },
      { series: 1, atUs: at(1), text: "on" },
      { series: 1, atUs: at(2), text: "a state with a long name" },
    ]);
    expect(await store.lateLedger()).toEqual([
      { sourceNo: 1, fresh: 1, duplicates: 1, overwrites: 1 },
    ]);
    expect(await store.latest({ seriesNos: [1] })).toEqual([
      { seriesNo: 1, atUs: at(2), value: Number.NaN, text: "a state with a long name" },
    ]);
  });

  test("a batch that was stored already is skipped, also after a restart", async () => {
    const { send, reopen } = use();
    const first = {
      sequence: 4,
      firstSequence: 2,
      newSeries: [entryOf(1)],
      fresh: [reading(1, 1)],
    };
    expect(await send(first)).toEqual([4]);
    await reopen();
    expect(await send(first, { sequence: 5, fresh: [reading(2, 2)] })).toEqual([4, 5]);
    expect(await use().store.counts()).toMatchObject({ readings: 2, series: 1, sequence: 5 });
  });

  test("a batch sent twice before it is stored counts once", async () => {
    const { store } = use();
    const batch = batchOf({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 1)] });
    const both = [store.apply(batch), store.apply(batch)];
    await store.flush();
    expect(await Promise.all(both)).toEqual([1, 1]);
    expect((await store.counts()).readings).toBe(1);
  });

  test("a batch that reaches over what is stored is refused as a bug", async () => {
    const { store, send } = use();
    await send({ sequence: 4, newSeries: [entryOf(1)], fresh: [reading(1, 1)] });
    const over = store.apply(batchOf({ firstSequence: 4, sequence: 6, fresh: [reading(2, 2)] }));
    await expect(over).rejects.toMatchObject({ code: "internal" });
  });

  test("batches are stored a second after the first of them, without being asked", async () => {
    const { store, harness } = use();
    const applied = store.apply(batchOf({ sequence: 1, newSeries: [entryOf(1)] }));
    expect((await store.status()).sequence).toBe(0);
    harness.clock.advanceMs(1000);
    expect(await applied).toBe(1);
    expect(await store.status()).toMatchObject({ sequence: 1, queuedBatches: 0, queuedRows: 0 });
  });

  test("stopping stores what is queued; both stopping and stopping twice are legal", async () => {
    const { store, reopen } = use();
    const applied = store.apply(
      batchOf({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 1)] }),
    );
    await store.stop();
    await store.stop();
    expect(await applied).toBe(1);
    await expect(store.apply(batchOf({ sequence: 2 }))).rejects.toMatchObject({
      code: "unavailable",
    });
    await reopen();
    expect((await use().store.counts()).readings).toBe(1);
  });
}

function describeBuckets(use: Use): void {
  const bucket = (
    seconds: number,
    values: readonly (readonly [number, number])[],
    dirty = false,
  ) => ({
    series: 1,
    startUs: at(seconds),
    values: values.map(([second, value]) => [at(second), value] as const),
    dirty,
  });
  const fresh = [reading(10, 1), reading(20, 3), reading(310, 5), reading(910, 7)];
  const closed = [
    bucket(0, [
      [10, 1],
      [20, 3],
    ]),
    bucket(300, [[310, 5]]),
  ];
  const start = { sequence: 1, newSeries: [entryOf(1)], fresh, buckets: closed };

  test.each([
    // name, later batches, [start, n, mean, min, max] of all buckets, closed ones
    [
      "as the fold closed them",
      [],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a late reading changes its closed bucket",
      [{ sequence: 2, late: [reading(30, 8)] }],
      [
        [0, 3, 4, 1, 8],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a duplicate does not",
      [{ sequence: 2, late: [reading(20, 3)] }],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "an overwrite does",
      [{ sequence: 2, late: [reading(20, 5)] }],
      [
        [0, 2, 3, 1, 5],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
    [
      "a late reading makes a bucket in a gap that was passed",
      [
        { sequence: 2, late: [reading(650, 9)] },
        { sequence: 3, fresh: [reading(1210, 2)], buckets: [bucket(900, [[910, 7]])] },
      ],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [600, 1, 9, 9, 9],
        [900, 1, 7, 7, 7],
        [1200, 1, 2, 2, 2],
      ],
      4,
    ],
    [
      "a dirty bucket is made from its readings",
      [
        { sequence: 2, late: [reading(905, 1)] },
        { sequence: 3, buckets: [bucket(900, [[910, 7]], true)] },
      ],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 2, 4, 1, 7],
      ],
      3,
    ],
    [
      "a bucket that comes again is made from its readings",
      [{ sequence: 2, buckets: [bucket(0, [[10, 1]])] }],
      [
        [0, 2, 2, 1, 3],
        [300, 1, 5, 5, 5],
        [900, 1, 7, 7, 7],
      ],
      2,
    ],
  ] as const)("buckets: %s", async (_name, later, expected, closedCount) => {
    const { store, send } = use();
    await send(start, ...later);
    const [points] = await readAll(store, "5m", [1]);
    expect(rowsOf(points)).toEqual(expected.map(([start, ...rest]) => [at(start), ...rest]));
    const [hour] = await readAll(store, "1h", [1]);
    const n = expected.reduce((sum, [, count]) => sum + count, 0);
    expect({
      hours: hour?.atUs.length,
      n: hour?.n[0],
      closed: (await store.counts()).buckets5m,
    }).toEqual({ hours: 1, n, closed: closedCount });
  });

  test.each([
    ["a day of 23 hours", Date.UTC(2026, 2, 28, 12) * 1000, [24, 23, 24]],
    ["a day of 25 hours", Date.UTC(2026, 9, 24, 12) * 1000, [24, 25, 24]],
  ])("days are the site's: %s in Madrid", async (_name, noonUs, hours) => {
    const { store, send } = use();
    const perHour = Array.from({ length: 97 }, (_, hour) => {
      const startUs = noonUs - 24 * HOUR_US + hour * HOUR_US;
      return { series: 1, startUs, values: [[startUs + 1, hour]] as const };
    });
    await send({
      sequence: 1,
      newSeries: [entryOf(1)],
      zones: [{ zone: "Europe/Madrid", seriesNos: [1] }],
      fresh: perHour.map(({ startUs, values }) => ({
        series: 1,
        atUs: startUs + 1,
        value: values[0][1],
      })),
      buckets: perHour,
    });
    const [points] = await readAll(store, "1d", [1], 400 * 24 * HOUR_US);
    expect(Array.from(points?.n ?? []).slice(1, 4)).toEqual(hours);
  });

  test("a new zone makes all days of its series again, and of no other", async () => {
    const { store, send, reopen } = use();
    const startUs = at(23.5 * 3600);
    const of = (series: number) => ({ series, startUs, values: [[startUs + 1, 1]] as const });
    await send({
      sequence: 1,
      newSeries: [entryOf(1), entryOf(2)],
      fresh: [1, 2].map((series) => ({ series, atUs: startUs + 1, value: 1 })),
      buckets: [of(1), of(2)],
    });
    await send({ sequence: 2, zones: [{ zone: "Europe/Madrid", seriesNos: [2] }] });
    await reopen();
    const days = await readAll(use().store, "1d", [1, 2]);
    expect(days.map((points) => points.atUs[0])).toEqual([DAY0_US, DAY0_US + 23 * HOUR_US]);
    expect((await use().store.seriesInfo({ seriesNos: [2] }))[0]?.zone).toBe("Europe/Madrid");
    expect((await use().store.counts()).buckets1d).toBe(2);
    expect(store).not.toBe(use().store);
  });
}

function rowsOf(points: SeriesPoints | undefined): number[][] {
  if (!points) return [];
  return Array.from(points.atUs, (start, i) => [
    start,
    points.n[i] ?? 0,
    points.mean[i] ?? 0,
    points.min[i] ?? 0,
    points.max[i] ?? 0,
  ]);
}

function describeReads(use: Use): void {
  /** An hour at 1 Hz with one spike each way; 5-minute buckets closed up to 50 minutes. */
  const wave = Array.from({ length: 3600 }, (_, second) => {
    const value = second === 1234 ? 100 : second === 2345 ? -100 : second % 10;
    return reading(second, value);
  });
  const buckets = Array.from({ length: 10 }, (_, index) => ({
    series: 1,
    startUs: at(index * 300),
    values: wave.slice(index * 300, index * 300 + 300).map((r) => [r.atUs, r.value] as const),
  }));
  const start = { sequence: 1, newSeries: [entryOf(1)], fresh: wave, buckets };

  test.each([
    // tier asked, points, tier given, reduced, points at most
    ["raw", 20_000, "raw", false, 3600],
    ["raw", 100, "raw", true, 100],
    ["5m", 100, "5m", false, 12],
    ["5m", 5, "5m", true, 5],
    ["1h", 100, "1h", false, 1],
    ["auto", 5000, "raw", false, 3600],
    ["auto", 12, "5m", false, 12],
    ["auto", 2, "5m", true, 2],
  ] as const)(
    "range %s with %i points gives %s, reduced %p, and keeps the peaks",
    async (tier, maxPoints, given, reduced, most) => {
      const { store, send } = use();
      await send(start);
      const request = { seriesNos: [1], fromUs: at(0), toUs: at(3600), tier, maxPoints };
      const [points] = await store.range(request);
      expect({ tier: points?.tier, reduced: points?.reduced }).toEqual({ tier: given, reduced });
      expect(points?.atUs.length).toBeLessThanOrEqual(most);
      expect([Math.min(...(points?.min ?? [])), Math.max(...(points?.max ?? []))]).toEqual([
        -100, 100,
      ]);
      const total = points?.n.reduce((sum, n) => sum + n, 0);
      expect(total).toBe(given === "raw" ? points?.atUs.length : 3600);
      expect([...(points?.atUs ?? [])]).toEqual([...(points?.atUs ?? [])].sort((a, b) => a - b));
    },
  );

  test("auto takes readings where the span is long but nothing coarser is there", async () => {
    const { store, send } = use();
    await send({ sequence: 1, newSeries: [entryOf(1)], fresh: [reading(1, 5)] });
    const span = { fromUs: at(-86_400 * 300), toUs: at(2) };
    const [points] = await store.range({
      seriesNos: [1, 2],
      ...span,
      tier: "auto",
      maxPoints: 500,
    });
    expect(points?.n.length).toBe(1);
  });

  test("a range leaves out its end, and a series without readings is empty", async () => {
    const { store, send } = use();
    await send(start);
    const points = await store.range({
      seriesNos: [9, 1],
      fromUs: at(10),
      toUs: at(12),
      tier: "raw",
      maxPoints: 10,
    });
    expect(points.map(({ seriesNo, atUs }) => [seriesNo, ...atUs])).toEqual([
      [9],
      [1, at(10), at(11)],
    ]);
  });

  test.each([
    ["whole buckets", 600, [300, 600, 600]],
    ["whole buckets, the last cut off", 2100, [1500]],
    ["shorter than a bucket", 7, undefined],
    ["no multiple of a bucket", 400, undefined],
  ])("gridded over steps of %s equals the means of the readings", async (_name, stepS, counts) => {
    const { store, send } = use();
    await send(start);
    const [fromUs, toUs, stepUs] = [at(-300), at(1500), stepS * SECOND_US];
    const [, grid, none] = [
      0,
      ...(await store.gridded({ seriesNos: [1, 5], fromUs, toUs, stepUs })),
    ];
    const steps = Math.ceil((toUs - fromUs) / stepUs);
    const expected = Array.from({ length: steps }, (_, step) => {
      const [low, high] = [fromUs + step * stepUs, Math.min(toUs, fromUs + (step + 1) * stepUs)];
      const values = wave.filter((r) => r.atUs >= low && r.atUs < high).map((r) => r.value);
      return [values.reduce((sum, value) => sum + value, 0) / values.length, values.length];
    });
    expect(Array.from(grid?.mean ?? [], (mean, step) => [mean, grid?.count[step]])).toEqual(
      expected,
    );
    if (counts) expect(Array.from(grid?.count ?? []).slice(0, counts.length)).toEqual(counts);
    expect(none?.mean.every(Number.isNaN)).toBe(true);
  });

  test("gridded takes the open bucket's readings too, once", async () => {
    const { store, send } = use();
    await send(start);
    const [grid] = await store.gridded({
      seriesNos: [1],
      fromUs: at(0),
      toUs: at(3600),
      stepUs: 3 * FIVE_MINUTES_US,
    });
    expect(Array.from(grid?.count ?? [])).toEqual([900, 900, 900, 900]);
  });

  test("latest, dictionary and counts by tenant", async () => {
    const { store, send } = use();
    await send(start, {
      sequence: 2,
      newSeries: [entryOf(2, 3)],
      fresh: [{ series: 2, atUs: at(5), value: 6 }],
    });
    expect(await store.latest({ seriesNos: [2, 1, 8] })).toEqual([
      { seriesNo: 1, atUs: at(3599), value: 9, text: undefined },
      { seriesNo: 2, atUs: at(5), value: 6, text: undefined },
    ]);
    expect(await store.seriesInfo({ tenantNo: 3 })).toEqual([{ ...entryOf(2, 3), zone: "UTC" }]);
    const all = await store.seriesInfo({ limit: 1, afterSeriesNo: 1 });
    expect(all.map((info) => info.seriesNo)).toEqual([2]);
    const first = { readings: 3600, series: 1, buckets5m: 10, buckets1h: 1, buckets1d: 1 };
    const second = { readings: 1, series: 1, buckets5m: 0, buckets1h: 0, buckets1d: 0 };
    expect(await store.counts()).toEqual({
      ...{ readings: 3601, series: 2, buckets5m: 10, buckets1h: 1, buckets1d: 1 },
      sequence: 2,
      byTenantNo: { 1: first, 3: second },
    });
  });

  test("a read that names a sequence waits for no timer, and fails when it does not come", async () => {
    const { store, harness } = use();
    const applied = store.apply(
      batchOf({ sequence: 3, newSeries: [entryOf(1)], fresh: [reading(1, 1)] }),
    );
    expect((await store.counts({ atLeastSequence: 3 })).readings).toBe(1);
    expect(await applied).toBe(3);
    const later = store.latest({ seriesNos: [1], atLeastSequence: 4 });
    harness.clock.advanceMs(60_000);
    await expect(later).rejects.toMatchObject({ code: "unavailable" });
  });
}

function describeRefusals(use: Use): void {
  const span = { fromUs: at(0), toUs: at(10) };
  const range = { ...span, seriesNos: [1], tier: "raw", maxPoints: 10 } as const;
  type Read = (store: ReadingStoreEngine) => Promise<unknown>;
  test.each<[string, Read]>([
    ["too many series", (s) => s.range({ ...range, seriesNos: Array(6000).fill(1) })],
    ["a series that is no number", (s) => s.latest({ seriesNos: [Number.NaN] })],
    ["a span the wrong way round", (s) => s.range({ ...range, fromUs: at(11) })],
    ["a time with a fraction", (s) => s.states({ ...span, seriesNos: [1], fromUs: 0.5 })],
    ["one point", (s) => s.range({ ...range, maxPoints: 1 })],
    ["too many points", (s) => s.range({ ...range, maxPoints: 1e6 })],
    ["a step of nothing", (s) => s.gridded({ ...span, seriesNos: [1], stepUs: 0 })],
    ["too many cells", (s) => s.gridded({ fromUs: 0, toUs: at(0), seriesNos: [1], stepUs: 1 })],
    ["too many rows", (s) => s.seriesInfo({ limit: 1e6 })],
    [
      "text in place of a number",
      (s) => s.seriesInfo(JSON.parse('{"tenantNo":"1; drop table x"}')),
    ],
  ])("refused as invalid: %s", async (_name, run) => {
    const error = await run(use().store).then(
      () => undefined,
      (reason: AppError) => reason,
    );
    expect(error?.code).toBe("invalid");
  });
}
