import type { AssetHistory, FeatureColumn } from "../domain/feature.ts";
import { startLater } from "./features/history.ts";
import { horizonLabel, lifeTarget, livesOf, outcomesOf } from "./features/lives.ts";
import type { Normaliser } from "./features/normaliser.ts";
import { allColumns, FeatureReader } from "./features/rows.ts";
import { mixSeed, Random, sampleSorted } from "./random.ts";

/** Rows to learn from and to be judged by, as columns. */
export type TrainingRows = {
  readonly rows: number;
  /** Column after column, only those that vary. */
  readonly matrix: Float32Array;
  readonly columns: readonly FeatureColumn[];
  /** Index of each kept column in a `FeatureReader` row. */
  readonly kept: Int32Array;
  /** Capped steps, NaN where not known. */
  readonly life: Float64Array;
  /** 1, 0, or -1 where not known. */
  readonly horizon: Int8Array;
  /** Where each row comes from: index of its history and step in it (late copies count on their own). */
  readonly historyIndex: Int32Array;
  readonly step: Int32Array;
  readonly group: Int32Array;
  /** By group. */
  readonly groupHasFailure: readonly boolean[];
  /** 1 where a row is for learning. */
  readonly learn: Uint8Array;
  /** Rows at which candidates for remaining life are judged. */
  readonly lifeCuts: Int32Array;
  /** Rows whose held-out residuals make the intervals. */
  readonly intervalCuts: Int32Array;
  readonly horizonCuts: Int32Array;
  readonly stride: number;
};

export type RowOptions = {
  readonly seed: number;
  readonly capSteps: number;
  readonly horizonSteps: number;
  readonly maxRows: number;
  readonly lateStarts: boolean;
  readonly groupBy: "asset" | "life";
};

const LIFE_CUTS = 10;
/** Quantiles of residuals want more cuts than a mean does. */
const INTERVAL_CUTS = 40;
const HORIZON_CUTS = 20;
/** A cut shows at least this many rows of a life, or a quarter of a short one. */
const LEAST_SEEN = 20;
/** Cuts much before the cap only measure whether the cap is answered. */
const CUT_REACH = 1.2;
/** Late starts drop at most this share of a life. */
const MOST_DROPPED = 0.7;

type Wanted = {
  readonly history: AssetHistory;
  readonly index: number;
  readonly steps: readonly number[];
  /** By step, for steps that are wanted. */
  readonly life: Float64Array;
  readonly horizon: Int8Array;
  readonly group: Int32Array;
  readonly learn: Uint8Array;
  readonly cut: Uint8Array;
};

/** Computes feature rows and targets of the fleet. Rows of a life that is still open teach what they can. */
export function trainingRows(
  histories: readonly AssetHistory[],
  normaliser: Normaliser,
  options: RowOptions,
): TrainingRows {
  const groupHasFailure: boolean[] = [];
  const total = histories.reduce((sum, history) => sum + history.steps, 0);
  const stride = Math.max(1, Math.ceil(total / options.maxRows));
  const wanted: Wanted[] = [];
  for (const [h, history] of histories.entries()) {
    const seed = mixSeed(options.seed, 11, h);
    const own = choose(history, h, options, stride, groupHasFailure, seed);
    wanted.push(own);
    if (options.lateStarts) wanted.push(...lateCopies(own, mixSeed(seed, 7)));
  }
  return { ...fill(wanted, normaliser), groupHasFailure, stride };
}

function choose(
  history: AssetHistory,
  historyNo: number,
  options: RowOptions,
  stride: number,
  groupHasFailure: boolean[],
  seed: number,
): Wanted {
  const { steps } = history;
  const outcomes = outcomesOf(history);
  const group = new Int32Array(steps);
  const life = Float64Array.from({ length: steps }, (_u, i) =>
    lifeTarget(outcomes, i, options.capSteps),
  );
  const horizon = Int8Array.from({ length: steps }, (_u, i) =>
    horizonLabel(outcomes, i, options.horizonSteps),
  );
  const learn = new Uint8Array(steps);
  const cut = new Uint8Array(steps);
  const offset = new Random(seed).int(stride);
  for (const [index, own] of livesOf(history).entries()) {
    const failed = !Number.isNaN(outcomes.remaining[own.lastStep] ?? Number.NaN);
    if (index === 0 || options.groupBy === "life") groupHasFailure.push(failed);
    const groupNo = groupHasFailure.length - 1;
    if (failed) groupHasFailure[groupNo] = true;
    const least = Math.min(LEAST_SEEN, Math.floor((own.lastStep - own.firstStep + 1) / 4));
    const forLife: number[] = [];
    const forHorizon: number[] = [];
    for (let i = own.firstStep; i <= own.lastStep; i++) {
      group[i] = groupNo;
      const isKnown = !Number.isNaN(life[i] ?? Number.NaN) || (horizon[i] ?? -1) >= 0;
      if (isKnown && (own.lastStep - i + offset) % stride === 0) learn[i] = 1;
      if (i - own.firstStep + 1 < least) continue;
      if ((outcomes.remaining[i] ?? Number.NaN) <= CUT_REACH * options.capSteps) forLife.push(i);
      if ((horizon[i] ?? -1) >= 0) forHorizon.push(i);
    }
    const random = new Random(mixSeed(seed, index));
    for (const k of sampleSorted(forLife.length, LIFE_CUTS, random)) mark(cut, forLife[k], 1);
    for (const k of sampleSorted(forLife.length, INTERVAL_CUTS, random)) mark(cut, forLife[k], 4);
    for (const k of sampleSorted(forHorizon.length, HORIZON_CUTS, random)) {
      mark(cut, forHorizon[k], 2);
    }
  }
  const all = Array.from({ length: steps }, (_u, i) => i);
  const chosen = all.filter((i) => learn[i] === 1 || (cut[i] ?? 0) > 0);
  return { history, index: historyNo, steps: chosen, life, horizon, group, learn, cut };
}

function mark(flags: Uint8Array, at: number | undefined, flag: number): void {
  if (at !== undefined) flags[at] = (flags[at] ?? 0) | flag;
}

/** Each life once more as if recording had begun later, so that whole-life features know such starts. */
function lateCopies(own: Wanted, seed: number): Wanted[] {
  const random = new Random(seed);
  return livesOf(own.history).map((life) => {
    const length = life.lastStep - life.firstStep + 1;
    const dropped = life.firstStep + Math.floor(random.next() * MOST_DROPPED * length);
    const steps = own.steps.filter((i) => i >= dropped && i <= life.lastStep && own.learn[i] === 1);
    return {
      history: startLater(own.history, dropped),
      index: own.index,
      steps: steps.map((i) => i - dropped),
      life: own.life.subarray(dropped),
      horizon: own.horizon.subarray(dropped),
      group: own.group.subarray(dropped),
      learn: own.learn.subarray(dropped),
      cut: new Uint8Array(own.cut.length - dropped),
    };
  });
}

function fill(
  wanted: readonly Wanted[],
  normaliser: Normaliser,
): Omit<TrainingRows, "groupHasFailure" | "stride"> {
  const every = allColumns(normaliser);
  const rows = wanted.reduce((sum, own) => sum + own.steps.length, 0);
  const wide = new Float32Array(rows * every.length);
  const life = new Float64Array(rows);
  const horizon = new Int8Array(rows);
  const group = new Int32Array(rows);
  const historyIndex = new Int32Array(rows);
  const steps = new Int32Array(rows);
  const learn = new Uint8Array(rows);
  const lifeCuts: number[] = [];
  const intervalCuts: number[] = [];
  const horizonCuts: number[] = [];
  let row = 0;
  for (const own of wanted) {
    const reader = new FeatureReader(normaliser, own.history);
    for (const step of own.steps) {
      wide.set(reader.read(step), row * every.length);
      life[row] = own.life[step] ?? Number.NaN;
      horizon[row] = own.horizon[step] ?? -1;
      group[row] = own.group[step] ?? 0;
      historyIndex[row] = own.index;
      steps[row] = step;
      learn[row] = own.learn[step] ?? 0;
      if (((own.cut[step] ?? 0) & 1) !== 0) lifeCuts.push(row);
      if (((own.cut[step] ?? 0) & 2) !== 0) horizonCuts.push(row);
      if (((own.cut[step] ?? 0) & 4) !== 0) intervalCuts.push(row);
      row++;
    }
  }
  const kept = usefulColumns(wide, rows, every);
  const matrix = new Float32Array(rows * kept.length);
  for (const [c, from] of kept.entries()) {
    // Row and column lie within `wide`.
    for (let i = 0; i < rows; i++) matrix[c * rows + i] = wide[i * every.length + from] as number;
  }
  return {
    rows,
    matrix,
    columns: kept.flatMap((from) => every[from] ?? []),
    kept: Int32Array.from(kept),
    life,
    horizon,
    historyIndex,
    step: steps,
    group,
    learn,
    lifeCuts: Int32Array.from(lifeCuts),
    intervalCuts: Int32Array.from(intervalCuts),
    horizonCuts: Int32Array.from(horizonCuts),
  };
}

/** Columns that vary; rows seen only where it says something else than age. */
function usefulColumns(
  wide: Float32Array,
  rows: number,
  every: readonly FeatureColumn[],
): number[] {
  const width = every.length;
  const out: number[] = [];
  for (let c = 0; c < width; c++) {
    const first = wide[c];
    let varies = false;
    for (let i = 1; i < rows && !varies; i++) {
      const value = wide[i * width + c];
      varies = value !== first && !(Number.isNaN(value) && Number.isNaN(first));
    }
    if (varies) out.push(c);
  }
  const age = every.findIndex((column) => column.feature === "age");
  const seen = every.findIndex((column) => column.feature === "rows-seen");
  return out.includes(age) && differByConstant(wide, rows, width, age, seen)
    ? out.filter((c) => c !== seen)
    : out;
}

function differByConstant(
  wide: Float32Array,
  rows: number,
  width: number,
  a: number,
  b: number,
): boolean {
  const gap = (wide[a] ?? 0) - (wide[b] ?? 0);
  for (let i = 1; i < rows; i++) {
    const here = (wide[i * width + a] ?? 0) - (wide[i * width + b] ?? 0);
    if (here !== gap) return false;
  }
  return true;
}
