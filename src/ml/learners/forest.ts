import { mixSeed, Random } from "../random.ts";
import type { Binned } from "./bins.ts";
import type { Fit, StopCheck } from "./gbdt.ts";
import { Grower } from "./grow.ts";
import { bootstrap } from "./sample.ts";
import type { Tree } from "./tree.ts";

export type ForestOptions = {
  readonly kind: "forest";
  readonly trees: number;
  readonly leaves: number;
  readonly minLeafRows: number;
  /** Share of the columns drawn for each node. */
  readonly columnShare: number;
};

/**
 * Random forest (Breiman 2001): the mean of trees grown on bootstrap samples, with columns drawn for
 * each node. For a target of 0 and 1 the answer is a probability.
 */
export function fitForest(
  data: Binned,
  target: Float64Array,
  rows: Int32Array,
  options: ForestOptions,
  seed: number,
  check: StopCheck = () => {},
): Fit {
  const g = new Float64Array(data.rows);
  for (const row of rows) g[row] = -(target[row] ?? 0);
  const gains = new Float64Array(data.columns);
  const columnsPerNode = Math.max(1, Math.round(options.columnShare * data.columns));
  const grower = new Grower(
    data,
    {
      maxLeaves: options.leaves,
      minLeafWeight: options.minLeafRows,
      lambda: 0,
      randomThreshold: false,
      columnsPerNode,
    },
    rows.length,
  );
  const every = Int32Array.from({ length: data.columns }, (_unused, c) => c);
  const trees: Tree[] = [];
  for (let t = 0; t < options.trees; t++) {
    check();
    const random = new Random(mixSeed(seed, t));
    const grown = grower.grow(bootstrap(rows, random), g, undefined, every, random);
    const { tree } = grown;
    for (let i = 0; i < tree.value.length; i++)
      tree.value[i] = (tree.value[i] ?? 0) / options.trees;
    for (const { column, gain } of grown.gains) gains[column] = (gains[column] ?? 0) + gain;
    trees.push(tree);
  }
  return { ensemble: { base: 0, trees }, gains };
}
