import { AGGREGATES_WITH_PARAMETER, aggregate } from "./aggregate.ts";
import { binary } from "./binary.ts";
import {
  badData,
  type Expression,
  type Labels,
  type Placed,
  type Selector,
  withoutName,
} from "./expression.ts";
import { FUNCTIONS } from "./functions.ts";
import {
  KEEPS_NAME,
  RANGE_FUNCTIONS,
  type RangeFunction,
  type Samples,
  WITH_PARAMETER,
} from "./range-functions.ts";
import { type Budget, checkValues, LOOKBACK_US, type Source } from "./source.ts";
import { emptyLine, type Line, mapLines, type Steps, setAt, timeOf, type Value } from "./values.ts";
import { presentOf, repeated, vector } from "./vector.ts";

/** What a query runs in. */
export type Evaluation = {
  readonly source: Source;
  readonly tenantNo: number;
  readonly budget: Budget;
  /** The query's own span, for @ start() and end(). */
  readonly whole: { readonly startUs: number; readonly endUs: number };
};

const SUBQUERY_STEP_US = 60_000_000;

/** Evaluates an expression at every step. @throws PromError. */
export async function evaluate(run: Evaluation, node: Expression, steps: Steps): Promise<Value> {
  switch (node.kind) {
    case "number":
      return { kind: "scalar", values: new Float64Array(steps.count).fill(node.value) };
    case "text":
      return { kind: "text", value: node.value };
    case "selector":
      return vector(await newest(run, node, steps));
    case "range":
    case "subquery":
      throw badData("a range needs a function around it, such as rate()");
    case "negate": {
      const inner = await evaluate(run, node.inner, steps);
      if (inner.kind === "text") throw badData("a text has no sign");
      if (inner.kind === "scalar")
        return { kind: "scalar", values: inner.values.map((value) => -value) };
      return vector(mapLines(inner.lines, (value) => -value, withoutName));
    }
    case "call":
      return call(run, node, steps);
    case "aggregate":
      return aggregated(run, node, steps);
    case "binary": {
      const left = await evaluate(run, node.left, steps);
      const right = await evaluate(run, node.right, steps);
      const result = binary(node, left, right, steps.count);
      return result.kind === "vector" ? vector(result.lines) : result;
    }
  }
}

/** The times at which something that is shifted or fixed is read; a fixed one only once. */
function placed({ whole }: Evaluation, { at, offsetUs }: Placed, steps: Steps): Steps {
  if (at === undefined) return { ...steps, firstUs: steps.firstUs - offsetUs };
  const fixedUs = at === "start" ? whole.startUs : at === "end" ? whole.endUs : at;
  return { firstUs: fixedUs - offsetUs, stepUs: steps.stepUs, count: 1 };
}

async function newest(run: Evaluation, node: Selector, steps: Steps): Promise<Line[]> {
  const at = placed(run, node, steps);
  const series = await run.source.select(run.tenantNo, node.matchers);
  checkValues(series.length, steps.count);
  const lines: Line[] = [];
  await run.source.newest(series, at, run.budget, (labels, { atUs, value }) => {
    const line = emptyLine(labels, at.count);
    let last = -1;
    for (let step = 0; step < at.count; step++) {
      const endUs = timeOf(at, step);
      while (last + 1 < atUs.length && (atUs[last + 1] ?? 0) <= endUs) last++;
      if (last >= 0 && (atUs[last] ?? 0) > endUs - LOOKBACK_US) setAt(line, step, value[last] ?? 0);
    }
    lines.push(repeated(line, steps.count));
  });
  return lines;
}

type Call = Extract<Expression, { kind: "call" }>;

async function call(run: Evaluation, node: Call, steps: Steps): Promise<Value> {
  const { name, args } = node;
  if (name === "absent" || name === "absent_over_time") return absent(run, node, steps);
  if (name === "timestamp") return timestamp(run, node, steps);
  const overRange = RANGE_FUNCTIONS[name];
  if (overRange) return ranged(run, node, overRange, steps);
  const plain = FUNCTIONS[name];
  if (plain === undefined)
    throw badData(`function ${name} is not supported; docs/prometheus.md lists those that are`);
  if (args.length < plain.least || args.length > plain.most)
    throw badData(`expected ${plain.least} argument(s) in call to "${name}", got ${args.length}`);
  const values: Value[] = [];
  for (const arg of args) values.push(await evaluate(run, arg, steps));
  const times = Float64Array.from({ length: steps.count }, (_, step) => timeOf(steps, step) / 1e6);
  const result = plain.of({ name, args: values, times });
  return result.kind === "vector" ? vector(result.lines) : result;
}

async function ranged(
  run: Evaluation,
  { name, args }: Call,
  compute: RangeFunction,
  steps: Steps,
): Promise<Value> {
  const where = WITH_PARAMETER[name];
  const expected = where === undefined ? 1 : 2;
  if (args.length !== expected)
    throw badData(`expected ${expected} argument(s) in call to "${name}", got ${args.length}`);
  const range = args[where === "before" ? 1 : 0];
  const parameter = await scalar(
    run,
    where === undefined ? undefined : args[where === "before" ? 0 : 1],
    steps,
  );
  if (range?.kind !== "range" && range?.kind !== "subquery")
    throw badData(`expected type range vector in call to function "${name}"`);
  const named = KEEPS_NAME.has(name) ? (labels: Labels) => labels : withoutName;
  const at = placed(run, range.kind === "range" ? range.selector : range, steps);
  const lines: Line[] = [];
  await overSamples(run, range, at, (labels, samples) => {
    const line = emptyLine(named(labels), at.count);
    let [from, to] = [0, 0];
    for (let step = 0; step < at.count; step++) {
      const endUs = timeOf(at, step);
      while (to < samples.atUs.length && (samples.atUs[to] ?? 0) <= endUs) to++;
      while (from < to && (samples.atUs[from] ?? 0) <= endUs - range.rangeUs) from++;
      const window = { from, to, endUs, rangeUs: range.rangeUs };
      const value = compute(samples, window, parameter[step] ?? Number.NaN);
      if (value !== undefined) setAt(line, step, value);
    }
    lines.push(repeated(line, steps.count));
  });
  return vector(lines);
}

/** Hands over the readings of each series of a range, at least those in its windows. */
async function overSamples(
  run: Evaluation,
  range: Extract<Expression, { kind: "range" | "subquery" }>,
  at: Steps,
  take: (labels: Labels, samples: Samples) => void,
): Promise<void> {
  const { source, tenantNo, budget } = run;
  const span = { fromUs: at.firstUs - range.rangeUs, toUs: timeOf(at, at.count - 1) };
  if (range.kind === "range") {
    const series = await source.select(tenantNo, range.selector.matchers);
    checkValues(series.length, at.count);
    return source.samples(series, span, budget, take);
  }
  // Steps of a subquery are multiples of their length, whatever the query's own are.
  const stepUs = range.stepUs ?? SUBQUERY_STEP_US;
  const firstUs = (Math.floor(span.fromUs / stepUs) + 1) * stepUs;
  const count = Math.max(0, Math.floor((span.toUs - firstUs) / stepUs) + 1);
  if (count === 0) return;
  const inner = await evaluate(run, range.inner, { firstUs, stepUs, count });
  if (inner.kind !== "vector") throw badData("subquery is only allowed on instant vector");
  checkValues(inner.lines.length, count);
  for (const line of inner.lines) take(line.labels, presentOf(line, { firstUs, stepUs, count }));
}

/** A number at every step; NaN when there is no expression. */
async function scalar(
  run: Evaluation,
  node: Expression | undefined,
  steps: Steps,
): Promise<Float64Array> {
  if (node === undefined) return new Float64Array(steps.count).fill(Number.NaN);
  const value = await evaluate(run, node, steps);
  if (value.kind !== "scalar") throw badData("expected a scalar as parameter");
  return value.values;
}

async function aggregated(
  run: Evaluation,
  node: Extract<Expression, { kind: "aggregate" }>,
  steps: Steps,
): Promise<Value> {
  const { name, grouping, args } = node;
  const takesNumber = AGGREGATES_WITH_PARAMETER.has(name);
  if (args.length !== (takesNumber ? 2 : 1))
    throw badData(`wrong number of arguments for aggregate expression ${name}: ${args.length}`);
  const parameter = await scalar(run, takesNumber ? args[0] : undefined, steps);
  const last = args.at(-1);
  const inner = last && (await evaluate(run, last, steps));
  if (inner?.kind !== "vector")
    throw badData(`expected type instant vector in aggregation expression ${name}`);
  return { kind: "vector", lines: aggregate(name, grouping, inner.lines, parameter, steps.count) };
}

/** 1 where there is nothing, with the labels that the selector fixes. */
async function absent(run: Evaluation, node: Call, steps: Steps): Promise<Value> {
  const [arg] = node.args;
  if (arg === undefined || node.args.length !== 1)
    throw badData(`expected 1 argument(s) in call to "${node.name}", got ${node.args.length}`);
  const present = { kind: "call", name: "present_over_time", args: node.args } as const;
  const value = await evaluate(run, node.name === "absent" ? arg : present, steps);
  if (value.kind !== "vector")
    throw badData(`expected type instant vector in call to function "absent"`);
  const line = emptyLine(fixedLabels(arg), steps.count);
  for (let step = 0; step < steps.count; step++)
    if (!value.lines.some((one) => one.present[step])) setAt(line, step, 1);
  return vector([line]);
}

function fixedLabels(node: Expression): Labels {
  const selector = node.kind === "range" ? node.selector : node;
  if (selector.kind !== "selector") return new Map();
  const fixed = new Map<string, string>();
  const seen = new Set<string>();
  for (const { name, op, value } of selector.matchers) {
    if (name === "__name__") continue;
    if (op === "=" && !seen.has(name)) fixed.set(name, value);
    else fixed.delete(name);
    seen.add(name);
  }
  return fixed;
}

/** When the newest reading was taken; of a computed vector the step itself. */
async function timestamp(run: Evaluation, node: Call, steps: Steps): Promise<Value> {
  const [arg] = node.args;
  if (arg === undefined || node.args.length !== 1)
    throw badData(`expected 1 argument(s) in call to "timestamp", got ${node.args.length}`);
  if (arg.kind === "selector") {
    const at = placed(run, arg, steps);
    const range = { kind: "range", selector: arg, rangeUs: LOOKBACK_US } as const;
    const lines: Line[] = [];
    await overSamples(run, range, at, (labels, { atUs }) => {
      const line = emptyLine(withoutName(labels), at.count);
      let last = -1;
      for (let step = 0; step < at.count; step++) {
        const endUs = timeOf(at, step);
        while (last + 1 < atUs.length && (atUs[last + 1] ?? 0) <= endUs) last++;
        const lastUs = atUs[last] ?? Number.NEGATIVE_INFINITY;
        if (lastUs > endUs - LOOKBACK_US) setAt(line, step, lastUs / 1e6);
      }
      lines.push(repeated(line, steps.count));
    });
    return vector(lines);
  }
  const value = await evaluate(run, arg, steps);
  if (value.kind !== "vector")
    throw badData('expected type instant vector in call to function "timestamp"');
  return vector(mapLines(value.lines, (_, step) => timeOf(steps, step) / 1e6, withoutName));
}
