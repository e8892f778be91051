import { expect, test } from "bun:test";
import fc from "fast-check";
import { Random } from "../random.ts";
import { rmse } from "../validation/metrics.ts";
import { type Binned, binEdges, binMatrix, binOf } from "./bins.ts";
import { fitForest } from "./forest.ts";
import { type BoostingOptions, fitBoosting } from "./gbdt.ts";
import { Grower } from "./grow.ts";
import { ensembleAnswer, type Tree, treeAnswer } from "./tree.ts";

const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
  minLength: 1,
  maxLength: 400,
});

test("bins keep the order of values, and thresholds agree with them", () => {
  fc.assert(
    fc.property(numbers, fc.integer({ min: 2, max: 40 }), (values, maxBins) => {
      const column = Float32Array.from(values);
      const edges = binEdges(column, maxBins);
      expect(edges.length).toBeLessThan(maxBins);
      for (let i = 1; i < edges.length; i++) expect(edges[i]).toBeGreaterThan(edges[i - 1] ?? 0);
      for (const value of column) {
        const bin = binOf(edges, 0, edges.length, value);
        const upper = edges[bin - 1];
        const lower = edges[bin - 2];
        if (upper !== undefined) expect(value).toBeLessThanOrEqual(upper);
        if (lower !== undefined) expect(value).toBeGreaterThan(lower);
      }
    }),
  );
});

test.each([
  ["few distinct values get a bin each", [1, 2, 2, 5, 5, 5], 254, [1.5, 3.5]],
  ["a constant column has one bin", [4, 4, 4], 254, []],
  ["a column of nothing has no bounds", [Number.NaN, Number.NaN], 254, []],
])("%s", (_name, values, maxBins, wanted) => {
  expect([...binEdges(Float32Array.from(values), maxBins)]).toEqual(wanted);
});

test("a thin tail keeps thresholds of its own", () => {
  const random = new Random(1);
  const column = Float32Array.from(
    { length: 20_000 },
    (_u, i) => (i < 20 ? 50 : 0) + random.next(),
  );
  expect(binEdges(column).filter((edge) => edge > 2 && edge < 50).length).toBeGreaterThan(50);
});

test("a missing value has bin 0", () => {
  expect(binOf(Float32Array.from([1, 2]), 0, 2, Number.NaN)).toBe(0);
});

function matrixOf(rows: readonly (readonly number[])[]): { binned: Binned; matrix: Float32Array } {
  const columns = rows[0]?.length ?? 0;
  const matrix = new Float32Array(rows.length * columns);
  for (const [r, row] of rows.entries()) {
    for (const [c, value] of row.entries()) matrix[c * rows.length + r] = value;
  }
  return { binned: binMatrix(matrix, rows.length, columns, false), matrix };
}

function friedman(count: number, seed: number) {
  const random = new Random(seed);
  const rows = Array.from({ length: count }, () => Array.from({ length: 6 }, () => random.next()));
  const target = Float64Array.from(rows, ([a = 0, b = 0, c = 0, d = 0]) => {
    return 10 * Math.sin(Math.PI * a * b) + 20 * (c - 0.5) ** 2 + 10 * d;
  });
  return { rows, target };
}

/** The best split by trying every column and every gap between values. */
function exactSplit(rows: readonly (readonly number[])[], y: Float64Array, least: number) {
  let best = { gain: 0, column: -1, low: new Set<number>() };
  const part = (set: readonly number[]) =>
    set.reduce((sum, i) => sum + (y[i] ?? 0), 0) ** 2 / set.length;
  const all = [...rows.keys()];
  for (let column = 0; column < (rows[0]?.length ?? 0); column++) {
    for (const bound of new Set(rows.map((row) => row[column] ?? 0))) {
      const low = all.filter((i) => (rows[i]?.[column] ?? 0) <= bound);
      const high = all.filter((i) => (rows[i]?.[column] ?? 0) > bound);
      if (low.length < least || high.length < least) continue;
      const gain = part(low) + part(high) - part(all);
      if (gain > best.gain + 1e-9) best = { gain, column, low: new Set(low) };
    }
  }
  return best;
}

function growOnce(
  rows: readonly (readonly number[])[],
  y: Float64Array,
  leaves: number,
  least: number,
): Tree {
  const { binned } = matrixOf(rows);
  const options = {
    maxLeaves: leaves,
    minLeafWeight: least,
    lambda: 0,
    randomThreshold: false,
    columnsPerNode: 0,
  };
  const grower = new Grower(binned, options, rows.length);
  const columns = Int32Array.from(rows[0] ?? [], (_value, c) => c);
  const g = y.map((value) => -value);
  return grower.grow(Int32Array.from(rows.keys()), g, undefined, columns, new Random(1)).tree;
}

test("the first split equals an exhaustive search", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 9 }),
          fc.integer({ min: 0, max: 9 }),
          fc.double({ min: -5, max: 5, noNaN: true }),
        ),
        { minLength: 6, maxLength: 60 },
      ),
      (cases) => {
        const rows = cases.map(([a, b]) => [a, b]);
        const y = Float64Array.from(cases, ([, , value]) => value);
        const wanted = exactSplit(rows, y, 2);
        const tree = growOnce(rows, y, 2, 2);
        const got = rows.reduce((sum, row, i) => {
          const mean = treeAnswer(tree, Float32Array.from(row), 0, 1);
          return sum + (mean - (y[i] ?? 0)) ** 2;
        }, 0);
        const whole = y.reduce((sum, v) => sum + v, 0) / y.length;
        const before = y.reduce((sum, v) => sum + (v - whole) ** 2, 0);
        expect(before - got).toBeCloseTo(wanted.gain, 6);
      },
    ),
  );
});

test("deeper growth by subtraction leaves each leaf the mean of its rows", () => {
  const { rows, target } = friedman(500, 3);
  const tree = growOnce(rows, target, 20, 5);
  const byLeaf = new Map<number, number[]>();
  for (const [i, row] of rows.entries()) {
    const answer = treeAnswer(tree, Float32Array.from(row), 0, 1);
    byLeaf.set(answer, [...(byLeaf.get(answer) ?? []), target[i] ?? 0]);
  }
  expect(byLeaf.size).toBe(20);
  for (const [answer, own] of byLeaf) {
    expect(own.length).toBeGreaterThanOrEqual(5);
    expect(answer).toBeCloseTo(own.reduce((sum, y) => sum + y, 0) / own.length, 9);
  }
});

const boosting: BoostingOptions = {
  kind: "boosting",
  loss: "squared",
  trees: 100,
  leaves: 15,
  learningRate: 0.1,
  minLeafWeight: 5,
  lambda: 0,
  columnShare: 0.7,
  rowShare: 0.8,
  randomThreshold: false,
};

test.each([
  [
    "boosting",
    (d: Binned, y: Float64Array, r: Int32Array) => fitBoosting(d, y, r, boosting, 1),
    0.35,
  ],
  [
    "boosting with random thresholds",
    (d: Binned, y: Float64Array, r: Int32Array) =>
      fitBoosting(d, y, r, { ...boosting, randomThreshold: true }, 1),
    0.4,
  ],
  [
    "forest",
    (d: Binned, y: Float64Array, r: Int32Array) =>
      fitForest(
        d,
        y,
        r,
        { kind: "forest", trees: 40, leaves: 128, minLeafRows: 3, columnShare: 0.5 },
        1,
      ),
    0.55,
  ],
] as const)(
  "%s leaves clearly less error than the mean on rows it did not see",
  (_name, fit, most) => {
    const { rows, target } = friedman(1500, 7);
    const { binned, matrix } = matrixOf(rows);
    const seen = Int32Array.from({ length: 1000 }, (_u, i) => i);
    const { ensemble } = fit(binned, target, seen);
    const predicted = rows.map((_row, i) =>
      ensembleAnswer(ensemble, { values: matrix, start: i, stride: rows.length }),
    );
    const mean = target.subarray(0, 1000).reduce((sum, y) => sum + y, 0) / 1000;
    const plain = rmse(new Float64Array(500).fill(mean), target.subarray(1000));
    expect(rmse(predicted.slice(1000), target.subarray(1000)) / plain).toBeLessThan(most);
  },
);

test("logistic boosting stays finite on a rare, perfectly separable class", () => {
  const rows = Array.from({ length: 400 }, (_u, i) => [i < 8 ? 1 : 0, (i * 37) % 100]);
  const target = Float64Array.from(rows, ([a = 0]) => a);
  const { binned, matrix } = matrixOf(rows);
  const every = Int32Array.from(rows.keys());
  const options = { ...boosting, loss: "logistic", lambda: 1, minLeafWeight: 0.01 } as const;
  const { ensemble } = fitBoosting(binned, target, every, options, 1);
  const at = (i: number) => ensembleAnswer(ensemble, { values: matrix, start: i, stride: 400 });
  expect(at(0)).toBeGreaterThan(1);
  expect(at(0)).toBeLessThan(30);
  expect(at(200)).toBeLessThan(-3);
});

test("missing values go where they belong", () => {
  const rows = Array.from({ length: 200 }, (_u, i) => [i % 2 === 0 ? Number.NaN : i / 200]);
  const target = Float64Array.from(rows, ([a]) => (Number.isNaN(a) ? 5 : 0));
  const tree = growOnce(rows, target, 4, 5);
  expect(treeAnswer(tree, Float32Array.from([Number.NaN]), 0, 1)).toBeCloseTo(5, 9);
  expect(treeAnswer(tree, Float32Array.from([0.5]), 0, 1)).toBeCloseTo(0, 9);
});

test("the same seed grows the same trees, another seed others", () => {
  const { rows, target } = friedman(300, 2);
  const { binned } = matrixOf(rows);
  const every = Int32Array.from(rows.keys());
  const text = (seed: number) => JSON.stringify(fitBoosting(binned, target, every, boosting, seed));
  expect(text(4)).toBe(text(4));
  expect(text(4)).not.toBe(text(5));
});
