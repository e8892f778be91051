import {
  type RangeRequest,
  READ_LIMITS,
  type SeriesPoints,
  TIERS,
  type Tier,
} from "../../../domain/reading-store.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { FIVE_MINUTES_US, HOUR_US } from "../schema.ts";
import { readBuckets, type ZonedDay } from "./buckets.ts";
import { checkSeries, checkSpan, checkWhole } from "./limits.ts";
import { readRaw } from "./raw.ts";

/** Shortest length of a tier's buckets; a reading has none. */
const TIER_US: Record<Tier, number> = {
  raw: 0,
  "5m": FIVE_MINUTES_US,
  "1h": HOUR_US,
  "1d": 24 * HOUR_US,
};

/**
 * Points of each series, in the order asked for. With tier "auto" a series that has nothing in the tier
 * chosen is read from the next coarser ones, then from the finer ones.
 */
export async function readRange(
  connection: DuckdbConnection,
  lake: LakeView,
  dayOf: ZonedDay,
  request: RangeRequest,
): Promise<SeriesPoints[]> {
  checkSeries(request.seriesNos);
  checkSpan(request.fromUs, request.toUs);
  checkWhole("maxPoints", request.maxPoints, 2, READ_LIMITS.pointsPerSeries);
  const tiers = request.tier === "auto" ? autoTiers(request) : [request.tier];
  const found = new Map<number, SeriesPoints>();
  for (const tier of tiers) {
    const seriesNos = request.seriesNos.filter((no) => !found.get(no)?.atUs.length);
    if (seriesNos.length === 0) break;
    const part = { ...request, seriesNos };
    const points =
      tier === "raw"
        ? await readRaw(connection, lake, part)
        : await readBuckets(connection, lake, { dayOf, request: part, tier });
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
