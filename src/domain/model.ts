/** Learners that compete for remaining life and for failure within the horizon. */
export type CandidateName = "gradient boosting" | "random forest";

/** Errors of one candidate for remaining life, at held-out random cut points; in steps, capped. */
export type LifeMetrics = {
  readonly candidate: CandidateName;
  readonly cuts: number;
  readonly rmseSteps: number;
  /** Mean of the asymmetric score: exp(-d/13)-1 early, exp(d/10)-1 late, d scaled to a cap of 125. */
  readonly asymmetricMean: number;
  readonly meanAbsoluteSteps: number;
};

/** Errors of one candidate for failure within the horizon, at held-out random cut points. */
export type HorizonMetrics = {
  readonly candidate: CandidateName;
  readonly cuts: number;
  readonly positives: number;
  readonly logLoss: number;
  readonly brier: number;
  readonly precisionRecallArea: number;
};

/** Share of the total split gain; sums to 1 over a model. */
export type Importance = { readonly name: string; readonly share: number };

/** The numbers of a model's card. Part of the artifact, so it holds no time and no machine's name. */
export type ModelCard = {
  readonly seed: number;
  readonly capSteps: number;
  readonly horizonSteps: number;
  readonly assets: number;
  readonly failures: number;
  readonly trainingRows: number;
  readonly rowStride: number;
  readonly lateStarts: boolean;
  readonly regimes: number;
  readonly columns: number;
  readonly folds: number;
  readonly life: readonly LifeMetrics[];
  readonly horizon: readonly HorizonMetrics[];
  readonly lifeChampion: CandidateName;
  readonly horizonChampion: CandidateName | undefined;
  /** RMSE of always answering the mean, at the same cuts: what a model must beat to be worth having. */
  readonly meanRmseSteps: number;
  /** Share of held-out cuts inside the interval, and its mean width in steps; each fold by the others. */
  readonly intervalCoverage: number;
  readonly intervalWidthSteps: number;
  readonly importance: readonly Importance[];
};

/** A small tree that imitates the champion, for reading; it predicts nothing in the product. */
export type ReadableTree =
  | { readonly kind: "leaf"; readonly steps: number }
  | {
      readonly kind: "split";
      readonly signal: string;
      readonly feature: string;
      readonly threshold: number;
      /** Below or equal to the threshold. */
      readonly low: ReadableTree;
      readonly high: ReadableTree;
    };

/** Whether a newly trained model should take the champion's place, and on what evidence. */
export type Verdict = {
  readonly promote: boolean;
  readonly reason:
    | "first model"
    | "other target" // the planning horizon or the horizon was changed: nothing to compare
    | "better" // smaller error on failures that neither had seen
    | "not better"
    | "nothing new"; // too few failures since the champion was trained
  /** Failures and cut points compared on, and both errors there. */
  readonly failures: number;
  readonly cuts: number;
  readonly championRmseSteps: number | undefined;
  readonly candidateRmseSteps: number | undefined;
};
