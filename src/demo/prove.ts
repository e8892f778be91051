import type { AssetHistory } from "../domain/feature.ts";
import type { Learning } from "../domain/learning.ts";
import type { ModelPrediction } from "../domain/prediction.ts";
import {
  NO_PREDICTION_ALARM,
  PREDICTION_ALARM_DEFAULTS,
  type PredictionAlarmState,
  predictionAlarmScore,
  stepPredictionAlarm,
} from "../domain/prediction-alarm.ts";
import { HISTORY_DAYS } from "./plant.ts";
import {
  type AlarmSpan,
  PROOF_TERMS,
  type ProofScore,
  type ProofTerms,
  scoreAlarms,
} from "./proof.ts";
import type { AssetGrid } from "./readings.ts";
import { DAY_US, type Fault } from "./truth.ts";
import { chooseSingleSignals, type SingleSignal, singleSignal, threeSigma } from "./yardsticks.ts";

/** The last part of the history, which training does not see. */
export const HELD_OUT_DAYS = 60;
/** The yardsticks' own reference: no alarm is counted in it while the single signals are chosen. */
const REFERENCE_DAYS = 30;

/** Assets of one type with their histories as the product reads them. */
export type ProofFleet = {
  readonly typeName: string;
  readonly capSteps: number;
  readonly horizonSteps: number;
  readonly assets: readonly { readonly assetKey: string; readonly history: AssetHistory }[];
};

export type Proof = {
  readonly fromUs: number;
  readonly toUs: number;
  readonly model: ProofScore;
  readonly threeSigma: ProofScore;
  readonly singleSignal: ProofScore;
  readonly chosenSignals: readonly SingleSignal[];
  /** Types that had too few failures before `fromUs` to learn from: the model is blind to them. */
  readonly untrainedTypes: readonly string[];
};

export type ProofOptions = {
  /** End of the history: the part before `toUs` of `HELD_OUT_DAYS` is the one scored. */
  readonly toUs: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress: (share: number) => void;
};

/**
 * Trains on the history before the last `HELD_OUT_DAYS`, predicts each step after it from what was
 * known then, and scores the alarms that the product would have raised; beside it the two yardsticks
 * on the same steps, scored in the same way.
 */
export async function prove(
  learning: Pick<Learning, "train" | "predict">,
  fleets: readonly ProofFleet[],
  faults: readonly Fault[],
  options: ProofOptions,
): Promise<Proof> {
  const { toUs } = options;
  const fromUs = toUs - HELD_OUT_DAYS * DAY_US;
  const assetKeys = fleets.flatMap((fleet) => fleet.assets.map((asset) => asset.assetKey));
  const terms: ProofTerms = { ...PROOF_TERMS, assetKeys, fromUs, toUs };
  const alarms: AlarmSpan[] = [];
  const untrainedTypes: string[] = [];
  for (const [i, fleet] of fleets.entries()) {
    const onProgress = (share: number) => options.onProgress((i + share) / fleets.length);
    const found = await fleetAlarms(learning, fleet, terms, { ...options, onProgress });
    if (found === undefined) untrainedTypes.push(fleet.typeName);
    else alarms.push(...found);
  }
  const grids = fleets.flatMap(({ typeName, assets }) =>
    assets.map(({ assetKey, history }) => gridOfHistory(assetKey, typeName, history)),
  );
  const learnFromUs = toUs - (HISTORY_DAYS - REFERENCE_DAYS) * DAY_US;
  const known = { ...terms, fromUs: learnFromUs, toUs: fromUs };
  const chosenSignals = chooseSingleSignals(grids, faults, known);
  return {
    fromUs,
    toUs,
    model: scoreAlarms(faults, alarms, terms),
    threeSigma: scoreAlarms(faults, threeSigma(grids), terms),
    singleSignal: scoreAlarms(faults, singleSignal(grids, chosenSignals), terms),
    chosenSignals,
    untrainedTypes,
  };
}

async function fleetAlarms(
  learning: Pick<Learning, "train" | "predict">,
  fleet: ProofFleet,
  terms: ProofTerms,
  options: ProofOptions,
): Promise<AlarmSpan[] | undefined> {
  const { capSteps, horizonSteps } = fleet;
  const known = fleet.assets.map(({ history }) => historyUntil(history, terms.fromUs));
  const outcome = await learning.train(
    known,
    { seed: options.seed, capSteps, horizonSteps },
    { signal: options.signal, onProgress: (done, of) => options.onProgress((0.9 * done) / of) },
  );
  if (outcome.kind !== "trained") return undefined;
  const wishes = fleet.assets.map(({ history }) => ({
    history,
    steps: stepsAfter(history, terms.fromUs),
  }));
  const predictions = await learning.predict(outcome.artifact, wishes);
  options.onProgress(1);
  return fleet.assets.flatMap(({ assetKey }, i) =>
    alarmsOfPredictions(assetKey, predictions[i] ?? [], terms.toUs),
  );
}

/** The alarms that the product would have raised on these predictions of one asset, in order of time. */
export function alarmsOfPredictions(
  assetKey: string,
  predictions: readonly ModelPrediction[],
  endUs: number,
): AlarmSpan[] {
  const spans: AlarmSpan[] = [];
  let state: PredictionAlarmState = NO_PREDICTION_ALARM;
  for (const prediction of predictions) {
    const score = predictionAlarmScore(prediction);
    const step = stepPredictionAlarm(state, score, prediction.atUs, PREDICTION_ALARM_DEFAULTS);
    if (step.event === "cleared" && state.kind === "raised") {
      spans.push({ assetKey, raisedAtUs: state.raisedAtUs, clearedAtUs: prediction.atUs });
    }
    state = step.next;
  }
  if (state.kind === "raised") {
    spans.push({ assetKey, raisedAtUs: state.raisedAtUs, clearedAtUs: endUs });
  }
  return spans;
}

/** What was known of an asset at a time: later steps and events are gone. */
export function historyUntil(history: AssetHistory, atUs: number): AssetHistory {
  const passed = Math.floor((atUs - history.firstStepAtUs) / history.stepUs) + 1;
  const steps = Math.max(0, Math.min(history.steps, passed));
  return {
    ...history,
    steps,
    signals: new Map([...history.signals].map(([name, all]) => [name, all.slice(0, steps)])),
    maintenance: history.maintenance.filter((event) => event.atUs <= atUs),
    errorsAtUs: history.errorsAtUs.filter((at) => at <= atUs),
    alertsAtUs: history.alertsAtUs.filter((at) => at <= atUs),
  };
}

function stepsAfter(history: AssetHistory, atUs: number): number[] {
  const all = Array.from({ length: history.steps }, (_, i) => i);
  return all.filter((i) => history.firstStepAtUs + i * history.stepUs > atUs);
}

function gridOfHistory(assetKey: string, typeName: string, history: AssetHistory): AssetGrid {
  const signals = [...history.signals.keys()];
  const values = new Float64Array(history.steps * signals.length);
  signals.forEach((name, s) => {
    const column = history.signals.get(name);
    for (let i = 0; i < history.steps; i++) {
      values[i * signals.length + s] = column?.[i] ?? Number.NaN;
    }
  });
  const { steps, stepUs } = history;
  // The time of a history's step is its end.
  const startUs = history.firstStepAtUs - stepUs;
  return { assetKey, typeName, startUs, stepUs, steps, signals, values };
}
