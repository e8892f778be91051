import type { Core } from "./core.ts";
import { faultsOf, type Plant } from "./demo/plant.ts";
import { type AlarmSpan, PROOF_TERMS, scoreAlarms } from "./demo/proof.ts";
import type { AssetGrid } from "./demo/readings.ts";
import { DAY_US } from "./demo/truth.ts";
import { chooseSingleSignals, singleSignal, threeSigma } from "./demo/yardsticks.ts";
import type { Proof, ProofLine } from "./domain/demo-view.ts";
import type { AssetHistory } from "./domain/feature.ts";
import type { ModelPrediction } from "./domain/prediction.ts";
import {
  NO_PREDICTION_ALARM,
  predictionAlarmScore,
  stepPredictionAlarm,
} from "./domain/prediction-alarm.ts";
import type { Fleet } from "./jobs/histories.ts";

/** Days at the end of the history that training for the proof does not see. */
export const HELD_OUT_DAYS = 60;

/**
 * Trains on what was known at the start of the last 60 days, predicts every step of those days from
 * what was known then, and scores the alarms against the plant's truth; beside it a 3-sigma rule and
 * the best single signal, scored alike. The models that the product goes on with are trained on all.
 */
export async function prove(
  core: Pick<Core, "learning" | "fleets">,
  plant: Plant,
  tenantId: string,
  progress: (share: number) => void,
): Promise<Proof> {
  const splitUs = plant.endUs - HELD_OUT_DAYS * DAY_US;
  const known = await core.fleets(tenantId, splitUs);
  const whole = await core.fleets(tenantId, plant.endUs);
  const spans: AlarmSpan[] = [];
  for (const [i, fleet] of whole.entries()) {
    const before = known.find((one) => one.type.id === fleet.type.id);
    if (before !== undefined) spans.push(...(await ourAlarms(core, before, fleet, splitUs)));
    progress((i + 1) / whole.length);
  }
  const grids = whole.flatMap(gridsOf);
  const assetKeys = grids.map((grid) => grid.assetKey);
  const faults = faultsOf(plant);
  const terms = { ...PROOF_TERMS, fromUs: splitUs, toUs: plant.endUs, assetKeys };
  const chosen = chooseSingleSignals(grids, faults, {
    ...terms,
    fromUs: plant.startUs,
    toUs: splitUs,
  });
  const line = (name: ProofLine["name"], own: readonly AlarmSpan[]): ProofLine => {
    const { outcomes: _outcomes, ...score } = scoreAlarms(faults, own, terms);
    return { name, score };
  };
  return {
    heldOutDays: HELD_OUT_DAYS,
    assets: assetKeys.length,
    lines: [
      line("Foresight", spans),
      line("3-sigma rule", threeSigma(grids)),
      line("Best single signal", singleSignal(grids, chosen)),
    ],
  };
}

async function ourAlarms(
  core: Pick<Core, "learning">,
  before: Fleet,
  fleet: Fleet,
  splitUs: number,
): Promise<AlarmSpan[]> {
  const outcome = await core.learning.train(
    before.members.map((member) => member.history),
    core.learning.optionsFor(fleet.type),
    { onProgress: () => {}, signal: new AbortController().signal },
  );
  if (outcome.kind !== "trained") return [];
  const wishes = fleet.members.map(({ history }) => ({
    history,
    steps: stepsAfter(history, splitUs),
    explain: "none" as const,
  }));
  const predicted = await core.learning.predict(outcome.artifact, wishes);
  return fleet.members.flatMap((member, i) =>
    alarmsFrom(member.asset.key, predicted[i] ?? [], member.history),
  );
}

function stepsAfter(history: AssetHistory, fromUs: number): number[] {
  const first = Math.max(0, Math.ceil((fromUs - history.firstStepAtUs) / history.stepUs));
  return Array.from({ length: Math.max(0, history.steps - first) }, (_, i) => first + i);
}

function alarmsFrom(
  assetKey: string,
  predictions: readonly ModelPrediction[],
  history: AssetHistory,
): AlarmSpan[] {
  const spans: AlarmSpan[] = [];
  let state = NO_PREDICTION_ALARM;
  for (const prediction of predictions) {
    const step = stepPredictionAlarm(state, predictionAlarmScore(prediction), prediction.atUs);
    if (step.event === "cleared" && state.kind === "raised")
      spans.push({ assetKey, raisedAtUs: state.raisedAtUs, clearedAtUs: prediction.atUs });
    state = step.next;
  }
  const endUs = history.firstStepAtUs + (history.steps - 1) * history.stepUs;
  if (state.kind === "raised")
    spans.push({ assetKey, raisedAtUs: state.raisedAtUs, clearedAtUs: endUs });
  return spans;
}

/** The fleet's histories in the form in which yardsticks take them. */
function gridsOf(fleet: Fleet): AssetGrid[] {
  return fleet.members.map(({ asset, history }) => {
    const signals = [...history.signals.keys()];
    const values = new Float64Array(history.steps * signals.length);
    signals.forEach((name, s) => {
      const column = history.signals.get(name);
      for (let i = 0; i < history.steps; i++)
        values[i * signals.length + s] = column?.[i] ?? Number.NaN;
    });
    return {
      assetKey: asset.key,
      typeName: fleet.type.name,
      // A history's step bears the time of its end, a grid's that of its start.
      startUs: history.firstStepAtUs - history.stepUs,
      stepUs: history.stepUs,
      steps: history.steps,
      signals,
      values,
    };
  });
}
