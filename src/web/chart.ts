import { duration } from "../../views/format.ts";
import type { ChartGap, ChartLimit, ChartMark, ChartProps } from "../../views/ui/chart-model.ts";
import type { ReadingReads, SeriesPoints, Tier } from "../domain/reading-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { MappedSeries } from "../domain/series-store.ts";
import type { Frame } from "./shell.ts";

/** Ranges of charts, by the word in the address. */
export const RANGES = { "24h": 1, "7d": 7, "60d": 60, "1y": 365 } as const;
export type RangeName = keyof typeof RANGES;

const DAY_US = 86_400_000_000;
/** At most so many points: about one per pixel of a wide chart. */
const POINTS = 600;
/** A hole longer than so many usual distances between points is a gap. */
const GAP_FACTOR = 6;

/** The range a page's address names; 7 days when it names none. */
export function rangeOf(text: string | undefined, fallback: RangeName = "7d"): RangeName {
  const names = Object.keys(RANGES) as RangeName[]; // keys of the constant above
  return names.find((name) => name === text) ?? fallback;
}

/** Start of a range that ends now. */
export function rangeStartUs(name: RangeName, nowUs: number): number {
  return nowUs - RANGES[name] * DAY_US;
}

/** Points of one sensor over the series that feed it, in order of time. */
export type SensorPoints = {
  readonly tier: Tier;
  /** There were more readings or buckets than points. */
  readonly reduced?: boolean;
  readonly atUs: readonly number[];
  readonly mean: readonly number[];
  readonly min: readonly number[];
  readonly max: readonly number[];
  readonly n: readonly number[];
};

const NO_POINTS: SensorPoints = { tier: "raw", atUs: [], mean: [], min: [], max: [], n: [] };

type ReadSpan = {
  readonly fromUs: number;
  readonly toUs: number;
  readonly maxPoints?: number;
  /** "auto" when left out. */
  readonly tier?: Tier | "auto";
};

/** Reads a sensor; of series that overlap the one mapped later wins from its start on. */
export async function readSensor(
  readings: Pick<ReadingReads, "range">,
  mapped: readonly MappedSeries[],
  sensorId: string,
  range: ReadSpan,
): Promise<SensorPoints> {
  return (await readSensors(readings, mapped, [sensorId], range)).get(sensorId) ?? NO_POINTS;
}

/** Reads several sensors with one read of the store; a sensor that no series feeds is left out. */
export async function readSensors(
  readings: Pick<ReadingReads, "range">,
  mapped: readonly MappedSeries[],
  sensorIds: readonly string[],
  range: ReadSpan,
): Promise<ReadonlyMap<string, SensorPoints>> {
  const wanted = new Set(sensorIds);
  const parts = mapped
    .filter((one) => wanted.has(one.sensorId))
    .sort((a, b) => a.mappedFromUs - b.mappedFromUs);
  if (parts.length === 0) return new Map();
  const found = await readings.range({
    seriesNos: parts.map((one) => one.seriesNo),
    fromUs: range.fromUs,
    toUs: range.toUs,
    tier: range.tier ?? "auto",
    maxPoints: range.maxPoints ?? POINTS,
  });
  const bySeries = new Map(found.map((one) => [one.seriesNo, one]));
  const bySensor = Map.groupBy(parts, (part) => part.sensorId);
  return new Map([...bySensor].map(([id, own]) => [id, joined(own, bySeries)]));
}

function joined(
  parts: readonly MappedSeries[],
  bySeries: ReadonlyMap<number, SeriesPoints>,
): SensorPoints {
  const out = {
    atUs: [] as number[],
    mean: [] as number[],
    min: [] as number[],
    max: [] as number[],
    n: [] as number[],
  };
  let tier: Tier = "raw";
  let reduced = false;
  for (const [i, part] of parts.entries()) {
    const points = bySeries.get(part.seriesNo);
    if (points === undefined) continue;
    tier = points.tier;
    reduced ||= points.reduced;
    const untilUs = parts[i + 1]?.mappedFromUs ?? Number.POSITIVE_INFINITY;
    // A bucket carries the time of its start: the one that the feeding began in begins before it.
    const widthUs = tier === "raw" ? 1 : TIER_MS[tier] * 1000;
    append(out, points, part.mappedFromUs - widthUs + 1, untilUs - widthUs + 1);
  }
  return { tier, reduced, ...out };
}

function append(
  out: { atUs: number[]; mean: number[]; min: number[]; max: number[]; n: number[] },
  points: SeriesPoints,
  fromUs: number,
  untilUs: number,
): void {
  for (let i = 0; i < points.atUs.length; i++) {
    const atUs = points.atUs[i] ?? 0;
    if (atUs < fromUs || atUs >= untilUs) continue;
    out.atUs.push(atUs);
    out.mean.push(points.mean[i] ?? Number.NaN);
    out.min.push(points.min[i] ?? Number.NaN);
    out.max.push(points.max[i] ?? Number.NaN);
    out.n.push(points.n[i] ?? 0);
  }
}

/** A sparkline of `cells` values over the range; null where nothing was read. */
export function sparkOf(
  points: SensorPoints,
  fromUs: number,
  toUs: number,
  cells = 30,
): (number | null)[] {
  const sums = new Float64Array(cells);
  const counts = new Uint32Array(cells);
  for (let i = 0; i < points.atUs.length; i++) {
    const at = Math.floor((((points.atUs[i] ?? 0) - fromUs) / (toUs - fromUs)) * cells);
    const value = points.mean[i] ?? Number.NaN;
    if (at < 0 || at >= cells || Number.isNaN(value)) continue;
    sums[at] = (sums[at] ?? 0) + value;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return Array.from(sums, (sum, i) => (counts[i] === 0 ? null : sum / (counts[i] ?? 1)));
}

/** Limits of a sensor as a chart draws them. */
export function limitsForChart(frame: Frame, sensor: Sensor): ChartLimit[] {
  const { limits, decimals } = sensor;
  const line = (value: number | undefined, severity: "warning" | "critical", word: string) =>
    value === undefined
      ? []
      : [{ value, severity, label: `${word} ${frame.format.number(value, decimals)}` }];
  return [
    ...line(limits.highCritical, "critical", "critical"),
    ...line(limits.highWarning, "warning", "warning"),
    ...line(limits.lowWarning, "warning", "low warning"),
    ...line(limits.lowCritical, "critical", "low critical"),
  ];
}

/** Length of a tier's buckets, of days about. */
export const TIER_MS: Readonly<Record<Exclude<Tier, "raw">, number>> = {
  "5m": 300_000,
  "1h": 3_600_000,
  "1d": 86_400_000,
};

/** How far points usually lie apart, in µs; 0 when there are fewer than two. Pure. */
export function usualStepUs({ atUs }: Pick<SensorPoints, "atUs">): number {
  const steps = atUs.slice(1).map((at, i) => at - (atUs[i] ?? at));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

/** What a chart's line is: readings, or means of the time that a point stands for. Pure. */
export function lineLabelOf(points: SensorPoints): string {
  if (points.tier === "raw") return "measured";
  // Buckets are merged when there are more than a chart has room for.
  const ms = Math.max(TIER_MS[points.tier], usualStepUs(points) / 1000);
  if (ms === TIER_MS["1h"]) return "hourly mean";
  return ms === TIER_MS["1d"] ? "daily mean" : `mean of ${duration(ms)}`;
}

export type ChartRequest = {
  readonly id: string;
  readonly title: string;
  readonly sensor: Sensor;
  readonly points: SensorPoints;
  readonly fromUs: number;
  readonly toUs: number;
  readonly marks?: readonly ChartMark[];
  readonly shade?: ChartProps["shade"];
  readonly limits?: readonly ChartLimit[];
  readonly small?: boolean;
};

/** A chart of one sensor: line, limits, gaps named with their length, marks. */
export function chartOf(frame: Frame, request: ChartRequest): ChartProps {
  const { sensor, points, fromUs, toUs } = request;
  const { values, atUs, gaps } = withGaps(frame, points);
  return {
    id: request.id,
    title: request.title,
    unit: sensor.unit,
    summary: summaryOf(frame, sensor, points),
    fromUs,
    toUs,
    nowUs: frame.nowUs <= toUs ? frame.nowUs : undefined,
    zone: frame.zone,
    atUs,
    values,
    lineLabel: lineLabelOf(points),
    xTicks: frame.format.timeTicks(fromUs, toUs, request.small ? 4 : 7),
    limits: request.limits ?? limitsForChart(frame, sensor),
    gaps,
    ...(request.marks === undefined ? {} : { marks: request.marks }),
    ...(request.shade === undefined ? {} : { shade: request.shade }),
    ...(request.small === undefined ? {} : { small: request.small }),
  };
}

/** Breaks the line where nothing was read, and names the hole. */
function withGaps(frame: Frame, points: SensorPoints) {
  const usual = usualStepUs(points);
  const values: (number | null)[] = [];
  const atUs: number[] = [];
  const gaps: ChartGap[] = [];
  for (const [i, at] of points.atUs.entries()) {
    const before = points.atUs[i - 1];
    if (before !== undefined && usual > 0 && at - before > GAP_FACTOR * usual) {
      atUs.push(before + usual);
      values.push(null);
      const label = `no data ${frame.format.duration((at - before) / 1000)}`;
      gaps.push({ fromUs: before, toUs: at, label });
    }
    atUs.push(at);
    const value = points.mean[i] ?? Number.NaN;
    values.push(Number.isNaN(value) ? null : value);
  }
  return { atUs, values, gaps };
}

function summaryOf(frame: Frame, sensor: Sensor, points: SensorPoints): string {
  const known = points.mean.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return `${sensor.label}: no readings in this time.`;
  const show = (value: number) => frame.format.value(value, sensor.decimals, sensor.unit);
  const low = Math.min(...points.min.filter((value) => !Number.isNaN(value)));
  const high = Math.max(...points.max.filter((value) => !Number.isNaN(value)));
  return `${sensor.label}: from ${show(known[0] ?? 0)} to ${show(known.at(-1) ?? 0)}, lowest ${show(low)}, highest ${show(high)}.`;
}
