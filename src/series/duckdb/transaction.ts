import type { ReadingText, StoreBatch } from "../../domain/reading.ts";
import type { LateLedgerRow } from "../../domain/reading-store.ts";
import type { SeriesEntry } from "../../domain/series.ts";
import type { DaySpan } from "../../lib/zoned-day.ts";
import { keepBases } from "./bucket-bases.ts";
import { type BucketPlan, planBuckets } from "./bucket-plan.ts";
import { clusteredBySeries } from "./clustered.ts";
import type { DuckdbConnection } from "./connection.ts";
import { appendReadings, daysTouched, deservesTable, makeDayTables } from "./hot.ts";
import type { WriterLake } from "./lake/reading.ts";
import type { LakeVersion } from "./lake/versions.ts";
import { dealTexts, decideLate, type LateDecision, lateKeys } from "./late.ts";
import { cellsAt, stageKeys, storeLate } from "./late-tables.ts";
import { storeBuckets } from "./rollup.ts";
import { addTime, type SeriesTimes, type StoreState, timeColumns } from "./state.ts";
import { storeWaveforms } from "./waveforms.ts";

type Deps = {
  readonly connection: DuckdbConnection;
  readonly state: StoreState;
  readonly dayOf: (zone: string | undefined, atUs: number) => DaySpan;
  readonly lake: WriterLake;
  readonly nowUs: number;
};

/**
 * Applies batches, which must follow the state's sequence, in one transaction, and then moves the state.
 * When anything fails nothing is stored and the state is as it was.
 * @throws DuckDB's error.
 */
export async function applyBatches(deps: Deps, batches: readonly StoreBatch[]): Promise<void> {
  const { connection } = deps;
  await connection.run("begin");
  let commit: () => void;
  try {
    commit = await writeBatches(deps, batches);
    await connection.run("commit");
  } catch (error) {
    // A commit that failed has rolled back already; then this has nothing to end.
    await connection.run("rollback").catch(() => undefined);
    throw error;
  }
  commit();
}

/** Writes everything; the function returned makes the state say so. */
async function writeBatches(
  { connection, state, dayOf, lake, nowUs }: Deps,
  batches: readonly StoreBatch[],
): Promise<() => void> {
  const zones = await storeDictionary(connection, state, batches);
  const zoneOf = (no: number) => zones.all.get(no) ?? state.zoneOf.get(no);
  const dayOfSeries = (no: number, at: number) => dayOf(zoneOf(no), at);
  const texts = batches.map(dealTexts);
  const newDays = daysToMake(batches, lake.version, nowUs);
  await makeDayTables(connection, newDays);
  const view = lake.view(newDays);
  await keepBases(connection, view, lateKeys(batches), dayOfSeries);
  const hot = { days: new Set(view.version.hotDays) };
  appendReadings(connection, hot, clusteredBySeries(batches.map(({ fresh }) => fresh)));
  appendTexts(
    connection,
    texts.flatMap(({ fresh }) => fresh),
  );
  await storeWaveforms(
    connection,
    batches.flatMap(({ waveforms }) => waveforms),
    batches.at(-1)?.sequence ?? state.sequence,
  );
  const late = batches.some((batch) => batch.late.count > 0)
    ? decideLate(
        batches.map((batch, at) => ({ late: batch.late, texts: texts[at]?.late ?? [] })),
        await cellsAt(connection, view, lateKeys(batches)),
      )
    : undefined;
  const hidAny = late ? (await storeLate(connection, late, view.version)).hidAny : false;
  const plan = planBuckets(
    batches.map(({ buckets }, at) => ({ buckets, touched: late?.touched[at] ?? new Map() })),
    state,
  );
  await storeBuckets(connection, plan, {
    dayOf: dayOfSeries,
    readings: view.readings,
    rezoned: zones.changed,
  });
  await storePending(connection, plan);
  const ledger = sumLedger(state, late);
  await storeLedger(connection, ledger);
  const sequence = batches.at(-1)?.sequence ?? state.sequence;
  await lake.changed({ hidAny, newDays });
  await connection.run(`update cursor set sequence = ${sequence}`);
  return () => moveState(state, { sequence, plan, zones: zones.all, ledger });
}

/** Days that are written to for the first time and are to have a table of their own. */
function daysToMake(
  batches: readonly StoreBatch[],
  { hotDays }: LakeVersion,
  nowUs: number,
): number[] {
  const touched = daysTouched(batches.map(({ fresh }) => fresh));
  return [...touched].filter((day) => !hotDays.includes(day) && deservesTable(day, nowUs));
}

type Zones = {
  /** Every series whose zone is set or that is new. */
  readonly all: Map<number, string>;
  /** Known series whose zone is another than before. */
  readonly changed: readonly number[];
};

async function storeDictionary(
  connection: DuckdbConnection,
  state: StoreState,
  batches: readonly StoreBatch[],
): Promise<Zones> {
  const fresh = new Map<number, SeriesEntry>();
  const all = new Map<number, string>();
  for (const { newSeries, zones } of batches) {
    for (const entry of newSeries) {
      if (state.zoneOf.has(entry.seriesNo) || fresh.has(entry.seriesNo)) continue;
      fresh.set(entry.seriesNo, entry);
      if (!all.has(entry.seriesNo)) all.set(entry.seriesNo, "UTC");
    }
    for (const { zone, seriesNos } of zones) for (const no of seriesNos) all.set(no, zone);
  }
  appendSeries(connection, [...fresh.values()], all);
  const changed = [...all.keys()].filter(
    (no) => state.zoneOf.has(no) && state.zoneOf.get(no) !== all.get(no),
  );
  if (changed.length > 0) {
    await connection.run("create or replace temp table zone_set (series uinteger, zone varchar)");
    connection.append(
      "zone_set",
      [
        { kind: "u32", data: Uint32Array.from(changed) },
        { kind: "text", data: changed.map((no) => all.get(no) ?? "UTC") },
      ],
      changed.length,
    );
    await connection.run(
      "update series set zone = z.zone from zone_set z where series.series = z.series",
    );
  }
  return { all, changed };
}

function appendSeries(
  connection: DuckdbConnection,
  entries: readonly SeriesEntry[],
  zones: ReadonlyMap<number, string>,
): void {
  const u32 = (of: (entry: SeriesEntry) => number) =>
    ({ kind: "u32", data: Uint32Array.from(entries, of) }) as const;
  const text = (of: (entry: SeriesEntry) => string) =>
    ({ kind: "text", data: entries.map(of) }) as const;
  connection.append(
    "series",
    [
      u32((entry) => entry.seriesNo),
      u32((entry) => entry.tenantNo),
      text((entry) => entry.measurement),
      text((entry) => JSON.stringify(entry.tags)),
      text((entry) => entry.field),
      text((entry) => entry.kind),
      u32((entry) => entry.sourceNo),
      text((entry) => entry.deviceKey),
      { kind: "time", data: Float64Array.from(entries, (entry) => entry.firstAtUs) },
      text((entry) => zones.get(entry.seriesNo) ?? "UTC"),
    ],
    entries.length,
  );
}

function appendTexts(connection: DuckdbConnection, texts: readonly ReadingText[]): void {
  connection.append(
    "texts",
    [
      { kind: "u32", data: Uint32Array.from(texts, (one) => one.series) },
      { kind: "time", data: Float64Array.from(texts, (one) => one.atUs) },
      { kind: "text", data: texts.map((one) => one.text) },
    ],
    texts.length,
  );
}

async function storePending(connection: DuckdbConnection, plan: BucketPlan): Promise<void> {
  if (plan.pendingRemoved.size > 0) {
    // Together: thousands of series close a bucket at once, and one statement each halved the whole rate.
    await stageKeys(connection, "pending_keys", plan.pendingRemoved);
    await connection.run(
      "delete from late_pending p using pending_keys k where p.series = k.series and p.start = k.time",
    );
  }
  const added = timeColumns(plan.pendingAdded);
  connection.append(
    "late_pending",
    [
      { kind: "u32", data: added.series },
      { kind: "time", data: added.atUs },
    ],
    added.count,
  );
}

function sumLedger(state: StoreState, late: LateDecision | undefined): LateLedgerRow[] {
  return [...(late?.ledger ?? [])].map(([sourceNo, difference]) => {
    const before = state.ledger.get(sourceNo);
    return {
      sourceNo,
      fresh: (before?.fresh ?? 0) + difference.fresh,
      duplicates: (before?.duplicates ?? 0) + difference.duplicates,
      overwrites: (before?.overwrites ?? 0) + difference.overwrites,
    };
  });
}

async function storeLedger(
  connection: DuckdbConnection,
  rows: readonly LateLedgerRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const sources = rows.map((row) => row.sourceNo).join(",");
  const values = rows
    .map((row) => `(${row.sourceNo}, ${row.fresh}, ${row.duplicates}, ${row.overwrites})`)
    .join(",");
  await connection.run(`delete from late_ledger where source in (${sources});
    insert into late_ledger values ${values};`);
}

function moveState(
  state: StoreState,
  to: {
    readonly sequence: number;
    readonly plan: BucketPlan;
    readonly zones: ReadonlyMap<number, string>;
    readonly ledger: readonly LateLedgerRow[];
  },
): void {
  state.sequence = to.sequence;
  for (const [no, zone] of to.zones) state.zoneOf.set(no, zone);
  for (const [no, startUs] of to.plan.newest) state.newestClosedUs.set(no, startUs);
  for (const row of to.ledger) state.ledger.set(row.sourceNo, row);
  movePending(state.pending, to.plan);
}

function movePending(pending: SeriesTimes, plan: BucketPlan): void {
  for (const [no, starts] of plan.pendingRemoved) {
    const known = pending.get(no);
    for (const start of starts) known?.delete(start);
    if (known?.size === 0) pending.delete(no);
  }
  for (const [no, starts] of plan.pendingAdded)
    for (const start of starts) addTime(pending, no, start);
}
