import type { AssetHistory } from "../../domain/feature.ts";
import { findRegimes, nearest } from "./regimes.ts";

/** Mean and spread of every signal in every operating regime. Plain data: it travels in the model. */
export type Normaliser = {
  readonly signals: readonly string[];
  readonly settings: readonly string[];
  readonly settingMean: readonly number[];
  /** 0 for a setting that never changes; it tells no regimes apart. */
  readonly settingSd: readonly number[];
  readonly centres: readonly (readonly number[])[];
  /** By regime, then signal. */
  readonly mean: readonly (readonly number[])[];
  readonly sd: readonly (readonly number[])[];
};

const CLUSTER_ROWS = 5_000;
/** Regimes with fewer readings of a signal use its mean and spread over all. */
const FEW_READINGS = 10;

class Moments {
  private n = 0;
  private mean = 0;
  private m2 = 0;

  /** Welford's update: stable where values are large and nearly equal. */
  add(value: number): void {
    this.n++;
    const delta = value - this.mean;
    this.mean += delta / this.n;
    this.m2 += delta * (value - this.mean);
  }

  read(): { n: number; mean: number; sd: number } {
    const sd = this.n < 2 ? 0 : Math.sqrt(this.m2 / this.n);
    return {
      n: this.n,
      mean: this.mean,
      sd: sd < 1e-6 * Math.max(1, Math.abs(this.mean)) ? 0 : sd,
    };
  }
}

/** Learns regimes from the declared settings, then each signal's mean and spread within them. */
export function fitNormaliser(histories: readonly AssetHistory[], seed: number): Normaliser {
  const signals = [...new Set(histories.flatMap((h) => [...h.signals.keys()]))].sort();
  const settings = [...new Set(histories.flatMap((h) => [...h.settings]))].sort();
  const ofSettings = settings.map((name) => {
    const moments = new Moments();
    for (const history of histories) addAll(moments, history.signals.get(name));
    return moments.read();
  });
  const base = {
    signals,
    settings,
    settingMean: ofSettings.map((m) => m.mean),
    settingSd: ofSettings.map((m) => m.sd),
  };
  const points = settingPoints(histories, base);
  const centres = findRegimes({ values: points, dimensions: settings.length }, seed);
  return { ...base, centres, ...signalMoments(histories, { ...base, centres }) };
}

function addAll(moments: Moments, values: Float64Array | undefined): void {
  for (const value of values ?? []) if (!Number.isNaN(value)) moments.add(value);
}

type Settings = Pick<Normaliser, "settings" | "settingMean" | "settingSd">;

function settingPoints(histories: readonly AssetHistory[], base: Settings): Float64Array {
  const rows = histories.reduce((sum, h) => sum + h.steps, 0);
  const stride = Math.max(1, Math.ceil(rows / CLUSTER_ROWS));
  const points: number[] = [];
  let row = 0;
  for (const history of histories) {
    const reader = new SettingReader(history, base);
    for (let i = 0; i < history.steps; i++, row++) {
      const point = reader.read(i);
      if (row % stride === 0) for (const value of point) points.push(value);
    }
  }
  return Float64Array.from(points);
}

/** Settings of successive steps, scaled; a missing one stays what it was. */
export class SettingReader {
  private readonly columns: readonly (Float64Array | undefined)[];
  private readonly base: Settings;
  private readonly point: Float64Array;

  constructor(history: AssetHistory, base: Settings) {
    this.base = base;
    this.columns = base.settings.map((name) => history.signals.get(name));
    this.point = new Float64Array(base.settings.length);
  }

  /** The same array each time, refilled. */
  read(step: number): Float64Array {
    for (let s = 0; s < this.point.length; s++) {
      const value = this.columns[s]?.[step] ?? Number.NaN;
      const sd = this.base.settingSd[s] ?? 0;
      if (Number.isNaN(value)) continue;
      this.point[s] = sd === 0 ? 0 : (value - (this.base.settingMean[s] ?? 0)) / sd;
    }
    return this.point;
  }
}

function signalMoments(
  histories: readonly AssetHistory[],
  base: Settings & Pick<Normaliser, "signals" | "centres">,
): Pick<Normaliser, "mean" | "sd"> {
  const whole = base.signals.map(() => new Moments());
  const byRegime = base.centres.map(() => base.signals.map(() => new Moments()));
  for (const history of histories) {
    const reader = new SettingReader(history, base);
    const columns = base.signals.map((name) => history.signals.get(name));
    for (let i = 0; i < history.steps; i++) {
      const own = byRegime[base.centres.length > 1 ? nearest(base.centres, reader.read(i)) : 0];
      for (let j = 0; j < columns.length; j++) {
        const value = columns[j]?.[i] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        whole[j]?.add(value);
        own?.[j]?.add(value);
      }
    }
  }
  const read = byRegime.map((own) =>
    own.map((moments, j) => {
      const here = moments.read();
      return here.n < FEW_READINGS ? (whole[j]?.read() ?? here) : here;
    }),
  );
  return {
    mean: read.map((own) => own.map((m) => m.mean)),
    sd: read.map((own) => own.map((m) => m.sd)),
  };
}
