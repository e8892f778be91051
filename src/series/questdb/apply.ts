import type { StoreBatch } from "../../domain/reading.ts";
import type { LateLedgerRow } from "../../domain/reading-store.ts";
import type { SeriesEntry } from "../../domain/series.ts";
import type { Logger } from "../../lib/logger.ts";
import type { DaySpan } from "../../lib/zoned-day.ts";
import { type BucketPlan, planBuckets } from "../duckdb/bucket-plan.ts";
import {
  type Cells,
  dealTexts,
  decideLate,
  type LateDecision,
  lateKeys,
  setCell,
} from "../duckdb/late.ts";
import { addTime, type SeriesTimes } from "../duckdb/state.ts";
import { finishGroup } from "./finish.ts";
import { bucketAt, bucketLine, cellOf, readingLine, seriesLine } from "./lines.ts";
import { joinedSpans } from "./merge.ts";
import { scanRows } from "./scan.ts";
import { createTenantTables, type Tables } from "./schema.ts";
import { type Journal, loadNewest, type QuestdbState } from "./state.ts";
import { storeWaveforms } from "./waveforms.ts";
import type { Wire } from "./wire.ts";

export type ApplyDeps = {
  readonly wire: Wire;
  readonly tables: Tables;
  readonly state: QuestdbState;
  readonly dayOf: (zone: string | undefined, atUs: number) => DaySpan;
  readonly logger: Logger;
};

/** Late readings as near as this are looked for in one query. */
const NEAR_US = 600_000_000;

/**
 * Applies batches, which must follow the state's sequence. QuestDB has no transaction over several
 * tables; instead all that is written before the cursor may be written again: rows of the same series and
 * time replace each other, and what was decided about late readings is written down first.
 * @throws AppError("unavailable"); a later call then goes on from what is stored.
 */
export async function applyGroup(deps: ApplyDeps, group: readonly StoreBatch[]): Promise<void> {
  const { state } = deps;
  await finishUnfinished(deps);
  const batches = group.filter((batch) => batch.sequence > state.sequence);
  if (batches.length === 0) return;
  const zones = await writeDictionary(deps, batches);
  await writeFresh(deps, batches);
  await storeWaveforms(
    deps,
    batches.flatMap(({ waveforms }) => waveforms),
  );
  const late = batches.some((batch) => batch.late.count > 0)
    ? decideLate(
        batches.map((batch) => ({ late: batch.late, texts: dealTexts(batch).late })),
        await cellsAt(deps, lateKeys(batches)),
      )
    : undefined;
  const plan = planBuckets(
    batches.map(({ buckets }, at) => ({ buckets, touched: late?.touched[at] ?? new Map() })),
    state,
  );
  const taken = await writeClean(deps, plan);
  const sequence = batches.at(-1)?.sequence ?? state.sequence;
  const journal = journalOf(state, { sequence, zones, late, plan, taken });
  if (late !== undefined || journal.rezoned.length > 0) state.unfinished = journal;
  await finishGroup(deps, journal);
  for (const [no, startUs] of plan.newest) state.newestClosedUs.set(no, startUs);
}

/** Ends a group that an earlier call or process left half written. */
export async function finishUnfinished(deps: ApplyDeps): Promise<void> {
  const { state, wire, tables } = deps;
  if (state.unfinished === undefined) return;
  await finishGroup(deps, state.unfinished);
  await loadNewest(wire, tables, state);
}

/** Writes new series; returns the zone of each series whose zone is set or that is new. */
async function writeDictionary(
  { wire, tables, state }: ApplyDeps,
  batches: readonly StoreBatch[],
): Promise<Map<number, string>> {
  const fresh = new Map<number, SeriesEntry>();
  const zones = new Map<number, string>();
  for (const batch of batches) {
    for (const entry of batch.newSeries) {
      if (state.tenantOf.has(entry.seriesNo) || fresh.has(entry.seriesNo)) continue;
      fresh.set(entry.seriesNo, entry);
    }
    for (const { zone, seriesNos } of batch.zones) for (const no of seriesNos) zones.set(no, zone);
  }
  for (const tenantNo of new Set(Array.from(fresh.values(), (entry) => entry.tenantNo))) {
    if (state.tenants.has(tenantNo)) continue;
    await createTenantTables(wire, tables, tenantNo);
    state.tenants.add(tenantNo);
  }
  await wire.write(Array.from(fresh.values(), (one) => seriesLine(tables.series, one)).join(""));
  // A read that asks for this group must find the names of its series as well.
  if (fresh.size > 0) await wire.settled([tables.series]);
  for (const { seriesNo, tenantNo } of fresh.values()) {
    state.tenantOf.set(seriesNo, tenantNo);
    state.zoneOf.set(seriesNo, "UTC");
  }
  return zones;
}

async function writeFresh(
  { wire, tables, state, logger }: ApplyDeps,
  batches: readonly StoreBatch[],
): Promise<void> {
  const lines = new Map<number, string[]>();
  let early = 0;
  for (const batch of batches) {
    const { fresh } = batch;
    const texts = new Map(
      dealTexts(batch).fresh.map(({ series, atUs, text }) => [`${series} ${atUs}`, text]),
    );
    for (let row = 0; row < fresh.count; row++) {
      const series = fresh.series[row] ?? 0;
      const atUs = fresh.atUs[row] ?? 0;
      const tenantNo = state.tenantOf.get(series);
      if (tenantNo === undefined || atUs < 0) {
        early++;
        continue;
      }
      const own = lines.get(tenantNo) ?? [];
      lines.set(tenantNo, own);
      const text = texts.size === 0 ? undefined : texts.get(`${series} ${atUs}`);
      const cell = { value: fresh.value[row] ?? Number.NaN, text };
      own.push(readingLine(tables.readings(tenantNo), series, atUs, cell));
    }
  }
  if (early > 0)
    logger.warn("readings before 1970 are left out: QuestDB has no such times", {
      readings: early,
    });
  await Promise.all(Array.from(lines.values(), (own) => wire.write(own.join(""))));
  await wire.settled(Array.from(lines.keys(), tables.readings));
}

/** What the tables hold at these keys. */
async function cellsAt({ wire, tables, state }: ApplyDeps, keys: SeriesTimes): Promise<Cells> {
  const cells: Cells = new Map();
  const byTenant = Map.groupBy(keys, ([no]) => state.tenantOf.get(no) ?? -1);
  for (const [tenantNo, own] of byTenant) {
    if (!state.tenants.has(tenantNo)) continue;
    const points = own.flatMap(([, times]) =>
      Array.from(times, (atUs) => ({ fromUs: atUs, toUs: atUs + 1 })),
    );
    for (const { fromUs, toUs } of joinedSpans(points, NEAR_US))
      await scanRows(
        wire,
        {
          table: tables.readings(tenantNo),
          columns: "value, text",
          where: "true",
          seriesNos: own.map(([no]) => no),
          fromUs,
          toUs,
        },
        (row, atUs, no) => {
          if (keys.get(no)?.has(atUs)) setCell(cells, no, atUs, cellOf(row[2], row[3]));
        },
      );
  }
  return cells;
}

/** Writes the buckets that the fold made whole; returns which. */
async function writeClean(
  { wire, tables, state }: ApplyDeps,
  plan: BucketPlan,
): Promise<SeriesTimes> {
  const taken: SeriesTimes = new Map();
  const lines = new Map<string, string[]>();
  for (const { buckets, rows } of plan.clean)
    for (const row of rows) {
      const no = buckets.series[row] ?? 0;
      const startUs = buckets.startUs[row] ?? 0;
      const tenantNo = state.tenantOf.get(no);
      if (tenantNo === undefined || startUs < 0) continue;
      addTime(taken, no, startUs);
      const table = tables.buckets(tenantNo, "5m");
      const own = lines.get(table) ?? [];
      lines.set(table, own);
      own.push(bucketLine(table, no, startUs, bucketAt(buckets, row)));
    }
  await Promise.all(Array.from(lines.values(), (own) => wire.write(own.join(""))));
  await wire.settled(lines.keys());
  return taken;
}

function journalOf(
  state: QuestdbState,
  of: {
    readonly sequence: number;
    readonly zones: ReadonlyMap<number, string>;
    readonly late: LateDecision | undefined;
    readonly plan: BucketPlan;
    readonly taken: SeriesTimes;
  },
): Journal {
  const { plan, zones, late } = of;
  const cells = [...(late?.added ?? []), ...(late?.replaced ?? [])].flatMap(([no, byTime]) =>
    Array.from(
      byTime,
      ([atUs, { value, text }]) =>
        // JSON has neither NaN nor infinities.
        [no, atUs, Number.isFinite(value) ? value : String(value), text ?? null] as const,
    ),
  );
  const changed = new Set([...plan.pendingAdded.keys(), ...plan.pendingRemoved.keys()]);
  const pending = Array.from(changed, (no) => {
    const left = new Set(state.pending.get(no));
    for (const start of plan.pendingRemoved.get(no) ?? []) left.delete(start);
    for (const start of plan.pendingAdded.get(no) ?? []) left.add(start);
    return [no, [...left]] as const;
  });
  const changedZones = [...zones].filter(([no, zone]) => state.zoneOf.get(no) !== zone);
  return {
    sequence: of.sequence,
    cells: cells.filter(([, atUs]) => atUs >= 0),
    recompute: listed(plan.recompute),
    taken: listed(of.taken),
    rezoned: changedZones.map(([no]) => no).filter((no) => state.newestClosedUs.has(no)),
    zones: changedZones,
    ledger: summed(state, late),
    pending,
  };
}

const listed = (times: SeriesTimes) =>
  Array.from(times, ([no, starts]) => [no, [...starts].filter((start) => start >= 0)] as const);

function summed(state: QuestdbState, late: LateDecision | undefined): LateLedgerRow[] {
  return Array.from(late?.ledger ?? [], ([sourceNo, difference]) => {
    const before = state.ledger.get(sourceNo);
    return {
      sourceNo,
      fresh: (before?.fresh ?? 0) + difference.fresh,
      duplicates: (before?.duplicates ?? 0) + difference.duplicates,
      overwrites: (before?.overwrites ?? 0) + difference.overwrites,
    };
  });
}
