/** A tree as parallel arrays; node 0 is the root, a leaf has feature -1. */
export type Tree = {
  readonly feature: Int32Array;
  /** Values up to and including it go left. */
  readonly threshold: Float64Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 where a missing value goes left. */
  readonly missingLeft: Uint8Array;
  /** Answer of a leaf; 0 in a split. */
  readonly value: Float64Array;
  /** Training weight that passed the node. */
  readonly cover: Float64Array;
};

/** Sum of trees: what a boosted model and a forest alike are once leaf values carry their weight. */
export type Ensemble = { readonly base: number; readonly trees: readonly Tree[] };

/** A view of one row: column c stands at `values[start + c * stride]`. */
export type RowView = {
  readonly values: Float32Array;
  readonly start: number;
  readonly stride: number;
};

/** Answer of one tree. Missing values (NaN) follow the side that training chose. */
export function treeAnswer(
  tree: Tree,
  values: Float32Array,
  start: number,
  stride: number,
): number {
  const { feature, threshold, left, right, missingLeft } = tree;
  let node = 0;
  // Children are indices into the same arrays, so every read below is within bounds.
  for (let column = feature[0] as number; column >= 0; column = feature[node] as number) {
    const value = values[start + column * stride] as number;
    // NaN fails both comparisons.
    if (value <= (threshold[node] as number)) node = left[node] as number;
    else if (value > (threshold[node] as number)) node = right[node] as number;
    else node = (missingLeft[node] === 1 ? left[node] : right[node]) as number;
  }
  return tree.value[node] as number;
}

/** Answer of an ensemble on its own scale, before any link or clipping. */
export function ensembleAnswer(ensemble: Ensemble, row: RowView): number {
  let sum = ensemble.base;
  for (const tree of ensemble.trees) sum += treeAnswer(tree, row.values, row.start, row.stride);
  return sum;
}

/** Mean answer over the training weight: what is known before a row is seen. */
export function expectedAnswer(ensemble: Ensemble): number {
  let sum = ensemble.base;
  for (const tree of ensemble.trees) sum += treeMean(tree);
  return sum;
}

/** Mean of the leaves by cover, from the bottom up so that it equals what TreeSHAP splits. */
export function treeMean(tree: Tree, node = 0): number {
  if ((tree.feature[node] ?? -1) < 0) return tree.value[node] ?? 0;
  const left = tree.left[node] ?? 0;
  const right = tree.right[node] ?? 0;
  const whole = tree.cover[node] ?? 1;
  return (
    ((tree.cover[left] ?? 0) * treeMean(tree, left) +
      (tree.cover[right] ?? 0) * treeMean(tree, right)) /
    whole
  );
}

/** The mean of several ensembles as one ensemble. */
export function meanEnsemble(parts: readonly Ensemble[]): Ensemble {
  const weight = 1 / parts.length;
  return {
    base: parts.reduce((sum, part) => sum + part.base * weight, 0),
    trees: parts.flatMap((part) =>
      part.trees.map((tree) => ({ ...tree, value: tree.value.map((v) => v * weight) })),
    ),
  };
}
