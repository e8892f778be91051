import type { Labels } from "./expression.ts";

/** Values of one series at every step; where `present` is 0 there is none. */
export type Line = {
  readonly labels: Labels;
  readonly values: Float64Array;
  readonly present: Uint8Array;
};

/** What an expression is worth at every step. */
export type Value =
  | { readonly kind: "scalar"; readonly values: Float64Array }
  | { readonly kind: "vector"; readonly lines: readonly Line[] }
  | { readonly kind: "text"; readonly value: string };

/** The times at which an expression is evaluated: first, first + step, … */
export type Steps = { readonly firstUs: number; readonly stepUs: number; readonly count: number };

export function timeOf({ firstUs, stepUs }: Steps, step: number): number {
  return firstUs + step * stepUs;
}

/** A line without values yet. */
export function emptyLine(labels: Labels, count: number): Line {
  return { labels, values: new Float64Array(count), present: new Uint8Array(count) };
}

export function setAt(line: Line, step: number, value: number): void {
  line.values[step] = value;
  line.present[step] = 1;
}

/** Each value changed; with `labels` each line's labels too. */
export function mapLines(
  lines: readonly Line[],
  change: (value: number, step: number) => number,
  labels: (labels: Labels) => Labels,
): Line[] {
  return lines.map((line) => ({
    labels: labels(line.labels),
    present: line.present,
    values: line.values.map((value, step) => (line.present[step] ? change(value, step) : 0)),
  }));
}

/** Lines that have a value anywhere. */
export function withValues(lines: readonly Line[]): Line[] {
  return lines.filter(({ present }) => present.includes(1));
}
