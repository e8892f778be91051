import { expect, test } from "bun:test";
import fc from "fast-check";
import { type Ensemble, ensembleAnswer, expectedAnswer, type Tree } from "../learners/tree.ts";
import { Random } from "../random.ts";
import { TreeShap } from "./tree-shap.ts";

type Growing = { [K in keyof Tree]: number[] };

/** A random tree with random covers; columns may come again on one path. */
function randomTree(columns: number, depth: number, random: Random): Tree {
  const t: Growing = {
    feature: [],
    threshold: [],
    left: [],
    right: [],
    missingLeft: [],
    value: [],
    cover: [],
  };
  const add = (left: number, cover: number): number => {
    const node = t.feature.length;
    const isLeaf = left === 0 || random.next() < 0.15;
    t.feature.push(isLeaf ? -1 : random.int(columns));
    t.threshold.push(Math.fround(random.next()));
    t.missingLeft.push(random.int(2));
    t.value.push(isLeaf ? random.next() * 10 - 5 : 0);
    t.cover.push(cover);
    t.left.push(0);
    t.right.push(0);
    if (!isLeaf) {
      const lowCover = cover * (0.1 + 0.8 * random.next());
      t.left[node] = add(left - 1, lowCover);
      t.right[node] = add(left - 1, cover - lowCover);
    }
    return node;
  };
  add(depth, 100);
  return {
    feature: Int32Array.from(t.feature),
    threshold: Float64Array.from(t.threshold),
    left: Int32Array.from(t.left),
    right: Int32Array.from(t.right),
    missingLeft: Uint8Array.from(t.missingLeft),
    value: Float64Array.from(t.value),
    cover: Float64Array.from(t.cover),
  };
}

function randomCase(seed: number) {
  const random = new Random(seed);
  const columns = 1 + random.int(7);
  const trees = Array.from({ length: 1 + random.int(5) }, () =>
    randomTree(columns, 1 + random.int(4), random),
  );
  const row = Float32Array.from({ length: columns }, () =>
    random.next() < 0.2 ? Number.NaN : random.next(),
  );
  return { columns, row, ensemble: { base: random.next(), trees } satisfies Ensemble };
}

/** v(S): follows the row for columns in S, averages both children by cover for the rest. */
function game(tree: Tree, row: Float32Array, known: number, node = 0): number {
  const column = tree.feature[node] ?? -1;
  if (column < 0) return tree.value[node] ?? 0;
  const left = tree.left[node] ?? 0;
  const right = tree.right[node] ?? 0;
  if ((known >> column) & 1) {
    const value = row[column] ?? Number.NaN;
    const low = Number.isNaN(value)
      ? tree.missingLeft[node] === 1
      : value <= (tree.threshold[node] ?? 0);
    return game(tree, row, known, low ? left : right);
  }
  const share = (tree.cover[left] ?? 0) / (tree.cover[node] ?? 1);
  return share * game(tree, row, known, left) + (1 - share) * game(tree, row, known, right);
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function bruteForce(ensemble: Ensemble, row: Float32Array, columns: number): Float64Array {
  const phi = new Float64Array(columns);
  const v = (known: number) => ensemble.trees.reduce((sum, t) => sum + game(t, row, known), 0);
  for (let j = 0; j < columns; j++) {
    for (let known = 0; known < 1 << columns; known++) {
      if ((known >> j) & 1) continue;
      const size = known.toString(2).replaceAll("0", "").length;
      const weight = (factorial(size) * factorial(columns - size - 1)) / factorial(columns);
      phi[j] = (phi[j] ?? 0) + weight * (v(known | (1 << j)) - v(known));
    }
  }
  return phi;
}

function explain(ensemble: Ensemble, row: Float32Array, columns: number): Float64Array {
  const phi = new Float64Array(columns);
  new TreeShap(ensemble).explain({ values: row, start: 0, stride: 1 }, phi);
  return phi;
}

test("contributions equal the Shapley values by definition", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { ensemble, row, columns } = randomCase(seed);
      const got = explain(ensemble, row, columns);
      const wanted = bruteForce(ensemble, row, columns);
      for (let j = 0; j < columns; j++) expect(got[j] ?? 0).toBeCloseTo(wanted[j] ?? 0, 9);
    }),
    { numRuns: 300 },
  );
});

test("base and contributions sum to the answer", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const { ensemble, row, columns } = randomCase(seed);
      const sum = explain(ensemble, row, columns).reduce((a, b) => a + b, expectedAnswer(ensemble));
      const answer = ensembleAnswer(ensemble, { values: row, start: 0, stride: 1 });
      expect(Math.abs(sum - answer)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(answer)));
    }),
    { numRuns: 300 },
  );
});

test("a column that no tree asks for contributes exactly nothing", () => {
  const { ensemble, row, columns } = randomCase(5);
  const wider = Float32Array.from([...row, 0.5]);
  expect(explain(ensemble, wider, columns + 1)[columns]).toBe(0);
});

test("columns that play the same part contribute the same", () => {
  const swap = (tree: Tree): Tree => ({
    ...tree,
    feature: tree.feature.map((column) => (column === 0 ? 1 : column === 1 ? 0 : column)),
  });
  const random = new Random(9);
  const trees = Array.from({ length: 3 }, () => randomTree(3, 4, random));
  const ensemble = { base: 0, trees: trees.flatMap((tree) => [tree, swap(tree)]) };
  const phi = explain(ensemble, Float32Array.from([0.4, 0.4, 0.7]), 3);
  expect(phi[0]).toBeCloseTo(phi[1] ?? 0, 10);
});
