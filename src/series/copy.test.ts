import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { testWith } from "../../test/services/needs.ts";
import { findQuestdb, startQuestdb } from "../../test/services/questdb-server.ts";
import { COPY_SEQUENCE, type ReadingStoreEngine } from "../domain/reading-store.ts";
import { systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { createRandom } from "../lib/random.ts";
import { loadDuckdb } from "../native/duckdb.ts";
import { DAY0_US } from "./contract-case.ts";
import { copyStore } from "./copy.ts";
import { createDuckdbStore, DUCKDB_DEFAULTS } from "./duckdb/index.ts";
import { createQuestdbStore, QUESTDB_DEFAULTS, questdbAddressOf } from "./questdb/index.ts";
import {
  batchOf,
  entryOf,
  foldHistory,
  HOUR_US,
  type TestReading,
  waveformReading,
} from "./testing.ts";

const dir = mkdtempSync(join(tmpdir(), "foresight-copy-"));
const common = { clock: systemClock, logger: silentLogger };

async function embedded(name: string): Promise<ReadingStoreEngine> {
  const duckdb = await loadDuckdb(join(dir, "runtime"));
  const place = { file: join(dir, name, "series.duckdb"), lakeDir: join(dir, name, "lake") };
  const options = { ...DUCKDB_DEFAULTS, ...place };
  return createDuckdbStore({ duckdb, ...common, options });
}

/** Two series of numbers, some late or changed, one with more than a read returns; states; waveforms. */
async function fill(store: ReadingStoreEngine): Promise<void> {
  const random = createRandom(3);
  const history: TestReading[] = Array.from({ length: 25_000 }, (_, second) => ({
    series: second % 40 === 0 ? 2 : 1,
    atUs: DAY0_US + (second - (random.int(100) === 0 ? random.int(900) : 0)) * 1_000_000,
    value: random.int(1000) / 8,
    source: 4,
  }));
  const batches = foldHistory(history, new Set([5_000, 9_000, 20_000]), 30_000_000);
  for (const batch of batches) {
    const zones = batch.newSeries.map(({ seriesNo }) => ({
      zone: "Asia/Kathmandu",
      seriesNos: [seriesNo],
    }));
    void store.apply({ ...batch, zones });
  }
  const states = ["on", 'with "quotes" and \\', "two\nlines", ""].map((text, second) => ({
    series: 3,
    atUs: DAY0_US + second * 1_000_000,
    value: Number.NaN,
    text,
  }));
  const exact = { series: 4, atUs: DAY0_US, value: 2 ** 53 + 2, text: "9007199254740993" };
  const newSeries = [entryOf(3, 2, "state"), entryOf(4, 2), entryOf(5, 2, "waveform")];
  const sequence = batches.length + 1;
  void store.apply(batchOf({ sequence, newSeries, fresh: [...states, exact, ...waves()] }));
  await store.flush();
}

/** One that is empty of numbers, one with a rate, one longer than a part of the copy. */
function waves(): TestReading[] {
  const long = Float64Array.from({ length: 120_000 }, (_, i) => Math.sin(i) / 3);
  const odd = Float64Array.of(-0, Number.NaN, Number.POSITIVE_INFINITY, 5e-324);
  return [
    waveformReading(5, DAY0_US, { samples: odd, shape: [2, 2], sampleRateHz: undefined }),
    waveformReading(5, DAY0_US + 1, { samples: long, shape: [120_000], sampleRateHz: 25_600.5 }),
    waveformReading(5, DAY0_US + 2, { samples: odd, shape: [4], sampleRateHz: 10 }),
  ];
}

async function heldWaveforms(store: ReadingStoreEngine) {
  const own = { seriesNo: 5, fromUs: DAY0_US, toUs: DAY0_US + HOUR_US, limit: 10 };
  const list = await store.waveforms(own);
  const whole = await Promise.all(list.map(({ atUs }) => store.waveform({ seriesNo: 5, atUs })));
  expect(whole.map((one) => one?.samples.length)).toEqual([4, 120_000, 4]);
  return { list, bytes: whole.map((one) => Bun.hash(new Uint8Array(one?.samples.buffer ?? []))) };
}

async function held(store: ReadingStoreEngine) {
  const span = { fromUs: DAY0_US - HOUR_US, toUs: DAY0_US + 30 * HOUR_US };
  const seriesNos = [1, 2, 3, 4, 5];
  const tiers = ["5m", "1h", "1d"] as const;
  const parts = [0, 10_000].map((second) => DAY0_US + second * 1_000_000);
  const { readings, series, sequence } = await store.counts();
  return {
    counts: { readings, series, sequence },
    raw: await Promise.all(
      parts.map((fromUs) =>
        store.range({
          ...{ seriesNos, fromUs, tier: "raw", maxPoints: 20_000 },
          toUs: fromUs + 15_000 * 1_000_000,
        }),
      ),
    ),
    buckets: await Promise.all(
      tiers.map((tier) => store.range({ ...span, seriesNos, tier, maxPoints: 5_000 })),
    ),
    states: await store.states({ ...span, seriesNos }),
    waveforms: await heldWaveforms(store),
    info: await store.seriesInfo({}),
    ledger: await store.lateLedger(),
  };
}

const all = { afterSeriesNo: 0, onProgress: async () => {} };

test("a copy that was broken off is not taken for whole, and goes on without doubling", async () => {
  const from = await embedded("from");
  await fill(from);
  let to = await embedded("to");
  const cut = copyStore(from, to, {
    afterSeriesNo: 0,
    onProgress: () => Promise.reject(new Error("the power went")),
  });
  await expect(cut).rejects.toThrow("the power went");
  expect((await to.status()).sequence).toBeGreaterThan(COPY_SEQUENCE);
  await copyStore(from, to, all);
  await to.stop();
  to = await embedded("to");
  expect(await held(to)).toEqual(await held(from));
  await from.stop();
  await to.stop();
}, 60_000);

const questdb = findQuestdb();
testWith(questdb)(
  "readings go to QuestDB and back, and are the same",
  async () => {
    if (!questdb.ok) return;
    const server = await startQuestdb(questdb.value, { commitMode: "nosync" });
    const address = questdbAddressOf(`${server.seriesUrl}&durability=relaxed`);
    const open = () => createQuestdbStore({ ...common, options: { ...QUESTDB_DEFAULTS, address } });
    const from = await embedded("there");
    await fill(from);
    const first = await open();
    await copyStore(from, first, all);
    await first.stop();
    const between = await open();
    const expected = await held(from);
    expect(await held(between)).toEqual(expected);
    const last = await embedded("back");
    await copyStore(between, last, all);
    await last.stop();
    const back = await embedded("back");
    expect(await held(back)).toEqual(expected);
    for (const store of [from, between, back]) await store.stop();
    await server.stop();
  },
  120_000,
);
