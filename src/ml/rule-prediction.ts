import type { AssetHistory } from "../domain/feature.ts";
import type { RulePrediction } from "../domain/prediction.ts";
import { type DriftPoint, driftOf, learnReference, REFERENCE_ROWS } from "./anomaly/drift-chart.ts";
import { stepAtUs } from "./features/history.ts";
import { livesOf } from "./features/lives.ts";

/** Limits that people set for a signal. */
export type SignalLimits = {
  readonly low?: number | undefined;
  readonly high?: number | undefined;
};

export type RuleOptions = {
  readonly seed: number;
  readonly limits: ReadonlyMap<string, SignalLimits>;
  /** Heading for a limit within so many steps calls for action. */
  readonly horizonSteps: number;
  /** Lives that ended in a failure so far, and how many a model needs. */
  readonly failures: number;
  readonly failuresNeeded: number;
};

const REFERENCE_STEPS = 400;
const TREND_STEPS = 60;
const LEAST_TREND_STEPS = 20;
/** A slope below so many of its standard errors is noise. Neighbouring readings are not independent. */
const SURE_SLOPE = 6;
/** Without a reading in so many steps nobody can say anything. */
const BLIND_STEPS = 30;

type Approach = { readonly signal: string; readonly steps: number };

/**
 * What can be said of an asset without a trained model: trends towards limits, and drift from its own
 * normal at the start of its life. It calls itself a rule and says what is missing for a model.
 */
export function predictByRule(history: AssetHistory, options: RuleOptions): RulePrediction {
  const step = history.steps - 1;
  const base = {
    basis: "rule",
    assetId: history.assetId,
    atUs: stepAtUs(history, step),
    missing: missingText(options),
  } as const;
  const blind = { rulSteps: undefined, driftScore: undefined, contributions: [] };
  if (isBlind(history)) {
    return { ...base, ...blind, level: "unknown", reason: "no recent readings" };
  }
  const drift = lastDrift(history, options.seed);
  const beyond = [...options.limits].find(([signal, limits]) =>
    isBeyond(lastOf(history, signal), limits),
  );
  const approach = [...options.limits]
    .flatMap(([signal, limits]) => approachOf(history, signal, limits))
    .sort((a, b) => a.steps - b.steps)[0];
  const shared = { driftScore: drift?.score, contributions: sharesOf(drift) };
  if (beyond !== undefined) {
    const reason = `${beyond[0]} is beyond its limit`;
    return { ...base, ...shared, level: "act", rulSteps: 0, reason };
  }
  if (approach !== undefined) {
    const isNear = approach.steps <= options.horizonSteps;
    const rounded = Math.max(1, Math.round(approach.steps));
    const reason = `${approach.signal} reaches its limit in about ${rounded} steps at its present trend`;
    return {
      ...base,
      ...shared,
      level: isNear ? "act" : "watch",
      rulSteps: approach.steps,
      reason,
    };
  }
  if (drift === undefined) {
    const reason = `fewer than ${REFERENCE_ROWS} steps to learn its normal from, and no trend towards a limit`;
    return { ...base, ...shared, level: "unknown", rulSteps: undefined, reason };
  }
  const first = drift.contributions[0]?.name ?? "it";
  return {
    ...base,
    ...shared,
    level: drift.isOn ? "watch" : "normal",
    rulSteps: undefined,
    reason: drift.isOn
      ? `${first} has left its own normal`
      : "all signals are within their own normal",
  };
}

function missingText(options: RuleOptions): string {
  const { failures, failuresNeeded } = options;
  if (failures >= failuresNeeded) return "a trained model: start training";
  const recorded = failures === 1 ? "1 failure is" : `${failures} failures are`;
  return `a trained model: it needs ${failuresNeeded} recorded failures of this asset type, ${recorded} there`;
}

function lastOf(history: AssetHistory, signal: string): number {
  const values = history.signals.get(signal);
  for (let i = history.steps - 1; i >= Math.max(0, history.steps - BLIND_STEPS); i--) {
    const value = values?.[i] ?? Number.NaN;
    if (!Number.isNaN(value)) return value;
  }
  return Number.NaN;
}

function isBlind(history: AssetHistory): boolean {
  return [...history.signals.keys()].every((signal) => Number.isNaN(lastOf(history, signal)));
}

function isBeyond(value: number, limits: SignalLimits): boolean {
  return value > (limits.high ?? Number.POSITIVE_INFINITY) || value < (limits.low ?? -Infinity);
}

/** The drift of the last step, judged by the start of the life that is running. */
function lastDrift(history: AssetHistory, seed: number): DriftPoint | undefined {
  const life = livesOf(history).at(-1);
  if (life === undefined) return undefined;
  const from = life.firstStep;
  const own: AssetHistory = {
    ...history,
    firstStepAtUs: stepAtUs(history, from),
    steps: history.steps - from,
    signals: new Map([...history.signals].map(([name, values]) => [name, values.subarray(from)])),
  };
  const reference = learnReference(own, Math.min(REFERENCE_STEPS, Math.floor(own.steps / 2)), seed);
  return reference === undefined ? undefined : driftOf(reference, own).at(-1);
}

function sharesOf(drift: DriftPoint | undefined) {
  const squared = (drift?.score ?? 0) ** 2;
  if (drift === undefined || squared <= 0) return [];
  return drift.contributions.map(({ name, value }) => ({ name, value: value / squared }));
}

/** Steps to a limit along the least-squares line of the last steps, when it surely heads there. */
function approachOf(history: AssetHistory, signal: string, limits: SignalLimits): Approach[] {
  const values = history.signals.get(signal);
  const first = Math.max(0, history.steps - TREND_STEPS);
  const points: [number, number][] = [];
  for (let i = first; i < history.steps; i++) {
    const value = values?.[i] ?? Number.NaN;
    if (!Number.isNaN(value)) points.push([i - history.steps + 1, value]);
  }
  const n = points.length;
  if (n < LEAST_TREND_STEPS) return [];
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const xx = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / xx;
  const now = meanY - slope * meanX;
  const left = points.reduce((sum, [x, y]) => sum + (y - now - slope * x) ** 2, 0);
  const error = Math.sqrt(left / (n - 2) / xx);
  const limit = slope > 0 ? limits.high : limits.low;
  if (limit === undefined || !(Math.abs(slope) > SURE_SLOPE * error)) return [];
  return [{ signal, steps: Math.max(0, (limit - now) / slope) }];
}
