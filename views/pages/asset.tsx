import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { LadderStep } from "../ui/ladder.tsx";
import type {
  AssetRef,
  Fact,
  FormState,
  Health,
  Instant,
  Link,
  Option,
  Part,
  SeverityMark,
  Spark,
  StateMark,
  TimelineEntry,
} from "../ui/model.ts";
import type { RangeProps } from "../ui/range.tsx";

export type SensorRow = {
  readonly id: string;
  readonly label: string;
  readonly mark: SeverityMark | undefined;
  readonly spark: Spark;
  /** "7.4"; undefined = not known. */
  readonly value: string | undefined;
  readonly unit: string;
  /** This sensor itself is late: "silent 48 min". */
  readonly stale: string | undefined;
};

export type AssetPrediction = {
  readonly id: string;
  /** "62 % chance of failure within 14 days." or "At least 14 days left." */
  readonly sentence: string;
  /** "Most likely 9 to 21 days from now." */
  readonly second: string;
  /** Undefined when a rule said it, or the model sees no end. */
  readonly range: RangeProps | undefined;
  /** "Why: bearing temperature and vibration rose together …" */
  readonly why: string;
  /** The rule-based fallback says that it is one, and what is missing for a model. */
  readonly isRule: boolean;
  readonly missing: string;
};

export type AssetProps = {
  readonly shell: Shell;
  readonly asset: AssetRef;
  readonly crumbs: readonly Link[];
  readonly mark: StateMark;
  /** Beside the state: "Running", "Criticality A", "pump". */
  readonly chips: readonly string[];
  /** Banner while in maintenance or stopped, or when the asset is blind. */
  readonly note:
    | { readonly level: "info" | "warning" | "critical"; readonly text: string }
    | undefined;
  /** Alarms not acknowledged: acknowledging all posts `alarm` ids to `acknowledgeAction`. */
  readonly unacknowledged: readonly { readonly id: string; readonly version: number }[];
  readonly mayAct: boolean;
  readonly mayEdit: boolean;
  readonly chart: ChartProps | undefined;
  /** Other signals for the main chart: `?signal=` links; the chosen one is current. */
  readonly signals: readonly {
    readonly id: string;
    readonly label: string;
    readonly current: boolean;
  }[];
  /** "24h", "7d", "60d", "1y" */
  readonly range: string;
  readonly health: Health;
  /** Points lost, each positive; 100 minus their sum is the score. */
  readonly healthParts: readonly Part[];
  /** "yesterday 41" */
  readonly healthBefore: string;
  /** "All 6 sensors reported in the last hour." */
  readonly coverage: string;
  /** Why health is not known. */
  readonly healthUnknown: string;
  readonly prediction: AssetPrediction | undefined;
  readonly ladder: readonly LadderStep[];
  readonly sensors: readonly SensorRow[];
  readonly sensorsAge: string;
  readonly timeline: readonly TimelineEntry[];
  readonly facts: readonly Fact[];
  /** Cost form (POST /assets/:id/costs: downtime_cost_per_hour, repair_cost, failure_cost, criticality, mode). */
  readonly costs: FormState;
  readonly version: number;
  readonly currency: string;
  readonly modes: readonly Option[];
  readonly now: Instant;
};
