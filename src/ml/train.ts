import { AppError } from "../domain/error.ts";
import type { AssetHistory } from "../domain/feature.ts";
import type { CandidateName, Importance, ModelCard, Verdict } from "../domain/model.ts";
import { artifactHash, encodeModel, type Model } from "./artifact.ts";
import { failuresIn, livesOf } from "./features/lives.ts";
import { fitNormaliser } from "./features/normaliser.ts";
import { binMatrix } from "./learners/bins.ts";
import type { FitData, FitTask } from "./learners/fit-task.ts";
import type { Fit } from "./learners/gbdt.ts";
import { meanEnsemble } from "./learners/tree.ts";
import { createFitPool, type FitPool, type SpawnWorker } from "./pool.ts";
import { causeOf, lifeScale } from "./predict.ts";
import { mixSeed } from "./random.ts";
import { readableTree } from "./readable.ts";
import { type Candidate, horizonCandidates, lifeCandidates } from "./recipes.ts";
import { type TrainingRows, trainingRows } from "./training-rows.ts";
import { dealFolds } from "./validation/folds.ts";
import { judgeHorizon, judgeLife } from "./validation/judge.ts";
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

export type TrainDeps = {
  /** Makes a trainer worker; absent, all is fitted on the calling thread with the same result. */
  readonly spawn?: SpawnWorker | undefined;
  readonly workers?: number | undefined;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
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
const FOLDS = 5;
/** Rows that failed within the horizon before a classifier is tried. */
const POSITIVES_NEEDED = 10;

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

type Purpose = "life" | "horizon";

/** One training run after its rows are made: folds, judging, final fits. */
class TrainingRun {
  readonly folds: number;
  private readonly rows: TrainingRows;
  private readonly seed: number;
  private readonly capSteps: number;
  private readonly pool: FitPool;
  private readonly foldOfGroup: Int32Array;
  private readonly deps: TrainDeps;
  private done = 0;
  private total = 0;

  constructor(rows: TrainingRows, seed: number, capSteps: number, deps: TrainDeps) {
    this.rows = rows;
    this.seed = seed;
    this.capSteps = capSteps;
    this.deps = deps;
    this.folds = Math.min(FOLDS, rows.groupHasFailure.filter((has) => has).length);
    this.foldOfGroup = dealFolds(rows.groupHasFailure, this.folds, mixSeed(seed, 3));
    const isShared = deps.spawn !== undefined;
    const data: FitData = {
      binned: binMatrix(rows.matrix, rows.rows, rows.columns.length, isShared),
      life: shareable(
        rows.life.map((steps) => lifeScale(steps)),
        isShared,
      ),
      horizon: shareable(Float64Array.from(rows.horizon), isShared),
    };
    this.pool = createFitPool(data, deps);
  }

  close(): void {
    this.pool.close();
  }

  async fit() {
    const life = lifeCandidates(this.rows.learn.reduce((sum, flag) => sum + flag, 0));
    const horizon = this.hasPositives() ? horizonCandidates() : [];
    const perFold = [...life, ...horizon].reduce((sum, c) => sum + c.learners.length, 0);
    this.total = perFold * this.folds + 3;
    const foldTasks = [...this.foldTasks(life, "life"), ...this.foldTasks(horizon, "horizon")];
    const fits = await this.run(foldTasks);
    const lifeCount = life.reduce((sum, c) => sum + c.learners.length, 0) * this.folds;
    const foldOfRow = this.rows.group.map((group) => this.foldOfGroup[group] ?? 0);
    const judgedLife = judgeLife(
      this.rows,
      foldOfRow,
      life,
      fits.slice(0, lifeCount),
      this.capSteps,
    );
    const judgedHorizon = judgeHorizon(this.rows, foldOfRow, horizon, fits.slice(lifeCount));
    const bestLife = life.filter((c) => c.name === judgedLife.lifeChampion);
    const bestHorizon = horizon.filter((c) => c.name === judgedHorizon.horizonChampion);
    const finalTasks = [
      ...bestLife.flatMap((c) => this.tasksOf(c, "life", -1)),
      ...bestHorizon.flatMap((c) => this.tasksOf(c, "horizon", -1)),
    ];
    const finalFits = await this.run(finalTasks);
    this.deps.onProgress?.(this.total, this.total);
    const lifeFits = finalFits.slice(0, bestLife[0]?.learners.length ?? 0);
    const horizonFits = finalFits.slice(lifeFits.length);
    return {
      judged: { ...judgedLife, ...judgedHorizon },
      lifeFits,
      life: meanEnsemble(lifeFits.map((fit) => fit.ensemble)),
      horizon:
        horizonFits.length === 0
          ? undefined
          : {
              link: linkOf(judgedHorizon.horizonChampion),
              ensemble: meanEnsemble(horizonFits.map((fit) => fit.ensemble)),
            },
    };
  }

  private run(tasks: readonly FitTask[]): Promise<Fit[]> {
    return this.pool.run(tasks, () => this.deps.onProgress?.(++this.done, this.total));
  }

  private hasPositives(): boolean {
    let positives = 0;
    let negatives = 0;
    for (const [i, label] of this.rows.horizon.entries()) {
      if (this.rows.learn[i] !== 1) continue;
      if (label === 1) positives++;
      if (label === 0) negatives++;
    }
    return positives >= POSITIVES_NEEDED && negatives >= POSITIVES_NEEDED;
  }

  /** Fold by fold, then candidate by candidate, then learner by learner: `judge` reads them so. */
  private foldTasks(candidates: readonly Candidate[], target: Purpose): FitTask[] {
    return Array.from({ length: this.folds }, (_u, fold) =>
      candidates.flatMap((candidate) => this.tasksOf(candidate, target, fold)),
    ).flat();
  }

  /** Fits of a candidate on all rows outside a fold; fold -1 leaves none out. */
  private tasksOf(candidate: Candidate, target: Purpose, fold: number): FitTask[] {
    const { rows } = this;
    const taken: number[] = [];
    for (let i = 0; i < rows.rows; i++) {
      const isKnown =
        target === "life"
          ? !Number.isNaN(rows.life[i] ?? Number.NaN)
          : (rows.horizon[i] ?? -1) >= 0;
      const isHeldOut = this.foldOfGroup[rows.group[i] ?? 0] === fold;
      if (rows.learn[i] === 1 && isKnown && !isHeldOut) taken.push(i);
    }
    const own = Int32Array.from(taken);
    const kind = target === "life" ? 1 : 2;
    return candidate.learners.map((learner, l) => ({
      learner,
      target,
      rows: own,
      seed: mixSeed(this.seed, kind, fold + 1, l, candidate.name.length),
    }));
  }
}

function linkOf(champion: CandidateName | undefined): "logistic" | "share" {
  return champion === "random forest" ? "share" : "logistic";
}

function shareable(values: Float64Array, isShared: boolean): Float64Array {
  if (!isShared) return values;
  const out = new Float64Array(new SharedArrayBuffer(values.byteLength));
  out.set(values);
  return out;
}
