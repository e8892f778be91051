/**
 * Picks `count` of the points so that their line looks like that of all: of each slice the point that
 * makes the largest triangle with the one picked before and the mean of the next slice. First and last
 * point stay. Largest-Triangle-Three-Buckets (S. Steinarsson, 2013).
 * @returns indexes in rising order; all of them when there are not more than `count`.
 */
export function lttb(x: Float64Array, y: Float64Array, count: number): Uint32Array {
  const length = x.length;
  if (length <= count || count < 3)
    return count < 3 && length > count
      ? Uint32Array.from([0, length - 1].slice(0, count))
      : Uint32Array.from({ length }, (_, index) => index);
  const picked = new Uint32Array(count);
  const every = (length - 2) / (count - 2);
  let before = 0;
  for (let slice = 0; slice < count - 2; slice++) {
    const from = Math.floor(slice * every) + 1;
    const to = Math.floor((slice + 1) * every) + 1;
    const next = meanOf(x, y, to, Math.min(length, Math.floor((slice + 2) * every) + 1));
    before = largest(x, y, { from, to, before, next });
    picked[slice + 1] = before;
  }
  picked[count - 1] = length - 1;
  return picked;
}

type Point = { readonly x: number; readonly y: number };

function meanOf(x: Float64Array, y: Float64Array, from: number, to: number): Point {
  const end = Math.max(to, from + 1);
  let [sumX, sumY] = [0, 0];
  for (let i = from; i < end; i++) {
    sumX += x[i] ?? 0;
    sumY += y[i] ?? 0;
  }
  return { x: sumX / (end - from), y: sumY / (end - from) };
}

function largest(
  x: Float64Array,
  y: Float64Array,
  place: { from: number; to: number; before: number; next: Point },
): number {
  const [ax, ay] = [x[place.before] ?? 0, y[place.before] ?? 0];
  const { next } = place;
  let best = place.from;
  let bestArea = -1;
  for (let i = place.from; i < place.to; i++) {
    const area = Math.abs((ax - next.x) * ((y[i] ?? 0) - ay) - (ax - (x[i] ?? 0)) * (next.y - ay));
    if (area > bestArea) [best, bestArea] = [i, area];
  }
  return best;
}
