import type { Actor } from "./actor.ts";

/** A prediction as it is kept; the explanation is JSON whose shape the learner defines. */
export type StoredPrediction = {
  readonly id: string;
  readonly assetId: string;
  readonly atUs: number;
  /** The model that made it; undefined for the rule-based fallback. */
  readonly modelId: string | undefined;
  readonly fallback: boolean;
  /** Chance of a failure within `horizonSteps`, 0 to 1. */
  readonly failureChance: number | undefined;
  readonly horizonSteps: number;
  /** Remaining life and its 80 % interval, in steps of the asset type's clock. */
  readonly remaining: number | undefined;
  readonly remainingLow: number | undefined;
  readonly remainingHigh: number | undefined;
  readonly unit: string;
  /** Share of expected data that was there, 0 to 1. */
  readonly coverage: number;
  readonly explanation: unknown;
};

export type NewPrediction = Omit<StoredPrediction, "id">;

/** 100 minus named parts. */
export type StoredHealth = {
  readonly assetId: string;
  readonly atUs: number;
  readonly score: number;
  /** JSON whose shape `ml` defines: the parts that were taken off. */
  readonly parts: unknown;
};

export type PredictionStore = {
  /** One per asset, model and time: writing the same again replaces it. */
  put(who: Actor, predictions: readonly NewPrediction[]): Promise<void>;
  putHealth(who: Actor, scores: readonly StoredHealth[]): Promise<void>;
  get(who: Actor, id: string): Promise<StoredPrediction | undefined>;
  /** The newest of every asset. */
  latest(who: Actor): Promise<readonly StoredPrediction[]>;
  /** Oldest first; at most `limit` (default 1,000) newest. */
  history(who: Actor, assetId: string, limit?: number): Promise<readonly StoredPrediction[]>;
  latestHealth(who: Actor): Promise<readonly StoredHealth[]>;
  healthHistory(who: Actor, assetId: string, limit?: number): Promise<readonly StoredHealth[]>;
};
