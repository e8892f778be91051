import { duration } from "../../views/format.ts";
import type { SensorProps } from "../../views/pages/sensor.tsx";
import type { Fact } from "../../views/ui/model.ts";
import type { Rule } from "../domain/rule-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { MappedSeries } from "../domain/series-store.ts";
import { type SensorPoints, usualStepUs } from "./chart.ts";
import { capital } from "./prediction-words.ts";
import type { Frame } from "./shell.ts";
import { counted } from "./trust.ts";

type Words = Pick<Frame, "format" | "nowUs">;

const TABLE_ROWS = 300;
/** A hole longer than so many usual distances between points is a gap. */
const GAP_FACTOR = 6;

/** Stretches without readings between points, in µs, and how far points usually lie apart. Pure. */
export function gapsOf(points: SensorPoints): {
  readonly usualUs: number | undefined;
  readonly gapsUs: readonly number[];
} {
  const steps = points.atUs.slice(1).map((atUs, i) => atUs - (points.atUs[i] ?? atUs));
  const usual = usualStepUs(points);
  if (usual <= 0) return { usualUs: undefined, gapsUs: [] };
  return { usualUs: usual, gapsUs: steps.filter((step) => step > GAP_FACTOR * usual) };
}

/** Numbers of the time in view; each says so when it is not known. Pure. */
export function numbersOf(words: Words, sensor: Sensor, points: SensorPoints): Fact[] {
  const { format } = words;
  const show = (value: number | undefined) => format.value(value, sensor.decimals, sensor.unit);
  const high = extreme(points, points.max, (a, b) => a > b);
  const low = extreme(points, points.min, (a, b) => a < b);
  const readings = points.n.reduce((sum, n) => sum + n, 0);
  const limit = sensor.limits.highWarning ?? sensor.limits.highCritical;
  const over = limit === undefined ? undefined : shareOver(points, limit);
  const at = (found: { atUs: number } | undefined) =>
    found === undefined ? "" : `, ${format.at(found.atUs, words.nowUs).text}`;
  return [
    { label: "Highest", value: `${show(high?.value)}${at(high)}` },
    { label: "Lowest", value: `${show(low?.value)}${at(low)}` },
    { label: "Mean", value: show(meanOf(points)) },
    ...(limit === undefined
      ? []
      : [
          {
            label: `Time over ${format.number(limit, sensor.decimals)}`,
            value: over === undefined ? "not known" : format.percent(over),
          },
        ]),
    { label: "Readings", value: readings === 0 ? "none" : format.number(readings) },
  ];
}

function extreme(
  points: SensorPoints,
  values: readonly number[],
  wins: (a: number, b: number) => boolean,
): { value: number; atUs: number } | undefined {
  let best: { value: number; atUs: number } | undefined;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value)) continue;
    if (best === undefined || wins(value, best.value)) best = { value, atUs: points.atUs[i] ?? 0 };
  }
  return best;
}

/** Mean of all readings, not of points: a point weighs as many readings as it stands for. */
function meanOf(points: SensorPoints): number | undefined {
  let sum = 0;
  let count = 0;
  for (const [i, mean] of points.mean.entries()) {
    const n = points.n[i] ?? 0;
    if (Number.isNaN(mean) || n === 0) continue;
    sum += mean * n;
    count += n;
  }
  return count === 0 ? undefined : sum / count;
}

function shareOver(points: SensorPoints, limit: number): number | undefined {
  const known = points.mean.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return undefined;
  return known.filter((value) => value > limit).length / known.length;
}

/** The chart as a table, newest first. Pure. */
export function tableOf(words: Words, sensor: Sensor, points: SensorPoints): SensorProps["table"] {
  const { format, nowUs } = words;
  const show = (value: number | undefined) => format.value(value, sensor.decimals, sensor.unit);
  return points.atUs
    .map((atUs, i) => ({
      at: format.dayClock(atUs),
      value: show(points.mean[i]),
      low: show(points.min[i]),
      high: show(points.max[i]),
      count: format.number(points.n[i] ?? 0),
      isKnown: atUs <= nowUs,
    }))
    .filter((row) => row.isKnown)
    .slice(-TABLE_ROWS)
    .reverse();
}

/** What is known of the signal itself. Pure. */
export function signalFacts(
  words: Words,
  sensor: Sensor,
  of: {
    readonly series: readonly MappedSeries[];
    readonly gaps: ReturnType<typeof gapsOf>;
    /** What the chart's line is: "mean of 20 min". */
    readonly line: string;
  },
): Fact[] {
  const { format } = words;
  const { usualUs, gapsUs } = of.gaps;
  const longest = gapsUs.length === 0 ? undefined : Math.max(...gapsUs);
  const first =
    of.series.length === 0 ? undefined : Math.min(...of.series.map((s) => s.mappedFromUs));
  return [
    { label: "Sent as", value: sensor.name },
    {
      label: "Fed by",
      value:
        of.series.length === 0 ? "no series yet" : counted(of.series.length, "series", "series"),
    },
    {
      label: "History since",
      value: first === undefined ? "not known" : format.at(first, words.nowUs).text,
    },
    { label: "A point here is", value: pointText(of.line, usualUs) },
    {
      label: "Gaps in this time",
      value:
        longest === undefined
          ? usualUs === undefined
            ? "not known"
            : "none"
          : `${gapsUs.length}, longest ${format.duration(longest / 1000)}`,
    },
    { label: "Limits", value: limitsText(format, sensor) },
  ];
}

function pointText(line: string, usualUs: number | undefined): string {
  if (line !== "measured") return line;
  return usualUs === undefined
    ? "one reading"
    : `one reading, usually every ${duration(usualUs / 1000)}`;
}

function limitsText(format: Words["format"], { limits, decimals, unit }: Sensor): string {
  const named = [
    ["low critical", limits.lowCritical],
    ["low warning", limits.lowWarning],
    ["warning", limits.highWarning],
    ["critical", limits.highCritical],
  ] as const;
  const parts = named.flatMap(([name, limit]) =>
    limit === undefined ? [] : [`${name} ${format.value(limit, decimals, unit)}`],
  );
  return parts.length === 0 ? "none are set" : parts.join(", ");
}

/** A rule in words, as seen from one sensor. Pure. */
export function ruleWords({ format }: Words, sensor: Sensor, rule: Rule): string {
  const hold = rule.holdMs === 0 ? "" : ` for ${format.duration(rule.holdMs)}`;
  const limit = format.value(rule.threshold, sensor.decimals, sensor.unit);
  return `${capital(rule.severity)} when ${rule.op} ${limit}${hold}${rule.enabled ? "" : " (off)"}`;
}
