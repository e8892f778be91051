import { groupLabels } from "./aggregate.ts";
import {
  badData,
  type Expression,
  type Labels,
  labelOf,
  type Matching,
  PromError,
  signature,
  withoutName,
} from "./expression.ts";
import { emptyLine, type Line, setAt, type Value, withValues } from "./values.ts";

type Binary = Extract<Expression, { kind: "binary" }>;

const ARITHMETIC: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  "^": (a, b) => a ** b,
  atan2: Math.atan2,
};
const COMPARISON: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  ">": (a, b) => a > b,
  "<": (a, b) => a < b,
  ">=": (a, b) => a >= b,
  "<=": (a, b) => a <= b,
};

/** The value of an operation, or undefined where a comparison filters it out. */
function operation({
  op,
  isBool,
}: Binary): (a: number, b: number, kept: number) => number | undefined {
  const compute = ARITHMETIC[op];
  if (compute) {
    if (isBool) throw badData("bool modifier can only be used on comparison operators");
    return compute;
  }
  const compare = COMPARISON[op];
  if (compare === undefined) throw badData(`operator ${op} is not supported`);
  return (a, b, kept) => (isBool ? Number(compare(a, b)) : compare(a, b) ? kept : undefined);
}

/** Filters keep the metric; what computes a new number is no longer it. */
function keepsName({ op, isBool }: Binary): boolean {
  return COMPARISON[op] !== undefined && !isBool;
}

/** Computes an operation of two values at every step. @throws PromError. */
export function binary(node: Binary, left: Value, right: Value, count: number): Value {
  if (left.kind === "text" || right.kind === "text")
    throw badData(`operator ${node.op} is not allowed on strings`);
  if (["and", "or", "unless"].includes(node.op)) {
    if (left.kind !== "vector" || right.kind !== "vector")
      throw badData(`set operator "${node.op}" not allowed in binary scalar expression`);
    return { kind: "vector", lines: setOperation(node, left.lines, right.lines, count) };
  }
  const compute = operation(node);
  if (left.kind === "scalar" && right.kind === "scalar") {
    if (COMPARISON[node.op] && !node.isBool)
      throw badData("comparisons between scalars must use BOOL modifier");
    const values = left.values.map((a, step) => compute(a, right.values[step] ?? 0, a) ?? 0);
    return { kind: "scalar", values };
  }
  if (left.kind === "vector" && right.kind === "vector")
    return { kind: "vector", lines: matched(node, left.lines, right.lines, count) };
  const [vector, scalar] = left.kind === "vector" ? [left, right] : [right, left];
  if (vector.kind !== "vector" || scalar.kind !== "scalar") throw new Error("one is a vector");
  const isLeft = vector === left;
  return {
    kind: "vector",
    lines: withValues(
      vector.lines.map((line) => {
        const out = emptyLine(keepsName(node) ? line.labels : withoutName(line.labels), count);
        for (let step = 0; step < count; step++) {
          if (!line.present[step]) continue;
          const [own, other] = [line.values[step] ?? 0, scalar.values[step] ?? 0];
          const value = isLeft ? compute(own, other, own) : compute(other, own, own);
          if (value !== undefined) setAt(out, step, value);
        }
        return out;
      }),
    ),
  };
}

/** The labels that decide which series belong together. */
function matchingKey(labels: Labels, { isOn, labels: named }: Matching): string {
  return signature(groupLabels(labels, { isWithout: !isOn, labels: named }));
}

function setOperation(
  { op, matching }: Binary,
  left: readonly Line[],
  right: readonly Line[],
  count: number,
): Line[] {
  const presence = (lines: readonly Line[]) => {
    const found = new Map<string, Uint8Array>();
    for (const { labels, present } of lines) {
      const key = matchingKey(labels, matching);
      const known = found.get(key) ?? new Uint8Array(count);
      found.set(
        key,
        known.map((one, step) => one | (present[step] ?? 0)),
      );
    }
    return found;
  };
  const filtered = (
    lines: readonly Line[],
    others: ReadonlyMap<string, Uint8Array>,
    isWanted: boolean,
  ) =>
    lines.map((line) => {
      const other = others.get(matchingKey(line.labels, matching));
      const present = line.present.map((one, step) =>
        one && Boolean(other?.[step]) === isWanted ? 1 : 0,
      );
      return { ...line, present };
    });
  if (op === "and") return withValues(filtered(left, presence(right), true));
  if (op === "unless") return withValues(filtered(left, presence(right), false));
  return withValues([...left, ...filtered(right, presence(left), false)]);
}

/** Operations between series that have the same labels, one to one, or many to one where said. */
function matched(
  node: Binary,
  left: readonly Line[],
  right: readonly Line[],
  count: number,
): Line[] {
  const { matching } = node;
  const compute = operation(node);
  const isRightMany = matching.many === "right";
  const [many, one] = isRightMany ? [right, left] : [left, right];
  const ones = new Map<string, Line[]>();
  for (const line of one) {
    const key = matchingKey(line.labels, matching);
    ones.set(key, [...(ones.get(key) ?? []), line]);
  }
  const results = new Map<string, Line>();
  for (const line of many) {
    const others = ones.get(matchingKey(line.labels, matching)) ?? [];
    for (let step = 0; step < count; step++) {
      if (!line.present[step]) continue;
      const present = others.filter((other) => other.present[step]);
      if (present.length > 1)
        throw new PromError(
          "execution",
          "found duplicate series for the match group on the side of one; many-to-many matching not allowed: matching labels must be unique on one side",
        );
      const [other] = present;
      if (other === undefined) continue;
      const [own, its] = [line.values[step] ?? 0, other.values[step] ?? 0];
      const [a, b] = isRightMany ? [its, own] : [own, its];
      const value = compute(a, b, a);
      if (value === undefined) continue;
      const labels = resultLabels(node, line.labels, other.labels);
      const key = signature(labels);
      const out = results.get(key) ?? emptyLine(labels, count);
      if (out.present[step])
        throw new PromError(
          "execution",
          matching.many === undefined
            ? "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            : "multiple matches for labels: grouping labels must ensure unique matches",
        );
      results.set(key, out);
      setAt(out, step, value);
    }
  }
  return [...results.values()];
}

function resultLabels(node: Binary, own: Labels, other: Labels): Labels {
  const { matching } = node;
  const base = keepsName(node) ? own : withoutName(own);
  if (matching.many === undefined) {
    const result = new Map(base);
    for (const name of base.keys())
      if (matching.labels.includes(name) !== matching.isOn) result.delete(name);
    return result;
  }
  const result = new Map(base);
  for (const name of matching.include) {
    const value = labelOf(other, name);
    if (value === "") result.delete(name);
    else result.set(name, value);
  }
  return result;
}
