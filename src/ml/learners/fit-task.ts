import type { Binned } from "./bins.ts";
import { type ForestOptions, fitForest } from "./forest.ts";
import { type BoostingOptions, type Fit, fitBoosting, type StopCheck } from "./gbdt.ts";

export type LearnerOptions = BoostingOptions | ForestOptions;

/** What every fit of one training run reads; over shared memory it is sent to a worker once. */
export type FitData = {
  readonly binned: Binned;
  /** Remaining life on its fitting scale, by row. */
  readonly life: Float64Array;
  /** 1 = failed within the horizon, by row. */
  readonly horizon: Float64Array;
};

/** One fit of one learner on some rows: the unit of parallel work. */
export type FitTask = {
  readonly learner: LearnerOptions;
  readonly target: "life" | "horizon";
  /** Ascending. */
  readonly rows: Int32Array;
  readonly seed: number;
};

/** Runs a task; the same task gives the same fit wherever it runs. */
export function runTask(data: FitData, task: FitTask, check?: StopCheck): Fit {
  const target = data[task.target];
  return task.learner.kind === "boosting"
    ? fitBoosting(data.binned, target, task.rows, task.learner, task.seed, check)
    : fitForest(data.binned, target, task.rows, task.learner, task.seed, check);
}
