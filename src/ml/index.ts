export {
  type DriftPoint,
  type DriftReference,
  driftOf,
  learnReference,
  REFERENCE_ROWS,
} from "./anomaly/drift-chart.ts";
export { LevelChart, type LevelPoint } from "./anomaly/level-chart.ts";
export { artifactHash, decodeModel, type Model } from "./artifact.ts";
export { cutAfter, stepAtUs } from "./features/history.ts";
export { failuresIn, type Life, livesOf } from "./features/lives.ts";
export { type HealthFacts, healthOf, MOST_POINTS, roundTogether } from "./health.ts";
export type { SpawnWorker, WorkerHandle } from "./pool.ts";
export { createPredictor, LIMIT_CAUSE, type Predictor } from "./predict.ts";
export { predictByRule, type RuleOptions, type SignalLimits } from "./rule-prediction.ts";
export {
  defaultCap,
  FAILURES_NEEDED,
  type TrainOptions,
  type TrainResult,
  trainModels,
} from "./train.ts";
export {
  createTrainerClient,
  createTrainerService,
  type PredictionWish,
  type TrainerClient,
  type TrainerReply,
  type TrainerRequest,
} from "./trainer.ts";
export type { TrainDeps } from "./training-run.ts";
