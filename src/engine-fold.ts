import { SLOT_LAST_AT_US, SLOT_LAST_VALUE, STATE_SLOTS } from "./domain/engine.ts";
import type { LogFrame } from "./domain/log-frame.ts";
import type { QuarantinedLine, RelationalBatch, StoreBatch } from "./domain/reading.ts";
import type { SeriesEntry } from "./domain/series.ts";
import { RuleFold, type RuleMemory } from "./rules/index.ts";
import {
  loadWindows,
  saveWindows,
  WindowFold,
  type WindowMemory,
  type WindowSettings,
} from "./windows/index.ts";

/** Lines that wait for the relational store; beyond it they are counted only. */
const QUARANTINE_WAITING = 10_000;

export type FoldMemory = {
  readonly windows: WindowMemory;
  readonly rules: RuleMemory;
  readonly readingsAccepted: number;
};

/**
 * The fold of the whole log: windows and rules. State and outputs are a function of the frames in their
 * order, so that a replay gives the same again.
 */
export class EngineFold {
  readonly windows: WindowFold;
  readonly rules: RuleFold;
  /** The last frame applied. */
  sequence: number;
  /** Entries since the dictionary was last saved, in log order. */
  unsavedEntries: SeriesEntry[] = [];
  seriesCount = 0;
  readingsAccepted = 0;
  private storeFrom: number;
  private relationalFrom: number;
  private storeSeries: SeriesEntry[] = [];
  private relationalSeries: SeriesEntry[] = [];
  private zones: { zone: string; seriesNos: readonly number[] }[] = [];
  private quarantine: QuarantinedLine[] = [];

  constructor(settings: WindowSettings, sequence = 0) {
    let rules: RuleFold | undefined;
    this.windows = new WindowFold(settings, (windows) => {
      rules = new RuleFold((seriesNo) => ({
        atUs: windows.state[seriesNo * STATE_SLOTS + SLOT_LAST_AT_US] ?? Number.NEGATIVE_INFINITY,
        value: windows.state[seriesNo * STATE_SLOTS + SLOT_LAST_VALUE] ?? Number.NaN,
      }));
      return rules;
    });
    if (rules === undefined) throw new Error("the windows did not ask for their listener");
    this.rules = rules;
    this.sequence = sequence;
    this.storeFrom = sequence;
    this.relationalFrom = sequence;
  }

  apply(sequence: number, frame: LogFrame): void {
    this.rules.begin(sequence);
    switch (frame.kind) {
      case "readings":
        this.windows.readings(frame.readings);
        this.readingsAccepted += frame.readings.count;
        break;
      case "dictionary":
        this.addSeries(frame.dictionary.entries);
        for (const entry of frame.dictionary.entries) {
          this.unsavedEntries.push(entry);
          this.storeSeries.push(entry);
          this.relationalSeries.push(entry);
        }
        break;
      case "control":
        for (const control of frame.controls) {
          if (control.kind === "zone")
            this.zones.push({ zone: control.zone, seriesNos: control.seriesNos });
          else this.rules.onControl(control);
        }
        break;
      case "clock":
        this.windows.clock(frame.clock.nowUs);
        break;
      case "quarantine":
        for (const line of frame.quarantine.lines)
          if (this.quarantine.length < QUARANTINE_WAITING) this.quarantine.push(line);
        for (const count of frame.quarantine.counts) {
          const tally = this.windows.ledger.of(count);
          tally.rejected += count.rejected;
          tally.received += count.rejected;
          const ignored = count.ignored ?? 0;
          if (ignored > 0) tally.ignored = (tally.ignored ?? 0) + ignored;
          tally.received += ignored;
        }
        break;
    }
    this.sequence = sequence;
  }

  /** Whether a relational batch should leave at once. */
  get isUrgent(): boolean {
    return this.rules.hasTransitions;
  }

  /** What the store has to apply since the last time; undefined when no frame came. */
  takeStore(): StoreBatch | undefined {
    if (this.sequence === this.storeFrom) return undefined;
    const batch = {
      firstSequence: this.storeFrom + 1,
      sequence: this.sequence,
      newSeries: this.storeSeries,
      zones: this.zones,
      ...this.windows.take(),
    };
    this.storeFrom = this.sequence;
    this.storeSeries = [];
    this.zones = [];
    return batch;
  }

  /** What the relational store has to apply since the last time; undefined when no frame came. */
  takeRelational(): RelationalBatch | undefined {
    if (this.sequence === this.relationalFrom) return undefined;
    const batch = {
      sequence: this.sequence,
      transitions: this.rules.takeTransitions(),
      newSeries: this.relationalSeries,
      ledger: this.windows.ledger.take(),
      quarantine: this.quarantine,
    };
    this.relationalFrom = this.sequence;
    this.relationalSeries = [];
    this.quarantine = [];
    return batch;
  }

  /** State without what waits to be taken: take both batches first. */
  save(): FoldMemory {
    return {
      windows: saveWindows(this.windows),
      rules: this.rules.save(),
      readingsAccepted: this.readingsAccepted,
    };
  }

  /** Begins from a snapshot: the dictionary up to it, in log order, then its memory. */
  load(sequence: number, entries: readonly SeriesEntry[], memory: FoldMemory): void {
    this.addSeries(entries);
    loadWindows(this.windows, memory.windows);
    this.rules.load(memory.rules);
    this.readingsAccepted = memory.readingsAccepted;
    this.sequence = sequence;
    this.storeFrom = sequence;
    this.relationalFrom = sequence;
  }

  /** Series that the dictionary still knows when there is no snapshot. */
  addKnown(entries: readonly SeriesEntry[]): void {
    this.addSeries(entries);
  }

  private addSeries(entries: readonly SeriesEntry[]): void {
    this.seriesCount += this.windows.addSeries(entries);
  }
}
