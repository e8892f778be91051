import type { ChartProps } from "./chart-model.ts";

export type Plot = {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly low: number;
  readonly high: number;
  readonly fromUs: number;
  readonly toUs: number;
};

/** Round steps for an axis: 1, 2, 2.5 or 5 times a power of ten. */
export function niceStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = 10 ** Math.floor(Math.log10(rough || 1));
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10;
  return step * power;
}

/** Values for grid lines from `low` to `high`, with as many decimals as they need. */
export function valueTicks(
  low: number,
  high: number,
  most: number,
): { value: number; label: string }[] {
  const step = niceStep(high - low, most);
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) + (isHalf(step) ? 1 : 0);
  const ticks: { value: number; label: string }[] = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    const value = i * step;
    ticks.push({ value, label: value.toFixed(Math.min(6, decimals)).replace("-", "\u2212") });
  }
  return ticks;
}

function isHalf(step: number): boolean {
  const lead = step / 10 ** Math.floor(Math.log10(step));
  return Math.abs(lead - 2.5) < 1e-6;
}

/** The values a chart must show: its line, band, fan, and limits that are near enough to matter. */
export function valueRange(props: ChartProps): { low: number; high: number } {
  const shown: number[] = [];
  const add = (value: number | null | undefined) => {
    if (value !== null && value !== undefined && Number.isFinite(value)) shown.push(value);
  };
  props.values.forEach(add);
  props.compare?.values.forEach(add);
  for (const { values, low, high } of props.traces ?? [])
    for (const column of [values, low ?? [], high ?? []]) column.forEach(add);
  add(props.band?.low);
  add(props.band?.high);
  props.fan?.low.forEach(add);
  props.fan?.high.forEach(add);
  const dataLow = shown.length === 0 ? 0 : shown.reduce((a, b) => Math.min(a, b));
  const dataHigh = shown.length === 0 ? 1 : shown.reduce((a, b) => Math.max(a, b));
  const reach = Math.max(dataHigh - dataLow, Math.abs(dataHigh) * 0.05, 1e-9) * 1.5;
  let low = dataLow;
  let high = dataHigh;
  for (const limit of props.limits) {
    if (limit.value > dataHigh + reach || limit.value < dataLow - reach) continue;
    low = Math.min(low, limit.value);
    high = Math.max(high, limit.value);
  }
  const pad = Math.max((high - low) * 0.08, Math.abs(high) * 0.005, 1e-9);
  return { low: low >= 0 && low - pad < 0 ? 0 : low - pad, high: high + pad };
}

/** Lays out one size of a chart. */
export function plotOf(props: ChartProps, width: number, height: number): Plot {
  const { low, high } = valueRange(props);
  return {
    width,
    height,
    left: 44,
    right: width - 12,
    top: props.small ? 14 : 30,
    bottom: height - ((props.marks ?? []).some((mark) => mark.kind !== "alarm") ? 44 : 24),
    low,
    high,
    fromUs: props.fromUs,
    toUs: Math.max(props.toUs, props.fromUs + 1),
  };
}

export function xOf(plot: Plot, atUs: number): number {
  return plot.left + ((atUs - plot.fromUs) / (plot.toUs - plot.fromUs)) * (plot.right - plot.left);
}

export function yOf(plot: Plot, value: number): number {
  return plot.bottom - ((value - plot.low) / (plot.high - plot.low)) * (plot.bottom - plot.top);
}

/**
 * A path through the points, broken at nulls and at gaps, with at most two points a pixel: of each pixel
 * the lowest and highest value are kept, so that no peak is lost.
 */
export function linePath(
  plot: Plot,
  atUs: readonly number[],
  values: readonly (number | null)[],
  gaps: readonly { fromUs: number; toUs: number }[] = [],
): string {
  let path = "";
  let open = false;
  let pixel = Number.NaN;
  let lowest: [number, number] | undefined;
  let highest: [number, number] | undefined;
  const flush = () => {
    if (lowest === undefined || highest === undefined) return;
    const pair = lowest[0] <= highest[0] ? [lowest, highest] : [highest, lowest];
    const points = lowest === highest ? [lowest] : pair;
    for (const [x, y] of points) {
      path += `${open ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      open = true;
    }
    lowest = undefined;
    highest = undefined;
  };
  let before = Number.NEGATIVE_INFINITY;
  atUs.forEach((at, i) => {
    const value = values[i];
    const crossesGap = gaps.some((gap) => before <= gap.fromUs && at >= gap.toUs);
    if (value === null || value === undefined || !Number.isFinite(value) || crossesGap) {
      flush();
      open = false;
      pixel = Number.NaN;
    }
    if (value === null || value === undefined || !Number.isFinite(value)) return;
    before = at;
    const x = xOf(plot, at);
    const y = yOf(plot, value);
    if (Math.floor(x) !== pixel) {
      flush();
      pixel = Math.floor(x);
    }
    // Higher values have smaller y.
    if (lowest === undefined || y > lowest[1]) lowest = [x, y];
    if (highest === undefined || y < highest[1]) highest = [x, y];
  });
  flush();
  return path;
}

/** The area between two columns, broken where either holds nothing. */
export function bandPath(
  plot: Plot,
  atUs: readonly number[],
  low: readonly (number | null)[],
  high: readonly (number | null)[],
): string {
  let path = "";
  let top: string[] = [];
  let bottom: string[] = [];
  const flush = () => {
    if (top.length > 1) path += `M${[...top, ...bottom.toReversed()].join("L")}Z`;
    top = [];
    bottom = [];
  };
  for (const [i, at] of atUs.entries()) {
    const [from, to] = [low[i] ?? undefined, high[i] ?? undefined];
    if (from === undefined || to === undefined) {
      flush();
      continue;
    }
    const x = xOf(plot, at).toFixed(1);
    top.push(`${x} ${yOf(plot, to).toFixed(1)}`);
    bottom.push(`${x} ${yOf(plot, from).toFixed(1)}`);
  }
  flush();
  return path;
}
