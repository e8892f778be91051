import { reasonOf } from "../domain/error.ts";
import { compileRegex } from "../lib/linear-regex.ts";
import { badData, type Labels, labelOf, withoutName } from "./expression.ts";
import { emptyLine, type Line, mapLines, setAt, type Value } from "./values.ts";

/** Functions of one number, by name. */
const MATH: Readonly<Record<string, (value: number) => number>> = {
  ...{ abs: Math.abs, ceil: Math.ceil, floor: Math.floor, sqrt: Math.sqrt, exp: Math.exp },
  ...{ ln: Math.log, log2: Math.log2, log10: Math.log10, sgn: Math.sign },
  ...{ sin: Math.sin, cos: Math.cos, tan: Math.tan },
  deg: (value) => (value * 180) / Math.PI,
  rad: (value) => (value * Math.PI) / 180,
};

const daysInMonth = (date: Date) =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** Parts of a time in UTC, by name. */
const CALENDAR: Readonly<Record<string, (date: Date) => number>> = {
  minute: (date) => date.getUTCMinutes(),
  hour: (date) => date.getUTCHours(),
  day_of_week: (date) => date.getUTCDay(),
  day_of_month: (date) => date.getUTCDate(),
  day_of_year: (date) =>
    Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1,
  days_in_month: daysInMonth,
  month: (date) => date.getUTCMonth() + 1,
  year: (date) => date.getUTCFullYear(),
};

type Arguments = {
  readonly name: string;
  readonly args: readonly Value[];
  readonly times: Float64Array;
};

function vectorAt({ name, args }: Arguments, index: number): readonly Line[] {
  const arg = args[index];
  if (arg?.kind !== "vector")
    throw badData(`parse error: expected type instant vector in call to function "${name}"`);
  return arg.lines;
}

function scalarAt({ name, args }: Arguments, index: number): Float64Array {
  const arg = args[index];
  if (arg?.kind !== "scalar")
    throw badData(`parse error: expected type scalar in call to function "${name}"`);
  return arg.values;
}

function textAt({ name, args }: Arguments, index: number): string {
  const arg = args[index];
  if (arg?.kind !== "text")
    throw badData(`parse error: expected type string in call to function "${name}"`);
  return arg.value;
}

const vector = (lines: readonly Line[]): Value => ({ kind: "vector", lines });
const map = (call: Arguments, change: (value: number, step: number) => number): Value =>
  vector(mapLines(vectorAt(call, 0), change, withoutName));

function clamp(call: Arguments, least: Float64Array, most: Float64Array): Value {
  const lines = mapLines(
    vectorAt(call, 0),
    (value, step) => Math.max(least[step] ?? 0, Math.min(most[step] ?? 0, value)),
    withoutName,
  );
  const isPossible = (step: number) => !((most[step] ?? 0) < (least[step] ?? 0));
  return vector(
    lines.map((line) => ({
      ...line,
      present: line.present.map((one, step) => (isPossible(step) ? one : 0)),
    })),
  );
}

function round(call: Arguments): Value {
  const nearest = call.args.length > 1 ? scalarAt(call, 1) : undefined;
  return map(call, (value, step) => {
    const inverse = 1 / (nearest?.[step] ?? 1);
    return Math.floor(value * inverse + 0.5) / inverse;
  });
}

function calendar(call: Arguments): Value {
  const part = CALENDAR[call.name];
  const of = (seconds: number) => part?.(new Date(seconds * 1000)) ?? Number.NaN;
  if (call.args.length > 0) return map(call, of);
  const line = emptyLine(new Map(), call.times.length);
  for (const [step, time] of call.times.entries()) setAt(line, step, of(time));
  return vector([line]);
}

function scalarOf(call: Arguments): Value {
  const lines = vectorAt(call, 0);
  const values = call.times.map((_, step) => {
    const present = lines.filter((line) => line.present[step]);
    return present.length === 1 ? (present[0]?.values[step] ?? Number.NaN) : Number.NaN;
  });
  return { kind: "scalar", values };
}

function vectorOf(call: Arguments): Value {
  const values = scalarAt(call, 0);
  return vector([{ labels: new Map(), values, present: new Uint8Array(values.length).fill(1) }]);
}

const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

function withLabel(labels: Labels, name: string, value: string): Labels {
  const changed = new Map(labels);
  if (value === "") changed.delete(name);
  else changed.set(name, value);
  return changed;
}

function labelReplace(call: Arguments): Value {
  const [target, replacement] = [textAt(call, 1), textAt(call, 2)];
  const [from, pattern] = [textAt(call, 3), textAt(call, 4)];
  if (!LABEL_NAME.test(target))
    throw badData(`invalid destination label name in label_replace(): ${target}`);
  let regex: ReturnType<typeof compileRegex>;
  try {
    regex = compileRegex(pattern);
  } catch (error) {
    throw badData(`invalid regular expression in label_replace(): ${pattern}: ${reasonOf(error)}`);
  }
  const replaced = (labels: Labels): Labels => {
    const groups = regex.match(labelOf(labels, from));
    if (groups === undefined) return labels;
    const value = replacement.replace(
      /\$(?:\$|(\w+)|\{(\w+)\})/g,
      (whole, plain: string | undefined, braced: string | undefined) => {
        const name = plain ?? braced;
        if (name === undefined) return "$";
        const index = /^\d+$/.test(name) ? Number(name) : regex.names.get(name);
        return whole === "" ? "" : (groups[index ?? -1] ?? "");
      },
    );
    return withLabel(labels, target, value);
  };
  return vector(mapLines(vectorAt(call, 0), (value) => value, replaced));
}

function labelJoin(call: Arguments): Value {
  const [target, separator] = [textAt(call, 1), textAt(call, 2)];
  if (!LABEL_NAME.test(target))
    throw badData(`invalid destination label name in label_join(): ${target}`);
  const sources = call.args.slice(3).map((_, index) => textAt(call, index + 3));
  return vector(
    mapLines(
      vectorAt(call, 0),
      (value) => value,
      (labels) =>
        withLabel(labels, target, sources.map((name) => labelOf(labels, name)).join(separator)),
    ),
  );
}

/** By value, where there is one step only; NaN last. */
function sorted(call: Arguments): Value {
  const lines = vectorAt(call, 0);
  if (call.times.length !== 1) return vector(lines);
  const sign = call.name === "sort" ? 1 : -1;
  const firstOf = ({ values }: Line) => values[0] ?? Number.NaN;
  const order = (a: Line, b: Line) => {
    if (Number.isNaN(firstOf(a)) || Number.isNaN(firstOf(b)))
      return Number(Number.isNaN(firstOf(a))) - Number(Number.isNaN(firstOf(b)));
    return sign * (firstOf(a) - firstOf(b));
  };
  return vector(lines.toSorted(order));
}

const infinite = (call: Arguments, value: number) => call.times.map(() => value);

type PlainFunction = {
  readonly least: number;
  readonly most: number;
  readonly of: (call: Arguments) => Value;
};

const one = (of: (call: Arguments) => Value): PlainFunction => ({ least: 1, most: 1, of });

/** Functions whose arguments are evaluated first, with how many they take. */
export const FUNCTIONS: Readonly<Record<string, PlainFunction>> = {
  ...Object.fromEntries(
    Object.entries(MATH).map(([name, change]) => [name, one((call) => map(call, change))]),
  ),
  ...Object.fromEntries(
    Object.keys(CALENDAR).map((name) => [name, { least: 0, most: 1, of: calendar }]),
  ),
  round: { least: 1, most: 2, of: round },
  clamp: { least: 3, most: 3, of: (call) => clamp(call, scalarAt(call, 1), scalarAt(call, 2)) },
  clamp_min: {
    ...{ least: 2, most: 2 },
    of: (call) => clamp(call, scalarAt(call, 1), infinite(call, Number.POSITIVE_INFINITY)),
  },
  clamp_max: {
    ...{ least: 2, most: 2 },
    of: (call) => clamp(call, infinite(call, Number.NEGATIVE_INFINITY), scalarAt(call, 1)),
  },
  scalar: one(scalarOf),
  vector: one(vectorOf),
  sort: one(sorted),
  sort_desc: one(sorted),
  label_replace: { least: 5, most: 5, of: labelReplace },
  label_join: { least: 3, most: 100, of: labelJoin },
  time: { least: 0, most: 0, of: ({ times }) => ({ kind: "scalar", values: times }) },
  pi: {
    least: 0,
    most: 0,
    of: ({ times }) => ({ kind: "scalar", values: times.map(() => Math.PI) }),
  },
};
