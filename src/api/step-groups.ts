import { AppError } from "../domain/error.ts";
import { READ_LIMITS, type ReadingReads, type SeriesPoints } from "../domain/reading-store.ts";
import { type DaySpan, zonedDays } from "../lib/zoned-day.ts";

/** What can be said of the readings of a step. */
export const AGGREGATES = ["mean", "min", "max", "sum", "count"] as const;
export type Aggregate = (typeof AGGREGATES)[number];

const FIVE_MINUTES_US = 300_000_000;
const HOUR_US = 3_600_000_000;
const DAY_US = 24 * HOUR_US;
const UNIT_US: Readonly<Record<string, number>> = {
  s: 1_000_000,
  m: 60_000_000,
  h: HOUR_US,
  d: DAY_US,
};

/**
 * The length of a step such as 10s, 15m, 6h or 1d, in µs.
 * @throws AppError "invalid" for another form, or more than a day.
 */
export function stepLengthUs(step: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(step) ?? [];
  const lengthUs = Number(count) * (UNIT_US[unit] ?? 0);
  if (lengthUs > 0 && lengthUs <= DAY_US) return lengthUs;
  throw new AppError("invalid", `step ${step} is none; use such as 10s, 15m, 6h, at most 1d`);
}

/** One value a step; steps without readings are left out. */
export type Steps = { readonly atUs: Float64Array; readonly value: Float64Array };

/**
 * Where the step begins that a time lies in: steps are counted from the start of the site's day, so that a
 * day of 23 or 25 hours has fewer or more of them and none lies in two days.
 */
export function stepStartUs(
  atUs: number,
  stepUs: number,
  dayOf: (atUs: number) => DaySpan,
): number {
  const { startUs } = dayOf(atUs);
  return startUs + Math.floor((atUs - startUs) / stepUs) * stepUs;
}

/** Merges points, in order of time, into steps. Pure. */
export function mergeSteps(
  points: Pick<SeriesPoints, "atUs" | "n" | "mean" | "min" | "max">,
  stepUs: number,
  dayOf: (atUs: number) => DaySpan,
  aggregate: Aggregate,
): Steps {
  const merged: { startUs: number; n: number; sum: number; min: number; max: number }[] = [];
  for (let i = 0; i < points.atUs.length; i++) {
    const startUs = stepStartUs(points.atUs[i] ?? 0, stepUs, dayOf);
    const [n, mean] = [points.n[i] ?? 0, points.mean[i] ?? 0];
    const [min, max] = [points.min[i] ?? 0, points.max[i] ?? 0];
    const last = merged.at(-1);
    if (last?.startUs === startUs) {
      last.n += n;
      last.sum += mean * n;
      last.min = Math.min(last.min, min);
      last.max = Math.max(last.max, max);
    } else merged.push({ startUs, n, sum: mean * n, min, max });
  }
  const value = {
    mean: (one: (typeof merged)[number]) => one.sum / one.n,
    min: (one: (typeof merged)[number]) => one.min,
    max: (one: (typeof merged)[number]) => one.max,
    sum: (one: (typeof merged)[number]) => one.sum,
    count: (one: (typeof merged)[number]) => one.n,
  }[aggregate];
  return {
    atUs: Float64Array.from(merged, ({ startUs }) => startUs),
    value: Float64Array.from(merged, value),
  };
}

export type StepsRequest = {
  readonly seriesNo: number;
  /** Zone of the site's days. */
  readonly zone: string;
  readonly fromUs: number;
  readonly toUs: number;
  readonly stepUs: number;
  readonly aggregate: Aggregate;
  readonly atLeastSequence: number;
};

/**
 * A series in steps, from the coarsest buckets that fit into them, or from its readings where steps are
 * shorter than buckets. The first step is whole: it begins at or before `fromUs`.
 * @throws AppError "invalid" when there would be too many steps, "too-large" for too many readings.
 */
export async function readSteps(readings: ReadingReads, request: StepsRequest): Promise<Steps> {
  const { seriesNo, toUs, stepUs, aggregate, atLeastSequence } = request;
  const dayOf = daysOf(request.zone);
  const fromUs = stepStartUs(request.fromUs, stepUs, dayOf);
  const most = READ_LIMITS.pointsPerSeries;
  if ((toUs - fromUs) / stepUs > most)
    throw new AppError("invalid", `more than ${most} steps; ask for longer steps or less time`);
  const span = { seriesNos: [seriesNo], fromUs, toUs, atLeastSequence };
  const tier = tierFor(request, dayOf);
  if (tier !== "raw") {
    const [points] = await readings.range({ ...span, tier, maxPoints: most });
    return points === undefined
      ? { atUs: new Float64Array(), value: new Float64Array() }
      : mergeSteps(points, stepUs, dayOf, aggregate);
  }
  const rows = await readings.rows({ ...span, of: "numbers", limit: READ_LIMITS.rowsPerRead });
  if (rows.more)
    throw new AppError(
      "too-large",
      `more than ${READ_LIMITS.rowsPerRead} readings of series ${seriesNo}; ask for less time, or for steps of whole 5 minutes`,
    );
  const n = new Float64Array(rows.count).fill(1);
  const columns = { atUs: rows.atUs, n, mean: rows.value, min: rows.value, max: rows.value };
  return mergeSteps(columns, stepUs, dayOf, aggregate);
}

/** A zone that the system does not know counts as UTC, as in the store. */
function daysOf(zone: string): (atUs: number) => DaySpan {
  try {
    return zonedDays(zone);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return zonedDays("UTC");
  }
}

/** The finest tier whose buckets lie whole in steps and are not too many for one read. */
function tierFor(
  { fromUs, toUs, stepUs }: StepsRequest,
  dayOf: (atUs: number) => DaySpan,
): "raw" | "5m" | "1h" | "1d" {
  if (stepUs === DAY_US) return "1d";
  if (stepUs % FIVE_MINUTES_US !== 0) return "raw";
  if (stepUs % HOUR_US !== 0) return "5m";
  const isWholeHours = [fromUs, toUs].every((atUs) => dayOf(atUs).startUs % HOUR_US === 0);
  return isWholeHours ? "1h" : "5m";
}
