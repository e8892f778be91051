import type { AssetType } from "./asset-type.ts";
import type { AssetHistory } from "./feature.ts";
import type { ModelCard, ReadableTree, Verdict } from "./model.ts";
import type { Health, ModelPrediction, RulePrediction } from "./prediction.ts";
import type { Severity } from "./rule.ts";
import type { Limits } from "./sensor.ts";

/** What training came to. */
export type TrainingOutcome =
  | {
      readonly kind: "trained";
      readonly artifact: Uint8Array;
      /** SHA-256 of the artifact. */
      readonly hash: string;
      readonly card: ModelCard;
      readonly readable: ReadableTree;
      /** Whether it should take the champion's place. */
      readonly verdict: Verdict;
    }
  | { readonly kind: "too-few-failures"; readonly failures: number; readonly needed: number };

/** Rows of features by asset, each as of its step. */
export type FeatureTable = {
  /** Hash of what decides the columns. */
  readonly setId: string;
  readonly names: readonly string[];
  readonly rows: readonly {
    readonly assetId: string;
    readonly atUs: number;
    readonly step: number;
    readonly values: Float64Array;
  }[];
};

/** Facts that lower an asset's health; see `ml/health.ts` for each. */
export type HealthInput = {
  readonly limitExcess: readonly number[];
  readonly openAlerts: readonly Severity[];
  readonly prediction: ModelPrediction | RulePrediction;
  readonly capSteps: number | undefined;
  readonly driftScore: number | undefined;
  readonly ageShare: number | undefined;
  readonly overdueShare: number;
  readonly coverage: number | undefined;
};

export type TrainingOptions = {
  readonly seed: number;
  /** Planning horizon: remaining life is learnt up to here. */
  readonly capSteps: number;
  /** A failure is announced as "within so many steps". */
  readonly horizonSteps: number;
  /** Artifact of the model in use, which the new one is compared with. */
  readonly champion?: Uint8Array | undefined;
};

/** The learners as jobs use them; made by `app.ts` from `ml`. Heavy work runs off this thread. */
export type Learning = {
  /** One default for all types: what differs is the type's own planning horizon. */
  optionsFor(type: AssetType): TrainingOptions;
  /** Rows of every history after the time it names for its asset (all when it names none). */
  features(
    histories: readonly AssetHistory[],
    afterUs: ReadonlyMap<string, number>,
    artifact: Uint8Array | undefined,
  ): FeatureTable;
  train(
    histories: readonly AssetHistory[],
    options: TrainingOptions,
    watch: {
      readonly onProgress: (done: number, of: number) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<TrainingOutcome>;
  /** For each history one prediction a wanted step; the last step when none are named. */
  predict(
    artifact: Uint8Array,
    wishes: readonly {
      readonly history: AssetHistory;
      readonly steps?: readonly number[];
      /** Which steps get contributions, which take most of the time; each when left out. */
      readonly explain?: "each" | "last" | "none";
    }[],
  ): Promise<ModelPrediction[][]>;
  /** What rules say where there is no model; it says so. */
  byRule(
    history: AssetHistory,
    options: {
      readonly limits: ReadonlyMap<string, Limits>;
      readonly horizonSteps: number;
      readonly failures: number;
    },
  ): RulePrediction;
  /** Distance from the asset's own normal, 1 = the worst of its reference time. */
  drift(history: AssetHistory): number | undefined;
  /** Lives that ended in a failure. */
  failures(histories: readonly AssetHistory[]): number;
  health(input: HealthInput): Health;
};
