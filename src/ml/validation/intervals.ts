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
const TAIL = 0.1;

function binOf(predicted: number, capSteps: number): number {
  const at = BINS.findIndex((bound) => predicted <= bound * capSteps);
  return at < 0 ? BINS.length - 1 : at;
}

/**
 * Split-conformal quantiles of held-out residuals, by prediction bin (Mondrian), 80 % nominal: order
 * statistics floor(.1 (n+1)) and ceil(.9 (n+1)).
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
  const pick = (residuals: readonly number[], rank: number) =>
    residuals[Math.min(residuals.length, Math.max(1, rank)) - 1] ?? 0;
  return {
    upTo: BINS,
    low: pooled.map((r) => pick(r, Math.floor(TAIL * (r.length + 1)))),
    high: pooled.map((r) => pick(r, Math.ceil((1 - TAIL) * (r.length + 1)))),
    counts: own.map((r) => r.length),
  };
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
