import type { Ensemble, RowView, Tree } from "../learners/tree.ts";

/**
 * Path-dependent TreeSHAP (Lundberg, Erion and Lee 2018, algorithm 2) in double precision: the Shapley
 * values of the game v(S) = answer of the tree that follows the row for columns in S and averages both
 * children by training cover for the rest. Buffers are kept between rows.
 */
export class TreeShap {
  private readonly ensemble: Ensemble;
  /** One stretch of path a depth: column, share of zero paths, share of one paths, weight. */
  private readonly column: Int32Array;
  private readonly zero: Float64Array;
  private readonly one: Float64Array;
  private readonly weight: Float64Array;
  private phi: Float64Array = new Float64Array(0);
  private row: RowView = { values: new Float32Array(0), start: 0, stride: 1 };

  constructor(ensemble: Ensemble) {
    this.ensemble = ensemble;
    const depth = ensemble.trees.reduce((most, tree) => Math.max(most, depthOf(tree)), 0) + 2;
    const size = (depth * (depth + 1)) / 2 + depth;
    this.column = new Int32Array(size);
    this.zero = new Float64Array(size);
    this.one = new Float64Array(size);
    this.weight = new Float64Array(size);
  }

  /** Adds each column's contribution to `phi`; with `expectedAnswer` they sum to the answer. */
  explain(row: RowView, phi: Float64Array): void {
    this.row = row;
    this.phi = phi;
    for (const tree of this.ensemble.trees) {
      if ((tree.feature[0] ?? -1) >= 0) this.walk(tree, 0, 0, 0, 1, 1, -1);
    }
  }

  /** `at` is where the path of this depth starts; the parent's path has been copied there. */
  private walk(
    tree: Tree,
    node: number,
    depth: number,
    at: number,
    zero: number,
    one: number,
    column: number,
  ): void {
    this.extend(at, depth, zero, one, column);
    // Children and path positions are indices into arrays sized for them.
    const split = tree.feature[node] as number;
    if (split < 0) {
      this.leaf(at, depth, tree.value[node] as number);
      return;
    }
    let length = depth;
    let zeroHere = 1;
    let oneHere = 1;
    for (let i = 1; i <= length; i++) {
      if (this.column[at + i] !== split) continue;
      zeroHere = this.zero[at + i] as number;
      oneHere = this.one[at + i] as number;
      this.unwind(at, length, i);
      length--;
      break;
    }
    const low = tree.left[node] as number;
    const high = tree.right[node] as number;
    const isLow = this.goesLow(tree, node, split);
    const hot = isLow ? low : high;
    const cold = isLow ? high : low;
    const cover = tree.cover[node] as number;
    const next = at + length + 1;
    this.copy(at, next, length + 1);
    this.walk(
      tree,
      hot,
      length + 1,
      next,
      (zeroHere * (tree.cover[hot] as number)) / cover,
      oneHere,
      split,
    );
    this.copy(at, next, length + 1);
    this.walk(
      tree,
      cold,
      length + 1,
      next,
      (zeroHere * (tree.cover[cold] as number)) / cover,
      0,
      split,
    );
  }

  private goesLow(tree: Tree, node: number, column: number): boolean {
    const value = this.row.values[this.row.start + column * this.row.stride] ?? Number.NaN;
    return Number.isNaN(value)
      ? tree.missingLeft[node] === 1
      : value <= (tree.threshold[node] ?? 0);
  }

  private copy(from: number, to: number, count: number): void {
    this.column.copyWithin(to, from, from + count);
    this.zero.copyWithin(to, from, from + count);
    this.one.copyWithin(to, from, from + count);
    this.weight.copyWithin(to, from, from + count);
  }

  private extend(at: number, depth: number, zero: number, one: number, column: number): void {
    const { weight } = this;
    this.column[at + depth] = column;
    this.zero[at + depth] = zero;
    this.one[at + depth] = one;
    weight[at + depth] = depth === 0 ? 1 : 0;
    for (let i = depth - 1; i >= 0; i--) {
      const here = weight[at + i] as number; // at + i < at + depth
      weight[at + i + 1] = (weight[at + i + 1] as number) + (one * here * (i + 1)) / (depth + 1);
      weight[at + i] = (zero * here * (depth - i)) / (depth + 1);
    }
  }

  private unwind(at: number, depth: number, index: number): void {
    const { weight } = this;
    const one = this.one[at + index] as number;
    const zero = this.zero[at + index] as number;
    let carried = weight[at + depth] as number;
    for (let i = depth - 1; i >= 0; i--) {
      const here = weight[at + i] as number; // at + i < at + depth
      if (one !== 0) {
        const next = (carried * (depth + 1)) / ((i + 1) * one);
        weight[at + i] = next;
        carried = here - (next * zero * (depth - i)) / (depth + 1);
      } else {
        weight[at + i] = (here * (depth + 1)) / (zero * (depth - i));
      }
    }
    for (let i = index; i < depth; i++) {
      this.column[at + i] = this.column[at + i + 1] as number;
      this.zero[at + i] = this.zero[at + i + 1] as number;
      this.one[at + i] = this.one[at + i + 1] as number;
    }
  }

  private leaf(at: number, depth: number, value: number): void {
    for (let i = 1; i <= depth; i++) {
      const share = this.unwoundSum(at, depth, i);
      const column = this.column[at + i] as number; // path entries name columns of phi
      const difference = (this.one[at + i] as number) - (this.zero[at + i] as number);
      this.phi[column] = (this.phi[column] ?? 0) + share * difference * value;
    }
  }

  /** Sum of the path's weights with one entry taken out again. */
  private unwoundSum(at: number, depth: number, index: number): number {
    const one = this.one[at + index] as number;
    const zero = this.zero[at + index] as number;
    let carried = this.weight[at + depth] as number;
    let total = 0;
    for (let i = depth - 1; i >= 0; i--) {
      const here = this.weight[at + i] as number; // at + i < at + depth
      if (one !== 0) {
        const part = carried / ((i + 1) * one);
        total += part;
        carried = here - part * zero * (depth - i);
      } else {
        total += here / (zero * (depth - i));
      }
    }
    return total * (depth + 1);
  }
}

/** Splits on the longest path. */
export function depthOf(tree: Tree, node = 0): number {
  if ((tree.feature[node] ?? -1) < 0) return 0;
  return 1 + Math.max(depthOf(tree, tree.left[node] ?? 0), depthOf(tree, tree.right[node] ?? 0));
}
