import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAKE_DAY_US } from "../../../domain/lake.ts";
import type { ReadingStoreEngine } from "../../../domain/reading-store.ts";
import type { Waveform } from "../../../domain/waveform.ts";
import { manualClock } from "../../../lib/clock.ts";
import { type Logger, silentLogger } from "../../../lib/logger.ts";
import { loadDuckdb } from "../../../native/duckdb.ts";
import { DAY0_US } from "../../contract-case.ts";
import { batchOf, entryOf, waveformReading } from "../../testing.ts";
import { connect } from "../connection.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "../index.ts";
import { cutWaveforms, type StoredWaveform } from "./waveform-plan.ts";

let dir = "";
let errors: string[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "foresight-waves-"));
  errors = [];
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const END_US = DAY0_US + LAKE_DAY_US;
const lakeDir = () => join(dir, "lake");
const logger: Logger = { ...silentLogger, error: (message) => void errors.push(message) };

async function open(
  clock = manualClock(DAY0_US),
  freeBytes = async () => 1e9,
): Promise<ReadingStoreEngine> {
  const file = join(dir, "series.duckdb");
  const guard = { leastBytes: 1000, everyMs: 60_000 };
  const options = { ...DUCKDB_DEFAULTS, file, lakeDir: lakeDir(), guard };
  const duckdb = await loadDuckdb(join(dir, "runtime"));
  return createDuckdbStore({ duckdb, clock, logger, options, freeBytes });
}

/** Files of waveforms. */
function files(): string[] {
  return readdirSync(lakeDir(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath.includes("/waveforms/"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function apply(store: ReadingStoreEngine, parts: Parameters<typeof batchOf>[0]) {
  const done = store.apply(batchOf(parts));
  await store.flush();
  await done;
}

const MINUTE_US = 60e6;
const atOf = (minute: number) => DAY0_US + minute * MINUTE_US;
const wave = (seed: number, length = 64): Waveform => ({
  samples: Float64Array.from({ length }, (_, i) => Math.sin(seed + i) / 3),
  ...{ shape: [length], sampleRateHz: seed % 2 === 0 ? 25_600 : undefined },
});
const seriesNos = [1, 2, 3];
const newSeries = [entryOf(1, 1, "waveform"), entryOf(2, 1, "waveform"), entryOf(3, 2, "waveform")];

/** Ten waveforms of each series, sealed. */
async function sealedDay(): Promise<ReadingStoreEngine> {
  const store = await open();
  const minutes = Array.from({ length: 10 }, (_, minute) => minute);
  const fresh = minutes.flatMap((minute) =>
    seriesNos.map((no) => waveformReading(no, atOf(minute), wave(no * 100 + minute))),
  );
  await apply(store, { sequence: 1, newSeries, fresh });
  expect(await store.seal({ beforeUs: END_US })).toMatchObject({ days: 1, files: 4, rows: 30 });
  return store;
}

async function expectAll(
  store: ReadingStoreEngine,
  expected: (no: number, minute: number) => Waveform | undefined,
) {
  for (const seriesNo of seriesNos) {
    const kept: number[] = [];
    for (let minute = 0; minute < 10; minute++) {
      const stored = await store.waveform({ seriesNo, atUs: atOf(minute) });
      const wanted = expected(seriesNo, minute);
      expect(stored).toEqual(wanted);
      if (wanted) kept.unshift(atOf(minute));
    }
    const list = await store.waveforms({ seriesNo, fromUs: DAY0_US, toUs: END_US, limit: 100 });
    expect(list.map(({ atUs }) => atUs)).toEqual(kept);
  }
}

test("sealed waveforms lie in Parquet files by tenant and day, and are read bit for bit", async () => {
  const store = await sealedDay();
  await expectAll(store, (no, minute) => wave(no * 100 + minute));
  expect((await store.counts()).readings).toBe(30);
  await store.stop();
  const again = await open();
  await expectAll(again, (no, minute) => wave(no * 100 + minute));
  await again.stop();
  expect(files().map((file) => file.slice(lakeDir().length))).toEqual([
    expect.stringMatching(/^\/tenant=1\/waveforms\/class=default\/day=[0-9-]+\/\d+-0\.parquet$/),
    expect.stringMatching(/^\/tenant=2\/waveforms\/class=default\/day=[0-9-]+\/\d+-1\.parquet$/),
  ]);
  const duckdb = await loadDuckdb(join(dir, "runtime"));
  const tool = await connect(duckdb, await duckdb.open(":memory:"));
  const rows = await tool.rows(`
    select count(*)::double, sum(octet_length(samples))::double, sum(length)::double
    from read_parquet('${lakeDir()}/tenant=1/waveforms/class=*/day=*/*.parquet')
    join '${lakeDir()}/tenant=1/series.parquet' using (series) where kind = 'waveform'`);
  expect([0, 1, 2].map((column) => rows.f64(column)[0])).toEqual([20, 20 * 64 * 8, 20 * 64]);
  const left = await tool.rows(`attach '${join(dir, "series.duckdb")}' as store (read_only);
    select count(*)::double from store.waveforms`);
  expect(left.f64(0)[0]).toBe(0);
  tool.close();
  expect(errors).toEqual([]);
});

test("waveforms that come late are merged; one in the table hides the sealed one before and after", async () => {
  const store = await sealedDay();
  const [first] = files();
  const late = [
    waveformReading(1, atOf(3), wave(7)),
    waveformReading(1, atOf(20), wave(8)),
    // The same again.
    waveformReading(1, atOf(4), wave(104)),
  ];
  await apply(store, { sequence: 2, late });
  const expected = (no: number, minute: number) =>
    no === 1 && minute === 3 ? wave(7) : wave(no * 100 + minute);
  for (const _ of ["in the table", "merged", "merged again"]) {
    const span = { seriesNo: 1, fromUs: DAY0_US, toUs: END_US, limit: 100 };
    expect(await store.waveforms(span)).toHaveLength(11);
    expect(await store.waveform({ seriesNo: 1, atUs: atOf(20) })).toEqual(wave(8));
    expect(await store.waveform({ seriesNo: 1, atUs: atOf(3) })).toEqual(expected(1, 3));
    await store.seal({ beforeUs: END_US });
  }
  expect(files()).not.toContain(first);
  expect(files()).toHaveLength(2);
  await store.stop();
});

test("one that is replaced while its day is sealed is the one that stays", async () => {
  const store = await open();
  const fresh = [0, 1, 2].map((minute) => waveformReading(1, atOf(minute), wave(minute, 50_000)));
  await apply(store, { sequence: 1, newSeries, fresh });
  const sealing = store.seal({ beforeUs: END_US });
  const late = [waveformReading(1, atOf(1), wave(9)), waveformReading(1, atOf(5), wave(10))];
  await Promise.all([sealing, apply(store, { sequence: 2, late })]);
  const expected = new Map([
    [0, wave(0, 50_000)],
    [1, wave(9)],
    [2, wave(2, 50_000)],
    [5, wave(10)],
  ]);
  for (const _ of ["after", "merged"]) {
    for (const [minute, waveform] of expected)
      expect(await store.waveform({ seriesNo: 1, atUs: atOf(minute) })).toEqual(waveform);
    const span = { seriesNo: 1, fromUs: DAY0_US, toUs: END_US, limit: 100 };
    expect(await store.waveforms(span)).toHaveLength(4);
    await store.seal({ beforeUs: END_US });
  }
  await store.stop();
});

test("a damaged file is named and set aside; the other tenant's waveforms and all readings are served", async () => {
  const store = await sealedDay();
  const [file = ""] = files();
  writeFileSync(file, readFileSync(file).fill(7, 100));
  await expectAll(store, (no, minute) => (no === 3 ? wave(300 + minute) : undefined));
  expect(errors.join()).toContain("its waveforms are not served");
  const { texts } = await store.states({ seriesNos: [1], fromUs: DAY0_US, toUs: END_US });
  expect(texts).toHaveLength(10);
  expect((await store.status()).lake.unreadable).toHaveLength(1);
  await store.stop();
});

test("retention takes waveforms at their own age, and logs their size", async () => {
  const clock = manualClock(DAY0_US);
  await (await sealedDay()).stop();
  const store = await open(clock);
  const laterUs = END_US + LAKE_DAY_US;
  clock.advanceMs(3 * 86_400_000);
  // Waits for the look that the clock started; what comes then is not sealed.
  await store.seal({ beforeUs: 0 });
  const fresh = [waveformReading(1, atOf(11), wave(1)), waveformReading(1, laterUs, wave(2))];
  await apply(store, { sequence: 2, fresh });
  const keepDays = { raw: 90, "5m": 90, "1h": 90, "1d": null, waveform: 1 };
  const request = { tenantNo: 1, classes: [{ name: "default", keepDays }] };
  // What came just now for an old day keeps it until it is sealed.
  expect(await store.retain({ ...request, dryRun: true })).toEqual([]);
  await store.seal({ beforeUs: END_US });
  const file = files().find((name) => name.includes("/tenant=1/")) ?? "";
  const preview = await store.retain({ ...request, dryRun: true });
  expect(preview).toMatchObject([
    { tier: "waveform", dayStartUs: DAY0_US, rows: 21, sizeBytes: statSync(file).size },
  ]);
  expect(await store.waveform({ seriesNo: 1, atUs: atOf(0) })).toEqual(wave(100));
  expect(await store.retain({ ...request, dryRun: false })).toEqual(preview);
  for (const minute of [0, 9, 11])
    expect(await store.waveform({ seriesNo: 1, atUs: atOf(minute) })).toBeUndefined();
  expect(await store.waveform({ seriesNo: 1, atUs: laterUs })).toEqual(wave(2));
  expect(await store.waveform({ seriesNo: 3, atUs: atOf(0) })).toEqual(wave(300));
  const { texts } = await store.states({ seriesNos: [1], fromUs: DAY0_US, toUs: END_US });
  expect(texts).toHaveLength(11);
  expect(files()).toHaveLength(1);
  expect(await store.retentionLog(1)).toMatchObject([{ tier: "waveform", rows: 21 }]);
  await store.stop();
});

test("a nearly full disk takes a day's waveforms before its readings", async () => {
  const clock = manualClock(DAY0_US);
  await (await sealedDay()).stop();
  let freeBytes = 1e9;
  const store = await open(clock, async () => freeBytes);
  freeBytes = 999;
  clock.advanceMs(60_000);
  // Waits for the look that the clock started.
  await store.seal({ beforeUs: 0 });
  expect(await store.waveform({ seriesNo: 1, atUs: DAY0_US })).toBeUndefined();
  expect((await store.retentionLog(1)).map(({ tier }) => tier)).toEqual(["waveform"]);
  expect((await store.counts()).readings).toBe(30);
  await store.stop();
});

test("files hold so many samples, in order of series and time, and one class of one tenant each", () => {
  const stored = (
    seriesNo: number,
    minute: number,
    length: number,
    className = "default",
  ): StoredWaveform => ({ seriesNo, tenantNo: 1, className, atUs: atOf(minute), length });
  const all = [
    stored(2, 0, 10),
    stored(1, 1, 60),
    stored(1, 0, 60),
    stored(1, 2, 30),
    stored(3, 0, 500),
    stored(4, 0, 1, "long"),
  ];
  const slices = cutWaveforms(all, 10, 100);
  const minutesOf = ({ first, last }: (typeof slices)[number]) =>
    [first, last].map(({ seriesNo, atUs }) => [seriesNo, (atUs - DAY0_US) / MINUTE_US]);
  expect(slices.map((one) => [one.className, one.seriesNos, ...minutesOf(one)])).toEqual([
    ["default", [1], [1, 0], [1, 0]],
    ["default", [1, 2], [1, 1], [2, 0]],
    ["default", [3], [3, 0], [3, 0]],
    ["long", [4], [4, 0], [4, 0]],
  ]);
  expect(cutWaveforms(all, 1, 1e9)).toHaveLength(6);
  expect(cutWaveforms([], 10)).toEqual([]);
});
