import { t } from "../texts/index.ts";

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

const KIND = { none: "", warning: "w", critical: "c" } as const;

/** Percent of the scale, kept inside it. */
function place(value: number, end: number): number {
  return Math.min(100, Math.max(0, (value / (end || 1)) * 100));
}

/** Remaining life is a band with its middle and both ends marked; never a bare number. */
export function Range(props: RangeProps) {
  const low = place(props.low, props.end);
  const middle = place(props.middle, props.end);
  const high = place(props.high, props.end);
  const roomy = high - low > 22;
  const label = t.range.text(props.lowLabel, props.highLabel, props.middleLabel);
  return (
    <svg class={`range ${KIND[props.severity]}`.trimEnd()} role="img" aria-label={label}>
      <rect class="track" y="10" width="100%" height="4" rx="2" />
      <rect
        class="band"
        x={`${low}%`}
        y="7"
        width={`${Math.max(0.5, high - low)}%`}
        height="10"
        rx="3"
      />
      <svg x={`${middle}%`} class="mid" aria-hidden="true">
        <rect x="-1" y="3" width="2" height="18" />
      </svg>
      {low > 16 && (
        <text x="0" y="36">
          {t.range.today}
        </text>
      )}
      <text x={`${low}%`} y="36" text-anchor={low < 4 ? "start" : roomy ? "middle" : "end"}>
        {props.lowLabel}
      </text>
      {roomy && high - middle > 11 && middle - low > 11 && (
        <text x={`${middle}%`} y="36" text-anchor="middle">
          {props.middleLabel}
        </text>
      )}
      <text x={`${high}%`} y="36" text-anchor={high > 94 ? "end" : roomy ? "middle" : "start"}>
        {props.highLabel}
      </text>
      {high < 80 && (
        <text x="100%" y="36" text-anchor="end">
          {props.endLabel}
        </text>
      )}
    </svg>
  );
}
