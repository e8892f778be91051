import type { Severity } from "../../src/domain/rule.ts";

/** A place on the time axis with its words. */
export type TimeTick = { readonly atUs: number; readonly label: string };

/** A limit drawn dashed across the chart, named at its left end ("critical 7.1"). */
export type ChartLimit = {
  readonly value: number;
  readonly severity: Severity | undefined;
  readonly label: string;
};

/** Something that happened: an alarm sits on the line, the others on the foot. */
export type ChartMark = {
  readonly atUs: number;
  readonly label: string;
  readonly href?: string;
} & (
  | { readonly kind: "alarm"; readonly severity: Severity; readonly acknowledged: boolean }
  | { readonly kind: "work" | "model" | "rule" | "note" }
);

/** A stretch without data, with its length and cause in words; drawn hatched, never joined across. */
export type ChartGap = {
  readonly fromUs: number;
  readonly toUs: number;
  readonly label: string;
};

/** Where a value is expected to go: `low` and `high` hold 80 % of what may come. */
export type ChartFan = {
  readonly atUs: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** "reaches it in 9 to 21 days" */
  readonly label: string;
};

/** A comparison, drawn dashed: the same hours a week before, or a peer. */
export type ChartLine = {
  readonly atUs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly label: string;
};

/** One of several lines of a chart; `low` and `high` are what its points stand for, drawn as a band. */
export type ChartTrace = {
  readonly name: string;
  readonly look: 1 | 2 | 3 | 4;
  readonly decimals: number;
  /** How far points usually lie apart, in µs; 0 when not known. */
  readonly stepUs: number;
  readonly atUs: readonly number[];
  readonly values: readonly (number | null)[];
  readonly low: readonly (number | null)[] | undefined;
  readonly high: readonly (number | null)[] | undefined;
};

export type ChartProps = {
  /** Id in the page; one per chart. */
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  /** The sentence a person who cannot see it needs: "steady near 2.1, then rising to 7.4, above 7.1". */
  readonly summary: string;
  readonly fromUs: number;
  /** Right end; with a fan it lies after `nowUs`. */
  readonly toUs: number;
  readonly nowUs: number | undefined;
  /** Plant time zone, for the browser's own axis when it takes over. */
  readonly zone: string;
  readonly atUs: readonly number[];
  readonly values: readonly (number | null)[];
  /** What the line is: "measured, hourly maximum". */
  readonly lineLabel: string;
  readonly xTicks: readonly TimeTick[];
  readonly limits: readonly ChartLimit[];
  readonly band?: { readonly low: number; readonly high: number; readonly label: string };
  readonly gaps?: readonly ChartGap[];
  readonly marks?: readonly ChartMark[];
  readonly fan?: ChartFan;
  readonly compare?: ChartLine;
  /** Several lines of one unit, in place of `values`. */
  readonly traces?: readonly ChartTrace[];
  /** A stretch to shade, such as the hold time of an alarm. */
  readonly shade?: { readonly fromUs: number; readonly toUs: number; readonly label: string };
  /** Small charts of a detail panel have fewer ticks and no legend. */
  readonly small?: boolean;
  /** It takes the whole width of the page. */
  readonly wide?: boolean;
};
