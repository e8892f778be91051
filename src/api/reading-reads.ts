import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import {
  type LatestReading,
  READ_LIMITS,
  type ReadingReads,
  type SeriesPoints,
  type TIERS,
} from "../domain/reading-store.ts";
import type { SeriesEntry } from "../domain/series.ts";
import type { SeriesCatalogue } from "../domain/series-catalogue.ts";
import type { SeriesStore } from "../domain/series-store.ts";
import type { Clock } from "../lib/clock.ts";
import { lttb } from "../lib/lttb.ts";
import type { SeriesSteps } from "./reading-answers.ts";
import { type Aggregate, readSteps, stepLengthUs } from "./step-groups.ts";

export type ReadingsDeps = {
  readonly readings: ReadingReads;
  readonly mapping: SeriesStore;
  readonly catalogue: SeriesCatalogue;
  /** Newest reading of a series from shared memory; undefined when it is not there. */
  readonly lastValue: (
    seriesNo: number,
  ) => { readonly atUs: number; readonly value: number } | undefined;
  readonly clock: Clock;
  /** Reads see everything that was acknowledged up to here. */
  readonly sequence: () => Promise<number>;
};

/** What a read of a range asks for, as the routes check it. */
export type Range = {
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly tier?: (typeof TIERS)[number] | "auto";
  readonly maxPoints?: number;
  readonly reduction?: "peaks" | "lttb";
  readonly step?: string;
  readonly aggregate?: Aggregate;
};

const DAY_US = 86_400_000_000;
const POINTS = 2_000;
/** Points of one answer, over all its series. */
const POINTS_PER_ANSWER = 1_000_000;
/** Beyond it a whole number's exact text is in the store only. */
const EXACT_MOST = 2 ** 53;

/** The span asked for; the last day when none is named. */
export function spanOf(range: Range, nowUs: number): { fromUs: number; toUs: number } {
  const toUs = Math.round(range.toUs ?? nowUs);
  const fromUs = Math.round(range.fromUs ?? toUs - DAY_US);
  if (fromUs >= toUs) throw new AppError("invalid", "fromUs must lie before toUs");
  return { fromUs, toUs };
}

/** Points of the caller's own series, reduced to at most `maxPoints` each. */
export async function readPoints(
  deps: ReadingsDeps,
  series: readonly SeriesEntry[],
  range: Range,
): Promise<SeriesPoints[]> {
  const share = Math.floor(POINTS_PER_ANSWER / series.length);
  const maxPoints = range.maxPoints ?? Math.min(POINTS, share);
  if (maxPoints > share)
    throw new AppError(
      "invalid",
      `${series.length} series of ${maxPoints} points; at most ${POINTS_PER_ANSWER} points in one answer: ask for fewer series or points, or go through them page by page`,
    );
  const isLttb = range.reduction === "lttb";
  const points = await deps.readings.range({
    seriesNos: series.map(({ seriesNo }) => seriesNo),
    ...spanOf(range, deps.clock.nowUs()),
    tier: range.tier ?? "auto",
    // LTTB chooses among more points, which still hold every peak.
    maxPoints: isLttb ? Math.min(READ_LIMITS.pointsPerSeries, maxPoints * 4) : maxPoints,
    atLeastSequence: await deps.sequence(),
  });
  return isLttb ? points.map((one) => thinned(one, maxPoints)) : points;
}

/** The points of which the line of means looks like that of all. */
function thinned(points: SeriesPoints, maxPoints: number): SeriesPoints {
  const picked = lttb(points.atUs, points.mean, maxPoints);
  if (picked.length === points.atUs.length) return points;
  const pick = (column: Float64Array) => Float64Array.from(picked, (index) => column[index] ?? 0);
  return {
    ...{ seriesNo: points.seriesNo, tier: points.tier, reduced: true, atUs: pick(points.atUs) },
    ...{ n: pick(points.n), mean: pick(points.mean), min: pick(points.min), max: pick(points.max) },
  };
}

/** One value for each step of each series. */
export async function readAllSteps(
  deps: ReadingsDeps,
  series: readonly SeriesEntry[],
  range: Range & { readonly step: string },
): Promise<SeriesSteps[]> {
  const { step, aggregate = "mean" } = range;
  const stepUs = stepLengthUs(step);
  const span = spanOf(range, deps.clock.nowUs());
  const atLeastSequence = await deps.sequence();
  const seriesNos = series.map(({ seriesNo }) => seriesNo);
  const zones = await deps.readings.zones({ seriesNos, atLeastSequence });
  const all: SeriesSteps[] = [];
  for (const [index, seriesNo] of seriesNos.entries()) {
    const zone = zones[index] ?? "UTC";
    const request = { ...span, seriesNo, zone, stepUs, aggregate, atLeastSequence };
    all.push({ seriesNo, step, aggregate, ...(await readSteps(deps.readings, request)) });
  }
  return all;
}

/** Which series a query is for: those named, those of an asset, or all of the tenant. */
export async function chosenSeries(
  deps: ReadingsDeps,
  caller: Caller,
  which: { readonly seriesNos?: readonly number[]; readonly assetId?: string },
): Promise<readonly SeriesEntry[]> {
  const { catalogue } = deps;
  const { tenantNo } = caller;
  const { assetId } = which;
  if (which.seriesNos !== undefined) return catalogue.own(tenantNo, which.seriesNos, deps.sequence);
  if (assetId === undefined) return [...(await catalogue.all(tenantNo)).values()];
  const mapped = await deps.mapping.mapped(caller, { assetId });
  return catalogue.own(
    tenantNo,
    mapped.map(({ seriesNo }) => seriesNo),
    deps.sequence,
  );
}

/**
 * The newest reading of each series that has one. Numbers come from shared memory, which is as new as the
 * last acknowledgement; states and numbers that need their text come from the store.
 */
export async function readLatest(
  deps: ReadingsDeps,
  series: readonly SeriesEntry[],
): Promise<LatestReading[]> {
  const asked: number[] = [];
  const found = new Map<number, LatestReading>();
  for (const { seriesNo, kind } of series) {
    const last = deps.lastValue(seriesNo);
    const isWhole = last !== undefined && Math.abs(last.value) < EXACT_MOST; // not NaN either
    if (isWhole && (kind === "numeric" || kind === "boolean"))
      found.set(seriesNo, { seriesNo, ...last, text: undefined });
    else asked.push(seriesNo);
  }
  if (asked.length > 0) {
    const atLeastSequence = await deps.sequence();
    for (let from = 0; from < asked.length; from += READ_LIMITS.seriesPerRead) {
      const seriesNos = asked.slice(from, from + READ_LIMITS.seriesPerRead);
      for (const one of await deps.readings.latest({ seriesNos, atLeastSequence }))
        found.set(one.seriesNo, one);
    }
  }
  return series.flatMap(({ seriesNo }) => found.get(seriesNo) ?? []);
}
