import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AssetHistory } from "../../domain/feature.ts";
import { Random } from "../random.ts";
import { predictByRule, type RuleOptions } from "../rule-prediction.ts";
import { HOUR_US } from "../test-fleet.ts";
import { inverseOf } from "./cholesky.ts";
import { driftOf, learnReference } from "./drift-chart.ts";
import { LATCH_START, type LatchState, stepLatch } from "./latch.ts";
import { LevelChart } from "./level-chart.ts";

function gauss(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}

function history(columns: Record<string, readonly number[]>): AssetHistory {
  const signals = new Map(Object.entries(columns).map(([k, v]) => [k, Float64Array.from(v)]));
  return {
    assetId: "pump-1",
    stepUs: HOUR_US,
    firstStepAtUs: 0,
    steps: Object.values(columns)[0]?.length ?? 0,
    signals,
    settings: new Set(),
    maintenance: [],
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: 0,
  };
}

/** Two signals that move together; from `breaksAt` on they move against each other. */
function coupled(steps: number, breaksAt: number, seed: number): AssetHistory {
  const random = new Random(seed);
  const a: number[] = [];
  const b: number[] = [];
  let shared = 0;
  for (let i = 0; i < steps; i++) {
    shared = 0.9 * shared + gauss(random);
    a.push(50 + 5 * shared + 0.3 * gauss(random));
    b.push(20 + (i < breaksAt ? 2 : -2) * shared + 0.1 * gauss(random) + (i < breaksAt ? 0 : 4));
  }
  return history({ a, b, still: new Array(steps).fill(7) });
}

test("an inverse times its matrix is the identity", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.integer(), (n, seed) => {
      const random = new Random(seed);
      const root = Float64Array.from({ length: n * n }, () => random.next() - 0.5);
      const matrix = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          for (let k = 0; k < n; k++) {
            matrix[i * n + j] =
              (matrix[i * n + j] ?? 0) + (root[i * n + k] ?? 0) * (root[j * n + k] ?? 0);
          }
        }
        matrix[i * n + i] = (matrix[i * n + i] ?? 0) + 0.1;
      }
      const inverse = inverseOf(matrix, n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let k = 0; k < n; k++) sum += (matrix[i * n + k] ?? 0) * (inverse[k * n + j] ?? 0);
          expect(sum).toBeCloseTo(i === j ? 1 : 0, 8);
        }
      }
    }),
  );
});

test("drift is quiet while signals keep their company and loud when they part", () => {
  const asset = coupled(900, 600, 3);
  const reference = learnReference(asset, 400, 1);
  if (reference === undefined) throw new Error("no reference");
  expect(reference.signals).toEqual(["a", "b"]);
  const points = driftOf(reference, asset);
  expect(points.slice(30, 600).filter((point) => point.isOn)).toHaveLength(0);
  expect(points.slice(600, 640).some((point) => point.isOn)).toBe(true);
});

test("parts of a drift sum to its squared score", () => {
  const asset = coupled(300, 200, 5);
  const reference = learnReference(asset, 150, 1);
  if (reference === undefined) throw new Error("no reference");
  for (const { score, contributions } of driftOf(reference, asset)) {
    const sum = contributions.reduce((total, part) => total + part.value, 0);
    expect(Math.abs(sum - score ** 2)).toBeLessThan(1e-9 * Math.max(1, score ** 2));
  }
});

test.each([
  ["too few steps", coupled(59, 100, 1)],
  ["nothing that varies", history({ still: new Array(200).fill(3) })],
])("no reference is learnt from %s", (_name, asset) => {
  expect(learnReference(asset, 400, 1)).toBeUndefined();
});

test.each([
  ["a score under the limit leaves it off", [1, 2.4], ["off", "off"]],
  ["over the limit turns on", [2.6], ["on"]],
  ["half the peak clears", [8, 4.1, 3.9], ["on", "on", "off"]],
  [
    "a new level above the limit does not alarm again",
    [10, 4.9, 5, 6],
    ["on", "off", "off", "off"],
  ],
  ["unless it doubles", [10, 4.9, 9.9], ["on", "off", "on"]],
  ["back to normal arms it anew", [10, 2, 2.6], ["on", "off", "on"]],
] as const)("latch: %s", (_name, scores, wanted) => {
  let state: LatchState = LATCH_START;
  const kinds = scores.map((score) => {
    state = stepLatch(state, score);
    return state.kind;
  });
  expect(kinds).toEqual([...wanted]);
});

test("the level chart alarms once on a lasting shift, hardly on steady noise, not while warming up", () => {
  const random = new Random(2);
  const chart = new LevelChart({ silentPoints: 300 });
  const alarms: number[] = [];
  for (let i = 0; i < 3000; i++) {
    const isShifted = (i >= 150 && i < 170) || i >= 2000;
    if (chart.push(gauss(random) + (isShifted ? 8 : 0)).isAlarm) alarms.push(i);
  }
  expect(alarms.filter((i) => i < 300)).toHaveLength(0);
  expect(alarms.filter((i) => i < 2000).length).toBeLessThanOrEqual(2);
  expect(alarms.filter((i) => i >= 2000 && i < 2010)).toHaveLength(1);
});

const rule: RuleOptions = {
  seed: 1,
  limits: new Map([["a", { high: 90 }]]),
  horizonSteps: 30,
  failures: 1,
  failuresNeeded: 3,
};
const climbing = (rate: number) => {
  const random = new Random(4);
  return history({
    a: Array.from({ length: 100 }, (_u, i) => 50 + rate * i + 0.2 * gauss(random)),
  });
};

test.each([
  ["steady signals are normal", coupled(400, 500, 7), "normal"],
  ["signals that part call for a watch", coupled(400, 385, 7), "watch"],
  ["a trend far from its limit calls for a watch", climbing(0.2), "watch"],
  ["a trend near its limit calls for action", climbing(0.37), "act"],
  ["beyond the limit calls for action", climbing(0.5), "act"],
  ["too short a history is not judged", history({ a: [1, 2, 3] }), "unknown"],
  ["no readings are not judged", history({ a: new Array(100).fill(Number.NaN) }), "unknown"],
] as const)("rule: %s", (_name, asset, level) => {
  const prediction = predictByRule(asset, {
    ...rule,
    limits: new Map([
      ["a", { high: 90 }],
      ["b", {}],
    ]),
  });
  expect(prediction.reason).not.toBe("");
  expect(prediction.level).toBe(level);
  expect(prediction.basis).toBe("rule");
});

test("a trend says when it reaches its limit, in steps", () => {
  const prediction = predictByRule(climbing(0.37), rule);
  expect(prediction.rulSteps ?? 0).toBeGreaterThan(7);
  expect(prediction.rulSteps ?? 0).toBeLessThan(12);
  expect(prediction.reason).toContain("a reaches its limit in about");
});

test.each([
  [0, "it needs 3 recorded failures of this asset type, 0 failures are there"],
  [1, "it needs 3 recorded failures of this asset type, 1 failure is there"],
  [5, "start training"],
])("with %p failures it says what is missing", (failures, text) => {
  expect(predictByRule(climbing(0.1), { ...rule, failures }).missing).toContain(text);
});
