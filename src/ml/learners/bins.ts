/**
 * Rows as bin numbers, column after column; bin 0 is "missing". Typed arrays over shared memory when
 * workers fit on them.
 */
export type Binned = {
  readonly rows: number;
  readonly columns: number;
  /** `columns * rows` bin numbers. */
  readonly bins: Uint8Array;
  /** Bins in use by each column, the missing bin included. */
  readonly binCounts: Int32Array;
  /** Upper bound of bin b (from 1) of column c is `edges[edgeStarts[c] + b - 1]`; the last has none. */
  readonly edges: Float32Array;
  readonly edgeStarts: Int32Array;
};

/** Bins a column by default; the missing bin comes on top. */
export const MAX_BINS = 254;
const QUANTILE_SHARE = 0.6;
const SAMPLE_ROWS = 50_000;

/**
 * Upper bounds that cut a column into at most `maxBins` bins: every distinct value its own when they
 * fit, otherwise 60 % by quantile and 40 % of equal width, so that thin tails keep thresholds too.
 */
export function binEdges(column: Float32Array, maxBins = MAX_BINS): Float32Array {
  const stride = Math.max(1, Math.ceil(column.length / SAMPLE_ROWS));
  const kept: number[] = [];
  for (let i = 0; i < column.length; i += stride) {
    const value = column[i];
    if (value !== undefined && !Number.isNaN(value)) kept.push(value);
  }
  const sorted = Float32Array.from(kept).sort();
  if (sorted.length === 0) return new Float32Array(0);
  const distinct = distinctOf(sorted, maxBins);
  if (distinct !== undefined) return between(distinct);
  const cuts = new Set<number>();
  const low = sorted[0] ?? 0;
  const high = sorted[sorted.length - 1] ?? 0;
  const byQuantile = Math.round((maxBins - 1) * QUANTILE_SHARE);
  for (let k = 1; k <= byQuantile; k++) {
    cuts.add(sorted[Math.floor((k * sorted.length) / (byQuantile + 1))] ?? low);
  }
  const byWidth = maxBins - 1 - byQuantile;
  for (let k = 1; k <= byWidth; k++) {
    cuts.add(Math.fround(low + ((high - low) * k) / (byWidth + 1)));
  }
  cuts.delete(high); // nothing would lie above it
  return Float32Array.from(cuts).sort();
}

function distinctOf(sorted: Float32Array, most: number): Float32Array | undefined {
  const out: number[] = [];
  let last = Number.NaN;
  for (const value of sorted) {
    if (value === last) continue;
    if (out.length === most) return undefined;
    out.push(value);
    last = value;
  }
  return Float32Array.from(out);
}

function between(distinct: Float32Array): Float32Array {
  const out = new Float32Array(distinct.length - 1);
  for (let i = 0; i < out.length; i++) {
    const low = distinct[i] ?? 0;
    const high = distinct[i + 1] ?? 0;
    const middle = Math.fround(low + (high - low) / 2);
    out[i] = middle < high ? middle : low; // rounding must not put `high` on the low side
  }
  return out;
}

/** Bin of a value: 0 when missing, else 1 + the number of bounds below it. */
export function binOf(edges: Float32Array, start: number, end: number, value: number): number {
  if (Number.isNaN(value)) return 0;
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    // low <= middle < high <= edges.length, so the bound exists.
    if (value > (edges[middle] as number)) low = middle + 1;
    else high = middle;
  }
  return low - start + 1;
}

/**
 * Bins a matrix given column after column (`columns * rows`).
 * @param shared whether to place the result in shared memory, for workers.
 */
export function binMatrix(
  matrix: Float32Array,
  rows: number,
  columns: number,
  shared: boolean,
  maxBins = MAX_BINS,
): Binned {
  const perColumn: Float32Array[] = [];
  for (let c = 0; c < columns; c++) {
    perColumn.push(binEdges(matrix.subarray(c * rows, (c + 1) * rows), maxBins));
  }
  const total = perColumn.reduce((sum, edges) => sum + edges.length, 0);
  const memory = (bytes: number) =>
    shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  const edges = new Float32Array(memory(total * 4));
  const edgeStarts = new Int32Array(memory((columns + 1) * 4));
  const binCounts = new Int32Array(memory(columns * 4));
  const bins = new Uint8Array(memory(columns * rows));
  let start = 0;
  for (const [c, own] of perColumn.entries()) {
    edges.set(own, start);
    edgeStarts[c] = start;
    binCounts[c] = own.length + 2;
    for (let i = c * rows; i < (c + 1) * rows; i++) {
      bins[i] = binOf(own, 0, own.length, matrix[i] ?? Number.NaN);
    }
    start += own.length;
  }
  edgeStarts[columns] = start;
  return { rows, columns, bins, binCounts, edges, edgeStarts };
}
