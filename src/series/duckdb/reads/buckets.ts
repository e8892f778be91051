import type { RangeRequest, SeriesPoints, Tier } from "../../../domain/reading-store.ts";
import type { DaySpan } from "../../../lib/zoned-day.ts";
import type { DuckdbConnection, Rows } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { FIVE_MINUTES_US, HOUR_US, oneOf, timeLiteral } from "../schema.ts";
import { type Bucket, mergeInto, pointsOfBuckets } from "./points.ts";

type BucketTier = Exclude<Tier, "raw">;
/** The day of a series' zone that a time lies in. */
export type ZonedDay = (seriesNo: number, atUs: number) => DaySpan;

/** A series' buckets while they are gathered. */
type Gathered = { buckets: Bucket[]; reduced: boolean; rawFromUs: number };

/**
 * Buckets that start in the range, and behind the newest closed one what its readings say so far, so
 * that a chart ends now. More than `maxPoints` are merged into equal slices of time.
 */
export async function readBuckets(
  connection: DuckdbConnection,
  lake: LakeView,
  {
    dayOf,
    request,
    tier,
  }: { readonly dayOf: ZonedDay; readonly request: RangeRequest; readonly tier: BucketTier },
): Promise<SeriesPoints[]> {
  const { seriesNos, fromUs, toUs, maxPoints } = request;
  const lengthUs = { "5m": FIVE_MINUTES_US, "1h": HOUR_US, "1d": 24 * HOUR_US }[tier];
  const sliceUs = (toUs - fromUs) / lengthUs > maxPoints ? (toUs - fromUs) / maxPoints : 0;
  // The first bucket that starts in the range; readings before it belong to one that does not.
  const firstUs = Math.ceil(fromUs / FIVE_MINUTES_US) * FIVE_MINUTES_US;
  const gathered = new Map<number, Gathered>(
    seriesNos.map((no) => [no, { buckets: [], reduced: false, rawFromUs: firstUs }]),
  );
  addStored(await connection.rows(storedSql(request, tier, sliceUs)), gathered);
  const startOf = (no: number, atUs: number) => {
    if (tier === "5m") return atUs;
    if (tier === "1h") return Math.floor(atUs / HOUR_US) * HOUR_US;
    return dayOf(no, atUs).startUs;
  };
  const tails = await readTails(connection, lake, gathered, toUs);
  addTails(tails, gathered, {
    startOf,
    isIn: (startUs) => startUs >= fromUs,
    sliceOf: (startUs) => (sliceUs === 0 ? startUs : Math.floor((startUs - fromUs) / sliceUs)),
  });
  return seriesNos.map((no) => {
    const { buckets = [], reduced = false } = gathered.get(no) ?? {};
    return pointsOfBuckets(no, tier, reduced, buckets);
  });
}

function storedSql(request: RangeRequest, tier: BucketTier, sliceUs: number): string {
  const { seriesNos, fromUs, toUs } = request;
  const where = `${oneOf("series", seriesNos)} and start >= ${timeLiteral(fromUs)}
    and start < ${timeLiteral(toUs)}`;
  if (sliceUs === 0)
    return `select series, epoch_us(start)::double as start_us, n, min, max, sum,
        epoch_us(last_at)::double, 1::double
      from buckets_${tier} where ${where} order by series, start_us`;
  return `select series, epoch_us(min(start))::double as start_us, sum(n), min(min), max(max),
      sum(sum), epoch_us(max(last_at))::double, count(*)::double
    from buckets_${tier} where ${where}
    group by series, floor((epoch_us(start) - ${fromUs}) / ${sliceUs}::double)
    order by series, start_us`;
}

function addStored(rows: Rows, gathered: ReadonlyMap<number, Gathered>): void {
  const series = rows.u32(0);
  const lastAtUs = rows.f64(6);
  const merged = rows.f64(7);
  const bucketAt = bucketReader(rows);
  for (let row = 0; row < rows.count; row++) {
    const one = gathered.get(series[row] ?? 0);
    if (!one) continue;
    one.buckets.push(bucketAt(row));
    if ((merged[row] ?? 0) > 1) one.reduced = true;
    // The newest reading of a closed bucket says which 5-minute bucket was the last one closed.
    const closed = Math.floor((lastAtUs[row] ?? 0) / FIVE_MINUTES_US) * FIVE_MINUTES_US;
    one.rawFromUs = Math.max(one.rawFromUs, closed + FIVE_MINUTES_US);
  }
}

function bucketReader(rows: Rows): (row: number) => Bucket {
  const [startUs, n, min, max, sum] = [
    rows.f64(1),
    rows.f64(2),
    rows.f64(3),
    rows.f64(4),
    rows.f64(5),
  ];
  return (row) => ({
    startUs: startUs[row] ?? 0,
    n: n[row] ?? 0,
    min: min[row] ?? 0,
    max: max[row] ?? 0,
    sum: sum[row] ?? 0,
  });
}

/** 5-minute buckets by their start, of each series. */
type Tails = ReadonlyMap<number, ReadonlyMap<number, Bucket>>;

/**
 * Readings behind each series' last closed bucket, as 5-minute buckets. They are few, and folding them
 * here costs less than DuckDB's planning of a join and two groupings.
 */
async function readTails(
  connection: DuckdbConnection,
  lake: LakeView,
  gathered: ReadonlyMap<number, Gathered>,
  toUs: number,
): Promise<Tails> {
  const tails = new Map<number, Map<number, Bucket>>();
  for (const [no, { rawFromUs }] of gathered) if (rawFromUs < toUs) tails.set(no, new Map());
  if (tails.size === 0) return tails;
  const seriesNos = [...tails.keys()];
  const sinceUs = seriesNos.map((no) => gathered.get(no)?.rawFromUs ?? toUs);
  const least = sinceUs.reduce((a, b) => Math.min(a, b));
  const readings = lake.readings({ seriesNos, fromUs: least, toUs, tailsOnly: true });
  await connection.chunks(
    `select series, epoch_us(time)::double, value from ${readings}
     where ${oneOf("series", seriesNos)} and time >= ${timeLiteral(least)}
       and time < ${timeLiteral(toUs)}`,
    (rows) => {
      const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
      for (let row = 0; row < rows.count; row++) {
        const no = series[row] ?? 0;
        const at = atUs[row] ?? 0;
        const number = value[row] ?? 0;
        const tail = tails.get(no);
        if (!tail || Number.isNaN(number) || at < (gathered.get(no)?.rawFromUs ?? toUs)) continue;
        const startUs = Math.floor(at / FIVE_MINUTES_US) * FIVE_MINUTES_US;
        const next = { startUs, n: 1, min: number, max: number, sum: number };
        const bucket = tail.get(startUs);
        if (bucket) mergeInto(bucket, next);
        else tail.set(startUs, next);
      }
    },
  );
  return tails;
}

function addTails(
  tails: Tails,
  gathered: ReadonlyMap<number, Gathered>,
  place: {
    readonly startOf: (seriesNo: number, atUs: number) => number;
    readonly isIn: (startUs: number) => boolean;
    readonly sliceOf: (startUs: number) => number;
  },
): void {
  for (const [no, tail] of tails) {
    const one = gathered.get(no);
    const rising = [...tail.values()].sort((a, b) => a.startUs - b.startUs);
    for (const bucket of rising) {
      bucket.startUs = place.startOf(no, bucket.startUs);
      if (!one || !place.isIn(bucket.startUs)) continue;
      const last = one.buckets.at(-1);
      if (!last || place.sliceOf(last.startUs) !== place.sliceOf(bucket.startUs))
        one.buckets.push(bucket);
      else {
        if (last.startUs !== bucket.startUs) one.reduced = true;
        mergeInto(last, bucket);
      }
    }
  }
}
