import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../../../test/services/needs.ts";
import {
  findQuestdb,
  type QuestdbServer,
  startQuestdb,
} from "../../../test/services/questdb-server.ts";
import type { StoreBatch } from "../../domain/reading.ts";
import { silentLogger } from "../../lib/logger.ts";
import { createRandom } from "../../lib/random.ts";
import { zonedDays } from "../../lib/zoned-day.ts";
import { DAY0_US } from "../contract-case.ts";
import { foldHistory, HOUR_US, type TestReading } from "../testing.ts";
import { questdbAddressOf } from "./address.ts";
import { type ApplyDeps, applyGroup, finishUnfinished } from "./apply.ts";
import { QUESTDB_DEFAULTS } from "./index.ts";
import { readCounts } from "./reads/lookups.ts";
import { readRange } from "./reads/range.ts";
import { createTables, tablesOf } from "./schema.ts";
import { loadState } from "./state.ts";
import { createWire, type Wire } from "./wire.ts";

const questdb = findQuestdb();
let server: QuestdbServer | undefined;
beforeAll(async () => {
  if (questdb.ok) server = await startQuestdb(questdb.value, { commitMode: "nosync" });
}, 120_000);
afterAll(() => server?.stop());

/** Readings of two series, some of them late, twice or changed, and the batches that they come in. */
function historyOf(seed: number): TestReading[] {
  const random = createRandom(seed);
  let clockS = 80_000;
  return Array.from({ length: 40 }, () => {
    clockS += 20 * (1 + random.int(8));
    const atS = random.int(3) === 0 ? clockS - 20 * random.int(60) : clockS;
    const series = 1 + random.int(2);
    return { series, atUs: DAY0_US + atS * 1_000_000, value: random.int(5), source: 1 };
  });
}

/** The batches of a history when it is cut at random. */
function batchesOf(history: readonly TestReading[], seed: number): StoreBatch[] {
  const random = createRandom(seed);
  const cuts = new Set(history.keys().filter(() => random.int(5) === 0));
  return foldHistory(history, cuts, 30_000_000).map((batch) => ({
    ...batch,
    zones: batch.newSeries.map(({ seriesNo }) => ({
      zone: "Asia/Kathmandu",
      seriesNos: [seriesNo],
    })),
  }));
}

/** A wire that is cut at the n-th write: before it, or after QuestDB has taken it. */
function cutWire(wire: Wire, at: number, isTaken: boolean): Wire {
  let writes = 0;
  const cut = new Error("the wire was cut");
  return {
    ...wire,
    async write(lines) {
      if (++writes > at) throw cut;
      if (writes === at && !isTaken) throw cut;
      await wire.write(lines);
      if (writes === at) throw cut;
    },
  };
}

/** A wire that tells, at each move of the cursor, which tables were written and not waited for. */
function watchedWire(wire: Wire, meta: string, onMove: (tables: readonly string[]) => void): Wire {
  const unsettled = new Set<string>();
  return {
    ...wire,
    async write(lines) {
      if (lines.startsWith(meta)) onMove([...unsettled]);
      else if (lines !== "") unsettled.add(lines.slice(0, lines.indexOf(" ")));
      await wire.write(lines);
    },
    async settled(tables) {
      const all = [...tables];
      await wire.settled(all);
      for (const table of all) unsettled.delete(table);
    },
  };
}

async function open(wire: Wire, prefix: string): Promise<ApplyDeps> {
  const tables = tablesOf(prefix);
  await createTables(wire, tables);
  const state = await loadState(wire, tables, undefined);
  const dayOf = (zone: string | undefined, atUs: number) => zonedDays(zone ?? "UTC")(atUs);
  const deps = { wire, tables, state, dayOf, logger: silentLogger };
  await finishUnfinished(deps);
  return deps;
}

/** Stores what lies beyond the cursor, in groups of three batches. */
async function store(deps: ApplyDeps, batches: readonly StoreBatch[]): Promise<void> {
  const left = batches.filter((batch) => batch.sequence > deps.state.sequence);
  for (let at = 0; at < left.length; at += 3) await applyGroup(deps, left.slice(at, at + 3));
}

async function held(deps: ApplyDeps) {
  const span = { fromUs: DAY0_US, toUs: DAY0_US + 72 * HOUR_US };
  const tiers = ["raw", "5m", "1h", "1d"] as const;
  const request = { ...span, seriesNos: [1, 2], maxPoints: 10_000 };
  return {
    points: await Promise.all(tiers.map((tier) => readRange(deps, { ...request, tier }))),
    counts: await readCounts(deps),
    ledger: [...deps.state.ledger.values()],
  };
}

testWith(questdb)(
  "whichever request is the last before the end, a later start stores all of it once",
  async () => {
    const address = questdbAddressOf(server?.seriesUrl ?? "");
    const wire = createWire(address, QUESTDB_DEFAULTS.wire, {
      refused: () => {},
      resumed: () => {},
    });
    const history = historyOf(5);
    const batches = batchesOf(history, 1);
    const whole = await open(wire, "whole");
    await store(whole, batches);
    const expected = await held(whole);
    expect(expected.counts.readings).toBeGreaterThan(20);
    expect(expected.ledger[0]?.overwrites).toBeGreaterThan(0);
    let cuts = 0;
    for (let at = 1, isCut = true; isCut; at += 6)
      for (const isTaken of [false, true]) {
        const prefix = `cut${at}${isTaken ? "after" : "before"}`;
        const first = await open(wire, prefix);
        isCut = await store({ ...first, wire: cutWire(wire, at, isTaken) }, batches).then(
          () => false,
          () => true,
        );
        if (!isCut) break;
        cuts++;
        const again = await open(wire, prefix);
        await store(again, batches);
        expect(await held(again), `cut ${prefix}`).toEqual(expected);
      }
    expect(cuts).toBeGreaterThan(6);
    await wire.close();
  },
  120_000,
);

testWith(questdb)("what a read may ask for can be seen before the cursor says so", async () => {
  const address = questdbAddressOf(server?.seriesUrl ?? "");
  const nobody = { refused: () => {}, resumed: () => {} };
  const wire = createWire(address, QUESTDB_DEFAULTS.wire, nobody);
  const deps = await open(wire, "seen");
  const moves: string[][] = [];
  const watched = watchedWire(wire, deps.tables.meta, (tables) => moves.push([...tables]));
  await store({ ...deps, wire: watched }, batchesOf(historyOf(6), 2));
  expect(moves.length).toBeGreaterThan(3);
  // Zones are read at a start alone, which waits for them.
  expect([...new Set(moves.flat())].filter((table) => table !== deps.tables.zones)).toEqual([]);
  await wire.close();
});
