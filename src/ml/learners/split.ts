import type { Random } from "../random.ts";

/** The columns a node looks at, and where each one's bins stand in the histogram. */
export type ColumnSet = {
  readonly columns: Int32Array;
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  /** Numbers in the histogram. */
  readonly size: number;
};

export type Split = {
  readonly gain: number;
  readonly column: number;
  /** Bins up to and including it go left. */
  readonly bin: number;
  readonly missingLeft: boolean;
  readonly leftG: number;
  readonly leftH: number;
};

export const NO_SPLIT: Split = {
  gain: 0,
  column: -1,
  bin: 0,
  missingLeft: false,
  leftG: 0,
  leftH: 0,
};

export type SplitOptions = {
  readonly minLeafWeight: number;
  readonly lambda: number;
  readonly randomThreshold: boolean;
};

/** Gains below it are rounding, not structure. */
const MIN_GAIN = 1e-9;
/** Hessians below it are the dust that subtraction leaves in an empty bin. */
const DUST = 1e-9;

/**
 * The split of largest gain G_L^2/(H_L+λ) + G_R^2/(H_R+λ) - G^2/(H+λ). Missing values are tried on both
 * sides; where a node has none, they will follow the heavier side.
 */
export function findSplit(
  histogram: Float64Array,
  set: ColumnSet,
  sumG: number,
  sumH: number,
  options: SplitOptions,
  random: Random,
): Split {
  const { minLeafWeight, lambda, randomThreshold } = options;
  const whole = (sumG * sumG) / (sumH + lambda);
  let best = MIN_GAIN;
  let found = -1;
  let foundBin = 0;
  let foundLeft = false;
  let foundG = 0;
  let foundH = 0;
  for (let c = 0; c < set.columns.length; c++) {
    // c indexes the set's own arrays, and each column's bins lie inside the histogram.
    const start = set.starts[c] as number;
    const last = (set.counts[c] as number) - 1;
    const missingG = histogram[start] as number;
    const missingH = histogram[start + 1] as number;
    const hasMissing = missingH > DUST;
    // With missing values there is one more question: is it there at all?
    const most = hasMissing ? last : last - 1;
    if (most < 1) continue;
    const drawn = randomThreshold ? 1 + random.int(most) : 0;
    let leftG = 0;
    let leftH = 0;
    const until = randomThreshold ? drawn : most;
    for (let bin = 1; bin <= until; bin++) {
      const h = histogram[start + 2 * bin + 1] as number;
      leftG += histogram[start + 2 * bin] as number;
      leftH += h;
      if (randomThreshold ? bin !== drawn : h <= DUST) continue;
      for (let side = 0; side < (hasMissing ? 2 : 1); side++) {
        const gl = side === 1 ? leftG + missingG : leftG;
        const hl = side === 1 ? leftH + missingH : leftH;
        const hr = sumH - hl;
        if (hl < minLeafWeight || hr < minLeafWeight) continue;
        const gr = sumG - gl;
        const gain = (gl * gl) / (hl + lambda) + (gr * gr) / (hr + lambda) - whole;
        if (gain > best) {
          best = gain;
          found = c;
          foundBin = bin;
          foundLeft = hasMissing ? side === 1 : hl > hr;
          foundG = gl;
          foundH = hl;
        }
      }
    }
  }
  if (found < 0) return NO_SPLIT;
  return {
    gain: best,
    column: set.columns[found] as number,
    bin: foundBin,
    missingLeft: foundLeft,
    leftG: foundG,
    leftH: foundH,
  };
}
