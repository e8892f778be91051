import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAKE_DAY_US } from "../../../domain/lake.ts";
import type { ReadingStoreEngine } from "../../../domain/reading-store.ts";
import { manualClock } from "../../../lib/clock.ts";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { loadDuckdb } from "../../../native/duckdb.ts";
import { DAY0_US } from "../../contract-case.ts";
import { batchOf, entryOf, type TestReading, waveformReading } from "../../testing.ts";
import { connect } from "../connection.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "../index.ts";
import { openDatabase } from "../open.ts";

let dir = "";
let errors: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "foresight-lake-"));
  errors = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HOUR_US = 3_600_000_000;
const lakeDir = () => join(dir, "lake");
const duckdb = () => loadDuckdb(join(dir, "runtime"));
const logger: Logger = { ...silentLogger, error: (message) => void errors.push(message) };

async function open(
  clock = manualClock(DAY0_US),
  freeBytes?: () => Promise<number>,
): Promise<ReadingStoreEngine> {
  const file = join(dir, "series.duckdb");
  const options = {
    ...{ ...DUCKDB_DEFAULTS, file, lakeDir: lakeDir(), sealRows: 100 },
    guard: { leastBytes: 1000, everyMs: 60_000 },
  };
  return createDuckdbStore({
    ...{ duckdb: await duckdb(), clock, logger, options },
    freeBytes: freeBytes ?? (async () => 1e9),
  });
}

function files(): string[] {
  return readdirSync(lakeDir(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "series.parquet")
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function spoilEnd(file: string): void {
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.fill(7, bytes.length - 60));
}

/** Every minute of DAY0 for each of these series. */
function dayOf(...seriesNos: number[]): TestReading[] {
  return Array.from({ length: 1440 }, (_, minute) =>
    seriesNos.map((series) => ({ series, atUs: DAY0_US + minute * 60e6, value: minute % 7 })),
  ).flat();
}

async function apply(store: ReadingStoreEngine, parts: Parameters<typeof batchOf>[0]) {
  const done = store.apply(batchOf(parts));
  await store.flush();
  await done;
}

async function sealedDay(): Promise<ReadingStoreEngine> {
  const store = await open();
  await apply(store, {
    sequence: 1,
    newSeries: [entryOf(1), entryOf(2), entryOf(3, 2)],
    fresh: dayOf(1, 2, 3),
  });
  const report = await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  expect(report).toMatchObject({ days: 1, files: 3, rows: 3 * 1440 });
  return store;
}

async function rawOf(store: ReadingStoreEngine, seriesNo: number): Promise<Map<number, number>> {
  const [points] = await store.range({
    seriesNos: [seriesNo],
    fromUs: DAY0_US,
    toUs: DAY0_US + LAKE_DAY_US,
    tier: "raw",
    maxPoints: 20_000,
  });
  const value = points?.mean ?? [];
  return new Map(Array.from(points?.atUs ?? [], (at, i) => [at, value[i] ?? Number.NaN]));
}

test("a sealed day lies in files by tenant and day, sorted, and is read like before", async () => {
  const store = await sealedDay();
  expect(files().map((file) => file.replace(/.*tenant=(.*)\/.*/, "$1"))).toEqual([
    "1/class=default/day=2026-03-02",
    "1/class=default/day=2026-03-02",
    "2/class=default/day=2026-03-02",
  ]);
  expect((await rawOf(store, 2)).size).toBe(1440);
  expect(await store.counts()).toMatchObject({
    readings: 3 * 1440,
    byTenantNo: { 1: { readings: 2880 }, 2: { readings: 1440 } },
  });
  await store.describe({
    tenantNo: 1,
    facts: [{ seriesNo: 2, asset: "P-2", sensor: "flow", unit: "m3/h", className: "default" }],
  });
  await store.stop();
  // Any Parquet tool: here a DuckDB that knows nothing of this store.
  const plain = await duckdb();
  const other = await connect(plain, await plain.open(":memory:"));
  const rows = await other.rows(`select series, epoch_us(time)::double from
    read_parquet('${files()[0]}') where value is not null`);
  const keys = Array.from(rows.f64(1), (at, row) => (rows.u32(0)[row] ?? 0) * 1e17 + at);
  expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  const named = await other.rows(`select n.asset, n.sensor, n.unit, count(*)::double
    from read_parquet('${lakeDir()}/tenant=1/*/*/*.parquet') r
    join read_parquet('${lakeDir()}/tenant=1/series.parquet') n using (series) group by all order by 1`);
  expect([named.text(0), named.text(1), named.text(2), [...named.f64(3)]]).toEqual([
    ["", "P-2"],
    ["", "flow"],
    ["", "m3/h"],
    [1440, 1440],
  ]);
  other.close();
});

test("late readings of a sealed day are told apart, and merged into a new file in place of the old", async () => {
  const store = await sealedDay();
  const before = files();
  const at = (minute: number, us = 0) => DAY0_US + minute * 60e6 + us;
  await apply(store, {
    sequence: 2,
    late: [
      { series: 1, atUs: at(10), value: 10 % 7 },
      { series: 1, atUs: at(11), value: 99, text: "worn" },
      { series: 1, atUs: at(12, 5), value: 50 },
    ],
  });
  const check = async () => {
    const raw = await rawOf(store, 1);
    expect([raw.size, raw.get(at(10)), raw.get(at(11)), raw.get(at(12, 5))]).toEqual([
      1441, 3, 99, 50,
    ]);
    expect((await store.counts()).readings).toBe(3 * 1440 + 1);
  };
  expect(await store.lateLedger()).toEqual([
    { sourceNo: 1, fresh: 1, duplicates: 1, overwrites: 1 },
  ]);
  await check();
  expect(await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US })).toMatchObject({
    files: 1,
    rows: 1441,
  });
  await check();
  expect(files().length).toBe(3);
  expect(files().filter((file) => before.includes(file)).length).toBe(2);
  await apply(store, {
    sequence: 3,
    late: [{ series: 1, atUs: at(11), value: 98, text: "broken" }],
  });
  const states = { seriesNos: [1], fromUs: at(0), toUs: at(1440) };
  expect((await store.states(states)).texts).toEqual([{ series: 1, atUs: at(11), text: "broken" }]);
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  expect((await store.states(states)).texts).toEqual([{ series: 1, atUs: at(11), text: "broken" }]);
  expect((await rawOf(store, 1)).get(at(11))).toBe(98);
  await store.stop();
});

test.each([
  ["cut", (file: string) => writeFileSync(file, readFileSync(file).subarray(0, 100))],
  ["changed inside", (file: string) => writeFileSync(file, readFileSync(file).fill(7, 4, 60))],
  ["changed at its end", (file: string) => spoilEnd(file)],
  ["removed", (file: string) => rmSync(file)],
])(
  "a file that was %s while the store runs is named and set aside, the rest is served",
  async (_name, damage) => {
    const store = await sealedDay();
    const broken = files()[0] ?? "";
    damage(broken);
    expect((await rawOf(store, 1)).size).toBe(0);
    expect((await rawOf(store, 2)).size).toBe(1440);
    expect(errors).toEqual([expect.stringContaining(broken.slice(lakeDir().length + 1))]);
    const { unreadable } = (await store.status()).lake;
    expect(unreadable).toMatchObject([{ rows: 1440 }]);
    expect((await store.counts()).readings).toBe(2880);
    // Late readings of what cannot be read are stored all the same.
    await apply(store, { sequence: 2, late: [{ series: 1, atUs: DAY0_US, value: 5 }] });
    expect((await rawOf(store, 1)).size).toBe(1);
    await store.stop();
  },
);

test("a new series store beside an old lake overwrites none of its files", async () => {
  const first = await sealedDay();
  const old = files();
  await first.stop();
  rmSync(join(dir, "series.duckdb"));
  const store = await sealedDay();
  expect(files().length).toBe(6);
  expect(files()).toEqual(expect.arrayContaining(old));
  expect((await rawOf(store, 1)).size).toBe(1440);
  await store.stop();
});

test("a file that is missing at the start is named; a batch over a damaged one is stored", async () => {
  let store = await sealedDay();
  const [first = "", second = ""] = files();
  await store.stop();
  rmSync(first);
  store = await open();
  expect(errors).toEqual([expect.stringContaining("is missing")]);
  spoilEnd(second);
  await apply(store, { sequence: 2, late: [{ series: 2, atUs: DAY0_US, value: 5 }] });
  expect(errors.length).toBe(2);
  expect((await store.status()).lake.unreadable.length).toBe(2);
  await store.stop();
});

test("days are sealed by themselves once their allowance is over, and what a crash left is cleared", async () => {
  const clock = manualClock(DAY0_US + 12 * HOUR_US);
  let store = await open(clock);
  await apply(store, { sequence: 1, newSeries: [entryOf(1)], fresh: dayOf(1) });
  clock.advanceMs(17 * 3_600_000);
  await store.seal({ beforeUs: 0 });
  expect(files()).toEqual([]);
  clock.advanceMs(2 * 3_600_000);
  await store.seal({ beforeUs: 0 });
  expect(files().length).toBe(1);
  await store.stop();
  const database = await openDatabase(await duckdb(), {
    file: join(dir, "series.duckdb"),
    memoryBytes: 128 * 2 ** 20,
    threads: 1,
    tempDir: join(dir, "temp"),
    extensionDir: join(dir, "extensions"),
  });
  const connection = await database.connect();
  await connection.run("insert into unwanted values ('half.parquet')");
  connection.close();
  database.close();
  writeFileSync(join(lakeDir(), "half.parquet.tmp"), "half");
  store = await open(clock);
  expect(files().length).toBe(1);
  expect((await rawOf(store, 1)).size).toBe(1440);
  await store.stop();
});

test("a store of the version before sealing is opened as it is and seals from then on", async () => {
  const options = {
    file: join(dir, "series.duckdb"),
    memoryBytes: 128 * 2 ** 20,
    threads: 1,
    tempDir: join(dir, "temp"),
    extensionDir: join(dir, "extensions"),
  };
  const database = await openDatabase(await duckdb(), options);
  const connection = await database.connect();
  const first = ["schema_version", "cursor", "series", "readings", "texts", "late_pending"];
  const kept = [...first, "late_ledger", "buckets_5m", "buckets_1h", "buckets_1d"];
  const tables = (await connection.rows("select table_name from duckdb_tables()")).text(0);
  for (const table of tables.filter((name) => !kept.includes(name)))
    await connection.run(`drop table ${table}`);
  await connection.run("update schema_version set version = 1");
  connection.close();
  database.close();
  const store = await sealedDay();
  expect((await rawOf(store, 3)).size).toBe(1440);
  await store.stop();
});

test("a waveform is read whole while its reading is sealed, corrected, and until retention takes both", async () => {
  const clock = manualClock(DAY0_US);
  const store = await open(clock);
  const wave = (...samples: number[]) => ({
    ...{ samples: Float64Array.from(samples), shape: [samples.length], sampleRateHz: 10 },
  });
  const [first, second] = [wave(1, 2, 3), wave(4)];
  const [atUs, laterUs] = [DAY0_US, DAY0_US + LAKE_DAY_US];
  const newSeries = [entryOf(1, 1, "waveform"), entryOf(2, 1, "waveform")];
  const fresh = [1, 2].flatMap((no) => [
    waveformReading(no, atUs, first),
    waveformReading(no, laterUs, first),
  ]);
  await store.describe({
    tenantNo: 1,
    facts: [{ seriesNo: 2, asset: "", sensor: "", unit: "", className: "short" }],
  });
  await apply(store, { sequence: 1, newSeries, fresh });
  await store.seal({ beforeUs: laterUs });
  expect(files().length).toBe(4);
  const textOf = async () => {
    const { texts } = await store.states({ seriesNos: [1], fromUs: atUs, toUs: laterUs });
    return texts.map(({ text }) => text.replace(/ #.*/, ""));
  };
  expect(await textOf()).toEqual(["3 samples at 10 Hz"]);
  expect(await store.waveform({ seriesNo: 1, atUs })).toEqual(first);
  const late = [waveformReading(1, atUs, second)];
  await apply(store, { sequence: 2, late });
  for (const _ of ["hot", "sealed"]) {
    expect(await textOf()).toEqual(["1 samples at 10 Hz"]);
    expect(await store.waveform({ seriesNo: 1, atUs })).toEqual(second);
    const span = { fromUs: DAY0_US, toUs: laterUs + 1, limit: 9 };
    expect(await store.waveforms({ seriesNo: 1, ...span })).toHaveLength(2);
    await store.seal({ beforeUs: laterUs });
  }
  clock.advanceMs(days(2));
  const classes = [
    { name: "default", keepDays: KEEP },
    { name: "short", keepDays: { ...KEEP, raw: 1 } },
  ];
  await store.retain({ tenantNo: 1, classes, dryRun: false });
  expect(await store.waveform({ seriesNo: 2, atUs })).toBeUndefined();
  expect(await store.waveform({ seriesNo: 2, atUs: laterUs })).toEqual(first);
  expect(await store.waveform({ seriesNo: 1, atUs })).toEqual(second);
  clock.advanceMs(days(90));
  await store.retain({ tenantNo: 1, classes, dryRun: false });
  expect(await store.waveform({ seriesNo: 1, atUs })).toBeUndefined();
  await store.stop();
});

const KEEP = { raw: 90, "5m": 365, "1h": 1825, "1d": null };
const days = (count: number) => count * 86_400_000;

test("retention names what goes, takes it away by class and tier, and logs it", async () => {
  const clock = manualClock(DAY0_US);
  const store = await open(clock);
  const seconds = [0, 300];
  const bucket = (series: number) =>
    seconds.map((s) => ({
      ...{ series, startUs: DAY0_US + s * 1e6 },
      values: [[DAY0_US + s * 1e6, 1]] as const,
    }));
  await store.describe({
    tenantNo: 1,
    facts: [{ seriesNo: 2, asset: "", sensor: "", unit: "", className: "short" }],
  });
  await apply(store, {
    sequence: 1,
    newSeries: [entryOf(1), entryOf(2), entryOf(3, 2)],
    fresh: dayOf(1, 2, 3),
    buckets: [1, 2, 3].flatMap(bucket),
  });
  clock.advanceMs(days(2));
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  expect(files().filter((file) => file.includes("class=short")).length).toBe(1);
  const request = {
    tenantNo: 1,
    classes: [
      { name: "default", keepDays: KEEP },
      { name: "short", keepDays: { ...KEEP, raw: 1, "5m": 1 } },
    ],
    dryRun: true,
  };
  const named = await store.retain(request);
  expect(named.map(({ className, tier, rows }) => [className, tier, rows])).toEqual([
    ["short", "raw", 1440],
    ["short", "5m", 2],
  ]);
  expect(files().length).toBe(3);
  expect(await store.retain({ ...request, dryRun: false })).toEqual(named);
  expect(files().length).toBe(2);
  expect(await store.retain(request)).toEqual([]);
  expect((await rawOf(store, 2)).size).toBe(0);
  expect((await rawOf(store, 1)).size).toBe(1440);
  expect(await store.counts()).toMatchObject({ buckets5m: 4, buckets1h: 3, buckets1d: 3 });
  expect(await store.retentionLog(2)).toEqual([]);
  expect(await store.retentionLog(1)).toMatchObject([
    { className: "short", tier: "5m", rows: 2, fromUs: DAY0_US },
    { className: "short", tier: "raw", rows: 1440, reason: "raw of short is kept 1 days" },
  ]);
  await store.stop();
});

test("history that comes after its days are over is kept as long as if it were of today", async () => {
  const clock = manualClock(DAY0_US + 200 * LAKE_DAY_US);
  const store = await open(clock);
  await apply(store, { sequence: 1, newSeries: [entryOf(1)], fresh: dayOf(1) });
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  const request = { tenantNo: 1, classes: [{ name: "default", keepDays: KEEP }], dryRun: false };
  clock.advanceMs(days(89));
  expect(await store.retain(request)).toEqual([]);
  clock.advanceMs(days(1));
  expect((await store.retain(request)).length).toBe(1);
  await store.stop();
});

test("a late reading of a day whose readings and 5-minute buckets are gone adds to what is left", async () => {
  const clock = manualClock(DAY0_US);
  const store = await open(clock);
  const values = dayOf(1).map(({ atUs, value }) => [atUs, value] as const);
  const starts = Array.from({ length: 288 }, (_, i) => DAY0_US + i * 300e6);
  await apply(store, {
    sequence: 1,
    newSeries: [entryOf(1)],
    fresh: dayOf(1),
    buckets: starts.map((startUs) => ({
      ...{ series: 1, startUs },
      values: values.filter(([at]) => at >= startUs && at < startUs + 300e6),
    })),
  });
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  const read = async (tier: "5m" | "1h" | "1d") => {
    const span = { fromUs: DAY0_US, toUs: DAY0_US + 3_600e6, maxPoints: 100 };
    const [points] = await store.range({ seriesNos: [1], ...span, tier });
    return [
      points?.n[0],
      points?.min[0],
      points?.max[0],
      (points?.mean[0] ?? 0) * (points?.n[0] ?? 0),
    ];
  };
  const before = { fine: await read("5m"), hour: await read("1h"), day: await read("1d") };
  const late = (value: number, us: number) => [{ series: 1, atUs: DAY0_US + us, value }];
  const plus = ([n = 0, min = 0, _max, sum = 0]: (number | undefined)[], value: number) => [
    ...[n + 1, min, value, sum + value],
  ];
  clock.advanceMs(days(100));
  const forget = async (part: Partial<typeof KEEP>) => {
    const classes = [{ name: "default", keepDays: { ...KEEP, ...part } }];
    await store.retain({ tenantNo: 1, classes, dryRun: false });
  };
  await forget({ raw: 1 });
  await apply(store, { sequence: 2, late: late(50, 5) });
  expect(await read("5m")).toEqual(plus(before.fine, 50));
  await apply(store, { sequence: 3, late: late(60, 5) });
  expect(await read("5m")).toEqual(plus(before.fine, 60));
  expect(await read("1d")).toEqual(plus(before.day, 60));
  // What came late is sealed and dropped in its turn; the bucket keeps it.
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  clock.advanceMs(days(2));
  await forget({ raw: 1 });
  expect((await store.counts()).readings).toBe(0);
  await apply(store, { sequence: 4, late: late(70, 6) });
  expect(await read("5m")).toEqual(plus(plus(before.fine, 60), 70));
  clock.advanceMs(days(2));
  await store.seal({ beforeUs: DAY0_US + LAKE_DAY_US });
  clock.advanceMs(days(2));
  await forget({ raw: 1, "5m": 1 });
  expect((await store.counts()).buckets5m).toBe(0);
  await apply(store, { sequence: 5, late: late(80, 7) });
  expect(await read("1h")).toEqual(plus(plus(plus(before.hour, 60), 70), 80));
  expect(await read("1d")).toEqual(plus(plus(plus(before.day, 60), 70), 80));
  await store.stop();
}, 30_000);

test("history older than every tier is kept counts from its arrival, sealed or not", async () => {
  const clock = manualClock(DAY0_US + 2_000 * LAKE_DAY_US);
  const store = await open(clock);
  const buckets = [{ series: 1, startUs: DAY0_US, values: [[DAY0_US, 1]] as const }];
  await apply(store, { sequence: 1, newSeries: [entryOf(1)], fresh: dayOf(1), buckets });
  const request = { tenantNo: 1, classes: [{ name: "default", keepDays: KEEP }], dryRun: false };
  expect(await store.retain(request)).toEqual([]);
  await store.seal({ beforeUs: clock.nowUs() });
  expect(await store.retain(request)).toEqual([]);
  expect((await rawOf(store, 1)).size).toBe(1440);
  clock.advanceMs(days(91));
  expect((await store.retain(request)).map(({ tier }) => tier)).toEqual(["raw"]);
  clock.advanceMs(days(365));
  expect((await store.retain(request)).map(({ tier }) => tier)).toEqual(["5m"]);
  await store.stop();
});

test("a nearly full disk takes the oldest sealed day, no more than needed, and logs it", async () => {
  const clock = manualClock(DAY0_US + 2 * LAKE_DAY_US);
  const disk = { freeBytes: 1e9 };
  const store = await open(clock, async () => disk.freeBytes);
  const next = dayOf(1).map((one) => ({ ...one, atUs: one.atUs + LAKE_DAY_US }));
  await apply(store, { sequence: 1, newSeries: [entryOf(1)], fresh: [...dayOf(1), ...next] });
  await store.seal({ beforeUs: DAY0_US + 2 * LAKE_DAY_US });
  const look = async () => {
    clock.advanceMs(60_000);
    await store.seal({ beforeUs: 0 });
  };
  await look();
  expect(files().length).toBe(2);
  disk.freeBytes = 900;
  await look();
  expect(files()).toEqual([expect.stringContaining("day=2026-03-03")]);
  expect(await store.retentionLog(1)).toMatchObject([
    { tier: "raw", fromUs: DAY0_US, reason: "the disk is nearly full" },
  ]);
  await store.stop();
}, 30_000);
