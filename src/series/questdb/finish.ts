import { FIVE_MINUTES_US, HOUR_US } from "../duckdb/schema.ts";
import type { ApplyDeps } from "./apply.ts";
import { bucketLine, metaLine, readingLine, type StoredBucket, zoneLine } from "./lines.ts";
import { Gathering, joinedSpans, type Span } from "./merge.ts";
import { scanRows } from "./scan.ts";
import { type Journal, KEY, ledgerKey, pendingKey } from "./state.ts";
import type { Row } from "./wire.ts";

/** Spans by series, by their starts. */
type Spans = Map<number, Map<number, Span>>;

/** Spans nearer than this are read in one query. */
const NEAR_US = 6 * HOUR_US;

/**
 * Does what a journal says and then moves the cursor, in one row set of one table. Every step may be
 * done again, from the beginning, by this process or the next.
 */
export async function finishGroup(deps: ApplyDeps, journal: Journal): Promise<void> {
  const { wire, tables, state } = deps;
  if (state.unfinished !== undefined)
    await wire.write(metaLine(tables.meta, KEY.journal, JSON.stringify(journal)));
  await writeCells(deps, journal);
  const zoneOf = new Map(journal.zones);
  const dayOf = (no: number, atUs: number) =>
    deps.dayOf(zoneOf.get(no) ?? state.zoneOf.get(no), atUs);
  const hours: Spans = new Map();
  const days: Spans = new Map();
  const touch = (no: number, startUs: number) => {
    addSpan(hours, no, spanOf(startUs, HOUR_US));
    const { startUs: fromUs, endUs: toUs } = dayOf(no, startUs);
    addSpan(days, no, { fromUs, toUs });
  };
  const fine: Spans = new Map();
  for (const [no, starts] of journal.recompute)
    for (const startUs of starts) addSpan(fine, no, spanOf(startUs, FIVE_MINUTES_US));
  for (const [no, starts] of [...journal.recompute, ...journal.taken])
    for (const startUs of starts) touch(no, startUs);
  await remakeFine(deps, fine);
  await forgetDays(deps, journal.rezoned, touch);
  await remakeCoarse(deps, hours, days);
  await wire.write(journal.zones.map(([no, zone]) => zoneLine(tables.zones, no, zone)).join(""));
  await moveCursor(deps, journal);
}

function spanOf(atUs: number, lengthUs: number): Span {
  const fromUs = Math.floor(atUs / lengthUs) * lengthUs;
  return { fromUs, toUs: fromUs + lengthUs };
}

function addSpan(spans: Spans, no: number, span: Span): void {
  const known = spans.get(no);
  if (known) known.set(span.fromUs, span);
  else spans.set(no, new Map([[span.fromUs, span]]));
}

async function writeCells({ wire, tables, state }: ApplyDeps, { cells }: Journal): Promise<void> {
  const byTenant = Map.groupBy(cells, ([no]) => state.tenantOf.get(no));
  for (const [tenantNo, own] of byTenant) {
    if (tenantNo === undefined) continue;
    const table = tables.readings(tenantNo);
    const lines = own.map(([no, atUs, value, text]) =>
      readingLine(table, no, atUs, { value: Number(value), text: text ?? undefined }),
    );
    await wire.write(lines.join(""));
    await wire.settled([table]);
  }
}

/** Calls `work` for each tenant with its part of the spans, joined for reading. */
async function eachTenant(
  { state }: ApplyDeps,
  spans: Spans,
  work: (tenantNo: number, own: Spans, ranges: readonly Span[]) => Promise<void>,
): Promise<void> {
  for (const [tenantNo, own] of Map.groupBy(spans, ([no]) => state.tenantOf.get(no))) {
    if (tenantNo === undefined) continue;
    const all = own.flatMap(([, starts]) => [...starts.values()]);
    await work(tenantNo, new Map(own), joinedSpans(all, NEAR_US));
  }
}

/** Makes 5-minute buckets from their readings. */
async function remakeFine(deps: ApplyDeps, spans: Spans): Promise<void> {
  const { wire, tables } = deps;
  await eachTenant(deps, spans, async (tenantNo, own, ranges) => {
    const made = new Gathering();
    for (const range of ranges)
      await scanRows(
        wire,
        {
          ...range,
          table: tables.readings(tenantNo),
          columns: "value",
          where: "value is not null",
          seriesNos: [...own.keys()],
        },
        (row, atUs, no) => {
          const { fromUs } = spanOf(atUs, FIVE_MINUTES_US);
          if (own.get(no)?.has(fromUs)) made.addReading(no, fromUs, atUs, Number(row[2]));
        },
      );
    await writeMade(deps, tables.buckets(tenantNo, "5m"), own, made);
  });
}

/** Makes hours and days from their 5-minute buckets, which are read once for both. */
async function remakeCoarse(deps: ApplyDeps, hours: Spans, days: Spans): Promise<void> {
  const { wire, tables } = deps;
  // Whatever has an hour has a day; an hour may begin in the day before.
  await eachTenant(deps, days, async (tenantNo, ownDays) => {
    const ownHours: Spans = new Map(
      Array.from(ownDays.keys(), (no) => [no, hours.get(no) ?? new Map()]),
    );
    const both = [
      { tier: "1h", spans: ownHours, sorted: sortedSpans(ownHours), made: new Gathering() },
      { tier: "1d", spans: ownDays, sorted: sortedSpans(ownDays), made: new Gathering() },
    ] as const;
    const all = [...ownHours.values(), ...ownDays.values()].flatMap((one) => [...one.values()]);
    for (const range of joinedSpans(all, NEAR_US))
      await scanRows(
        wire,
        {
          ...range,
          table: tables.buckets(tenantNo, "5m"),
          columns: BUCKET_COLUMNS,
          where: "n > 0",
          seriesNos: [...ownDays.keys()],
        },
        (row, atUs, no) => {
          const bucket = bucketOf(row);
          for (const { sorted, made } of both) {
            const span = sorted.get(no)?.findLast(({ fromUs }) => fromUs <= atUs);
            if (span !== undefined && atUs < span.toUs) made.add(no, span.fromUs, bucket);
          }
        },
      );
    for (const { tier, spans, made } of both)
      await writeMade(deps, tables.buckets(tenantNo, tier), spans, made);
  });
}

function sortedSpans(spans: Spans): Map<number, Span[]> {
  const sorted = (starts: ReadonlyMap<number, Span>) =>
    [...starts.values()].sort((a, b) => a.fromUs - b.fromUs);
  return new Map(Array.from(spans, ([no, starts]) => [no, sorted(starts)]));
}

/** Columns of a bucket, behind time and series. */
export const BUCKET_COLUMNS =
  "n, min, max, sum, sum_sq, first, last, first_at::long, last_at::long";

export function bucketOf(row: Row): StoredBucket {
  const [n, min, max, sum, sumSq, first, last, firstAtUs, lastAtUs] = row.slice(2).map(Number);
  return {
    n: n ?? 0,
    min: min ?? 0,
    max: max ?? 0,
    sum: sum ?? 0,
    sumSq: sumSq ?? 0,
    first: first ?? 0,
    last: last ?? 0,
    firstAtUs: firstAtUs ?? 0,
    lastAtUs: lastAtUs ?? 0,
  };
}

async function writeMade(
  { wire }: ApplyDeps,
  table: string,
  spans: Spans,
  made: Gathering,
): Promise<void> {
  const lines: string[] = [];
  for (const [no, starts] of spans)
    for (const startUs of starts.keys())
      lines.push(bucketLine(table, no, startUs, made.at(no, startUs)));
  await wire.write(lines.join(""));
  await wire.settled([table]);
}

/** Marks all days of these series as gone and touches every bucket that they were made of. */
async function forgetDays(
  deps: ApplyDeps,
  seriesNos: readonly number[],
  touch: (no: number, startUs: number) => void,
): Promise<void> {
  const { wire, tables, state } = deps;
  for (const [tenantNo, own] of Map.groupBy(seriesNos, (no) => state.tenantOf.get(no))) {
    if (tenantNo === undefined) continue;
    const all = { where: "n > 0", seriesNos: own, fromUs: 0, toUs: Number.MAX_SAFE_INTEGER };
    const days = tables.buckets(tenantNo, "1d");
    const gone: string[] = [];
    await scanRows(wire, { ...all, table: days, columns: "n" }, (_row, atUs, no) =>
      gone.push(bucketLine(days, no, atUs, undefined)),
    );
    await wire.write(gone.join(""));
    const fine = tables.buckets(tenantNo, "5m");
    await scanRows(wire, { ...all, table: fine, columns: "n" }, (_row, atUs, no) =>
      touch(no, atUs),
    );
  }
}

/** Stores cursor, ledger and what waits in one request to one table, which is all or nothing. */
export async function moveCursor(
  { wire, tables, state }: ApplyDeps,
  { sequence, ledger, pending, zones }: Pick<Journal, "sequence" | "ledger" | "pending" | "zones">,
): Promise<void> {
  const rows = [
    ...ledger.map((row) => [ledgerKey(row.sourceNo), JSON.stringify(row)] as const),
    ...pending.map(([no, starts]) => [pendingKey(no), JSON.stringify(starts)] as const),
    [KEY.cursor, String(sequence)] as const,
    [KEY.journal, "null"] as const,
  ];
  await wire.write(rows.map(([key, text]) => metaLine(tables.meta, key, text)).join(""));
  state.sequence = sequence;
  state.unfinished = undefined;
  for (const [no, zone] of zones) state.zoneOf.set(no, zone);
  for (const row of ledger) state.ledger.set(row.sourceNo, row);
  for (const [no, starts] of pending)
    if (starts.length === 0) state.pending.delete(no);
    else state.pending.set(no, new Set(starts));
}
