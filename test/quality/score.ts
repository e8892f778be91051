import { asymmetricPenalty, rmse } from "../../src/ml/validation/metrics.ts";
import type { Fleet } from "./fleet.ts";

/** What was said of one test machine at its last step, in steps. */
export type Answer = {
  readonly remaining: number;
  readonly low: number;
  readonly high: number;
};

export function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Errors of the answers, in the order of the test machines; those ending in 125 with truth capped. */
export function scoreAnswers(answers: readonly Answer[], fleet: Fleet) {
  const predicted = answers.map((answer) => answer.remaining);
  const capped = fleet.truth.map((steps) => Math.min(steps, fleet.capSteps));
  const inside = answers.filter(({ low, high }, i) => {
    const steps = capped[i] ?? Number.NaN;
    return steps >= low && steps <= high;
  });
  const penalties = predicted.map((steps, i) => asymmetricPenalty(steps - (capped[i] ?? 0)));
  const widths = answers.map(({ low, high }) => high - low);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return {
    rmse: round(rmse(predicted, fleet.truth)),
    rmse125: round(rmse(predicted, capped)),
    nasa125: round(sum(penalties)),
    coverage: round(inside.length / fleet.truth.length),
    width: round(sum(widths) / answers.length),
  };
}
