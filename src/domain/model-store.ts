import type { Actor, Change } from "./actor.ts";

export type ModelStage = "champion" | "challenger" | "retired";

/** A row of the registry. Metrics, importance and settings are JSON whose shape the learners define. */
export type ModelRow = {
  readonly id: string;
  readonly assetTypeId: string;
  readonly target: string;
  readonly learner: string;
  /** From 1 for each asset type and target. */
  readonly number: number;
  readonly stage: ModelStage;
  readonly metrics: unknown;
  readonly importance: unknown;
  readonly settings: unknown;
  readonly featureSetId: string | undefined;
  /** SHA-256 of the artifact, hex: the same seed and data give the same. */
  readonly hash: string;
  readonly sizeBytes: number;
  readonly seed: number;
  readonly trainedAtUs: number;
  readonly promotedAtUs: number | undefined;
  readonly promotedBy: string | undefined;
  readonly reason: string | undefined;
  readonly version: number;
};

export type NewModel = Pick<
  ModelRow,
  | "assetTypeId"
  | "target"
  | "learner"
  | "metrics"
  | "importance"
  | "settings"
  | "seed"
  | "trainedAtUs"
> & {
  readonly featureSetId?: string | undefined;
  /** What its comparison with the champion came to. */
  readonly reason?: string | undefined;
  readonly artifact: Uint8Array;
};

export type ModelStore = {
  /** Newest first. */
  list(who: Actor, of?: { assetTypeId?: string; target?: string }): Promise<readonly ModelRow[]>;
  get(who: Actor, id: string): Promise<ModelRow | undefined>;
  champion(who: Actor, assetTypeId: string, target: string): Promise<ModelRow | undefined>;
  /** Registers a challenger. */
  add(who: Actor, model: NewModel, change?: Change): Promise<ModelRow>;
  artifact(who: Actor, id: string): Promise<Uint8Array | undefined>;
  /** Makes it champion and the one before it retired, in one transaction with the reason. */
  promote(who: Actor, id: string, reason: string, change?: Change): Promise<ModelRow>;
  retire(who: Actor, id: string, reason: string, change?: Change): Promise<ModelRow>;
};
