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

/** Hours and days are made for so many series at once: a fleet of a million closes all its buckets at once. */
const SERIES_AT_ONCE = 50_000;

/** What buckets hold of readings that are gone; see `keepBases`. */
const BASES = "union all select base.* from base_5m base semi join redo using (series, start)";

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
  for (const clean of plan.clean) appendBuckets(connection, clean);
  if (plan.recompute.size > 0) await recomputeFiveMinutes(connection, plan.recompute, readings);
  const forgotten = rezoned.length > 0 ? await forgetDays(connection, rezoned) : [];
  const hours: SeriesTimes = new Map();
  const days = new Map<number, Map<number, number>>();
  const settle = async () => {
    if (hours.size === 0) return;
    await recomputeHours(connection, hours);
    await recomputeDays(connection, days);
    hours.clear();
    days.clear();
  };
  for (const [seriesNo, startUs] of touchedBy(plan, forgotten)) {
    if (hours.size >= SERIES_AT_ONCE && !hours.has(seriesNo)) await settle();
    addTime(hours, seriesNo, Math.floor(startUs / HOUR_US) * HOUR_US);
    const day = dayOf(seriesNo, startUs);
    const known = days.get(seriesNo);
    if (known) known.set(day.startUs, day.endUs);
    else days.set(seriesNo, new Map([[day.startUs, day.endUs]]));
  }
  await settle();
}

type Touched = readonly [seriesNo: number, startUs: number];

/** Every 5-minute bucket that was written, in no order; some may come twice. */
function* touchedBy(plan: BucketPlan, forgotten: readonly Touched[]): Generator<Touched> {
  for (const { buckets, rows } of plan.clean)
    for (const row of rows) yield [buckets.series[row] ?? 0, buckets.startUs[row] ?? 0];
  for (const [no, starts] of plan.recompute) for (const start of starts) yield [no, start];
  yield* forgotten;
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
    select b.series, b.start, ${MERGED} from (
    select r.series, redo.start, count(*) as n, min(value) as min, max(value) as max,
      sum(value) as sum, sum(value * value) as sum_sq, arg_min(value, time) as first,
      arg_max(value, time) as last, min(time) as first_at, max(time) as last_at
    from ${readings(span)} r join redo
      on r.series = redo.series and time_bucket(interval '5 minutes', r.time) = redo.start
    where ${within("r.time", fromUs, toUs + FIVE_MINUTES_US)} and not isnan(value)
    group by r.series, redo.start
    ${BASES}) b group by b.series, b.start`);
}

async function recomputeHours(connection: DuckdbConnection, keys: SeriesTimes): Promise<void> {
  const { fromUs, toUs } = await replaceAt(connection, "buckets_1h", keys);
  await connection.run(`
    insert into buckets_1h
    select b.series, b.hour, ${MERGED} from (
      select f.*, redo.start as hour from buckets_5m f join redo
        on f.series = redo.series and time_bucket(interval '1 hour', f.start) = redo.start
      where ${within("f.start", fromUs, toUs + HOUR_US)}
      union all select base.*, base.start from base_1h base semi join redo using (series, start)) b
    group by b.series, b.hour`);
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
    select b.series, b.day, ${MERGED} from (
      select f.*, d.start as day
      from (select * from buckets_5m where series in (select series from redo_days)
          and ${within("start", fromUs, spanOf(endUs).toUs)}) f
        asof join redo_days d on f.series = d.series and f.start >= d.start
      where f.start < d.stop
      union all
      select base.*, base.start from base_1d base semi join redo_days using (series, start)) b
    group by b.series, b.day`);
}

/** Drops all days of these series and says every bucket that they were made of. */
async function forgetDays(
  connection: DuckdbConnection,
  seriesNos: readonly number[],
): Promise<Touched[]> {
  // Days whose 5-minute buckets are gone cannot be made again: they stay as they are.
  const gone = await connection.rows(
    `select coalesce(max(day), -1e15)::double from gone where tier = '5m'`,
  );
  const since = timeLiteral((gone.f64(0)[0] ?? -1e15) + 2 * 24 * HOUR_US);
  const which = `${oneOf("series", seriesNos)} and start >= ${since}`;
  await connection.run(`delete from buckets_1d where ${which}`);
  const rows = await connection.rows(
    `select series, epoch_us(start)::double from buckets_5m where ${which}`,
  );
  const [series, start] = [rows.u32(0), rows.f64(1)];
  return Array.from({ length: rows.count }, (_, row) => [series[row] ?? 0, start[row] ?? 0]);
}
