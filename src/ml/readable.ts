import { DecisionTreeRegression } from "ml-cart";
import type { ReadableTree } from "../domain/model.ts";
import type { Fit } from "./learners/gbdt.ts";
import { type Ensemble, ensembleAnswer } from "./learners/tree.ts";
import { stepsOf } from "./predict.ts";
import type { TrainingRows } from "./training-rows.ts";

/** The package's trees cost the square of the rows; this many take about a tenth of a second. */
const MOST_ROWS = 1000;
const MOST_COLUMNS = 6;
const MOST_DEPTH = 3;
const LEAST_LEAF = 25;

/** A tree of three questions that imitates the champion on the columns it uses most. */
export function readableTree(
  rows: TrainingRows,
  champion: Ensemble,
  fits: readonly Fit[],
  capSteps: number,
): ReadableTree {
  const columns = topColumns(fits, rows.columns.length);
  const stride = Math.max(1, Math.ceil(rows.rows / MOST_ROWS));
  const inputs: number[][] = [];
  const answers: number[] = [];
  for (let row = 0; row < rows.rows; row += stride) {
    const input = columns.map((c) => rows.matrix[c * rows.rows + row] ?? Number.NaN);
    if (input.some(Number.isNaN)) continue; // the package cannot place a missing value
    inputs.push(input);
    const view = { values: rows.matrix, start: row, stride: rows.rows };
    answers.push(stepsOf(ensembleAnswer(champion, view), capSteps));
  }
  const mean = answers.reduce((sum, answer) => sum + answer, 0) / Math.max(1, answers.length);
  if (inputs.length < 2 * LEAST_LEAF || columns.length === 0) return { kind: "leaf", steps: mean };
  const tree = new DecisionTreeRegression({
    gainFunction: "regression",
    splitFunction: "mean",
    minNumSamples: LEAST_LEAF,
    maxDepth: MOST_DEPTH,
  });
  tree.train(inputs, answers);
  return toReadable(tree.toJSON().root, rows, columns, mean);
}

function topColumns(fits: readonly Fit[], count: number): number[] {
  const gains = Array.from({ length: count }, (_u, c) =>
    fits.reduce((sum, fit) => sum + (fit.gains[c] ?? 0), 0),
  );
  return gains
    .map((gain, c) => ({ gain, c }))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain || a.c - b.c)
    .slice(0, MOST_COLUMNS)
    .map(({ c }) => c);
}

type CartNode = {
  readonly splitColumn?: number;
  readonly splitValue?: number;
  readonly left?: CartNode;
  readonly right?: CartNode;
  readonly distribution?: number;
};

function toReadable(
  node: CartNode,
  rows: TrainingRows,
  columns: readonly number[],
  fallback: number,
): ReadableTree {
  const column = rows.columns[columns[node.splitColumn ?? -1] ?? -1];
  if (column === undefined || node.left === undefined || node.right === undefined) {
    return { kind: "leaf", steps: node.distribution ?? fallback };
  }
  return {
    kind: "split",
    signal: column.signal ?? "",
    feature: column.feature,
    threshold: node.splitValue ?? 0,
    low: toReadable(node.left, rows, columns, fallback),
    high: toReadable(node.right, rows, columns, fallback),
  };
}
