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

/**
 * `count`: scores in a row so far that ask for the other state. `lastAtUs`: the step scored last, so
 * that scoring a step again, as an hourly job does with a daily clock, counts once.
 */
export type PredictionAlarmState =
  | { readonly kind: "clear"; readonly count: number; readonly lastAtUs: number | undefined }
  | {
      readonly kind: "raised";
      readonly count: number;
      readonly lastAtUs: number | undefined;
      readonly raisedAtUs: number;
    };

/** A prediction as it is kept: with the alarm that it and those before it add up to. */
export type ExplainedPrediction = Prediction & { readonly alarm: PredictionAlarmState };

export const NO_PREDICTION_ALARM: PredictionAlarmState = {
  kind: "clear",
  count: 0,
  lastAtUs: undefined,
};

export type PredictionAlarmStep = {
  readonly next: PredictionAlarmState;
  readonly event: "raised" | "cleared" | undefined;
};

/**
 * How strongly a prediction asks for an alarm, 0 to 1: the mean of its two opinions, the probability
 * of failure within the horizon and the part of the horizon that the remaining life does not fill; the
 * latter alone where there is no probability. Undefined for a rule's prediction: limits have alarms of
 * their own.
 */
export function predictionAlarmScore(prediction: Prediction): number | undefined {
  if (prediction.basis === "rule") return undefined;
  const { rulSteps, horizonSteps, probabilityWithinHorizon } = prediction;
  const life = Math.min(1, Math.max(0, 1 - rulSteps / horizonSteps));
  return probabilityWithinHorizon === undefined ? life : (life + probabilityWithinHorizon) / 2;
}

/**
 * One score of one asset, as of a step of its clock. Pure: the product and the proof of the demo plant
 * decide by it alike. An unknown score, or one of a step that was scored before, changes nothing.
 */
export function stepPredictionAlarm(
  state: PredictionAlarmState,
  score: number | undefined,
  atUs: number,
  settings: PredictionAlarmSettings = PREDICTION_ALARM_DEFAULTS,
): PredictionAlarmStep {
  if (score === undefined || Number.isNaN(score) || atUs <= (state.lastAtUs ?? -Infinity)) {
    return { next: state, event: undefined };
  }
  const asks = state.kind === "clear" ? score >= settings.enter : score < settings.leave;
  const count = asks ? state.count + 1 : 0;
  if (count < settings.inRow)
    return { next: { ...state, count, lastAtUs: atUs }, event: undefined };
  const fresh = { count: 0, lastAtUs: atUs };
  return state.kind === "clear"
    ? { next: { ...fresh, kind: "raised", raisedAtUs: atUs }, event: "raised" }
    : { next: { ...fresh, kind: "clear" }, event: "cleared" };
}

/** The state after a run of predictions of one asset, oldest first. Pure. */
export function predictionAlarmOf(predictions: readonly Prediction[]): PredictionAlarmState {
  let state: PredictionAlarmState = NO_PREDICTION_ALARM;
  for (const prediction of predictions)
    state = stepPredictionAlarm(state, predictionAlarmScore(prediction), prediction.atUs).next;
  return state;
}
