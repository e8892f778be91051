import type { ChartGap } from "../../views/ui/chart-model.ts";
import type { Tier } from "../domain/reading-store.ts";
import { type SensorPoints, TIER_MS, usualStepUs } from "./chart.ts";
import type { ExploreItem } from "./explore-items.ts";

/** Points of one line with a break in every hole; `low` and `high` where a point stands for several. */
export type Broken = {
  readonly atUs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly low: readonly (number | null)[] | undefined;
  readonly high: readonly (number | null)[] | undefined;
  readonly gaps: readonly { readonly fromUs: number; readonly toUs: number }[];
  /** How far points usually lie apart; 0 when that is not known. */
  readonly stepUs: number;
};

type Cell = number | null;

/** Lines of one unit that share a chart. */
export type LineGroup = { readonly unit: string; readonly items: readonly ExploreItem[] };

/** More lines in one chart nobody tells apart. */
export const LINES_PER_CHART = 4;
/** A hole longer than so many usual distances is a gap: readings jitter, buckets do not. */
const GAP_FACTORS = { raw: 6, bucket: 2.5 } as const;

/** One chart for each unit, in the order of the address, and a further one after four lines. Pure. */
export function groupsOf(items: readonly ExploreItem[]): LineGroup[] {
  const byUnit = Map.groupBy(items, ({ unit }) => unit);
  return [...byUnit].flatMap(([unit, own]) =>
    Array.from({ length: Math.ceil(own.length / LINES_PER_CHART) }, (_, i) => ({
      unit,
      items: own.slice(i * LINES_PER_CHART, (i + 1) * LINES_PER_CHART),
    })),
  );
}

/** Length of the time that a point stands for; readings stand for none. */
function widthUs(tier: Tier, stepUs: number): number {
  return tier === "raw" ? 0 : Math.max(TIER_MS[tier] * 1000, stepUs);
}

/** So many steps on each side tell how often readings came there. */
const STEPS_BESIDE = 8;

/**
 * How long the hole before each point may be before it is a gap, and after the last: by the steps beside it,
 * since the same sensor may be read more often at one time than at another. Pure.
 */
function gapLimits({ atUs, tier }: SensorPoints): number[] {
  const steps = atUs.slice(1).map((at, i) => at - (atUs[i] ?? at));
  const median = (from: number, to: number) => {
    const own = steps.slice(Math.max(0, from), Math.max(0, to)).sort((a, b) => a - b);
    return own[Math.floor(own.length / 2)] ?? 0;
  };
  const factor = tier === "raw" ? GAP_FACTORS.raw : GAP_FACTORS.bucket;
  // The hole before point i is steps[i - 1]; it does not count among those beside it.
  return Array.from({ length: atUs.length + 1 }, (_, i) => {
    const [before, after] = [median(i - 1 - STEPS_BESIDE, i - 1), median(i, i + STEPS_BESIDE)];
    return factor * Math.max(before, after);
  });
}

/**
 * Breaks a line where nothing was read: between points, and at both ends of the span up to now. Pure.
 */
export function brokenLine(
  points: SensorPoints,
  span: { readonly fromUs: number; readonly toUs: number },
  nowUs: number,
): Broken {
  const stepUs = usualStepUs(points);
  const isRaw = points.tier === "raw";
  const limits = gapLimits(points);
  const width = widthUs(points.tier, stepUs);
  const endUs = Math.min(span.toUs, nowUs);
  const gaps: { fromUs: number; toUs: number }[] = [];
  const [atUs, values, low, high] = [[], [], [], []] as [number[], Cell[], Cell[], Cell[]];
  const add = (at: number, ...[mean, min, max]: (number | undefined)[]) => {
    atUs.push(at);
    for (const [column, value] of [
      [values, mean],
      [low, min],
      [high, max],
    ] as const)
      column.push(value === undefined || Number.isNaN(value) ? null : value);
  };
  let before: number | undefined;
  for (const [i, at] of points.atUs.entries()) {
    const limit = limits[i] ?? 0;
    if (limit > 0 && at - (before ?? span.fromUs - width) > limit) {
      const fromUs = before === undefined ? span.fromUs : before + (width || stepUs);
      gaps.push({ fromUs, toUs: at });
      if (before !== undefined) add(fromUs);
    }
    add(at, points.mean[i], points.min[i], points.max[i]);
    before = at;
  }
  const limit = limits[points.atUs.length] ?? 0;
  if (before === undefined) gaps.push({ fromUs: span.fromUs, toUs: endUs });
  else if (limit > 0 && endUs - before > limit + width)
    gaps.push({ fromUs: before + (width || stepUs), toUs: endUs });
  const band = isRaw ? { low: undefined, high: undefined } : { low, high };
  return { atUs, values, ...band, gaps, stepUs };
}

/** Times in which no line of a chart has anything; what one alone lacks is a break in its line. Pure. */
export function commonGaps(
  lines: readonly Pick<Broken, "gaps">[],
  word: (lengthUs: number) => string,
): ChartGap[] {
  const [first, ...rest] = lines;
  const shared = rest.reduce(
    (left, { gaps }) =>
      left.flatMap((a) =>
        gaps.flatMap((b) => {
          const fromUs = Math.max(a.fromUs, b.fromUs);
          const toUs = Math.min(a.toUs, b.toUs);
          return fromUs < toUs ? [{ fromUs, toUs }] : [];
        }),
      ),
    [...(first?.gaps ?? [])],
  );
  return shared.map((gap) => ({ ...gap, label: word(gap.toUs - gap.fromUs) }));
}

/** One row of the table: a slice of the span with what each line was in it. */
export type SliceRow = {
  readonly fromUs: number;
  readonly cells: readonly ({ mean: number; min: number; max: number } | undefined)[];
};

/** The lines as a table: the span in equal slices; readings weigh alike. Slices without any are left out. Pure. */
export function slicesOf(
  lines: readonly SensorPoints[],
  span: { readonly fromUs: number; readonly toUs: number },
  slices: number,
): SliceRow[] {
  const lengthUs = (span.toUs - span.fromUs) / slices;
  const rows = Array.from({ length: slices }, (_, slice) => ({
    fromUs: span.fromUs + slice * lengthUs,
    cells: lines.map(() => ({ n: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: -Infinity })),
  }));
  for (const [no, line] of lines.entries())
    for (const [i, at] of line.atUs.entries()) {
      const slice = Math.max(0, Math.floor((at - span.fromUs) / lengthUs));
      const cell = rows[slice]?.cells[no];
      const [mean = Number.NaN, n = 0] = [line.mean[i], line.n[i]];
      if (cell === undefined || Number.isNaN(mean)) continue;
      cell.n += n;
      cell.sum += mean * n;
      cell.min = Math.min(cell.min, line.min[i] ?? mean);
      cell.max = Math.max(cell.max, line.max[i] ?? mean);
    }
  return rows
    .filter(({ cells }) => cells.some(({ n }) => n > 0))
    .map(({ fromUs, cells }) => ({
      fromUs,
      cells: cells.map(({ n, sum, min, max }) =>
        n === 0 ? undefined : { mean: sum / n, min, max },
      ),
    }));
}
