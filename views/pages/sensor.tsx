import type { Shell } from "../shell.ts";
import type { ChartProps } from "../ui/chart-model.ts";
import type { AssetRef, Fact, Instant, Link, SeverityMark } from "../ui/model.ts";

/** GET /sensors/:id?range=24h|7d|60d|1y&compare=week&view=table */
export type SensorProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly asset: AssetRef;
  readonly crumbs: readonly Link[];
  readonly label: string;
  readonly mark: SeverityMark | undefined;
  readonly value: string | undefined;
  readonly valueSub: string;
  readonly chart: ChartProps | undefined;
  readonly range: string;
  readonly comparing: boolean;
  /** The same numbers as the chart: newest first. */
  readonly table: readonly {
    readonly at: Instant;
    readonly value: string;
    readonly low: string;
    readonly high: string;
    readonly count: string;
  }[];
  readonly numbers: readonly Fact[];
  readonly marks: readonly {
    readonly mark: SeverityMark;
    readonly text: string;
    readonly at: Instant;
    readonly href: string;
  }[];
  readonly facts: readonly Fact[];
  readonly rules: readonly { readonly id: string; readonly sentence: string }[];
  readonly mayWriteRules: boolean;
};
