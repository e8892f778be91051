import type { AssetHistory } from "../../domain/feature.ts";
import type { Contribution } from "../../domain/prediction.ts";
import { cutAfter } from "../features/history.ts";
import { fitNormaliser, type Normaliser, SettingReader } from "../features/normaliser.ts";
import { nearest } from "../features/regimes.ts";
import { inverseOf } from "./cholesky.ts";
import { LATCH_START, type LatchState, stepLatch } from "./latch.ts";

/** What an asset's signals do together while it is known to be good. */
export type DriftReference = {
  readonly normaliser: Normaliser;
  /** Signals that vary, in the normaliser's order. */
  readonly signals: readonly string[];
  readonly mean: Float64Array;
  /** Inverse covariance of the smoothed z, row after row. */
  readonly precision: Float64Array;
  /** Largest distance on the reference itself: score 1. */
  readonly scale: number;
};

export type DriftPoint = {
  /** Distance from the reference; 1 = the worst of the reference time. */
  readonly score: number;
  readonly isOn: boolean;
  /** Parts of the squared score by signal; they sum to it exactly. */
  readonly contributions: readonly Contribution[];
};

const HALF_LIFE = 10;
const SETTLING = 20;
/** Rows a reference needs. */
export const REFERENCE_ROWS = 60;
const SHRINK = 0.1;

/** Smoothed z of successive steps, corrected for its start; a missing value changes nothing. */
class SmoothedZ {
  readonly values: Float64Array;
  private readonly weights: Float64Array;
  private readonly columns: readonly (Float64Array | undefined)[];
  private readonly places: readonly number[];
  private readonly normaliser: Normaliser;
  private readonly settings: SettingReader;

  constructor(normaliser: Normaliser, signals: readonly string[], history: AssetHistory) {
    this.normaliser = normaliser;
    this.columns = signals.map((name) => history.signals.get(name));
    this.places = signals.map((name) => normaliser.signals.indexOf(name));
    this.settings = new SettingReader(history, normaliser);
    this.values = new Float64Array(signals.length);
    this.weights = new Float64Array(signals.length);
  }

  advance(step: number): Float64Array {
    const { centres, mean, sd } = this.normaliser;
    const point = this.settings.read(step);
    const regime = centres.length > 1 ? nearest(centres, point) : 0;
    const rate = 1 - 2 ** (-1 / HALF_LIFE);
    for (const [j, place] of this.places.entries()) {
      const value = this.columns[j]?.[step] ?? Number.NaN;
      const spread = sd[regime]?.[place] ?? 0;
      if (Number.isNaN(value) || spread === 0) continue;
      const z = (value - (mean[regime]?.[place] ?? 0)) / spread;
      const weight = (this.weights[j] ?? 0) * (1 - rate) + 1;
      this.weights[j] = weight;
      this.values[j] = (this.values[j] ?? 0) + (z - (this.values[j] ?? 0)) / weight;
    }
    return this.values;
  }
}

/**
 * Learns an asset's normal from its first steps: mean and covariance (shrunk a tenth to its diagonal) of
 * the smoothed, per-regime z. Undefined when there are too few steps or no signal varies.
 */
export function learnReference(
  history: AssetHistory,
  referenceSteps: number,
  seed: number,
): DriftReference | undefined {
  const good = cutAfter(history, referenceSteps);
  if (good.steps < REFERENCE_ROWS) return undefined;
  const normaliser = fitNormaliser([good], seed);
  const signals = normaliser.signals.filter((_name, j) =>
    normaliser.sd.some((own) => (own[j] ?? 0) > 0),
  );
  const n = signals.length;
  if (n === 0) return undefined;
  const rows: Float64Array[] = [];
  const smoothed = new SmoothedZ(normaliser, signals, good);
  for (let i = 0; i < good.steps; i++) {
    const row = smoothed.advance(i);
    if (i >= SETTLING) rows.push(row.slice());
  }
  const mean = new Float64Array(n);
  for (const row of rows)
    for (let j = 0; j < n; j++) mean[j] = (mean[j] ?? 0) + (row[j] ?? 0) / rows.length;
  const precision = inverseOf(shrunkCovariance(rows, mean), n);
  const scale = rows.reduce((most, row) => Math.max(most, distance(row, mean, precision)), 0);
  return { normaliser, signals, mean, precision, scale: Math.max(1e-9, scale) };
}

function shrunkCovariance(rows: readonly Float64Array[], mean: Float64Array): Float64Array {
  const n = mean.length;
  const out = new Float64Array(n * n);
  for (const row of rows) {
    for (let i = 0; i < n; i++) {
      const di = (row[i] ?? 0) - (mean[i] ?? 0);
      for (let j = 0; j < n; j++) {
        out[i * n + j] =
          (out[i * n + j] ?? 0) + (di * ((row[j] ?? 0) - (mean[j] ?? 0))) / rows.length;
      }
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) if (i !== j) out[i * n + j] = (out[i * n + j] ?? 0) * (1 - SHRINK);
    out[i * n + i] = (out[i * n + i] ?? 0) + 1e-6;
  }
  return out;
}

/** By signal: (s - mean)_j (precision (s - mean))_j. */
function parts(row: Float64Array, mean: Float64Array, precision: Float64Array): Float64Array {
  const n = mean.length;
  const away = row.map((value, j) => value - (mean[j] ?? 0));
  return away.map((own, i) => {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += (precision[i * n + j] ?? 0) * (away[j] ?? 0);
    return own * sum;
  });
}

function distance(row: Float64Array, mean: Float64Array, precision: Float64Array): number {
  return Math.sqrt(
    Math.max(
      0,
      parts(row, mean, precision).reduce((sum, part) => sum + part, 0),
    ),
  );
}

/** Scores every step of a history against a reference, with the latch that ends alarms. */
export function driftOf(reference: DriftReference, history: AssetHistory): DriftPoint[] {
  const { signals, mean, precision, scale } = reference;
  const smoothed = new SmoothedZ(reference.normaliser, signals, history);
  let latch: LatchState = LATCH_START;
  return Array.from({ length: history.steps }, (_unused, step) => {
    const own = parts(smoothed.advance(step), mean, precision);
    const squared = own.reduce((sum, part) => sum + part, 0);
    const score = Math.sqrt(Math.max(0, squared)) / scale;
    latch = stepLatch(latch, score);
    const contributions = signals
      .map((name, j) => ({ name, value: (own[j] ?? 0) / scale ** 2 }))
      .sort((a, b) => Math.abs(b.value) - Math.abs(a.value) || (a.name < b.name ? -1 : 1));
    return { score, isOn: latch.kind === "on", contributions };
  });
}
