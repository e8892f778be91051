/** Residual quantiles by height of the prediction. Plain data: it travels in the model. */
export type IntervalTable = {
  /** Upper bounds of the prediction bins as shares of the cap, ascending, the last 1. */
  readonly upTo: readonly number[];
  /** What to add to a prediction in the bin for the low and the high end, in steps. */
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Residuals of each bin's own. */
  readonly counts: readonly number[];
};

const BINS = [0.16, 0.32, 0.48, 0.64, 0.8, 0.92, 1];
/** A bin with fewer residuals borrows its neighbours'. */
const ENOUGH = 50;
const SHARE = 0.8;

function binOf(predicted: number, capSteps: number): number {
  const at = BINS.findIndex((bound) => predicted <= bound * capSteps);
  return at < 0 ? BINS.length - 1 : at;
}

/**
 * Split-conformal intervals of held-out residuals by prediction bin (Mondrian): in each bin the shortest
 * stretch that holds ceil(.8 (n+1)) of them. Errors of remaining life are skewed: equal tails of 10 %
 * are a tenth wider for one held-out row in a hundred more.
 */
export function intervalTable(
  predicted: ArrayLike<number>,
  truth: ArrayLike<number>,
  capSteps: number,
): IntervalTable {
  const own: number[][] = BINS.map(() => []);
  for (let i = 0; i < truth.length; i++) {
    own[binOf(predicted[i] ?? 0, capSteps)]?.push((truth[i] ?? 0) - (predicted[i] ?? 0));
  }
  const pooled = own.map((_residuals, bin) => poolAround(own, bin).sort((a, b) => a - b));
  const shortest = pooled.map(shortestStretch);
  return {
    upTo: BINS,
    low: shortest.map(([low]) => low),
    high: shortest.map(([, high]) => high),
    counts: own.map((r) => r.length),
  };
}

/** Ends of the shortest stretch of ascending residuals that holds the wanted share. */
function shortestStretch(residuals: readonly number[]): readonly [number, number] {
  const n = residuals.length;
  const held = Math.min(n, Math.ceil(SHARE * (n + 1)));
  let low = residuals[0] ?? 0;
  let high = residuals[held - 1] ?? 0;
  for (let i = 1; i + held <= n; i++) {
    const from = residuals[i] ?? 0;
    const to = residuals[i + held - 1] ?? 0;
    if (to - from < high - low) [low, high] = [from, to];
  }
  return [low, high];
}

function poolAround(own: readonly (readonly number[])[], bin: number): number[] {
  const out = [...(own[bin] ?? [])];
  for (let reach = 1; out.length < ENOUGH && reach < own.length; reach++) {
    out.push(...(own[bin - reach] ?? []), ...(own[bin + reach] ?? []));
  }
  return out;
}

/** The interval of a prediction, inside [0, cap] and never beside the prediction itself. */
export function intervalOf(
  table: IntervalTable,
  predicted: number,
  capSteps: number,
): { lowSteps: number; highSteps: number } {
  const bin = binOf(predicted, capSteps);
  const clip = (value: number) => Math.min(capSteps, Math.max(0, value));
  return {
    lowSteps: Math.min(predicted, clip(predicted + (table.low[bin] ?? 0))),
    highSteps: Math.max(predicted, clip(predicted + (table.high[bin] ?? 0))),
  };
}
