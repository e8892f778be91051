import {
  type RangeRequest,
  READ_LIMITS,
  type SeriesPoints,
  TIERS,
  type Tier,
} from "../../../domain/reading-store.ts";
import { checkSeries, checkSpan, checkWhole } from "../../duckdb/reads/limits.ts";
import {
  type Bucket,
  mergeInto,
  pointsOfBuckets,
  pointsOfReadings,
} from "../../duckdb/reads/points.ts";
import { allOf, gatheredOf, peaksOf, slicesOf, take } from "../../duckdb/reads/raw.ts";
import { FIVE_MINUTES_US, HOUR_US } from "../../duckdb/schema.ts";
import type { ApplyDeps } from "../apply.ts";
import { scanRows } from "../scan.ts";
import type { BucketTier } from "../schema.ts";

export type ReadDeps = Pick<ApplyDeps, "wire" | "tables" | "state" | "dayOf">;

/** Series of a request by tenant; those that the store does not know have nothing. */
export function byTenant({ state }: ReadDeps, seriesNos: readonly number[]): Map<number, number[]> {
  const groups = Map.groupBy(new Set(seriesNos), (no) => state.tenantOf.get(no) ?? -1);
  for (const tenantNo of groups.keys()) if (!state.tenants.has(tenantNo)) groups.delete(tenantNo);
  return groups;
}

const TIER_US: Record<Tier, number> = {
  raw: 0,
  "5m": FIVE_MINUTES_US,
  "1h": HOUR_US,
  "1d": 24 * HOUR_US,
};

/** Points of each series, in the order asked for; the rules are those of the interface. */
export async function readRange(deps: ReadDeps, request: RangeRequest): Promise<SeriesPoints[]> {
  checkSeries(request.seriesNos);
  checkSpan(request.fromUs, request.toUs);
  checkWhole("maxPoints", request.maxPoints, 2, READ_LIMITS.pointsPerSeries);
  const found = new Map<number, SeriesPoints>();
  for (const tier of request.tier === "auto" ? autoTiers(request) : [request.tier]) {
    const seriesNos = request.seriesNos.filter((no) => !found.get(no)?.atUs.length);
    if (seriesNos.length === 0) break;
    const part = { ...request, seriesNos };
    const points = tier === "raw" ? await readRaw(deps, part) : await readBuckets(deps, part, tier);
    for (const one of points)
      if (one.atUs.length > 0 || !found.has(one.seriesNo)) found.set(one.seriesNo, one);
  }
  return request.seriesNos.flatMap((no) => found.get(no) ?? []);
}

/** The coarsest tier whose buckets are not longer than a point's share of the span, then the others. */
function autoTiers({ fromUs, toUs, maxPoints }: RangeRequest): Tier[] {
  const shareUs = (toUs - fromUs) / maxPoints;
  const chosen = TIERS.findLastIndex((tier) => TIER_US[tier] <= shareUs);
  return [...TIERS.slice(chosen), ...TIERS.slice(0, chosen).reverse()];
}

async function readRaw(deps: ReadDeps, request: RangeRequest): Promise<SeriesPoints[]> {
  const { seriesNos, fromUs, toUs, maxPoints } = request;
  const sliceOf = slicesOf(request);
  const gathered = new Map<number, ReturnType<typeof gatheredOf>>();
  for (const [tenantNo, own] of byTenant(deps, seriesNos))
    await scanRows(
      deps.wire,
      {
        table: deps.tables.readings(tenantNo),
        columns: "value",
        where: "value is not null",
        seriesNos: own,
        fromUs,
        toUs,
      },
      (row, atUs, no) => {
        const one = gatheredOf(gathered, no, maxPoints);
        take(one, sliceOf, atUs, Number(row[2]));
      },
    );
  return seriesNos.map((no) => {
    const one = gathered.get(no);
    if (!one) return pointsOfReadings(no, false, new Float64Array(), new Float64Array());
    return one.count > maxPoints ? peaksOf(no, one) : allOf(no, one);
  });
}

/** A series' buckets while they are gathered, in order of time. */
type Gathered = { readonly buckets: Bucket[]; reduced: boolean; rawFromUs: number };

/**
 * Buckets that start in the range, and behind the newest closed one what its readings say so far. More
 * than `maxPoints` are merged into equal slices of time.
 */
async function readBuckets(
  deps: ReadDeps,
  request: RangeRequest,
  tier: BucketTier,
): Promise<SeriesPoints[]> {
  const { seriesNos, fromUs, toUs, maxPoints } = request;
  const isLong = (toUs - fromUs) / TIER_US[tier] > maxPoints;
  const sliceUs = (toUs - fromUs) / maxPoints;
  const sliceOf = (startUs: number) =>
    isLong ? Math.floor((startUs - fromUs) / sliceUs) : startUs;
  const firstUs = Math.ceil(fromUs / FIVE_MINUTES_US) * FIVE_MINUTES_US;
  const gathered = new Map<number, Gathered>(
    seriesNos.map((no) => [no, { buckets: [], reduced: false, rawFromUs: firstUs }]),
  );
  const add = (one: Gathered, bucket: Bucket) => {
    const last = one.buckets.at(-1);
    if (last === undefined || sliceOf(last.startUs) !== sliceOf(bucket.startUs))
      one.buckets.push(bucket);
    else {
      if (last.startUs !== bucket.startUs) one.reduced = true;
      mergeInto(last, bucket);
    }
  };
  for (const [tenantNo, own] of byTenant(deps, seriesNos)) {
    await scanRows(
      deps.wire,
      {
        table: deps.tables.buckets(tenantNo, tier),
        columns: "n, min, max, sum, last_at::long",
        where: "n > 0",
        seriesNos: own,
        fromUs,
        toUs,
      },
      ([, , n, min, max, sum, lastAtUs], startUs, no) => {
        const one = gathered.get(no);
        if (!one) return;
        add(one, bucketFrom(startUs, n, min, max, sum));
        // The newest reading of a closed bucket says which 5-minute bucket was the last one closed.
        const closed = Math.floor(Number(lastAtUs) / FIVE_MINUTES_US) * FIVE_MINUTES_US;
        one.rawFromUs = Math.max(one.rawFromUs, closed + FIVE_MINUTES_US);
      },
    );
    await addTail(
      deps,
      tenantNo,
      own,
      toUs,
      gathered,
      (no, atUs) => {
        const startUs = startOf(deps, tier, no, atUs);
        return startUs >= fromUs ? startUs : undefined;
      },
      add,
    );
  }
  return seriesNos.map((no) => {
    const { buckets = [], reduced = false } = gathered.get(no) ?? {};
    return pointsOfBuckets(no, tier, reduced, buckets);
  });
}

function startOf({ state, dayOf }: ReadDeps, tier: BucketTier, no: number, atUs: number): number {
  if (tier === "1d") {
    const fine = Math.floor(atUs / FIVE_MINUTES_US) * FIVE_MINUTES_US;
    return dayOf(state.zoneOf.get(no), fine).startUs;
  }
  return Math.floor(atUs / TIER_US[tier]) * TIER_US[tier];
}

function bucketFrom(startUs: number, ...[n, min, max, sum]: readonly unknown[]): Bucket {
  return { startUs, n: Number(n), min: Number(min), max: Number(max), sum: Number(sum) };
}

/** Adds readings behind each series' last closed bucket. */
async function addTail(
  deps: ReadDeps,
  tenantNo: number,
  seriesNos: readonly number[],
  toUs: number,
  gathered: ReadonlyMap<number, Gathered>,
  startAt: (no: number, atUs: number) => number | undefined,
  add: (one: Gathered, bucket: Bucket) => void,
): Promise<void> {
  const since = (no: number) => gathered.get(no)?.rawFromUs ?? toUs;
  const open = seriesNos.filter((no) => since(no) < toUs);
  if (open.length === 0) return;
  await scanRows(
    deps.wire,
    {
      table: deps.tables.readings(tenantNo),
      columns: "value",
      where: "value is not null",
      seriesNos: open,
      fromUs: open.reduce((least, no) => Math.min(least, since(no)), toUs),
      toUs,
    },
    (row, atUs, no) => {
      const one = gathered.get(no);
      const startUs = startAt(no, atUs);
      if (!one || startUs === undefined || atUs < one.rawFromUs) return;
      const value = Number(row[2]);
      add(one, { startUs, n: 1, min: value, max: value, sum: value });
    },
  );
}
