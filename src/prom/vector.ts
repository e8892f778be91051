import { PromError, signature } from "./expression.ts";
import type { Samples } from "./range-functions.ts";
import {
  emptyLine,
  type Line,
  type Steps,
  setAt,
  timeOf,
  type Value,
  withValues,
} from "./values.ts";

/** A vector, in which no two series have the same labels at one step. */
export function vector(lines: readonly Line[]): Value {
  const bySignature = new Map<string, Line>();
  for (const line of withValues(lines)) {
    const key = signature(line.labels);
    const known = bySignature.get(key);
    bySignature.set(key, known ? merged(known, line) : line);
  }
  return { kind: "vector", lines: [...bySignature.values()] };
}

function merged(one: Line, other: Line): Line {
  const both = emptyLine(one.labels, one.values.length);
  for (let step = 0; step < both.values.length; step++) {
    if (one.present[step] && other.present[step])
      throw new PromError("execution", "vector cannot contain metrics with the same labelset");
    const from = one.present[step] ? one : other;
    if (from.present[step]) setAt(both, step, from.values[step] ?? 0);
  }
  return both;
}

/** A line evaluated once, at every step. */
export function repeated(line: Line, count: number): Line {
  if (line.values.length === count) return line;
  return {
    labels: line.labels,
    values: new Float64Array(count).fill(line.values[0] ?? 0),
    present: new Uint8Array(count).fill(line.present[0] ?? 0),
  };
}

/** The values of a line as readings. */
export function presentOf({ values, present }: Line, steps: Steps): Samples {
  const order: number[] = [];
  present.forEach((one, step) => {
    if (one) order.push(step);
  });
  return {
    atUs: Float64Array.from(order, (step) => timeOf(steps, step)),
    value: Float64Array.from(order, (step) => values[step] ?? 0),
  };
}
