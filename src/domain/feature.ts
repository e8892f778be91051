/** What a closed work order says about the asset's life. */
export type MaintenanceEvent = {
  readonly atUs: number;
  readonly kind: "failure" | "planned" | "nothing-found";
  /** Failure mode as people named it; undefined when none was found. */
  readonly mode: string | undefined;
  /** The asset is as good as new afterwards: its next life starts here. */
  readonly closesLife: boolean;
};

/**
 * All that prediction may know of one asset, on the asset's own clock: step i lies at
 * `firstStepAtUs + i * stepUs`. A step is a cycle, an hour, a day: one row of features each.
 */
export type AssetHistory = {
  readonly assetId: string;
  readonly stepUs: number;
  readonly firstStepAtUs: number;
  readonly steps: number;
  /** One value a step and signal, NaN where nothing was read. Settings are among them. */
  readonly signals: ReadonlyMap<string, Float64Array>;
  /** Names of those signals that people set (load, mode, altitude): they tell operating regimes apart. */
  readonly settings: ReadonlySet<string>;
  /** In order of time. */
  readonly maintenance: readonly MaintenanceEvent[];
  /** Event times of error codes and of alarms, ascending. */
  readonly errorsAtUs: Float64Array;
  readonly alertsAtUs: Float64Array;
  /** Installation; undefined when nobody knows. */
  readonly installedAtUs: number | undefined;
};

/** What is computed of a signal: see `src/ml/features/signal-state.ts`. */
export const SIGNAL_FEATURES = ["m15", "s30", "d0", "ls", "q1"] as const;
export type SignalFeature = (typeof SIGNAL_FEATURES)[number];

/** What is computed of the asset itself. Windows of time are half-open: [t - w, t). */
export const ASSET_FEATURES = [
  "age",
  "rows-seen",
  "since-maintenance",
  "errors-24h",
  "errors-7d",
  "alerts-24h",
  "alerts-7d",
] as const;
export type AssetFeature = (typeof ASSET_FEATURES)[number];

/** One column of the feature matrix. */
export type FeatureColumn =
  | { readonly signal: string; readonly feature: SignalFeature }
  | { readonly signal: undefined; readonly feature: AssetFeature };
