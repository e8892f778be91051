import { Random } from "../random.ts";

/** Points of `dimensions` numbers, one after the other. */
export type Points = { readonly values: Float64Array; readonly dimensions: number };

const MOST_REGIMES = 8;
/** Left-over variance under which settings are said to take few tight clusters (ml: .1 %). */
const TIGHT = 0.001;
const RESTARTS = 4;
const ROUNDS = 25;

/** The centre nearest to a point, by squared distance; 0 when there is none or the point is unknown. */
export function nearest(centres: readonly (readonly number[])[], point: ArrayLike<number>): number {
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const [k, centre] of centres.entries()) {
    let distance = 0;
    for (let d = 0; d < centre.length; d++) distance += ((point[d] ?? 0) - (centre[d] ?? 0)) ** 2;
    if (distance < bestDistance) {
      best = k;
      bestDistance = distance;
    }
  }
  return best;
}

/**
 * Operating regimes: the smallest number of k-means clusters (1 to 8) that leaves under .1 % of the
 * points' variance. One centre when the settings do not fall into few tight clusters.
 */
export function findRegimes(points: Points, seed: number): number[][] {
  const count = points.values.length / Math.max(1, points.dimensions);
  const one = mean(points);
  if (points.dimensions === 0 || count < 2) return [one];
  const total = within(points, [one]);
  if (total <= 1e-12) return [one];
  for (let k = 2; k <= MOST_REGIMES; k++) {
    const centres = kMeans(points, k, seed + k);
    if (within(points, centres) < TIGHT * total) return centres.sort(byCoordinates);
  }
  return [one];
}

function byCoordinates(a: readonly number[], b: readonly number[]): number {
  for (let d = 0; d < a.length; d++) {
    const difference = (a[d] ?? 0) - (b[d] ?? 0);
    if (Math.abs(difference) > 1e-9) return difference;
  }
  return 0;
}

function pointAt(points: Points, i: number): Float64Array {
  return points.values.subarray(i * points.dimensions, (i + 1) * points.dimensions);
}

function mean(points: Points): number[] {
  const { values, dimensions } = points;
  const out = new Array<number>(dimensions).fill(0);
  const count = Math.max(1, values.length / Math.max(1, dimensions));
  for (let i = 0; i < values.length; i++) {
    out[i % dimensions] = (out[i % dimensions] ?? 0) + (values[i] ?? 0) / count;
  }
  return out;
}

function squared(point: ArrayLike<number>, centre: readonly number[]): number {
  let sum = 0;
  for (let d = 0; d < centre.length; d++) sum += ((point[d] ?? 0) - (centre[d] ?? 0)) ** 2;
  return sum;
}

function within(points: Points, centres: readonly (readonly number[])[]): number {
  let sum = 0;
  for (let i = 0; i * points.dimensions < points.values.length; i++) {
    const point = pointAt(points, i);
    sum += squared(point, centres[nearest(centres, point)] ?? []);
  }
  return sum;
}

function kMeans(points: Points, k: number, seed: number): number[][] {
  let best: number[][] = [];
  let bestWithin = Number.POSITIVE_INFINITY;
  for (let restart = 0; restart < RESTARTS; restart++) {
    const centres = lloyd(points, spreadStart(points, k, new Random(seed * 31 + restart)));
    const left = within(points, centres);
    if (left < bestWithin) {
      best = centres;
      bestWithin = left;
    }
  }
  return best;
}

/** k-means++: each next centre is drawn by its squared distance from those there. */
function spreadStart(points: Points, k: number, random: Random): number[][] {
  const count = points.values.length / points.dimensions;
  const centres = [Array.from(pointAt(points, random.int(count)))];
  while (centres.length < k) {
    const weights = new Float64Array(count);
    let total = 0;
    for (let i = 0; i < count; i++) {
      const point = pointAt(points, i);
      weights[i] = squared(point, centres[nearest(centres, point)] ?? []);
      total += weights[i] ?? 0;
    }
    let draw = random.next() * total;
    let at = 0;
    while (at < count - 1 && draw >= (weights[at] ?? 0)) {
      draw -= weights[at] ?? 0;
      at++;
    }
    centres.push(Array.from(pointAt(points, at)));
  }
  return centres;
}

function lloyd(points: Points, start: number[][]): number[][] {
  const count = points.values.length / points.dimensions;
  let centres = start;
  const owner = new Int32Array(count).fill(-1);
  for (let round = 0; round < ROUNDS; round++) {
    let moved = 0;
    const sums = centres.map((centre) => centre.map(() => 0));
    const sizes = centres.map(() => 0);
    for (let i = 0; i < count; i++) {
      const point = pointAt(points, i);
      const k = nearest(centres, point);
      if (owner[i] !== k) moved++;
      owner[i] = k;
      sizes[k] = (sizes[k] ?? 0) + 1;
      const sum = sums[k] ?? [];
      for (let d = 0; d < sum.length; d++) sum[d] = (sum[d] ?? 0) + (point[d] ?? 0);
    }
    if (moved === 0) break;
    centres = centres.map((centre, k) =>
      sizes[k] === 0 ? centre : (sums[k] ?? []).map((sum) => sum / (sizes[k] ?? 1)),
    );
  }
  return centres;
}
