/** Readings of one series, in order of time. */
export type Samples = { readonly atUs: Float64Array; readonly value: Float64Array };

/** Readings `from` to before `to` lie in (endUs − rangeUs, endUs]; undefined: no value. */
export type RangeFunction = (
  samples: Samples,
  window: {
    readonly from: number;
    readonly to: number;
    readonly endUs: number;
    readonly rangeUs: number;
  },
  parameter: number,
) => number | undefined;

type Window = Parameters<RangeFunction>[1];

const at = (column: Float64Array, index: number) => column[index] ?? Number.NaN;

/**
 * Prometheus' extrapolation (promql/functions.go, extrapolatedRate): the difference of first and last
 * reading, stretched to the window's ends, by at most half the mean distance of readings where they lie
 * farther than 1.1 of it; a counter is not stretched below zero.
 */
function extrapolated(samples: Samples, window: Window, isCounter: boolean, isRate: boolean) {
  const { from, to, endUs, rangeUs } = window;
  if (to - from < 2) return undefined;
  const { atUs, value } = samples;
  const [firstUs, lastUs] = [at(atUs, from), at(atUs, to - 1)];
  let difference = at(value, to - 1) - at(value, from);
  if (isCounter)
    for (let i = from + 1; i < to; i++)
      if (at(value, i) < at(value, i - 1)) difference += at(value, i - 1);
  const sampled = (lastUs - firstUs) / 1e6;
  const between = sampled / (to - from - 1);
  let before = (firstUs - (endUs - rangeUs)) / 1e6;
  let after = (endUs - lastUs) / 1e6;
  if (before >= between * 1.1) before = between / 2;
  if (isCounter && difference > 0 && at(value, from) >= 0)
    before = Math.min(before, sampled * (at(value, from) / difference));
  if (after >= between * 1.1) after = between / 2;
  const factor = (sampled + before + after) / sampled;
  return (difference * factor) / (isRate ? rangeUs / 1e6 : 1);
}

/** Of the last two readings. */
function instant({ atUs, value }: Samples, { from, to }: Window, isRate: boolean) {
  if (to - from < 2) return undefined;
  const [last, before] = [at(value, to - 1), at(value, to - 2)];
  const difference = isRate && last < before ? last : last - before;
  return isRate ? difference / ((at(atUs, to - 1) - at(atUs, to - 2)) / 1e6) : difference;
}

/** Slope a second and value at `originUs` of the line through the readings (least squares). */
function regression({ atUs, value }: Samples, { from, to }: Window, originUs: number) {
  if (to - from < 2) return undefined;
  const n = to - from;
  let [sumX, sumY, sumXY, sumXX] = [0, 0, 0, 0];
  const first = at(value, from);
  let isFlat = true;
  for (let i = from; i < to; i++) {
    const [x, y] = [(at(atUs, i) - originUs) / 1e6, at(value, i)];
    if (y !== first) isFlat = false;
    sumX += x;
    sumY += y;
    sumXY += x * y;
    sumXX += x * x;
  }
  if (isFlat)
    return Number.isFinite(first)
      ? { slope: 0, value: first }
      : { slope: Number.NaN, value: Number.NaN };
  const covariance = sumXY - (sumX * sumY) / n;
  const variance = sumXX - (sumX * sumX) / n;
  const slope = covariance / variance;
  return { slope, value: sumY / n - (slope * sumX) / n };
}

function reduced(start: number, step: (sum: number, value: number) => number): RangeFunction {
  return ({ value }, { from, to }) => {
    if (to <= from) return undefined;
    let result = start;
    for (let i = from; i < to; i++) result = step(result, at(value, i));
    return result;
  };
}

const sum = reduced(0, (total, value) => total + value);
const mean: RangeFunction = (samples, window, parameter) => {
  const total = sum(samples, window, parameter);
  return total === undefined ? undefined : total / (window.to - window.from);
};

const variance: RangeFunction = (samples, window, parameter) => {
  const average = mean(samples, window, parameter);
  if (average === undefined) return undefined;
  let squares = 0;
  for (let i = window.from; i < window.to; i++) squares += (at(samples.value, i) - average) ** 2;
  return squares / (window.to - window.from);
};

/** Readings of which `isSuch` holds against the one before. */
function counted(isSuch: (value: number, before: number) => boolean): RangeFunction {
  return ({ value }, { from, to }) => {
    if (to <= from) return undefined;
    let count = 0;
    for (let i = from + 1; i < to; i++) if (isSuch(at(value, i), at(value, i - 1))) count++;
    return count;
  };
}

/** The q-quantile, between two values by their distance; ±Inf outside 0 to 1. */
export function quantile(q: number, values: Float64Array): number {
  if (values.length === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return Number.NEGATIVE_INFINITY;
  if (q > 1) return Number.POSITIVE_INFINITY;
  const sorted = values.toSorted();
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(sorted.length - 1, low + 1);
  const weight = rank - low;
  return at(sorted, low) * (1 - weight) + at(sorted, high) * weight;
}

/** Functions over the readings of a window, by name. `quantile_over_time` takes a parameter. */
export const RANGE_FUNCTIONS: Readonly<Record<string, RangeFunction>> = {
  rate: (samples, window) => extrapolated(samples, window, true, true),
  increase: (samples, window) => extrapolated(samples, window, true, false),
  delta: (samples, window) => extrapolated(samples, window, false, false),
  irate: (samples, window) => instant(samples, window, true),
  idelta: (samples, window) => instant(samples, window, false),
  deriv: (samples, window) => regression(samples, window, at(samples.atUs, window.from))?.slope,
  predict_linear: (samples, window, seconds) => {
    const line = regression(samples, window, window.endUs);
    return line && line.value + line.slope * seconds;
  },
  sum_over_time: sum,
  avg_over_time: mean,
  min_over_time: reduced(Number.NaN, (least, value) =>
    least <= value ? least : Number.isNaN(value) ? least : value,
  ),
  max_over_time: reduced(Number.NaN, (most, value) =>
    most >= value ? most : Number.isNaN(value) ? most : value,
  ),
  count_over_time: ({ value: _ }, { from, to }) => (to > from ? to - from : undefined),
  last_over_time: ({ value }, { from, to }) => (to > from ? at(value, to - 1) : undefined),
  first_over_time: ({ value }, { from, to }) => (to > from ? at(value, from) : undefined),
  present_over_time: (_, { from, to }) => (to > from ? 1 : undefined),
  stdvar_over_time: variance,
  stddev_over_time: (samples, window, parameter) => {
    const square = variance(samples, window, parameter);
    return square === undefined ? undefined : Math.sqrt(square);
  },
  quantile_over_time: ({ value }, { from, to }, q) =>
    to > from ? quantile(q, value.slice(from, to)) : undefined,
  changes: counted(
    (value, before) => value !== before && !(Number.isNaN(value) && Number.isNaN(before)),
  ),
  resets: counted((value, before) => value < before),
};

/** Those that take a number before or after the range. */
export const WITH_PARAMETER: Readonly<Record<string, "before" | "after">> = {
  quantile_over_time: "before",
  predict_linear: "after",
};

/** Those of which the result is still the metric. */
export const KEEPS_NAME: ReadonlySet<string> = new Set(["last_over_time", "first_over_time"]);
