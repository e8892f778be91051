import type { Random } from "../random.ts";
import type { Binned } from "./bins.ts";
import { addColumns, clearSlot, subtractSlot } from "./histogram.ts";
import { sampleColumns } from "./sample.ts";
import { type ColumnSet, findSplit, NO_SPLIT, type Split } from "./split.ts";
import type { Tree } from "./tree.ts";

export type GrowOptions = {
  readonly maxLeaves: number;
  /** Least sum of hessians in a leaf; with squared loss that is its least number of rows. */
  readonly minLeafWeight: number;
  readonly lambda: number;
  /** One random threshold a column and node instead of the best one (extra-random trees). */
  readonly randomThreshold: boolean;
  /** Columns drawn anew for each node; 0 = the tree's columns serve every node. */
  readonly columnsPerNode: number;
};

type Leaf = {
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly sumG: number;
  readonly sumH: number;
  /** Slot of its histogram, -1 when it has none. */
  slot: number;
  split: Split;
};

/** A grown tree with the rows of each leaf: `rows[start..end)` after growth. */
export type Grown = {
  readonly tree: Tree;
  readonly leaves: readonly {
    readonly node: number;
    readonly start: number;
    readonly end: number;
  }[];
  /** Training gain by column. */
  readonly gains: readonly { readonly column: number; readonly gain: number }[];
};

/**
 * Grows trees best leaf first over binned rows by gradients and hessians (gain of XGBoost, eq. 7), with
 * histograms of the smaller child and subtraction for its sibling. Buffers are kept between trees.
 */
export class Grower {
  private readonly data: Binned;
  private readonly options: GrowOptions;
  private readonly ordered: Float64Array;
  private readonly orderedH: Float64Array;
  private readonly spare: Int32Array;
  private slots: Float64Array[] = [];
  private freeSlots: number[] = [];

  constructor(data: Binned, options: GrowOptions, mostRows: number) {
    this.data = data;
    this.options = options;
    this.ordered = new Float64Array(mostRows);
    this.orderedH = new Float64Array(mostRows);
    this.spare = new Int32Array(mostRows);
  }

  /**
   * @param rows row numbers, permuted in place; ascending ones are kindest to the cache.
   * @param g gradient by row; @param h hessian by row, undefined when it is 1 everywhere.
   */
  grow(
    rows: Int32Array,
    g: Float64Array,
    h: Float64Array | undefined,
    columns: Int32Array,
    random: Random,
  ): Grown {
    const { maxLeaves } = this.options;
    const set = columnSet(this.data, columns);
    this.prepareSlots(set.size);
    const nodes = new NodeList(2 * maxLeaves - 1);
    const gains: { column: number; gain: number }[] = [];
    const [sumG, sumH] = sums(rows, g, h);
    const root: Leaf = {
      node: nodes.add(sumH),
      start: 0,
      end: rows.length,
      sumG,
      sumH,
      slot: -1,
      split: NO_SPLIT,
    };
    const leaves = [root];
    if (maxLeaves > 1) this.evaluateFresh(root, rows, g, h, set, random);
    while (leaves.length < maxLeaves) {
      const at = bestLeaf(leaves);
      const leaf = leaves[at];
      if (leaf === undefined || leaf.split.gain <= 0) break;
      gains.push({ column: leaf.split.column, gain: leaf.split.gain });
      const [left, right] = this.divide(leaf, rows, nodes);
      leaves[at] = left;
      leaves.push(right);
      if (leaves.length === maxLeaves) break;
      this.evaluateChildren(leaf, left, right, rows, g, h, set, random);
    }
    for (const leaf of leaves) {
      nodes.setValue(leaf.node, -leaf.sumG / (leaf.sumH + this.options.lambda));
    }
    return { tree: nodes.tree(), leaves, gains };
  }

  private prepareSlots(size: number): void {
    const count = this.options.columnsPerNode > 0 ? 1 : this.options.maxLeaves + 1;
    const first = this.slots[0];
    if (this.slots.length !== count || first === undefined || first.length < size) {
      this.slots = Array.from({ length: count }, () => new Float64Array(size));
    }
    this.freeSlots = this.slots.map((_slot, i) => i);
  }

  private slotOf(index: number): Float64Array {
    const slot = this.slots[index];
    if (slot === undefined) throw new Error(`histogram slot ${index} does not exist`);
    return slot;
  }

  private build(
    leaf: Leaf,
    rows: Int32Array,
    g: Float64Array,
    h: Float64Array | undefined,
    set: ColumnSet,
  ) {
    const slot = this.freeSlots.pop();
    if (slot === undefined) throw new Error("no histogram slot is free");
    const histogram = this.slotOf(slot);
    clearSlot(histogram, set.size);
    // `rows` holds row numbers below data.rows, the length of g and h.
    for (let i = leaf.start, j = 0; i < leaf.end; i++, j++) {
      this.ordered[j] = g[rows[i] as number] as number;
    }
    if (h !== undefined) {
      for (let i = leaf.start, j = 0; i < leaf.end; i++, j++) {
        this.orderedH[j] = h[rows[i] as number] as number;
      }
    }
    addColumns(
      this.data.bins,
      this.data.rows,
      set.columns,
      set.starts,
      {
        rows,
        from: leaf.start,
        to: leaf.end,
        g: this.ordered,
        h: h === undefined ? undefined : this.orderedH,
      },
      histogram,
    );
    leaf.slot = slot;
  }

  private release(leaf: Leaf): void {
    if (leaf.slot >= 0) this.freeSlots.push(leaf.slot);
    leaf.slot = -1;
  }

  private canSplit(leaf: Leaf): boolean {
    return leaf.sumH >= 2 * this.options.minLeafWeight && leaf.end - leaf.start >= 2;
  }

  private evaluateFresh(
    leaf: Leaf,
    rows: Int32Array,
    g: Float64Array,
    h: Float64Array | undefined,
    treeSet: ColumnSet,
    random: Random,
  ): void {
    if (!this.canSplit(leaf)) return;
    const perNode = this.options.columnsPerNode;
    const set =
      perNode > 0 ? columnSet(this.data, sampleColumns(treeSet.columns, perNode, random)) : treeSet;
    this.build(leaf, rows, g, h, set);
    leaf.split = findSplit(this.slotOf(leaf.slot), set, leaf.sumG, leaf.sumH, this.options, random);
    if (perNode > 0) this.release(leaf);
  }

  private evaluateChildren(
    parent: Leaf,
    left: Leaf,
    right: Leaf,
    rows: Int32Array,
    g: Float64Array,
    h: Float64Array | undefined,
    set: ColumnSet,
    random: Random,
  ): void {
    if (this.options.columnsPerNode > 0) {
      this.evaluateFresh(left, rows, g, h, set, random);
      this.evaluateFresh(right, rows, g, h, set, random);
      return;
    }
    const [small, large] =
      left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    if (!this.canSplit(large) && !this.canSplit(small)) {
      this.release(parent);
      return;
    }
    this.build(small, rows, g, h, set);
    large.slot = parent.slot;
    subtractSlot(this.slotOf(large.slot), this.slotOf(small.slot), set.size);
    for (const leaf of [left, right]) {
      if (this.canSplit(leaf)) {
        const slot = this.slotOf(leaf.slot);
        leaf.split = findSplit(slot, set, leaf.sumG, leaf.sumH, this.options, random);
      }
      if (leaf.split.gain <= 0) this.release(leaf);
    }
  }

  /** Stable partition of the leaf's rows by its split. */
  private divide(leaf: Leaf, rows: Int32Array, nodes: NodeList): [Leaf, Leaf] {
    const { split } = leaf;
    const base = split.column * this.data.rows;
    const { bins } = this.data;
    let low = leaf.start;
    let high = 0;
    for (let i = leaf.start; i < leaf.end; i++) {
      const row = rows[i] as number; // i lies within rows
      const bin = bins[base + row] as number; // row lies below data.rows
      if (bin === 0 ? split.missingLeft : bin <= split.bin) rows[low++] = row;
      else this.spare[high++] = row;
    }
    rows.set(this.spare.subarray(0, high), low);
    const edge = upperEdge(this.data, split.column, split.bin);
    const rightG = leaf.sumG - split.leftG;
    const rightH = leaf.sumH - split.leftH;
    const left = nodes.add(split.leftH);
    const right = nodes.add(rightH);
    nodes.divide(leaf.node, split.column, edge, left, right, split.missingLeft);
    const fresh = { slot: -1, split: NO_SPLIT };
    return [
      { ...fresh, node: left, start: leaf.start, end: low, sumG: split.leftG, sumH: split.leftH },
      { ...fresh, node: right, start: low, end: leaf.end, sumG: rightG, sumH: rightH },
    ];
  }
}

function sums(rows: Int32Array, g: Float64Array, h: Float64Array | undefined): [number, number] {
  let sumG = 0;
  let sumH = 0;
  for (const row of rows) {
    sumG += g[row] ?? 0;
    sumH += h === undefined ? 1 : (h[row] ?? 0);
  }
  return [sumG, sumH];
}

/** Upper bound of a bin; the last has none. */
function upperEdge(data: Binned, column: number, bin: number): number {
  const at = (data.edgeStarts[column] ?? 0) + bin - 1;
  const end = data.edgeStarts[column + 1] ?? 0;
  return at < end ? (data.edges[at] ?? 0) : Number.POSITIVE_INFINITY;
}

function bestLeaf(leaves: readonly Leaf[]): number {
  let best = 0;
  for (let i = 1; i < leaves.length; i++) {
    if ((leaves[i]?.split.gain ?? 0) > (leaves[best]?.split.gain ?? 0)) best = i;
  }
  return best;
}

function columnSet(data: Binned, columns: Int32Array): ColumnSet {
  const starts = new Int32Array(columns.length);
  const counts = new Int32Array(columns.length);
  let size = 0;
  for (let c = 0; c < columns.length; c++) {
    starts[c] = size;
    counts[c] = data.binCounts[columns[c] ?? 0] ?? 0;
    size += 2 * (counts[c] ?? 0);
  }
  return { columns, starts, counts, size };
}

/** Nodes while a tree grows. */
class NodeList {
  private count = 0;
  private readonly feature: Int32Array;
  private readonly threshold: Float64Array;
  private readonly left: Int32Array;
  private readonly right: Int32Array;
  private readonly missingLeft: Uint8Array;
  private readonly value: Float64Array;
  private readonly cover: Float64Array;

  constructor(most: number) {
    this.feature = new Int32Array(most).fill(-1);
    this.threshold = new Float64Array(most);
    this.left = new Int32Array(most);
    this.right = new Int32Array(most);
    this.missingLeft = new Uint8Array(most);
    this.value = new Float64Array(most);
    this.cover = new Float64Array(most);
  }

  add(cover: number): number {
    this.cover[this.count] = cover;
    return this.count++;
  }

  divide(
    node: number,
    column: number,
    threshold: number,
    left: number,
    right: number,
    missingLeft: boolean,
  ) {
    this.feature[node] = column;
    this.threshold[node] = threshold;
    this.left[node] = left;
    this.right[node] = right;
    this.missingLeft[node] = missingLeft ? 1 : 0;
  }

  setValue(node: number, value: number): void {
    this.value[node] = value;
  }

  tree(): Tree {
    const n = this.count;
    return {
      feature: this.feature.slice(0, n),
      threshold: this.threshold.slice(0, n),
      left: this.left.slice(0, n),
      right: this.right.slice(0, n),
      missingLeft: this.missingLeft.slice(0, n),
      value: this.value.slice(0, n),
      cover: this.cover.slice(0, n),
    };
  }
}
