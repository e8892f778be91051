import type { CandidateName } from "../domain/model.ts";
import { binMatrix, MAX_BINS } from "./learners/bins.ts";
import type { FitData, FitTask } from "./learners/fit-task.ts";
import type { Fit } from "./learners/gbdt.ts";
import { meanEnsemble } from "./learners/tree.ts";
import { createFitPool, type FitPool, type SpawnWorker } from "./pool.ts";
import { lifeScale } from "./predict.ts";
import { mixSeed } from "./random.ts";
import { type Candidate, horizonCandidates, lifeCandidates } from "./recipes.ts";
import type { TrainingRows } from "./training-rows.ts";
import { dealFolds } from "./validation/folds.ts";
import { judgeHorizon, judgeLife } from "./validation/judge.ts";

export type TrainDeps = {
  /** Makes a trainer worker; absent, all is fitted on the calling thread with the same result. */
  readonly spawn?: SpawnWorker | undefined;
  readonly workers?: number | undefined;
  readonly onProgress?: ((done: number, of: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

/** Folds of validation, when there are as many groups with a failure. */
export const FOLDS = 5;
/** Rows that failed within the horizon before a classifier is tried. */
const POSITIVES_NEEDED = 10;

const LEAST_BINS = 32;
const ROWS_PER_BIN = 16;

type Purpose = "life" | "horizon";

/** One training run after its rows are made: folds, judging, final fits. */
export class TrainingRun {
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
      binned: binMatrix(rows.matrix, rows.rows, rows.columns.length, isShared, binsFor(rows.rows)),
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

/** Bins a column: small fleets cannot tell fine ones apart, and every node would pay for them. */
function binsFor(rows: number): number {
  return Math.min(MAX_BINS, Math.max(LEAST_BINS, Math.round(rows / ROWS_PER_BIN)));
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
