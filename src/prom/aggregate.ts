import { badData, type Grouping, type Labels, labelOf, signature } from "./expression.ts";
import { quantile } from "./range-functions.ts";
import { emptyLine, type Line, setAt, withValues } from "./values.ts";

/** Labels of the group that a series belongs to. */
export function groupLabels(labels: Labels, { isWithout, labels: named }: Grouping): Labels {
  if (!isWithout)
    return new Map(
      named.flatMap((name) => {
        const value = labelOf(labels, name);
        return value === "" ? [] : [[name, value] as const];
      }),
    );
  const rest = new Map(labels);
  for (const name of ["__name__", ...named]) rest.delete(name);
  return rest;
}

function grouped(lines: readonly Line[], grouping: Grouping): { labels: Labels; lines: Line[] }[] {
  const groups = new Map<string, { labels: Labels; lines: Line[] }>();
  for (const line of lines) {
    const labels = groupLabels(line.labels, grouping);
    const key = signature(labels);
    const known = groups.get(key);
    if (known) known.lines.push(line);
    else groups.set(key, { labels, lines: [line] });
  }
  return [...groups.values()];
}

const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
/** NaN counts only when there is nothing else. */
const best = (isBetter: (a: number, b: number) => boolean) => (values: Float64Array) =>
  values.reduce((a, b) => (Number.isNaN(a) || isBetter(b, a) ? b : a), Number.NaN);
const variance = (values: Float64Array) => {
  const mean = total(values) / values.length;
  return total(values.map((value) => (value - mean) ** 2)) / values.length;
};

const REDUCE: Readonly<Record<string, (values: Float64Array, parameter: number) => number>> = {
  sum: total,
  avg: (values) => total(values) / values.length,
  min: best((a, b) => a < b),
  max: best((a, b) => a > b),
  count: (values) => values.length,
  group: () => 1,
  stdvar: variance,
  stddev: (values) => Math.sqrt(variance(values)),
  quantile: (values, q) => quantile(q, values),
};

/** Aggregations that take a number first. */
export const AGGREGATES_WITH_PARAMETER: ReadonlySet<string> = new Set([
  "topk",
  "bottomk",
  "quantile",
]);

/** All names that `aggregate` knows. */
export const AGGREGATES: readonly string[] = [...Object.keys(REDUCE), "topk", "bottomk"];

/** Merges the lines of each group step by step. `parameter` is k or the quantile, at each step. */
export function aggregate(
  name: string,
  grouping: Grouping,
  lines: readonly Line[],
  parameter: Float64Array,
  count: number,
): Line[] {
  if (name === "topk" || name === "bottomk") return ranked(name, grouping, lines, parameter, count);
  const reduce = REDUCE[name];
  if (reduce === undefined)
    throw badData(`aggregation ${name} is not supported; there are ${AGGREGATES.join(", ")}`);
  return withValues(
    grouped(lines, grouping).map((group) => {
      const out = emptyLine(group.labels, count);
      const values = new Float64Array(group.lines.length);
      for (let step = 0; step < count; step++) {
        let found = 0;
        for (const line of group.lines)
          if (line.present[step]) values[found++] = line.values[step] ?? 0;
        if (found > 0)
          setAt(out, step, reduce(values.subarray(0, found), parameter[step] ?? Number.NaN));
      }
      return out;
    }),
  );
}

function ranked(
  name: "topk" | "bottomk",
  grouping: Grouping,
  lines: readonly Line[],
  parameter: Float64Array,
  count: number,
): Line[] {
  const sign = name === "topk" ? -1 : 1;
  const result: Line[] = [];
  for (const group of grouped(lines, grouping)) {
    const outs = group.lines.map(({ labels }) => emptyLine(labels, count));
    let order: number[] = [];
    for (let step = 0; step < count; step++) {
      const value = (index: number) => group.lines[index]?.values[step] ?? Number.NaN;
      order = group.lines
        .flatMap(({ present }, index) => (present[step] ? [index] : []))
        .sort((a, b) => {
          if (Number.isNaN(value(a)) || Number.isNaN(value(b)))
            return Number(Number.isNaN(value(a))) - Number(Number.isNaN(value(b)));
          return sign * (value(a) - value(b));
        })
        .slice(0, Math.max(0, Math.trunc(parameter[step] ?? 0)));
      for (const index of order) {
        const out = outs[index];
        if (out) setAt(out, step, value(index));
      }
    }
    // One step only: in order of rank, as an instant query answers.
    result.push(...(count === 1 ? order.flatMap((index) => outs[index] ?? []) : withValues(outs)));
  }
  return result;
}
