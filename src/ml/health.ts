import { HEALTH_PARTS, type Health, type HealthPartName } from "../domain/prediction.ts";
import type { Severity } from "../domain/rule.ts";

/** All that is known of an asset now, as far as its health goes. */
export type HealthFacts = {
  /** By sensor with limits: how far beyond, in widths of the allowed band (0 = within). */
  readonly limitExcess: readonly number[];
  readonly openAlerts: readonly Severity[];
  /** Of failure within the horizon; undefined without a model. */
  readonly failureProbability: number | undefined;
  /** Remaining life as a share of the planning horizon, 0 to 1; undefined without a model. */
  readonly remainingShare: number | undefined;
  /** Drift score, 1 = worst of the reference time; undefined when not known. */
  readonly driftScore: number | undefined;
  /** Age as a share of the usual life of its kind; undefined when not known. */
  readonly ageShare: number | undefined;
  /** How far planned maintenance is overdue, as a share of its interval; 0 = not. */
  readonly overdueShare: number;
  /** Share of the sensors that reported when they should have, 0 to 1; undefined = it has no sensors. */
  readonly coverage: number | undefined;
};

/** Most points each part can take. */
export const MOST_POINTS: Readonly<Record<HealthPartName, number>> = {
  "limits exceeded": 30,
  "open alarms": 40,
  "predicted failure": 60,
  "drift from own normal": 20,
  age: 10,
  "overdue maintenance": 10,
  "missing readings": 15,
};

const ALERT_POINTS: Readonly<Record<Severity, number>> = {
  info: 0,
  warning: 8,
  critical: 20,
  emergency: 40,
};
/** Under this share of reporting sensors an asset is not judged at all. */
const BLIND_COVERAGE = 0.25;
/** Drift up to it is normal; from the latch's limit times two on it takes all its points. */
const DRIFT_FREE = 1;
const DRIFT_FULL = 5;
/** A remaining life above this share of the planning horizon takes nothing. */
const LIFE_FREE = 0.6;

function ramp(value: number, from: number, to: number): number {
  return Math.min(1, Math.max(0, (value - from) / (to - from)));
}

function rawPoints(facts: HealthFacts): Record<HealthPartName, number> {
  const probability = facts.failureProbability ?? 0;
  const lifeLoss =
    facts.remainingShare === undefined ? 0 : ramp(LIFE_FREE - facts.remainingShare, 0, LIFE_FREE);
  const excess = facts.limitExcess.reduce(
    (sum, own) => sum + (own > 0 ? 0.4 + ramp(own, 0, 0.5) : 0),
    0,
  );
  const alerts = facts.openAlerts.reduce((sum, severity) => sum + ALERT_POINTS[severity], 0);
  const most = MOST_POINTS;
  return {
    "limits exceeded": Math.min(1, excess) * most["limits exceeded"],
    "open alarms": Math.min(most["open alarms"], alerts),
    "predicted failure": Math.max(probability, lifeLoss) * most["predicted failure"],
    "drift from own normal":
      ramp(facts.driftScore ?? 0, DRIFT_FREE, DRIFT_FULL) * most["drift from own normal"],
    age: ramp(facts.ageShare ?? 0, 0.5, 1.25) * most.age,
    "overdue maintenance": ramp(facts.overdueShare, 0, 1) * most["overdue maintenance"],
    "missing readings": (1 - (facts.coverage ?? 1)) * most["missing readings"],
  };
}

/**
 * Health from 0 to 100: 100 minus the points of named parts. Parts are whole numbers rounded by largest
 * remainder, so what is shown adds up exactly; parts that sum to over 100 shrink alike.
 */
export function healthOf(facts: HealthFacts): Health {
  if (facts.coverage === undefined) return { kind: "unknown", reason: "it has no sensors" };
  if (!(facts.coverage >= BLIND_COVERAGE)) {
    const percent = Math.round((Number.isNaN(facts.coverage) ? 0 : facts.coverage) * 100);
    return { kind: "unknown", reason: `only ${percent} % of its sensors report` };
  }
  const raw = rawPoints(facts);
  const sum = HEALTH_PARTS.reduce((total, name) => total + raw[name], 0);
  const shrink = sum > 100 ? 100 / sum : 1;
  const exact = HEALTH_PARTS.map((name) => raw[name] * shrink);
  const points = roundTogether(exact, Math.round(Math.min(100, sum)));
  return {
    kind: "known",
    score: 100 - points.reduce((total, own) => total + own, 0),
    parts: HEALTH_PARTS.map((name, i) => ({ name, points: points[i] ?? 0 })).filter(
      (part) => part.points > 0,
    ),
  };
}

/** Whole numbers nearest to the given ones that sum to `total` (largest remainder). */
export function roundTogether(values: readonly number[], total: number): number[] {
  const floors = values.map(Math.floor);
  let left = total - floors.reduce((sum, own) => sum + own, 0);
  const order = values
    .map((value, i) => ({ i, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i);
  for (const { i } of order) {
    if (left <= 0) break;
    floors[i] = (floors[i] ?? 0) + 1;
    left--;
  }
  return floors;
}
