import { AppError } from "../domain/error.ts";
import type { AssetHistory } from "../domain/feature.ts";
import type { Importance, ModelCard, Verdict } from "../domain/model.ts";
import { artifactHash, encodeModel, type Model } from "./artifact.ts";
import { failuresIn, livesOf } from "./features/lives.ts";
import { fitNormaliser } from "./features/normaliser.ts";
import type { Fit } from "./learners/gbdt.ts";
import { causeOf } from "./predict.ts";
import { readableTree } from "./readable.ts";
import { type TrainingRows, trainingRows } from "./training-rows.ts";
import { FOLDS, type TrainDeps, TrainingRun } from "./training-run.ts";
import { failureKeys, verdictOf } from "./verdict.ts";

export type TrainOptions = {
  readonly seed: number;
  /** Planning horizon: remaining life is learnt up to here. Default: the median of half the lives. */
  readonly capSteps?: number | undefined;
  /** Failure within so many steps. Default: a quarter of the planning horizon. */
  readonly horizonSteps?: number | undefined;
  /** Artifact of the model in use: the new one is compared with it on failures it has not seen. */
  readonly champion?: Uint8Array | undefined;
  /** Rows above it are thinned evenly. */
  readonly maxRows?: number | undefined;
};

/** A trained model with its bytes, or what is missing to train one. */
export type TrainResult =
  | {
      readonly kind: "trained";
      readonly artifact: Uint8Array<ArrayBuffer>;
      readonly hash: string;
      readonly card: ModelCard;
      readonly verdict: Verdict;
    }
  | { readonly kind: "too-few-failures"; readonly failures: number; readonly needed: number };

/** Lives that must have ended in a failure before a model is worth more than rules. */
export const FAILURES_NEEDED = 3;
const MAX_ROWS = 40_000;

/**
 * Trains, judges and packs a model of one kind of asset. Candidates are fitted on five folds by asset and
 * judged at random cut points of the assets held out; the better one is fitted on all.
 * The same histories, options and seed give the same bytes, with workers or without.
 */
export async function trainModels(
  histories: readonly AssetHistory[],
  options: TrainOptions,
  deps: TrainDeps = {},
): Promise<TrainResult> {
  const failures = failuresIn(histories);
  if (failures < FAILURES_NEEDED) {
    return { kind: "too-few-failures", failures, needed: FAILURES_NEEDED };
  }
  const capSteps = options.capSteps ?? defaultCap(histories);
  const horizonSteps = options.horizonSteps ?? Math.max(1, Math.round(capSteps / 4));
  if (!(capSteps > 0 && horizonSteps > 0)) {
    throw new AppError("invalid", "training: planning horizon and horizon must be above 0 steps");
  }
  const failingAssets = histories.filter((history) => failuresIn([history]) > 0).length;
  const lateStarts = histories.some(startsLate);
  const normaliser = fitNormaliser(histories, options.seed);
  const rows = trainingRows(histories, normaliser, {
    seed: options.seed,
    capSteps,
    horizonSteps,
    maxRows: options.maxRows ?? MAX_ROWS,
    lateStarts,
    groupBy: failingAssets >= FOLDS ? "asset" : "life",
  });
  const run = new TrainingRun(rows, options.seed, capSteps, deps);
  try {
    const fitted = await run.fit();
    const { intervals, answersAtCuts, ...judged } = fitted.judged;
    const verdict = verdictOf(options.champion, {
      histories,
      rows,
      answersAtCuts,
      capSteps,
      horizonSteps,
    });
    const model: Model = {
      card: {
        seed: options.seed,
        capSteps,
        horizonSteps,
        assets: histories.length,
        failures,
        trainingRows: rows.learn.reduce((sum, flag) => sum + flag, 0),
        rowStride: rows.stride,
        lateStarts,
        regimes: normaliser.centres.length,
        columns: rows.columns.length,
        folds: run.folds,
        ...judged,
        importance: importanceOf(rows, fitted.lifeFits),
      },
      normaliser,
      columns: rows.columns,
      kept: [...rows.kept],
      life: fitted.life,
      intervals,
      horizon: fitted.horizon,
      readable: readableTree(rows, fitted.life, fitted.lifeFits, capSteps),
      seenFailures: failureKeys(histories),
    };
    const artifact = encodeModel(model);
    return { kind: "trained", artifact, hash: artifactHash(artifact), card: model.card, verdict };
  } finally {
    run.close();
  }
}

/** Median of half the lives that ended in a failure, in steps. */
export function defaultCap(histories: readonly AssetHistory[]): number {
  const halves = histories
    .flatMap((history) => livesOf(history))
    .filter((life) => life.end === "failure")
    .map((life) => (life.lastStep - life.firstStep + 1) / 2)
    .sort((a, b) => a - b);
  return Math.max(1, Math.round(halves[Math.floor(halves.length / 2)] ?? 1));
}

/** Recording began after the asset's life did, or nobody knows when that was. */
function startsLate(history: AssetHistory): boolean {
  const startedAtUs = livesOf(history)[0]?.startedAtUs;
  return startedAtUs === undefined || history.firstStepAtUs - startedAtUs > history.stepUs;
}

function importanceOf(rows: TrainingRows, fits: readonly Fit[]): Importance[] {
  const sums = new Map<string, number>();
  for (const fit of fits) {
    const total = fit.gains.reduce((sum, gain) => sum + gain, 0);
    for (const [c, column] of rows.columns.entries()) {
      const share = (fit.gains[c] ?? 0) / Math.max(1e-300, total) / fits.length;
      sums.set(causeOf(column), (sums.get(causeOf(column)) ?? 0) + share);
    }
  }
  return [...sums]
    .map(([name, share]) => ({ name, share }))
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}
