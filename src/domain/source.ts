import type { Actor, Change } from "./actor.ts";

export const SOURCE_KINDS = ["line-protocol", "files", "connector", "demo"] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Sums of what a source sent: received = fresh + duplicates + overwrites + late + rejected + ignored. */
export type Ledger = {
  readonly received: number;
  readonly fresh: number;
  readonly duplicates: number;
  readonly overwrites: number;
  readonly late: number;
  readonly rejected: number;
  /** Readings that mapping rules of the source ignored. */
  readonly ignored: number;
  /** Refused lines in all, also those that made room for newer ones. */
  readonly quarantined: number;
  /** Refused lines that were replayed and taken; they no longer count as received or rejected. */
  readonly replayed: number;
  /** Refused lines that people deleted; they go on counting as rejected. */
  readonly removed: number;
  readonly lastReceivedAtUs: number | undefined;
};

/** A gateway, file upload or connector that sends readings. */
export type Source = {
  readonly id: string;
  /** Its number in the log, from 1 on this installation; never reused. */
  readonly no: number;
  readonly name: string;
  readonly kind: SourceKind;
  /** Unknown assets and sensors of its readings are made without asking. */
  readonly autoAdopt: boolean;
  /** Sample rate of its waveforms, in Hz, where a line does not say it. */
  readonly sampleRateHz?: number | undefined;
  readonly ledger: Ledger;
  readonly createdAtUs: number;
  readonly version: number;
};

export type NewSource = Pick<Source, "name" | "kind"> & {
  readonly autoAdopt?: boolean | undefined;
};

/** What is left out stays; an undefined sample rate takes it away. */
export type SourcePatch = Partial<Pick<Source, "name" | "autoAdopt" | "sampleRateHz">>;

export type SourceStore = {
  list(who: Actor): Promise<readonly Source[]>;
  get(who: Actor, id: string): Promise<Source | undefined>;
  create(who: Actor, input: NewSource, change?: Change): Promise<Source>;
  /** The tenant's source of that kind and name, made when missing. */
  ensure(who: Actor, input: NewSource): Promise<Source>;
  update(who: Actor, id: string, patch: SourcePatch, change?: Change): Promise<Source>;
  /** Sample rates in Hz that are set, by number of the source, of all tenants. */
  sampleRates(): Promise<ReadonlyMap<number, number>>;
};
