/** Part of a number that one signal, or a named other cause, brought. Positive adds to the number. */
export type Contribution = { readonly name: string; readonly value: number };

/** What a trained model says of an asset at a step. */
export type ModelPrediction = {
  readonly basis: "model";
  readonly assetId: string;
  readonly atUs: number;
  /** Remaining useful life in steps of the asset's clock, never above the model's cap. */
  readonly rulSteps: number;
  /** The 80 % interval. */
  readonly lowSteps: number;
  readonly highSteps: number;
  /** The model sees no end within its planning horizon: read "at least". */
  readonly isAtCap: boolean;
  /** Of failure within the horizon; undefined when there was too little to learn it from. */
  readonly probabilityWithinHorizon: number | undefined;
  readonly horizonSteps: number;
  /** What the fleet's typical row would get; with all contributions it sums to `rulSteps` exactly. */
  readonly baseSteps: number;
  /** By size, largest first; "planning horizon" is what the cap or the zero cut off. */
  readonly contributions: readonly Contribution[];
};

/** What rules say while there is no model; `missing` tells people what to bring to get one. */
export type RulePrediction = {
  readonly basis: "rule";
  readonly assetId: string;
  readonly atUs: number;
  readonly level: "normal" | "watch" | "act" | "unknown";
  /** Steps until the first limit at the present trend; undefined when nothing is heading for one. */
  readonly rulSteps: number | undefined;
  readonly reason: string;
  readonly missing: string;
  /** Distance from the asset's own normal, 1 = the worst of its reference time. */
  readonly driftScore: number | undefined;
  /** Shares of the drift, by size. */
  readonly contributions: readonly Contribution[];
};

export type Prediction = ModelPrediction | RulePrediction;

/** Names of what can lower an asset's health. */
export const HEALTH_PARTS = [
  "limits exceeded",
  "open alarms",
  "predicted failure",
  "drift from own normal",
  "age",
  "overdue maintenance",
  "missing readings",
] as const;
export type HealthPartName = (typeof HEALTH_PARTS)[number];

export type HealthPart = { readonly name: HealthPartName; readonly points: number };

/** 100 minus the parts' points, all whole numbers; unknown when too little is seen to say. */
export type Health =
  | { readonly kind: "known"; readonly score: number; readonly parts: readonly HealthPart[] }
  | { readonly kind: "unknown"; readonly reason: string };
