/** Time left as a band on a scale; numbers are days (or the asset's own steps) from now. */
export type RangeProps = {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  /** Right end of the scale. */
  readonly end: number;
  readonly severity: "none" | "warning" | "critical";
  /** "9 d", "14 d", "21 d", "40 d" */
  readonly lowLabel: string;
  readonly middleLabel: string;
  readonly highLabel: string;
  readonly endLabel: string;
};
