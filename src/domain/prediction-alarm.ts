import type { Prediction } from "./prediction.ts";

/** When a prediction is worth a person's time. Scores lie between 0 and 1. */
export type PredictionAlarmSettings = {
  /** A score at or above this counts towards raising the alarm. */
  readonly enter: number;
  /** A score below this counts towards clearing it; what lies between changes nothing. */
  readonly leave: number;
  /** So many scores in a row are needed for either. */
  readonly inRow: number;
};

export const PREDICTION_ALARM_DEFAULTS: PredictionAlarmSettings = {
  enter: 0.5,
  leave: 0.25,
  inRow: 2,
};

/** `count`: scores in a row so far that ask for the other state. */
export type PredictionAlarmState =
  | { readonly kind: "clear"; readonly count: number }
  | { readonly kind: "raised"; readonly count: number; readonly raisedAtUs: number };

export const NO_PREDICTION_ALARM: PredictionAlarmState = { kind: "clear", count: 0 };

export type PredictionAlarmStep = {
  readonly next: PredictionAlarmState;
  readonly event: "raised" | "cleared" | undefined;
};

/**
 * How strongly a prediction asks for an alarm: its probability of failure within the horizon; without
 * one, the share of its remaining-life interval that lies within the horizon. Undefined for a rule's
 * prediction: limits have alarms of their own.
 */
export function predictionAlarmScore(prediction: Prediction): number | undefined {
  if (prediction.basis === "rule") return undefined;
  if (prediction.probabilityWithinHorizon !== undefined) return prediction.probabilityWithinHorizon;
  const { lowSteps, highSteps, horizonSteps, isAtCap } = prediction;
  if (isAtCap || lowSteps >= horizonSteps) return 0;
  if (highSteps <= horizonSteps) return 1;
  return (horizonSteps - lowSteps) / (highSteps - lowSteps);
}

/**
 * One score of one asset. Pure: the product and the proof of the demo plant decide by it alike. An
 * unknown score changes nothing.
 */
export function stepPredictionAlarm(
  state: PredictionAlarmState,
  score: number | undefined,
  atUs: number,
  settings: PredictionAlarmSettings = PREDICTION_ALARM_DEFAULTS,
): PredictionAlarmStep {
  if (score === undefined || Number.isNaN(score)) return { next: state, event: undefined };
  const asks = state.kind === "clear" ? score >= settings.enter : score < settings.leave;
  if (!asks) return { next: state.count === 0 ? state : { ...state, count: 0 }, event: undefined };
  const count = state.count + 1;
  if (count < settings.inRow) return { next: { ...state, count }, event: undefined };
  return state.kind === "clear"
    ? { next: { kind: "raised", count: 0, raisedAtUs: atUs }, event: "raised" }
    : { next: NO_PREDICTION_ALARM, event: "cleared" };
}
