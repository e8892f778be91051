import { type RelationalBatch, type StoreBatch, weightOf } from "./domain/reading.ts";
import type { EngineFold } from "./engine-fold.ts";
import type { Clock } from "./lib/clock.ts";

/** Relational batches that may be on their way at once; beyond it the fold goes on gathering. */
const RELATIONAL_IN_FLIGHT = 16;
const RELATIONAL_MS = 250;

export type ConsumerDeps = {
  readonly cursors: { readonly storeSequence: number; readonly relationalSequence: number };
  readonly clock: Clock;
  /** Rows that the store may have been sent without having applied them. */
  readonly unappliedRows: number;
  readonly fold: () => EngineFold;
  readonly store: (batch: StoreBatch) => void;
  readonly relational: (batch: RelationalBatch) => void;
};

/** The two that follow the log: what they have been sent, and how far they have applied it. */
export class Consumers {
  storeSequence: number;
  relationalSequence: number;
  /** Rows sent to the store that it has not applied. */
  unapplied = 0;
  /** Up to here the store has been sent everything, or had it already. */
  sentSequence: number;
  /** The store was away for too long: what the fold makes for it is dropped, and made again from the log. */
  isStoreBehind = false;
  private readonly deps: ConsumerDeps;
  private readonly storeInFlight: { readonly sequence: number; readonly rows: number }[] = [];
  private readonly relationalInFlight: number[] = [];
  private cancelGathering: (() => void) | undefined;

  constructor(deps: ConsumerDeps) {
    this.deps = deps;
    this.storeSequence = deps.cursors.storeSequence;
    this.relationalSequence = deps.cursors.relationalSequence;
    this.sentSequence = this.storeSequence;
  }

  get hasStoreRoom(): boolean {
    return this.unapplied <= this.deps.unappliedRows;
  }

  /** Up to here both have applied everything. */
  get slowest(): number {
    return Math.min(this.storeSequence, this.relationalSequence);
  }

  private get isRelationalFull(): boolean {
    return this.relationalInFlight.length >= RELATIONAL_IN_FLIGHT;
  }

  storeApplied(sequence: number): void {
    this.storeSequence = Math.max(this.storeSequence, sequence);
    this.sentSequence = Math.max(this.sentSequence, sequence);
    while ((this.storeInFlight[0]?.sequence ?? Number.POSITIVE_INFINITY) <= sequence)
      this.unapplied -= this.storeInFlight.shift()?.rows ?? 0;
  }

  relationalApplied(sequence: number): void {
    this.relationalSequence = Math.max(this.relationalSequence, sequence);
    while ((this.relationalInFlight[0] ?? Number.POSITIVE_INFINITY) <= sequence)
      this.relationalInFlight.shift();
    if (!this.isRelationalFull) this.gather();
  }

  /** Sends what the fold holds for the store; what the store has already is dropped. */
  emitStore(): void {
    const batch = this.deps.fold().takeStore();
    if (batch === undefined || this.isStoreBehind) return;
    this.sendStore(batch);
    this.isStoreBehind = !this.hasStoreRoom;
  }

  sendStore(batch: StoreBatch): void {
    if (batch.sequence <= this.sentSequence) return;
    const rows = weightOf(batch);
    this.sentSequence = batch.sequence;
    this.storeInFlight.push({ sequence: batch.sequence, rows });
    this.unapplied += rows;
    this.deps.store(batch);
  }

  /** Sends what the fold holds for the relational store, unless too much is on its way. */
  emitRelational(): void {
    this.stop();
    if (this.isRelationalFull) return;
    const batch = this.deps.fold().takeRelational();
    if (batch === undefined || batch.sequence <= this.relationalSequence) return;
    this.relationalInFlight.push(batch.sequence);
    this.deps.relational(batch);
  }

  /** Sends transitions at once, anything else after a short while together. */
  afterFold(): void {
    this.emitStore();
    if (this.deps.fold().isUrgent) this.emitRelational();
    else this.gather();
  }

  stop(): void {
    this.cancelGathering?.();
    this.cancelGathering = undefined;
  }

  private gather(): void {
    this.cancelGathering ??= this.deps.clock.after(RELATIONAL_MS, () => {
      this.cancelGathering = undefined;
      this.emitRelational();
    });
  }
}
