import { instant, matrix, readingsMatrix } from "./answers.ts";
import { durationUs, stepUs, timeUs } from "./durations.ts";
import { evaluate } from "./evaluate.ts";
import { badData, type Labels, type Matcher } from "./expression.ts";
import { matches, type NamedSeries } from "./naming.ts";
import { parse } from "./parse.ts";
import type { Samples } from "./range-functions.ts";
import { type Budget, type PromDeps, SAMPLES_MOST, type Source } from "./source.ts";
import type { Steps } from "./values.ts";

/** Points of a series in one answer, as in Prometheus. */
const POINTS_MOST = 11_000;
const TIMEOUT_US = 20_000_000;

/** Parameters of a request; a name sent several times is a list. */
export type Parameters = Readonly<Record<string, unknown>>;

/** A parameter as text; undefined when it was not sent. */
export function parameter(all: Parameters, name: string): string | undefined {
  const value = all[name];
  const one: unknown = Array.isArray(value) ? value[0] : value;
  return one === undefined || one === null || one === "" ? undefined : String(one);
}

/** All values of a parameter. */
export function parameters(all: Parameters, name: string): string[] {
  const value = all[name];
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function needed(all: Parameters, name: string): string {
  const value = parameter(all, name);
  if (value === undefined) throw badData(`invalid parameter "${name}": it is missing`);
  return value;
}

function budgetOf(deps: PromDeps, all: Parameters): Budget {
  const sent = parameter(all, "timeout");
  const wanted = sent === undefined ? TIMEOUT_US : durationUs(sent);
  if (wanted === undefined)
    throw badData(`invalid parameter "timeout": cannot parse "${sent}" to a valid duration`);
  return {
    deadlineUs: deps.clock.nowUs() + Math.min(wanted, TIMEOUT_US),
    samples: SAMPLES_MOST,
  };
}

/** `/api/v1/query`: the value of an expression at one time. @throws PromError. */
export async function instantQuery(
  deps: PromDeps,
  source: Source,
  tenantNo: number,
  all: Parameters,
): Promise<unknown> {
  const at = parameter(all, "time");
  const atUs = at === undefined ? deps.clock.nowUs() : timeUs("time", at);
  const node = parse(needed(all, "query"));
  const steps: Steps = { firstUs: atUs, stepUs: 1, count: 1 };
  const budget = budgetOf(deps, all);
  if (node.kind !== "range")
    return instant(
      await evaluate(
        { source, tenantNo, budget, whole: { startUs: atUs, endUs: atUs } },
        node,
        steps,
      ),
      atUs,
    );
  const { selector, rangeUs } = node;
  const endUs = (typeof selector.at === "number" ? selector.at : atUs) - selector.offsetUs;
  const found: { labels: Labels; samples: Samples }[] = [];
  const series = await source.select(tenantNo, selector.matchers);
  await source.samples(
    series,
    { fromUs: endUs - rangeUs, toUs: endUs },
    budget,
    (labels, samples) => found.push({ labels, samples }),
  );
  return readingsMatrix(found);
}

/** `/api/v1/query_range`: an expression over steps. @throws PromError. */
export async function rangeQuery(
  deps: PromDeps,
  source: Source,
  tenantNo: number,
  all: Parameters,
): Promise<unknown> {
  const startUs = timeUs("start", needed(all, "start"));
  const endUs = timeUs("end", needed(all, "end"));
  if (endUs < startUs)
    throw badData('invalid parameter "end": end timestamp must not be before start time');
  const step = stepUs(needed(all, "step"));
  const count = Math.floor((endUs - startUs) / step) + 1;
  if (count > POINTS_MOST)
    throw badData(
      `exceeded maximum resolution of ${POINTS_MOST} points per timeseries. Try decreasing the query resolution (?step=XX)`,
    );
  const node = parse(needed(all, "query"));
  const steps: Steps = { firstUs: startUs, stepUs: step, count };
  if (node.kind === "range" || node.kind === "text")
    throw badData(
      `invalid parameter "query": invalid expression type "${node.kind === "text" ? "string" : "range vector"}" for range query, must be Scalar or instant Vector`,
    );
  const run = { source, tenantNo, budget: budgetOf(deps, all), whole: { startUs, endUs } };
  const value = await evaluate(run, node, steps);
  if (value.kind === "text") throw badData("a text has no range");
  return matrix(value, steps);
}

/** Matchers of a `match[]`. */
function matchersOf(selector: string): readonly Matcher[] {
  const node = parse(selector);
  if (node.kind !== "selector")
    throw badData(`invalid parameter "match[]": ${selector} is no selector`);
  return node.matchers;
}

/** Series that fulfil one of the selectors (all without any) and had readings in the span, if one is sent. */
export async function seriesOf(
  deps: PromDeps,
  source: Source,
  tenantNo: number,
  all: Parameters,
): Promise<NamedSeries[]> {
  const selectors = parameters(all, "match[]").map(matchersOf);
  const [start, end] = [parameter(all, "start"), parameter(all, "end")];
  const startUs = start === undefined ? Number.NEGATIVE_INFINITY : timeUs("start", start);
  const endUs = end === undefined ? Number.POSITIVE_INFINITY : timeUs("end", end);
  const series = await source.select(tenantNo, []);
  return series.filter(({ seriesNo, labels, firstAtUs }) => {
    if (firstAtUs > endUs) return false;
    const newestUs = deps.lastValue(seriesNo)?.atUs ?? Number.POSITIVE_INFINITY;
    if (newestUs < startUs) return false;
    return selectors.length === 0 || selectors.some((matchers) => matches(labels, matchers));
  });
}

/** At most `limit` of a list, where one is sent. */
export function limited<T>(all: Parameters, list: readonly T[]): readonly T[] {
  const sent = parameter(all, "limit");
  const limit = sent === undefined ? 0 : Number(sent);
  if (!Number.isInteger(limit) || limit < 0)
    throw badData(`invalid parameter "limit": ${sent} is no number`);
  return limit === 0 ? list : list.slice(0, limit);
}
