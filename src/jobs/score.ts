import type { Learning } from "../domain/learning.ts";
import type { ModelPrediction, Prediction } from "../domain/prediction.ts";
import {
  type ExplainedPrediction,
  type PredictionAlarmState,
  predictionAlarmOf,
} from "../domain/prediction-alarm.ts";
import type { NewPrediction, StoredHealth } from "../domain/prediction-store.ts";
import { SEVERITIES, type Severity } from "../domain/rule.ts";
import { type Limits, limitsOf } from "../domain/sensor.ts";
import type { Fleet, FleetMember } from "./histories.ts";
import type { Champion } from "./training.ts";

export type Scored = {
  readonly predictions: NewPrediction[];
  readonly health: StoredHealth[];
};

/** Steps over which an alarm of predictions is followed: it needs two in a row to be raised or cleared. */
const ALARM_STEPS = 30;

function lastSteps(steps: number, most: number): number[] {
  const first = Math.max(0, steps - most);
  return Array.from({ length: steps - first }, (_, i) => first + i);
}

/** An asset is blind when nothing was read for so many steps. */
const BLIND_STEPS = 4;

/**
 * Predictions and health of a fleet as of now: by its champion, or by rules where there is none or the
 * asset was not read lately.
 */
export async function scoreFleet(
  learning: Learning,
  fleet: Fleet,
  champion: Champion | undefined,
  nowUs: number,
): Promise<Scored> {
  const { type } = fleet;
  const failures = learning.failures(fleet.members.map((member) => member.history));
  // What was taken out of service still teaches; it is predicted no more.
  const members = fleet.members.filter((member) => member.asset.mode !== "retired");
  const judged = champion
    ? await learning.predict(
        champion.artifact,
        members.map(({ history }) => ({
          history,
          steps: lastSteps(history.steps, ALARM_STEPS),
          explain: "last" as const,
        })),
      )
    : [];
  const scored: Scored = { predictions: [], health: [] };
  for (const [i, member] of members.entries()) {
    const limits = limitsByName(fleet, member);
    const isBlind = nowUs - lastAtUs(member) > BLIND_STEPS * type.clockStepUs;
    const run = isBlind ? [] : (judged[i] ?? []);
    const model = run.at(-1);
    const prediction: Prediction =
      model ??
      learning.byRule(member.history, { limits, horizonSteps: type.horizonSteps, failures });
    scored.predictions.push(
      storedOf(fleet, member, { prediction, alarm: predictionAlarmOf(run) }, model && champion),
    );
    const health = learning.health({
      limitExcess: [...limits].map(([name, own]) => excessOf(lastOf(member, name), own)),
      openAlerts: member.openAlerts.flatMap(({ severity }) =>
        SEVERITIES.filter((one): one is Severity => one === severity),
      ),
      prediction,
      capSteps: champion === undefined ? undefined : type.horizonSteps,
      driftScore: learning.drift(member.history),
      ageShare: undefined,
      overdueShare: 0,
      coverage: isBlind ? 0 : member.coverage,
    });
    if (health.kind === "known")
      scored.health.push({
        assetId: member.asset.id,
        atUs: nowUs,
        score: health.score,
        parts: health.parts,
      });
  }
  return scored;
}

function storedOf(
  fleet: Fleet,
  member: FleetMember,
  { prediction, alarm }: { prediction: Prediction; alarm: PredictionAlarmState },
  champion: Champion | undefined,
): NewPrediction {
  const model: ModelPrediction | undefined = prediction.basis === "model" ? prediction : undefined;
  return {
    assetId: member.asset.id,
    atUs: prediction.atUs,
    modelId: champion?.row.id,
    fallback: prediction.basis === "rule",
    failureChance: model?.probabilityWithinHorizon,
    horizonSteps: model?.horizonSteps ?? fleet.type.horizonSteps,
    remaining: prediction.rulSteps,
    remainingLow: model?.lowSteps,
    remainingHigh: model?.highSteps,
    unit: fleet.type.clockUnit,
    coverage: member.coverage,
    explanation: { ...prediction, alarm } satisfies ExplainedPrediction,
  };
}

function lastAtUs({ history }: FleetMember): number {
  return history.firstStepAtUs + (history.steps - 1) * history.stepUs;
}

function lastOf({ history }: FleetMember, name: string): number {
  return history.signals.get(name)?.at(-1) ?? Number.NaN;
}

function limitsByName({ type }: Fleet, member: FleetMember): Map<string, Limits> {
  return new Map(
    member.sensors.map((sensor) => [
      sensor.name,
      limitsOf(sensor.limits, type.defaultLimits[sensor.name]),
    ]),
  );
}

/** How far a value lies beyond its limits, in widths of the allowed band; 0 within, or when not known. */
export function excessOf(value: number, limits: Limits): number {
  if (Number.isNaN(value)) return 0;
  const high = limits.highWarning ?? limits.highCritical;
  const low = limits.lowWarning ?? limits.lowCritical;
  const width = high !== undefined && low !== undefined ? high - low : Math.abs(high ?? low ?? 0);
  if (width <= 0) return 0;
  if (high !== undefined && value > high) return (value - high) / width;
  if (low !== undefined && value < low) return (low - value) / width;
  return 0;
}
