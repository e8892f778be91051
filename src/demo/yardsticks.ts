import { NO_PREDICTION_ALARM, stepPredictionAlarm } from "../domain/prediction-alarm.ts";
import { type AlarmSpan, type ProofTerms, scoreAlarms } from "./proof.ts";
import type { AssetGrid } from "./readings.ts";
import { DAY_US, type Fault } from "./truth.ts";

/** Reference of each signal of each asset: the first part of its own history. */
const REFERENCE_US = 30 * DAY_US;
/** A score that raises or clears an alarm does so twice in a row, as for the product's predictions. */
const IN_ROW = 2;

/** Turns a score per step into alarms: at or above `enter` twice in a row, until below `leave` twice. */
export function alarmsOf(
  grid: Pick<AssetGrid, "assetKey" | "startUs" | "stepUs" | "steps">,
  scores: ArrayLike<number>,
  enter: number,
  leave: number,
  inRow: number = IN_ROW,
): AlarmSpan[] {
  const spans: AlarmSpan[] = [];
  const endUs = grid.startUs + grid.steps * grid.stepUs;
  let state = NO_PREDICTION_ALARM;
  for (let i = 0; i < grid.steps; i++) {
    // A step's mean is known when the step is over.
    const atUs = grid.startUs + (i + 1) * grid.stepUs;
    const step = stepPredictionAlarm(state, scores[i], atUs, { enter, leave, inRow });
    if (step.event === "cleared" && state.kind === "raised") {
      spans.push({ ...spanOf(grid.assetKey, state.raisedAtUs), clearedAtUs: atUs });
    }
    state = step.next;
  }
  if (state.kind === "raised") {
    spans.push({ ...spanOf(grid.assetKey, state.raisedAtUs), clearedAtUs: endUs });
  }
  return spans;
}

function spanOf(assetKey: string, raisedAtUs: number): Pick<AlarmSpan, "assetKey" | "raisedAtUs"> {
  return { assetKey, raisedAtUs };
}

/** Distance of each step of one signal from its reference mean, in its standard deviations. */
export function distances(grid: AssetGrid, signal: number, smoothSteps: number): Float64Array {
  const width = grid.signals.length;
  const reference = Math.min(grid.steps, Math.floor(REFERENCE_US / grid.stepUs));
  const smooth = new Float64Array(grid.steps);
  let last = Number.NaN;
  const keep = 1 - 1 / smoothSteps;
  for (let i = 0; i < grid.steps; i++) {
    const value = grid.values[i * width + signal] ?? Number.NaN;
    if (Number.isNaN(last)) last = value;
    else if (!Number.isNaN(value)) last = last * keep + value * (1 - keep);
    smooth[i] = Number.isNaN(value) ? Number.NaN : last;
  }
  const seen = smooth.subarray(0, reference).filter((value) => !Number.isNaN(value));
  const mean = seen.reduce((sum, value) => sum + value, 0) / seen.length;
  const variance = seen.reduce((sum, value) => sum + (value - mean) ** 2, 0) / seen.length;
  return smooth.map((value) => (value - mean) / Math.sqrt(Math.max(variance, 1e-12)));
}

/** Yardstick 1: any signal more than three standard deviations from its own first thirty days. */
export function threeSigma(grids: readonly AssetGrid[]): AlarmSpan[] {
  return grids.flatMap((grid) => {
    const worst = new Float64Array(grid.steps);
    grid.signals.forEach((_, s) => {
      distances(grid, s, 1).forEach((z, i) => {
        if (Math.abs(z) > (worst[i] ?? 0)) worst[i] = Math.abs(z);
      });
    });
    return alarmsOf(grid, worst, 3, 3);
  });
}

/** What the second yardstick chose for one type of asset. */
export type SingleSignal = {
  readonly typeName: string;
  readonly signal: string;
  readonly direction: 1 | -1;
  readonly limit: number;
  readonly smoothSteps: number;
};

const LIMITS = [1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10];

/**
 * Yardstick 2, its learning: per type the one signal, direction, smoothing and limit that did best on
 * the training part, best = most faults found and fewest missed and false (F1).
 */
export function chooseSingleSignals(
  grids: readonly AssetGrid[],
  faults: readonly Fault[],
  terms: ProofTerms,
): SingleSignal[] {
  const types = [...new Set(grids.map((grid) => grid.typeName))];
  return types.flatMap((typeName) => {
    const own = grids.filter((grid) => grid.typeName === typeName);
    const assetKeys = own.map((grid) => grid.assetKey);
    const ownFaults = faults.filter((fault) => assetKeys.includes(fault.assetKey));
    let best: SingleSignal | undefined;
    let bestF1 = -1;
    for (const choice of choices(typeName, own)) {
      const score = scoreAlarms(ownFaults, singleSignal(own, [choice]), { ...terms, assetKeys });
      const f1 = (2 * score.found) / (2 * score.found + score.missed + score.falseAlarms || 1);
      if (f1 > bestF1) {
        bestF1 = f1;
        best = choice;
      }
    }
    return best === undefined ? [] : [best];
  });
}

function* choices(typeName: string, own: readonly AssetGrid[]): Generator<SingleSignal> {
  const stepsPerDay = Math.max(1, Math.round(DAY_US / (own[0]?.stepUs ?? DAY_US)));
  for (const signal of own[0]?.signals ?? []) {
    for (const direction of [1, -1] as const) {
      for (const smoothSteps of [1, stepsPerDay, 3 * stepsPerDay]) {
        for (const limit of LIMITS) yield { typeName, signal, direction, limit, smoothSteps };
      }
    }
  }
}

/** Yardstick 2, at work: alarms of the chosen signals. */
export function singleSignal(
  grids: readonly AssetGrid[],
  chosen: readonly SingleSignal[],
): AlarmSpan[] {
  return grids.flatMap((grid) => {
    const choice = chosen.find((entry) => entry.typeName === grid.typeName);
    const signal = grid.signals.indexOf(choice?.signal ?? "");
    if (choice === undefined || signal < 0) return [];
    const z = distances(grid, signal, choice.smoothSteps).map((value) => value * choice.direction);
    return alarmsOf(grid, z, choice.limit, choice.limit * 0.8);
  });
}
