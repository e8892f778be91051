import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ReadingsFrame } from "../domain/log-frame.ts";
import type { SeriesEntry } from "../domain/series.ts";
import { BUCKET_US } from "./slots.ts";
import { bucketsOf, ModelStore } from "./testdata/model-store.ts";
import { DEFAULT_WINDOW_SETTINGS, WindowFold } from "./window-fold.ts";

const MIN = 60e6;
const BASE = 1_700_000_100e6; // a bucket begins here

/** Series 1 and 2 are of device a, 3 of device b. */
const ENTRIES: SeriesEntry[] = [1, 2, 3].map((seriesNo) => ({
  seriesNo,
  tenantNo: 1,
  sourceNo: 1,
  measurement: "m",
  tags: [],
  field: `f${seriesNo}`,
  kind: "numeric",
  deviceKey: seriesNo < 3 ? "a" : "b",
  firstAtUs: BASE,
}));

type Sent = readonly [series: number, atUs: number, value: number, receivedAtUs: number];

function frameOf(rows: readonly Sent[]): ReadingsFrame {
  return {
    count: rows.length,
    series: Uint32Array.from(rows.map((r) => r[0])),
    atUs: Float64Array.from(rows.map((r) => r[1])),
    value: Float64Array.from(rows.map((r) => r[2])),
    texts: [],
    waveforms: [],
    runs: rows.map((r, i) => ({ tenantNo: 1, sourceNo: 1, receivedAtUs: r[3], endRow: i + 1 })),
  };
}

function foldOf(maxRings = 10) {
  const heard: [number, number, number][] = [];
  const fold = new WindowFold({ ...DEFAULT_WINDOW_SETTINGS, maxRings }, () => ({
    watched: new Uint8Array(16).fill(1),
    onReading: (...reading) => void heard.push(reading),
  }));
  fold.addSeries(ENTRIES);
  const store = new ModelStore();
  const take = () => {
    const batch = fold.take();
    store.apply(batch);
    return batch;
  };
  /** Sends readings received when they were measured, unless said otherwise. */
  const send = (
    ...rows: [series: number, atUs: number, value: number, receivedAtUs?: number][]
  ) => {
    fold.readings(frameOf(rows.map(([s, t, v, r]) => [s, t, v, r ?? t] as const)));
    return take();
  };
  const ledger = () => {
    const [tally] = fold.ledger.take();
    return {
      fresh: tally?.fresh,
      dup: tally?.duplicates,
      over: tally?.overwrites,
      late: tally?.late,
    };
  };
  return { fold, send, take, store, heard, ledger };
}

test.each<[string, [number, number, number][], Record<string, number>]>([
  [
    "new readings are fresh",
    [
      [1, BASE, 1],
      [1, BASE + 1, 2],
    ],
    { fresh: 2, dup: 0, over: 0, late: 0 },
  ],
  [
    "the same again is a duplicate",
    [
      [1, BASE, 1],
      [1, BASE, 1],
    ],
    { fresh: 1, dup: 1, over: 0, late: 0 },
  ],
  [
    "NaN again too",
    [
      [1, BASE, Number.NaN],
      [1, BASE, Number.NaN],
    ],
    { fresh: 1, dup: 1, over: 0, late: 0 },
  ],
  [
    "another value overwrites",
    [
      [1, BASE, 1],
      [1, BASE, 2],
    ],
    { fresh: 1, dup: 0, over: 1, late: 0 },
  ],
  [
    "the first out of order is late",
    [
      [1, BASE + 9, 1],
      [1, BASE, 2],
    ],
    { fresh: 1, dup: 0, over: 0, late: 1 },
  ],
  [
    "then the ring knows a late one sent twice",
    [
      [1, BASE + 9, 1],
      [1, BASE, 2],
      [1, BASE + 20, 3],
      [1, BASE + 15, 4],
      [1, BASE + 15, 4],
    ],
    { fresh: 2, dup: 1, over: 0, late: 2 },
  ],
  [
    "and one with another value",
    [
      [1, BASE + 9, 1],
      [1, BASE, 2],
      [1, BASE + 20, 3],
      [1, BASE + 9, 7],
    ],
    { fresh: 2, dup: 0, over: 1, late: 1 },
  ],
])("verdict: %s", (_name, rows, want) => {
  const { send, ledger } = foldOf();
  send(...rows);
  expect(ledger()).toEqual(want as ReturnType<typeof ledger>);
});

test("last value and time stand in the state, the mark's slot first", () => {
  const { fold, send } = foldOf();
  send([1, BASE + 5, 42], [1, BASE, 7]);
  expect([fold.state[16], fold.state[17]]).toEqual([BASE + 5, 42]);
});

test("a bucket closes when the series moves on", () => {
  const { send } = foldOf();
  expect(send([1, BASE, 1], [1, BASE + 1, 5], [1, BASE + 2, 3]).buckets.count).toBe(0);
  const { buckets } = send([1, BASE + BUCKET_US, 9]);
  expect([buckets.count, buckets.startUs[0], buckets.n[0], buckets.min[0], buckets.max[0]]).toEqual(
    [1, BASE, 3, 1, 5],
  );
  expect([buckets.sum[0], buckets.sumSq[0], buckets.first[0], buckets.last[0]]).toEqual([
    9, 35, 1, 3,
  ]);
  expect([buckets.firstAtUs[0], buckets.lastAtUs[0], buckets.dirty[0]]).toEqual([
    BASE,
    BASE + 2,
    0,
  ]);
});

test("another sensor of the device closes it once the watermark has passed its end", () => {
  const { send } = foldOf();
  send([1, BASE, 1]);
  expect(send([2, BASE + BUCKET_US + 9.9e6, 1]).buckets.count).toBe(0);
  expect(send([3, BASE + BUCKET_US + 60e6, 1]).buckets.count).toBe(0); // another device
  expect([...send([2, BASE + BUCKET_US + 10e6, 1]).buckets.series]).toEqual([1]);
});

test("a clock frame closes the buckets of a device that is idle, and only then", () => {
  const { fold, send, take } = foldOf();
  send([1, BASE + 299e6, 1]);
  fold.clock(BASE + 299e6 + 119e6);
  expect(take().buckets.count).toBe(0);
  fold.clock(BASE + 299e6 + 120e6);
  expect(take().buckets.count).toBe(1);
  expect(fold.openBuckets).toBe(0);
});

test("a reading for a bucket that was closed is the store's to count, and still the newest", () => {
  const { fold, send, take, store, heard } = foldOf();
  send([1, BASE, 1]);
  fold.clock(BASE + BUCKET_US + 3 * MIN);
  take();
  const batch = send([1, BASE + 10, 5]);
  expect([batch.fresh.count, batch.late.count]).toEqual([0, 1]);
  expect(fold.state[17]).toBe(5);
  expect(heard.at(-1)).toEqual([1, BASE + 10, 5]);
  expect(store.buckets.get(`1 ${BASE}`)?.n).toBe(2);
});

test("a time far ahead of the clock is kept but moves nothing", () => {
  const { fold, send, heard } = foldOf();
  send([1, BASE, 1]);
  const batch = send([1, BASE + 6 * MIN, 2, BASE]);
  expect([batch.fresh.count, batch.late.count, heard.length]).toEqual([0, 1, 1]);
  expect(fold.state[16]).toBe(BASE);
});

test("a late reading feeds no rule", () => {
  const { send, heard } = foldOf();
  send([1, BASE + 9, 1], [1, BASE, 99]);
  expect(heard).toEqual([[1, BASE + 9, 1]]);
});

/** Readings that mostly advance, with late ones, repeats, corrections, clocks that are wrong, pauses. */
const history = fc.array(
  fc.record({
    series: fc.integer({ min: 1, max: 3 }),
    stepUs: fc.constantFrom(0, 1, 1e6, 40e6, 3 * MIN),
    offsetUs: fc.constantFrom(0, 0, 0, 0, -1, -1e6, -40e6, -11 * MIN, 6 * MIN),
    value: fc.constantFrom(1, 2, 3, Number.NaN),
    repeats: fc.constantFrom(1, 1, 1, 2),
    clock: fc.constantFrom(false, false, false, true),
    take: fc.boolean(),
  }),
  { maxLength: 120 },
);

test("over any history the store ends with every reading once, and with their buckets", () => {
  fc.assert(
    fc.property(history, fc.integer({ min: 0, max: 3 }), (steps, maxRings) => {
      const { fold, take, store } = foldOf(maxRings);
      const truth = new Map<string, number>();
      let nowUs = BASE;
      for (const one of steps) {
        nowUs += one.stepUs;
        const t = nowUs + one.offsetUs;
        const sent: Sent = [one.series, t, one.value, nowUs];
        fold.readings(frameOf(Array.from({ length: one.repeats }, () => sent)));
        truth.set(`${one.series} ${t}`, one.value);
        if (one.clock) fold.clock(nowUs);
        if (one.take) take();
      }
      fold.clock(nowUs + 60 * MIN);
      take();
      expect(store.doubled).toBe(0);
      expect(new Map([...store.readings].sort())).toEqual(new Map([...truth].sort()));
      expect(fold.openBuckets).toBe(0);
      expect(new Map([...store.buckets].sort())).toEqual(new Map([...bucketsOf(truth)].sort()));
      const [tally] = fold.ledger.take();
      if (tally)
        expect(tally.fresh + tally.duplicates + tally.overwrites + tally.late).toBe(tally.received);
    }),
    { numRuns: 600 },
  );
});
