import type { CandidateName, HorizonMetrics, LifeMetrics } from "../../domain/model.ts";

/** Cap at which the asymmetric score has its published constants. */
const SCORE_CAP = 125;

/** Root of the mean squared difference. */
export function rmse(predicted: ArrayLike<number>, truth: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < truth.length; i++) sum += ((predicted[i] ?? 0) - (truth[i] ?? 0)) ** 2;
  return Math.sqrt(sum / Math.max(1, truth.length));
}

/** The PHM 2008 penalty of one answer, difference = predicted - true: too late costs more than too early. */
export function asymmetricPenalty(difference: number): number {
  return difference < 0 ? Math.exp(-difference / 13) - 1 : Math.exp(difference / 10) - 1;
}

/** Errors of a candidate for remaining life; both capped already. */
export function lifeMetrics(
  candidate: CandidateName,
  predicted: Float64Array,
  truth: Float64Array,
  capSteps: number,
): LifeMetrics {
  const n = Math.max(1, truth.length);
  let absolute = 0;
  let penalty = 0;
  for (let i = 0; i < truth.length; i++) {
    const difference = (predicted[i] ?? 0) - (truth[i] ?? 0);
    absolute += Math.abs(difference);
    penalty += asymmetricPenalty((difference * SCORE_CAP) / capSteps);
  }
  return {
    candidate,
    cuts: truth.length,
    rmseSteps: rmse(predicted, truth),
    asymmetricMean: penalty / n,
    meanAbsoluteSteps: absolute / n,
  };
}

/** Errors of a candidate for failure within the horizon; `truth` holds 0 and 1. */
export function horizonMetrics(
  candidate: CandidateName,
  probability: Float64Array,
  truth: Float64Array,
): HorizonMetrics {
  const n = Math.max(1, truth.length);
  let logLoss = 0;
  let brier = 0;
  let positives = 0;
  for (let i = 0; i < truth.length; i++) {
    const y = truth[i] ?? 0;
    const p = probability[i] ?? 0;
    const safe = Math.min(1 - 1e-4, Math.max(1e-4, p));
    logLoss -= y === 1 ? Math.log(safe) : Math.log(1 - safe);
    brier += (p - y) ** 2;
    positives += y;
  }
  return {
    candidate,
    cuts: truth.length,
    positives,
    logLoss: logLoss / n,
    brier: brier / n,
    precisionRecallArea: averagePrecision(probability, truth),
  };
}

/** Area under precision over recall as a sum of steps; equal scores enter together. */
export function averagePrecision(score: Float64Array, truth: Float64Array): number {
  const order = Array.from(truth.keys()).sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0) || a - b);
  const positives = truth.reduce((sum, y) => sum + y, 0);
  if (positives === 0) return 0;
  let hits = 0;
  let area = 0;
  for (let i = 0; i < order.length; ) {
    const level = score[order[i] ?? 0];
    let here = 0;
    while (i < order.length && score[order[i] ?? 0] === level) here += truth[order[i++] ?? 0] ?? 0;
    hits += here;
    area += (here / positives) * (hits / i);
  }
  return area;
}
