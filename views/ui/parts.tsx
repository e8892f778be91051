import { t } from "../texts/index.ts";
import type { Part } from "./model.ts";
import { roundToTotal } from "./rounding.ts";

/** "+27", "−4", "0": a signed whole or decimal number. */
export function signed(value: number, decimals = 0): string {
  const text = Math.abs(value).toFixed(decimals);
  if (value === 0) return text;
  return value < 0 ? `\u2212${text}` : `+${text}`;
}

export type PartListProps = {
  readonly parts: readonly Part[];
  /** What they sum to. */
  readonly total: number;
  readonly sumLabel: string;
  readonly sumText: string;
  /** Smallest step shown: 1 or 0.1. */
  readonly unit?: number;
  /** The first part is a starting point: shown without a sign. */
  readonly hasBase?: boolean;
  /** Bars start at the left, for parts that all point one way. */
  readonly aligned?: boolean;
};

/** Where each bar lies, in percent of the width that holds the whole walk. */
function walk(shown: readonly number[], aligned: boolean): { from: number; width: number }[] {
  if (aligned) {
    const most = Math.max(...shown.map(Math.abs), 1e-9);
    return shown.map((value) => ({ from: 0, width: (Math.abs(value) / most) * 100 }));
  }
  let at = 0;
  const ends = shown.map((value) => {
    const from = at;
    at += value;
    return { low: Math.min(from, at), high: Math.max(from, at) };
  });
  const low = Math.min(0, ...ends.map((end) => end.low));
  const span = Math.max(0, ...ends.map((end) => end.high)) - low || 1;
  return ends.map((end) => ({
    from: ((end.low - low) / span) * 100,
    width: ((end.high - end.low) / span) * 100,
  }));
}

/**
 * Contributions as a waterfall: each bar starts where the last ended, lowering parts are hollow. Shown
 * numbers come from largest-remainder rounding, so what is read adds up to the total that is read.
 */
export function PartList(props: PartListProps) {
  const unit = props.unit ?? 1;
  const decimals = unit < 1 ? 1 : 0;
  const shown = roundToTotal(
    props.parts.map((part) => part.value),
    props.total,
    unit,
  );
  const bars = walk(shown, props.aligned === true);
  if (props.parts.length === 0) return <p class="muted sm">{t.parts.none}</p>;
  return (
    <ul class="parts">
      {props.parts.map((part, i) => {
        const value = shown[i] ?? 0;
        const bar = bars[i] ?? { from: 0, width: 0 };
        const isBase = props.hasBase === true && i === 0;
        return (
          <li>
            <span>{part.label}</span>
            <svg class="pb" aria-hidden="true">
              <rect
                class={value < 0 && props.aligned !== true ? "neg" : ""}
                x={`${bar.from.toFixed(1)}%`}
                y="1"
                width={`${bar.width.toFixed(1)}%`}
                height="8"
              />
            </svg>
            <span class="v">{isBase ? value.toFixed(decimals) : signed(value, decimals)}</span>
          </li>
        );
      })}
      <li class="sum">
        <span>{props.sumLabel}</span>
        <span />
        <span class="v">{props.sumText}</span>
      </li>
    </ul>
  );
}
