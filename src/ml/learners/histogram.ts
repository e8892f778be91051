/**
 * The inner loops of training. A histogram holds for each bin the sum of gradients and of hessians, side
 * by side. Callers pass row numbers below the column's length and bins below the histogram's, so every
 * read is within bounds; the casts below say so to the type checker.
 */

/** Adds one column of the rows `rows[from..to)`; `g` (and `h`) are in the order of those rows. */
export function addColumn(
  bins: Uint8Array,
  base: number,
  rows: Int32Array,
  from: number,
  to: number,
  g: Float64Array,
  h: Float64Array | undefined,
  histogram: Float64Array,
  at: number,
): void {
  if (h === undefined) addUnit(bins, base, rows, from, to, g, histogram, at);
  else addWeighted(bins, base, rows, from, to, g, h, histogram, at);
}

function addUnit(
  bins: Uint8Array,
  base: number,
  rows: Int32Array,
  from: number,
  to: number,
  g: Float64Array,
  histogram: Float64Array,
  at: number,
): void {
  for (let i = from, j = 0; i < to; i++, j++) {
    const k = at + 2 * (bins[base + (rows[i] as number)] as number);
    histogram[k] = (histogram[k] as number) + (g[j] as number);
    histogram[k + 1] = (histogram[k + 1] as number) + 1;
  }
}

function addWeighted(
  bins: Uint8Array,
  base: number,
  rows: Int32Array,
  from: number,
  to: number,
  g: Float64Array,
  h: Float64Array,
  histogram: Float64Array,
  at: number,
): void {
  for (let i = from, j = 0; i < to; i++, j++) {
    const k = at + 2 * (bins[base + (rows[i] as number)] as number);
    histogram[k] = (histogram[k] as number) + (g[j] as number);
    histogram[k + 1] = (histogram[k + 1] as number) + (h[j] as number);
  }
}

/** Empties the first `size` numbers. */
export function clearSlot(histogram: Float64Array, size: number): void {
  histogram.fill(0, 0, size);
}

/** Turns a parent's histogram into that of the sibling of `child`. */
export function subtractSlot(parent: Float64Array, child: Float64Array, size: number): void {
  for (let i = 0; i < size; i++) parent[i] = (parent[i] as number) - (child[i] as number);
}
