import { mixSeed, Random, sampleSorted } from "../random.ts";
import { type Binned, binOf } from "./bins.ts";
import { Grower } from "./grow.ts";
import { sampleColumns } from "./sample.ts";
import type { Ensemble, Tree } from "./tree.ts";

export type BoostingOptions = {
  readonly kind: "boosting";
  /** `squared` for numbers, `logistic` for 0 or 1 (answers are log-odds). */
  readonly loss: "squared" | "logistic";
  readonly trees: number;
  readonly leaves: number;
  readonly learningRate: number;
  readonly minLeafWeight: number;
  readonly lambda: number;
  /** Share of the columns a tree may use, and of the rows it sees (drawn without replacement). */
  readonly columnShare: number;
  readonly rowShare: number;
  readonly randomThreshold: boolean;
};

/** A fitted learner: its ensemble and what each column gained. */
export type Fit = { readonly ensemble: Ensemble; readonly gains: Float64Array };

/** Stops a fit between two trees. */
export type StopCheck = () => void;

/**
 * Gradient boosting (Friedman 2001) on histograms.
 * @param target by row of the data; @param rows those to learn from, ascending.
 */
export function fitBoosting(
  data: Binned,
  target: Float64Array,
  rows: Int32Array,
  options: BoostingOptions,
  seed: number,
  check: StopCheck = () => {},
): Fit {
  const logistic = options.loss === "logistic";
  const base = startOf(target, rows, logistic);
  const answer = new Float64Array(data.rows).fill(base);
  const g = new Float64Array(data.rows);
  const h = logistic ? new Float64Array(data.rows) : undefined;
  const gains = new Float64Array(data.columns);
  const trees: Tree[] = [];
  const grower = new Grower(
    data,
    { ...options, maxLeaves: options.leaves, columnsPerNode: 0 },
    rows.length,
  );
  const every = Int32Array.from({ length: data.columns }, (_unused, c) => c);
  const columnsTaken = Math.max(1, Math.round(options.columnShare * data.columns));
  const rowsTaken = Math.max(1, Math.round(options.rowShare * rows.length));
  for (let t = 0; t < options.trees; t++) {
    check();
    const random = new Random(mixSeed(seed, t));
    gradients(rows, target, answer, g, h);
    const taken = sampleSorted(rows.length, rowsTaken, random).map((i) => rows[i] ?? 0);
    const columns = sampleColumns(every, columnsTaken, random);
    const grown = grower.grow(taken, g, h, columns, random);
    const { tree } = grown;
    for (let i = 0; i < tree.value.length; i++) {
      tree.value[i] = (tree.value[i] ?? 0) * options.learningRate;
    }
    addAnswers(data, tree, rows, answer);
    for (const { column, gain } of grown.gains) gains[column] = (gains[column] ?? 0) + gain;
    trees.push(tree);
  }
  return { ensemble: { base, trees }, gains };
}

function startOf(target: Float64Array, rows: Int32Array, logistic: boolean): number {
  let sum = 0;
  for (const row of rows) sum += target[row] ?? 0;
  const mean = sum / Math.max(1, rows.length);
  if (!logistic) return mean;
  const share = Math.min(1 - 1e-6, Math.max(1e-6, mean));
  return Math.log(share / (1 - share));
}

function gradients(
  rows: Int32Array,
  target: Float64Array,
  answer: Float64Array,
  g: Float64Array,
  h: Float64Array | undefined,
): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number; // i lies within rows, and rows within target and answer
    if (h === undefined) {
      g[row] = (answer[row] as number) - (target[row] as number);
    } else {
      const p = 1 / (1 + Math.exp(-(answer[row] as number)));
      g[row] = p - (target[row] as number);
      h[row] = Math.max(1e-12, p * (1 - p));
    }
  }
}

/** Adds a tree's answers to the rows, walking bins: thresholds are bin bounds, so both agree. */
function addAnswers(data: Binned, tree: Tree, rows: Int32Array, answer: Float64Array): void {
  const { feature, left, right, missingLeft, value } = tree;
  const bound = binBounds(data, tree);
  const { bins } = data;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i] as number; // i lies within rows; nodes and bins below within their arrays
    let node = 0;
    for (let column = feature[0] as number; column >= 0; column = feature[node] as number) {
      const bin = bins[column * data.rows + row] as number;
      const low = bin === 0 ? missingLeft[node] === 1 : bin <= (bound[node] as number);
      node = (low ? left[node] : right[node]) as number;
    }
    answer[row] = (answer[row] as number) + (value[node] as number);
  }
}

function binBounds(data: Binned, tree: Tree): Int32Array {
  return tree.feature.map((column, node) => {
    if (column < 0) return 0;
    const start = data.edgeStarts[column] ?? 0;
    const end = data.edgeStarts[column + 1] ?? start;
    return binOf(data.edges, start, end, tree.threshold[node] ?? 0);
  });
}
