import { expect, test } from "bun:test";
import fc from "fast-check";
import type { AssetHistory, MaintenanceEvent } from "../../domain/feature.ts";
import { Random } from "../random.ts";
import { HOUR_US, wornFleet } from "../test-fleet.ts";
import { cutAfter, startLater } from "./history.ts";
import { horizonLabel, lifeTarget, livesOf, outcomesOf } from "./lives.ts";
import { fitNormaliser } from "./normaliser.ts";
import { findRegimes } from "./regimes.ts";
import { allColumns, columnName, countBefore, FeatureReader } from "./rows.ts";
import { SignalStates } from "./signal-state.ts";

function blank(steps: number, maintenance: MaintenanceEvent[] = []): AssetHistory {
  return {
    assetId: "a",
    stepUs: HOUR_US,
    firstStepAtUs: 0,
    steps,
    signals: new Map([["x", Float64Array.from({ length: steps }, (_u, i) => i)]]),
    settings: new Set(),
    maintenance,
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: 0,
  };
}

const failure = (step: number): MaintenanceEvent => ({
  atUs: step * HOUR_US,
  kind: "failure",
  mode: "worn",
  closesLife: true,
});
const overhaul = (step: number): MaintenanceEvent => ({
  ...failure(step),
  kind: "planned",
  mode: undefined,
});

test("features of a step are what they were before anything later was known", () => {
  const fleet = wornFleet({ assets: 3, seed: 4, lives: 2, shortest: 25, longest: 50 });
  const normaliser = fitNormaliser(fleet, 1);
  fc.assert(
    fc.property(fc.nat(2), fc.nat(1000), (asset, at) => {
      const history = fleet[asset] ?? fail();
      const step = at % history.steps;
      const whole = new FeatureReader(normaliser, history).read(step);
      const then = new FeatureReader(normaliser, cutAfter(history, step + 1)).read(step);
      expect([...then]).toEqual([...whole]);
    }),
  );
});

function fail(): never {
  throw new Error("the fleet has fewer assets than were asked for");
}

test("reading every step or only one gives the same row", () => {
  const [history = fail()] = wornFleet({ assets: 1, seed: 8, lives: 2, shortest: 25, longest: 50 });
  const normaliser = fitNormaliser([history], 1);
  const stepwise = new FeatureReader(normaliser, history);
  for (let i = 0; i < history.steps; i++) {
    const row = [...stepwise.read(i)];
    if (i % 7 === 0) expect([...new FeatureReader(normaliser, history).read(i)]).toEqual(row);
  }
});

/** Coefficients of a least-squares polynomial by plain normal equations. */
function fit(points: readonly (readonly [number, number])[], degree: number): number[] {
  const size = degree + 1;
  const matrix = Array.from({ length: size }, (_u, i) =>
    Array.from({ length: size + 1 }, (_v, j) =>
      points.reduce((sum, [x, y]) => sum + (j < size ? x ** (i + j) : y * x ** i), 0),
    ),
  );
  for (let i = 0; i < size; i++) {
    for (let k = i + 1; k < size; k++) {
      const factor = (matrix[k]?.[i] ?? 0) / (matrix[i]?.[i] ?? 1);
      for (let j = i; j <= size; j++) {
        const row = matrix[k] ?? [];
        row[j] = (row[j] ?? 0) - factor * (matrix[i]?.[j] ?? 0);
      }
    }
  }
  const out: number[] = new Array(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    let sum = matrix[i]?.[size] ?? 0;
    for (let j = i + 1; j < size; j++) sum -= (matrix[i]?.[j] ?? 0) * (out[j] ?? 0);
    out[i] = sum / (matrix[i]?.[i] ?? 1);
  }
  return out;
}

test("signal features equal their definitions, gaps included", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 90 }),
      fc.boolean(),
      (seed, rows, hasGaps) => {
        const random = new Random(seed);
        const z = Array.from({ length: rows }, () =>
          hasGaps && random.next() < 0.2 ? Number.NaN : random.next() * 4 - 2,
        );
        const states = new SignalStates(1);
        for (const value of z) states.push(Float64Array.of(value));
        const got = new Float32Array(5);
        states.write(got, 0);
        const known = (from: number, to: number) =>
          z
            .map((value, k) => [k, value] as const)
            .slice(Math.max(0, from), to)
            .filter(([, v]) => !Number.isNaN(v));
        const mean = (own: readonly (readonly [number, number])[]) =>
          own.reduce((sum, [, v]) => sum + v, 0) / own.length;
        const slope = (own: readonly (readonly [number, number])[]) =>
          own.length === 0 ? Number.NaN : own.length === 1 ? 0 : (fit(own, 1)[1] ?? 0);
        const all = known(0, rows);
        const last = (rows - 1 - (rows - 1) / 2) / (rows / 2);
        const scaled = all.map(([k, v]) => [(k - (rows - 1) / 2) / (rows / 2), v] as const);
        const [, c1 = 0, c2 = 0] = all.length >= 8 ? fit(scaled, 2) : [];
        const wanted = [
          mean(known(rows - 15, rows)),
          slope(known(rows - 30, rows)),
          mean(known(rows - 5, rows)) - mean(known(0, Math.min(10, rows))),
          slope(all),
          all.length === 0 ? Number.NaN : (c1 + 2 * c2 * last) / (rows / 2),
        ];
        for (const [f, value] of wanted.entries()) {
          if (Number.isNaN(value)) expect(got[f]).toBeNaN();
          else expect(got[f] ?? 0).toBeCloseTo(value, 4);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test.each([
  ["one at the instant itself does not count yet", [24], 0],
  ["one just before counts", [23], 1],
  ["one a whole window ago still counts", [0], 1],
  ["one before the window does not", [-1], 0],
  ["all inside count", [0, 5, 23, 24], 3],
])("events in [t - 24 h, t): %s", (_name, hours, wanted) => {
  const times = Float64Array.from(hours, (hour) => hour * HOUR_US);
  expect(countBefore(times, 24 * HOUR_US, 24 * HOUR_US)).toBe(wanted);
});

test("maintenance counts from the step after it", () => {
  const repair: MaintenanceEvent = { ...overhaul(3), closesLife: false };
  const history = blank(6, [repair]);
  const normaliser = fitNormaliser([history], 1);
  const at = allColumns(normaliser).findIndex(
    (column) => columnName(column) === "since-maintenance",
  );
  const reader = new FeatureReader(normaliser, history);
  const got = Array.from({ length: 6 }, (_u, i) => reader.read(i)[at]);
  expect(got).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, 1, 2]);
});

test.each([
  ["a life without an end is open", [], [[0, 9, "open"]]],
  [
    "the step of the failure is the life's last",
    [failure(4)],
    [
      [0, 4, "failure"],
      [5, 9, "open"],
    ],
  ],
  ["a failure at the end leaves no life after it", [failure(9)], [[0, 9, "failure"]]],
  [
    "an overhaul ends a life without a failure",
    [overhaul(4), failure(9)],
    [
      [0, 4, "planned"],
      [5, 9, "failure"],
    ],
  ],
  [
    "events need not be in order",
    [failure(9), overhaul(4)],
    [
      [0, 4, "planned"],
      [5, 9, "failure"],
    ],
  ],
  [
    "a repair that renews nothing ends no life",
    [{ ...failure(4), closesLife: false }],
    [[0, 9, "open"]],
  ],
  ["what ended before recording began leaves no life", [failure(-3)], [[0, 9, "open"]]],
] as const)("lives: %s", (_name, events, wanted) => {
  const lives = livesOf(blank(10, [...events]));
  expect(lives.map((life) => [life.firstStep, life.lastStep, life.end])).toEqual(
    wanted.map((life) => [...life]),
  );
});

test.each([
  ["before a failure", [failure(8)], 2, 6, 1],
  ["at the failure", [failure(8)], 8, 0, 1],
  ["longer than the cap", [failure(19)], 2, 10, 0],
  ["after a failure, to the end of what is known", [failure(2)], 5, 10, 0],
  ["too near to the end to know the life, far enough for the horizon", [], 13, Number.NaN, 0],
  ["too near to the end to know anything", [], 16, Number.NaN, -1],
  ["an overhaul hides the failure it prevented", [overhaul(8), failure(19)], 6, Number.NaN, -1],
  [
    "a failure that renews nothing is still a failure",
    [{ ...failure(8), closesLife: false }],
    2,
    6,
    1,
  ],
] as const)("targets: %s", (_name, events, step, life, label) => {
  const outcomes = outcomesOf(blank(20, [...events]));
  expect(lifeTarget(outcomes, step, 10)).toBe(life);
  expect(horizonLabel(outcomes, step, 6)).toBe(label);
});

test("settings with two tight levels make two regimes, and wide ones make one", () => {
  const random = new Random(3);
  const tight = Float64Array.from(
    { length: 2000 },
    (_u, i) => (i % 2 === 0 ? -1 : 1) + random.next() * 0.01,
  );
  const wide = Float64Array.from({ length: 2000 }, () => random.next());
  expect(findRegimes({ values: tight, dimensions: 1 }, 1)).toHaveLength(2);
  expect(findRegimes({ values: wide, dimensions: 1 }, 1)).toHaveLength(1);
});

test("within its regime a signal has mean 0 and spread 1, and a constant signal says nothing", () => {
  const fleet = wornFleet({ assets: 4, seed: 2 });
  const normaliser = fitNormaliser(fleet, 1);
  expect(normaliser.centres).toHaveLength(2);
  const load = normaliser.signals.indexOf("load");
  expect(normaliser.sd.map((own) => own[load])).toEqual([0, 0]);
  const heat = normaliser.signals.indexOf("heat");
  const means = normaliser.mean.map((own) => own[heat] ?? 0).sort((a, b) => a - b);
  expect(means[1] ?? 0).toBeGreaterThan((means[0] ?? 0) + 15);
});

test("who starts to record later knows the age but not the rows before", () => {
  const history = startLater(blank(20), 8);
  const normaliser = fitNormaliser([history], 1);
  const names = allColumns(normaliser).map(columnName);
  const row = new FeatureReader(normaliser, history).read(2);
  expect(row[names.indexOf("age")]).toBe(10);
  expect(row[names.indexOf("rows-seen")]).toBe(3);
});
