/**
 * The inner loops of training. A histogram holds for each bin the sum of gradients and of hessians, side
 * by side. Callers pass row numbers below the column's length and bins below the histogram's, so every
 * read is within bounds; the casts below say so to the type checker.
 */

/** The rows of a leaf, `rows[from..to)`; `g` (and `h`) are in the order of those rows. */
export type LeafRows = {
  readonly rows: Int32Array;
  readonly from: number;
  readonly to: number;
  readonly g: Float64Array;
  readonly h: Float64Array | undefined;
};

/** Adds the rows of a leaf to each column's part of the histogram, which begins at `starts`. */
export function addColumns(
  bins: Uint8Array,
  binRows: number,
  columns: Int32Array,
  starts: Int32Array,
  leaf: LeafRows,
  histogram: Float64Array,
): void {
  const { rows, from, to, g, h } = leaf;
  let c = 0;
  if (h === undefined)
    for (; c + 4 <= columns.length; c += 4)
      addFourUnit(bins, binRows, columns, starts, c, rows, from, to, g, histogram);
  for (; c < columns.length; c++) {
    const base = (columns[c] as number) * binRows;
    const at = starts[c] as number;
    if (h === undefined) addUnit(bins, base, rows, from, to, g, histogram, at);
    else addWeighted(bins, base, rows, from, to, g, h, histogram, at);
  }
}

/**
 * Four columns at once: neighbouring rows often fall into one bin, where each addition waits for the
 * one before it; four chains side by side keep the processor busy. The sums are the same to the bit.
 */
function addFourUnit(
  bins: Uint8Array,
  binRows: number,
  columns: Int32Array,
  starts: Int32Array,
  c: number,
  rows: Int32Array,
  from: number,
  to: number,
  g: Float64Array,
  histogram: Float64Array,
): void {
  const base0 = (columns[c] as number) * binRows;
  const base1 = (columns[c + 1] as number) * binRows;
  const base2 = (columns[c + 2] as number) * binRows;
  const base3 = (columns[c + 3] as number) * binRows;
  const at0 = starts[c] as number;
  const at1 = starts[c + 1] as number;
  const at2 = starts[c + 2] as number;
  const at3 = starts[c + 3] as number;
  for (let i = from, j = 0; i < to; i++, j++) {
    const row = rows[i] as number;
    const gradient = g[j] as number;
    const k0 = at0 + 2 * (bins[base0 + row] as number);
    const k1 = at1 + 2 * (bins[base1 + row] as number);
    const k2 = at2 + 2 * (bins[base2 + row] as number);
    const k3 = at3 + 2 * (bins[base3 + row] as number);
    histogram[k0] = (histogram[k0] as number) + gradient;
    histogram[k0 + 1] = (histogram[k0 + 1] as number) + 1;
    histogram[k1] = (histogram[k1] as number) + gradient;
    histogram[k1 + 1] = (histogram[k1 + 1] as number) + 1;
    histogram[k2] = (histogram[k2] as number) + gradient;
    histogram[k2 + 1] = (histogram[k2 + 1] as number) + 1;
    histogram[k3] = (histogram[k3] as number) + gradient;
    histogram[k3 + 1] = (histogram[k3 + 1] as number) + 1;
  }
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
