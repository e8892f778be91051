import type { BucketColumns } from "../../domain/reading.ts";
import type { DaySpan } from "../../lib/zoned-day.ts";
import type { BucketPlan, CleanRows } from "./bucket-plan.ts";
import type { DuckdbConnection } from "./connection.ts";
import { daysOf, type LakeView } from "./lake/source.ts";
import { FIVE_MINUTES_US, HOUR_US, oneOf, timeLiteral } from "./schema.ts";
import { addTime, type SeriesTimes, timeColumns } from "./state.ts";

type DayOf = (seriesNo: number, atUs: number) => DaySpan;

/** Merges finer buckets `b` into coarser ones. */
const MERGED = `sum(b.n), min(b.min), max(b.max), sum(b.sum), sum(b.sum_sq),
  arg_min(b.first, b.first_at), arg_max(b.last, b.last_at), min(b.first_at), max(b.last_at)`;

export type RollupSource = {
  readonly dayOf: DayOf;
  readonly readings: LakeView["readings"];
  /** Series whose days changed their zone: all of theirs are made again. */
  readonly rezoned: readonly number[];
};

/**
 * Writes the 5-minute buckets of a plan, then the hours and days that they lie in, all inside the running
 * transaction.
 */
export async function storeBuckets(
  connection: DuckdbConnection,
  plan: BucketPlan,
  { dayOf, readings, rezoned }: RollupSource,
): Promise<void> {
  const hours: SeriesTimes = new Map();
  const days = new Map<number, Map<number, number>>();
  const touch = (seriesNo: number, startUs: number) => {
    addTime(hours, seriesNo, Math.floor(startUs / HOUR_US) * HOUR_US);
    const day = dayOf(seriesNo, startUs);
    const known = days.get(seriesNo);
    if (known) known.set(day.startUs, day.endUs);
    else days.set(seriesNo, new Map([[day.startUs, day.endUs]]));
  };
  for (const { buckets, rows } of plan.clean) {
    appendBuckets(connection, { buckets, rows });
    for (const row of rows) touch(buckets.series[row] ?? 0, buckets.startUs[row] ?? 0);
  }
  if (plan.recompute.size > 0) {
    await recomputeFiveMinutes(connection, plan.recompute, readings);
    for (const [no, starts] of plan.recompute) for (const start of starts) touch(no, start);
  }
  if (rezoned.length > 0) await forgetDays(connection, rezoned, touch);
  if (hours.size === 0) return;
  await recomputeHours(connection, hours);
  await recomputeDays(connection, days);
}

function appendBuckets(connection: DuckdbConnection, { buckets, rows }: CleanRows): void {
  const all = rows.length === buckets.count;
  const f64 = (data: Float64Array) =>
    all ? data : Float64Array.from(rows, (row) => data[row] ?? 0);
  const series = all ? buckets.series : Uint32Array.from(rows, (row) => buckets.series[row] ?? 0);
  const times = (column: keyof BucketColumns & ("startUs" | "firstAtUs" | "lastAtUs")) =>
    ({ kind: "time", data: f64(buckets[column]) }) as const;
  const doubles = ["n", "min", "max", "sum", "sumSq", "first", "last"] as const;
  connection.append(
    "buckets_5m",
    [
      { kind: "u32", data: series },
      times("startUs"),
      ...doubles.map((name) => ({ kind: "f64", data: f64(buckets[name]) }) as const),
      times("firstAtUs"),
      times("lastAtUs"),
    ],
    rows.length,
  );
}

/** Deletes the rows of `table` at the staged keys and says which times the keys span. */
async function replaceAt(
  connection: DuckdbConnection,
  table: string,
  keys: SeriesTimes,
): Promise<{ fromUs: number; toUs: number }> {
  const { count, series, atUs } = timeColumns(keys);
  await connection.run("create or replace temp table redo (series uinteger, start timestamp)");
  connection.append(
    "redo",
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
    ],
    count,
  );
  const span = spanOf(atUs);
  await connection.run(`delete from ${table} using redo where ${table}.series = redo.series
    and ${table}.start = redo.start and ${within(`${table}.start`, span.fromUs, span.toUs + 1)}`);
  return span;
}

function spanOf(atUs: Iterable<number>): { fromUs: number; toUs: number } {
  let fromUs = Number.POSITIVE_INFINITY;
  let toUs = Number.NEGATIVE_INFINITY;
  for (const at of atUs) {
    if (at < fromUs) fromUs = at;
    if (at > toUs) toUs = at;
  }
  return { fromUs, toUs };
}

/** Half-open, so that row groups outside are skipped. */
function within(column: string, fromUs: number, toUs: number): string {
  return `${column} >= ${timeLiteral(fromUs)} and ${column} < ${timeLiteral(toUs)}`;
}

async function recomputeFiveMinutes(
  connection: DuckdbConnection,
  keys: SeriesTimes,
  readings: LakeView["readings"],
): Promise<void> {
  const { fromUs, toUs } = await replaceAt(connection, "buckets_5m", keys);
  const days = daysOf(timeColumns(keys).atUs);
  const span = { seriesNos: [...keys.keys()], fromUs, toUs: toUs + FIVE_MINUTES_US, days };
  await connection.run(`
    insert into buckets_5m
    select r.series, redo.start, count(*), min(value), max(value), sum(value), sum(value * value),
      arg_min(value, time), arg_max(value, time), min(time), max(time)
    from ${readings(span)} r join redo
      on r.series = redo.series and time_bucket(interval '5 minutes', r.time) = redo.start
    where ${within("r.time", fromUs, toUs + FIVE_MINUTES_US)} and not isnan(value)
    group by r.series, redo.start`);
}

async function recomputeHours(connection: DuckdbConnection, keys: SeriesTimes): Promise<void> {
  const { fromUs, toUs } = await replaceAt(connection, "buckets_1h", keys);
  await connection.run(`
    insert into buckets_1h
    select b.series, redo.start, ${MERGED}
    from buckets_5m b join redo
      on b.series = redo.series and time_bucket(interval '1 hour', b.start) = redo.start
    where ${within("b.start", fromUs, toUs + HOUR_US)}
    group by b.series, redo.start`);
}

/** Days have no common length, so each bucket looks for the last day that starts before it. */
async function recomputeDays(
  connection: DuckdbConnection,
  days: ReadonlyMap<number, ReadonlyMap<number, number>>,
): Promise<void> {
  const keys: SeriesTimes = new Map();
  for (const [no, spans] of days) keys.set(no, new Set(spans.keys()));
  const { fromUs } = await replaceAt(connection, "buckets_1d", keys);
  const { count, series, atUs } = timeColumns(keys);
  const endUs = Float64Array.from(atUs, (at, row) => days.get(series[row] ?? 0)?.get(at) ?? at);
  await connection.run(
    "create or replace temp table redo_days (series uinteger, start timestamp, stop timestamp)",
  );
  connection.append(
    "redo_days",
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
      { kind: "time", data: endUs },
    ],
    count,
  );
  await connection.run(`
    insert into buckets_1d
    select d.series, d.start, ${MERGED}
    from (select * from buckets_5m where series in (select series from redo_days)
        and ${within("start", fromUs, spanOf(endUs).toUs)}) b
      asof join redo_days d on b.series = d.series and b.start >= d.start
    where b.start < d.stop
    group by d.series, d.start`);
}

/** Drops all days of these series and touches every bucket that they were made of. */
async function forgetDays(
  connection: DuckdbConnection,
  seriesNos: readonly number[],
  touch: (seriesNo: number, startUs: number) => void,
): Promise<void> {
  await connection.run(`delete from buckets_1d where ${oneOf("series", seriesNos)}`);
  const rows = await connection.rows(
    `select series, epoch_us(start)::double from buckets_5m where ${oneOf("series", seriesNos)}`,
  );
  const [series, start] = [rows.u32(0), rows.f64(1)];
  for (let row = 0; row < rows.count; row++) touch(series[row] ?? 0, start[row] ?? 0);
}
