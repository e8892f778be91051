import {
  ASSET_FEATURES,
  type AssetHistory,
  type FeatureColumn,
  SIGNAL_FEATURES,
} from "../../domain/feature.ts";
import { firstAtOrAfter, ordered, stepAtUs } from "./history.ts";
import { type Life, livesOf } from "./lives.ts";
import { type Normaliser, SettingReader } from "./normaliser.ts";
import { nearest } from "./regimes.ts";
import { SignalStates } from "./signal-state.ts";

const DAY_US = 86_400_000_000;

/** Every column that can be computed, in the order in which `FeatureReader` writes them. */
export function allColumns(normaliser: Normaliser): FeatureColumn[] {
  return [
    ...normaliser.signals.flatMap((signal) =>
      SIGNAL_FEATURES.map((feature) => ({ signal, feature })),
    ),
    ...ASSET_FEATURES.map((feature) => ({ signal: undefined, feature })),
  ];
}

/** Name of a column for people and for the model page. */
export function columnName(column: FeatureColumn): string {
  return column.signal === undefined ? column.feature : `${column.signal} ${column.feature}`;
}

/** Events in [t - width, t). */
export function countBefore(times: Float64Array, atUs: number, widthUs: number): number {
  return firstAtOrAfter(times, atUs) - firstAtOrAfter(times, atUs - widthUs);
}

/**
 * Feature rows of one asset, in order of time. Each row is made of what was known at its step and of
 * nothing later: readings up to and with the step, events strictly before it.
 */
export class FeatureReader {
  /** The row of the last step read, refilled each time. */
  readonly row: Float32Array;
  private readonly history: AssetHistory;
  private readonly normaliser: Normaliser;
  private readonly lives: readonly Life[];
  private readonly columns: readonly (Float64Array | undefined)[];
  private readonly settings: SettingReader;
  private readonly states: SignalStates;
  private readonly maintainedAtUs: Float64Array;
  private readonly z: Float64Array;
  private lifeIndex = -1;
  private next = 0;

  constructor(normaliser: Normaliser, history: AssetHistory) {
    this.normaliser = normaliser;
    this.history = history;
    this.lives = livesOf(history);
    this.columns = normaliser.signals.map((name) => history.signals.get(name));
    this.settings = new SettingReader(history, normaliser);
    this.states = new SignalStates(normaliser.signals.length);
    this.z = new Float64Array(normaliser.signals.length);
    this.row = new Float32Array(allColumns(normaliser).length);
    this.maintainedAtUs = Float64Array.from(
      ordered(history).filter((event) => event.kind !== "nothing-found"),
      (event) => event.atUs,
    );
  }

  /** Goes on to a step (never back) and returns its row. */
  read(step: number): Float32Array {
    if (step < this.next - 1) throw new Error(`step ${step} lies before ${this.next - 1}`);
    // Settings carry forward, so steps of earlier lives are passed one by one too.
    while (this.next <= step) this.advance(this.next++);
    this.states.write(this.row, 0);
    this.writeAsset(step);
    return this.row;
  }

  /** Rows seen in the life of the step read last. */
  get seen(): number {
    return this.states.seen;
  }

  private advance(step: number): void {
    if (this.lifeIndex < 0 || step > (this.lives[this.lifeIndex]?.lastStep ?? 0)) {
      this.lifeIndex++;
      this.states.reset();
    }
    const { centres, mean, sd } = this.normaliser;
    const point = this.settings.read(step);
    const regime = centres.length > 1 ? nearest(centres, point) : 0;
    const means = mean[regime] ?? [];
    const sds = sd[regime] ?? [];
    for (let j = 0; j < this.z.length; j++) {
      const value = this.columns[j]?.[step] ?? Number.NaN;
      const spread = sds[j] ?? 0;
      this.z[j] = Number.isNaN(value)
        ? value
        : spread === 0
          ? 0
          : (value - (means[j] ?? 0)) / spread;
    }
    this.states.push(this.z);
  }

  private writeAsset(step: number): void {
    const { history } = this;
    const atUs = stepAtUs(history, step);
    const startedAtUs = this.lives[this.lifeIndex]?.startedAtUs;
    const before = firstAtOrAfter(this.maintainedAtUs, atUs);
    const lastUs = this.maintainedAtUs[before - 1];
    const at = this.row.length - ASSET_FEATURES.length;
    const { errorsAtUs, alertsAtUs } = history;
    this.row[at] = startedAtUs === undefined ? Number.NaN : (atUs - startedAtUs) / history.stepUs;
    this.row[at + 1] = this.states.seen;
    this.row[at + 2] = lastUs === undefined ? Number.NaN : (atUs - lastUs) / history.stepUs;
    this.row[at + 3] = countBefore(errorsAtUs, atUs, DAY_US);
    this.row[at + 4] = countBefore(errorsAtUs, atUs, 7 * DAY_US);
    this.row[at + 5] = countBefore(alertsAtUs, atUs, DAY_US);
    this.row[at + 6] = countBefore(alertsAtUs, atUs, 7 * DAY_US);
  }
}
