import type { AssetHistory, FeatureColumn } from "../domain/feature.ts";
import type { Contribution, ModelPrediction } from "../domain/prediction.ts";
import type { Model } from "./artifact.ts";
import { TreeShap } from "./explain/tree-shap.ts";
import { stepAtUs } from "./features/history.ts";
import { FeatureReader } from "./features/rows.ts";
import { ensembleAnswer, expectedAnswer, type RowView } from "./learners/tree.ts";
import { intervalOf } from "./validation/intervals.ts";

/** Remaining steps from an answer on the fitting scale sqrt(steps + 1), inside [0, cap]. */
export function stepsOf(answer: number, capSteps: number): number {
  return Math.min(capSteps, Math.max(0, answer <= 1 ? 0 : answer * answer - 1));
}

/** The fitting scale of remaining life. */
export function lifeScale(steps: number): number {
  return Math.sqrt(steps + 1);
}

/** A probability from an answer of the horizon's ensemble. */
export function probabilityOf(answer: number, link: "logistic" | "share"): number {
  return link === "logistic" ? 1 / (1 + Math.exp(-answer)) : Math.min(1, Math.max(0, answer));
}

/** What people read for a column: its signal, or the asset's own property. */
export function causeOf(column: FeatureColumn): string {
  if (column.signal !== undefined) return column.signal;
  switch (column.feature) {
    case "age":
    case "rows-seen":
      return "age";
    case "since-maintenance":
      return "time since maintenance";
    case "errors-24h":
    case "errors-7d":
      return "error codes";
    case "alerts-24h":
    case "alerts-7d":
      return "alarms";
  }
}

/** A mean of trees hardly ever reaches the cap itself; from this share of it on it means the cap. */
const AT_CAP = 0.97;

/** What the cap at the planning horizon, or the floor at zero, took from the sum. */
export const LIMIT_CAUSE = "planning horizon";

export type Predictor = {
  /**
   * One prediction a wanted step (ascending; the last step when left out), each from what was known then.
   */
  predict(history: AssetHistory, steps?: readonly number[], explain?: Explain): ModelPrediction[];
};

/** Which steps get contributions: each, the last alone, or none. They take most of the time. */
export type Explain = "each" | "last" | "none";

/** Makes a predictor; it holds the model's tables ready and keeps nothing between calls. */
export function createPredictor(model: Model): Predictor {
  const shap = new TreeShap(model.life);
  const expected = expectedAnswer(model.life);
  const causes = [...new Set(model.columns.map(causeOf))];
  const causeIndex = model.columns.map((column) => causes.indexOf(causeOf(column)));
  const { capSteps, horizonSteps } = model.card;

  const contributionsOf = (row: RowView, answer: number, rulSteps: number): Contribution[] => {
    const phi = new Float64Array(model.columns.length);
    shap.explain(row, phi);
    // f² - f0² = (f - f0)(f + f0): scaled so, parts on the sqrt scale add up in steps.
    const scale = answer + expected;
    const sums = new Float64Array(causes.length);
    for (const [c, to] of causeIndex.entries()) sums[to] = (sums[to] ?? 0) + (phi[c] ?? 0) * scale;
    const parts = causes.map((name, i) => ({ name, value: sums[i] ?? 0 }));
    const rest = rulSteps - (answer * answer - 1);
    if (Math.abs(rest) > 1e-9) parts.push({ name: LIMIT_CAUSE, value: rest });
    return parts.sort(bySize);
  };

  return {
    predict(history, steps = history.steps === 0 ? [] : [history.steps - 1], explain = "each") {
      const reader = new FeatureReader(model.normaliser, history);
      const values = new Float32Array(model.kept.length);
      const row: RowView = { values, start: 0, stride: 1 };
      return steps.map((step, i) => {
        const all = reader.read(step);
        for (const [c, from] of model.kept.entries()) values[c] = all[from] ?? Number.NaN;
        const answer = ensembleAnswer(model.life, row);
        const isExplained = explain === "each" || (explain === "last" && i === steps.length - 1);
        const rulSteps = stepsOf(answer, capSteps);
        return {
          basis: "model",
          assetId: history.assetId,
          atUs: stepAtUs(history, step),
          rulSteps,
          ...intervalOf(model.intervals, rulSteps, capSteps),
          isAtCap: rulSteps >= AT_CAP * capSteps,
          probabilityWithinHorizon:
            model.horizon === undefined
              ? undefined
              : probabilityOf(ensembleAnswer(model.horizon.ensemble, row), model.horizon.link),
          horizonSteps,
          baseSteps: expected * expected - 1,
          contributions: isExplained ? contributionsOf(row, answer, rulSteps) : [],
        };
      });
    },
  };
}

/** Remaining steps alone, for comparing models: no interval, no reasons. */
export function remainingSteps(
  model: Model,
  history: AssetHistory,
  steps: readonly number[],
): number[] {
  const reader = new FeatureReader(model.normaliser, history);
  const values = new Float32Array(model.kept.length);
  return steps.map((step) => {
    const all = reader.read(step);
    for (const [c, from] of model.kept.entries()) values[c] = all[from] ?? Number.NaN;
    const answer = ensembleAnswer(model.life, { values, start: 0, stride: 1 });
    return stepsOf(answer, model.card.capSteps);
  });
}

function bySize(a: Contribution, b: Contribution): number {
  return Math.abs(b.value) - Math.abs(a.value) || (a.name < b.name ? -1 : 1);
}
