import type { CandidateName, HorizonMetrics, LifeMetrics } from "../../domain/model.ts";
import type { Fit } from "../learners/gbdt.ts";
import { ensembleAnswer } from "../learners/tree.ts";
import { probabilityOf, stepsOf } from "../predict.ts";
import type { Candidate } from "../recipes.ts";
import type { TrainingRows } from "../training-rows.ts";
import { type IntervalTable, intervalOf, intervalTable } from "./intervals.ts";
import { horizonMetrics, lifeMetrics, rmse } from "./metrics.ts";

export type JudgedLife = {
  readonly life: readonly LifeMetrics[];
  readonly lifeChampion: CandidateName;
  /** Held-out answers of the champion at `rows.lifeCuts`, in steps. */
  readonly answersAtCuts: Float64Array;
  readonly meanRmseSteps: number;
  readonly intervals: IntervalTable;
  readonly intervalCoverage: number;
  readonly intervalWidthSteps: number;
};

export type JudgedHorizon = {
  readonly horizon: readonly HorizonMetrics[];
  readonly horizonChampion: CandidateName | undefined;
};

/** Mean answer of a candidate's learners at the cuts, each from the fold that did not see the cut. */
function heldOutAnswers(
  rows: TrainingRows,
  foldOfRow: Int32Array,
  cuts: Int32Array,
  candidates: readonly Candidate[],
  which: number,
  fits: readonly Fit[],
): Float64Array {
  const perFold = candidates.reduce((sum, c) => sum + c.learners.length, 0);
  const before = candidates.slice(0, which).reduce((sum, c) => sum + c.learners.length, 0);
  const count = candidates[which]?.learners.length ?? 1;
  return Float64Array.from(cuts, (row) => {
    const first = (foldOfRow[row] ?? 0) * perFold + before;
    let sum = 0;
    for (const fit of fits.slice(first, first + count)) {
      sum += ensembleAnswer(fit.ensemble, { values: rows.matrix, start: row, stride: rows.rows });
    }
    return sum / count;
  });
}

/** Judges candidates for remaining life; the smallest error at the cuts wins. */
export function judgeLife(
  rows: TrainingRows,
  foldOfRow: Int32Array,
  candidates: readonly Candidate[],
  fits: readonly Fit[],
  capSteps: number,
): JudgedLife {
  const truth = truthAt(rows, rows.lifeCuts);
  const predictAt = (cuts: Int32Array, which: number) =>
    heldOutAnswers(rows, foldOfRow, cuts, candidates, which, fits).map((answer) =>
      stepsOf(answer, capSteps),
    );
  const answers = candidates.map((_candidate, which) => predictAt(rows.lifeCuts, which));
  const life = candidates.map((candidate, which) =>
    lifeMetrics(candidate.name, answers[which] ?? truth, truth, capSteps),
  );
  let best = 0;
  for (let i = 1; i < life.length; i++) {
    if ((life[i]?.rmseSteps ?? 0) < (life[best]?.rmseSteps ?? 0)) best = i;
  }
  const mean = truth.reduce((sum, steps) => sum + steps, 0) / Math.max(1, truth.length);
  const cuts = rows.intervalCuts;
  const predicted = predictAt(cuts, best);
  const folds = cuts.map((row) => foldOfRow[row] ?? 0);
  return {
    life,
    lifeChampion: candidates[best]?.name ?? "gradient boosting",
    answersAtCuts: answers[best] ?? truth,
    meanRmseSteps: rmse(new Float64Array(truth.length).fill(mean), truth),
    intervals: intervalTable(predicted, truthAt(rows, cuts), capSteps),
    ...crossCoverage(predicted, truthAt(rows, cuts), folds, capSteps),
  };
}

function truthAt(rows: TrainingRows, cuts: Int32Array): Float64Array {
  return Float64Array.from(cuts, (row) => rows.life[row] ?? 0);
}

/** Coverage of each fold by a table from the others: what the interval is worth on unseen assets. */
function crossCoverage(
  predicted: Float64Array,
  truth: Float64Array,
  folds: Int32Array,
  capSteps: number,
): { intervalCoverage: number; intervalWidthSteps: number } {
  let inside = 0;
  let width = 0;
  for (const fold of new Set(folds)) {
    const others = (_value: number, i: number) => folds[i] !== fold;
    const table = intervalTable(predicted.filter(others), truth.filter(others), capSteps);
    for (let i = 0; i < truth.length; i++) {
      if (folds[i] !== fold) continue;
      const { lowSteps, highSteps } = intervalOf(table, predicted[i] ?? 0, capSteps);
      const steps = truth[i] ?? 0;
      if (steps >= lowSteps && steps <= highSteps) inside++;
      width += highSteps - lowSteps;
    }
  }
  const n = Math.max(1, truth.length);
  return { intervalCoverage: inside / n, intervalWidthSteps: width / n };
}

/** Judges candidates for failure within the horizon; the smallest log loss at the cuts wins. */
export function judgeHorizon(
  rows: TrainingRows,
  foldOfRow: Int32Array,
  candidates: readonly Candidate[],
  fits: readonly Fit[],
): JudgedHorizon {
  const cuts = rows.horizonCuts;
  const truth = Float64Array.from(cuts, (row) => rows.horizon[row] ?? 0);
  const horizon = candidates.map((candidate, which) => {
    const link = candidate.name === "random forest" ? "share" : "logistic";
    const answers = heldOutAnswers(rows, foldOfRow, cuts, candidates, which, fits);
    return horizonMetrics(
      candidate.name,
      answers.map((answer) => probabilityOf(answer, link)),
      truth,
    );
  });
  let best: HorizonMetrics | undefined;
  for (const metrics of horizon) if (metrics.logLoss < (best?.logLoss ?? Infinity)) best = metrics;
  return { horizon, horizonChampion: best?.candidate };
}
