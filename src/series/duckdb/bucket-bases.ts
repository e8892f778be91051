import { LAKE_DAY_US } from "../../domain/lake.ts";
import type { DaySpan } from "../../lib/zoned-day.ts";
import type { DuckdbConnection } from "./connection.ts";
import { daysOf, type LakeView } from "./lake/source.ts";
import { FIVE_MINUTES_US, HOUR_US, timeLiteral } from "./schema.ts";
import { addTime, type SeriesTimes, timeColumns } from "./state.ts";

type Tier = "5m" | "1h" | "1d";

/**
 * Before late readings change buckets: where the readings (or finer buckets) that a bucket was made of
 * are gone, by retention or damage, the part of it that they made up is kept as its base. The bucket is
 * from then on made of its base and of what is there. Where nothing is missing the base is empty, and
 * none is kept.
 */
export async function keepBases(
  connection: DuckdbConnection,
  lake: LakeView,
  late: SeriesTimes,
  dayOf: (seriesNo: number, atUs: number) => DaySpan,
): Promise<void> {
  if (late.size === 0) return;
  const touched = [...daysOf(timeColumns(late).atUs)];
  const raw = await goneDays(connection, "raw", touched);
  for (const { dayStartUs, defect, kind } of lake.version.segments)
    if (kind === "readings" && defect !== "") raw.add(dayStartUs);
  const fine = await goneDays(connection, "5m", touched);
  const fiveMinutes = keysOf(late, raw, (_no, at) => floorTo(at, FIVE_MINUTES_US));
  if (fiveMinutes.size > 0) await keepFiveMinutes(connection, lake, fiveMinutes);
  const hours = keysOf(late, fine, (_no, at) => floorTo(at, HOUR_US));
  if (hours.size > 0) await keepCoarse(connection, "1h", hours, (_no, at) => at + HOUR_US);
  // A site's day may lie in two days of UTC.
  const days = keysOf(late, around(fine), (no, at) => dayOf(no, at).startUs);
  if (days.size > 0) await keepCoarse(connection, "1d", days, (no, at) => dayOf(no, at).endUs);
}

function floorTo(atUs: number, lengthUs: number): number {
  return Math.floor(atUs / lengthUs) * lengthUs;
}

function around(days: ReadonlySet<number>): Set<number> {
  return new Set([...days].flatMap((day) => [day - LAKE_DAY_US, day, day + LAKE_DAY_US]));
}

/** Of these days and their neighbours, those of which something of the tier is gone. */
async function goneDays(
  connection: DuckdbConnection,
  tier: "raw" | "5m",
  touched: readonly number[],
): Promise<Set<number>> {
  const list = [...around(new Set(touched))].join(",");
  const rows = await connection.rows(
    `select distinct day from gone where tier = '${tier}' and day in (${list})`,
  );
  return new Set(rows.f64(0));
}

/** Bucket starts of the late readings that lie in these days. */
function keysOf(
  late: SeriesTimes,
  days: ReadonlySet<number>,
  startOf: (seriesNo: number, atUs: number) => number,
): SeriesTimes {
  const keys: SeriesTimes = new Map();
  if (days.size === 0) return keys;
  for (const [no, times] of late)
    for (const at of times)
      if (days.has(floorTo(at, LAKE_DAY_US))) addTime(keys, no, startOf(no, at));
  return keys;
}

async function stage(
  connection: DuckdbConnection,
  keys: SeriesTimes,
  endOf: (seriesNo: number, atUs: number) => number,
) {
  const { count, series, atUs } = timeColumns(keys);
  await connection.run(
    "create or replace temp table base_keys (series uinteger, start timestamp, stop timestamp)",
  );
  const stop = atUs.map((at, row) => endOf(series[row] ?? 0, at));
  connection.append(
    "base_keys",
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
      { kind: "time", data: stop },
    ],
    count,
  );
  const ends = { fromUs: Number.POSITIVE_INFINITY, toUs: Number.NEGATIVE_INFINITY };
  for (let row = 0; row < count; row++) {
    ends.fromUs = Math.min(ends.fromUs, atUs[row] ?? 0);
    ends.toUs = Math.max(ends.toUs, stop[row] ?? 0);
  }
  return ends;
}

async function keepFiveMinutes(
  connection: DuckdbConnection,
  lake: LakeView,
  keys: SeriesTimes,
): Promise<void> {
  const span = await stage(connection, keys, (_no, at) => at + FIVE_MINUTES_US);
  const days = daysOf(timeColumns(keys).atUs);
  const source = lake.readings({ seriesNos: [...keys.keys()], ...span, days });
  await keep(
    connection,
    "5m",
    `select k.series, k.start, count(*)::double as n, sum(r.value) as sum, sum(r.value * r.value) as sum_sq
     from ${source} r join base_keys k
       on r.series = k.series and r.time >= k.start and r.time < k.stop
     where r.time >= ${timeLiteral(span.fromUs)} and r.time < ${timeLiteral(span.toUs)}
       and not isnan(r.value) group by k.series, k.start`,
  );
}

async function keepCoarse(
  connection: DuckdbConnection,
  tier: Tier,
  keys: SeriesTimes,
  endOf: (seriesNo: number, atUs: number) => number,
): Promise<void> {
  const { fromUs, toUs } = await stage(connection, keys, endOf);
  await keep(
    connection,
    tier,
    `select k.series, k.start, sum(b.n) as n, sum(b.sum) as sum, sum(b.sum_sq) as sum_sq
     from buckets_5m b join base_keys k
       on b.series = k.series and b.start >= k.start and b.start < k.stop
     where b.start >= ${timeLiteral(fromUs)} and b.start < ${timeLiteral(toUs)}
     group by k.series, k.start`,
  );
}

/** What the stored bucket holds beyond what is there to make it of. */
async function keep(connection: DuckdbConnection, tier: Tier, present: string): Promise<void> {
  await connection.run(`
    insert into base_${tier}
    select b.series, b.start, b.n - coalesce(p.n, 0), b.min, b.max, b.sum - coalesce(p.sum, 0),
      b.sum_sq - coalesce(p.sum_sq, 0), b.first, b.last, b.first_at, b.last_at
    from buckets_${tier} b join base_keys k on b.series = k.series and b.start = k.start
      left join (${present}) p on p.series = b.series and p.start = b.start
    where b.n > coalesce(p.n, 0) and not exists (
      select 1 from base_${tier} x where x.series = b.series and x.start = b.start)`);
}

/** Forgets bases of a day: they are taken anew from the buckets, which hold everything. */
export function forgetBases(tier: Tier, dayStartUs: number): string {
  return `delete from base_${tier} where start >= ${timeLiteral(dayStartUs - LAKE_DAY_US)}
    and start < ${timeLiteral(dayStartUs + LAKE_DAY_US)};`;
}
