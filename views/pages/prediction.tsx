import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { AssetRef, Fact, Link, Part } from "../ui/model.ts";
import type { RangeProps } from "../ui/range.tsx";

/** The evidence of one prediction. */
export type PredictionProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly asset: AssetRef;
  /** The sentence is the title: "62 % chance of failure within 14 days". */
  readonly title: string;
  readonly sub: string;
  readonly range: RangeProps | undefined;
  /** "Why 62 %" or "Why 14 days" */
  readonly whyTitle: string;
  /** First the base, then signed contributions; they sum to `total` exactly. */
  readonly parts: readonly Part[];
  readonly total: number;
  /** "Days left" */
  readonly totalLabel: string;
  /** "d", "%" */
  readonly unit: string;
  readonly whyNote: string;
  readonly isRule: boolean;
  readonly missing: string;
  /** Sentences: what to check, best window, what it costs now or later. */
  readonly advice: readonly string[];
  readonly signals: readonly {
    readonly title: string;
    readonly sub: string;
    readonly chart: ChartProps;
  }[];
  readonly saw: readonly Fact[];
  /** How the forecast moved. */
  readonly history: ChartProps | undefined;
  readonly model: { readonly link: Link; readonly sentence: string } | undefined;
  readonly workHref: string | undefined;
};
