import { type TObject, Type } from "@sinclair/typebox";
import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { createGate } from "../lib/gate.ts";
import { failure, success } from "./answers.ts";
import { badData, labelOf, PromError } from "./expression.ts";
import {
  instantQuery,
  limited,
  type Parameters,
  parameter,
  parameters,
  rangeQuery,
  seriesOf,
} from "./queries.ts";
import { createSource, type PromDeps } from "./source.ts";

/** The version of Prometheus' API that this answers like. */
const API_VERSION = "3.5.0";

/** Each may hold some hundred MB of values. */
const QUERIES = { running: 3, waiting: 60 };

const text = Type.Optional(Type.String());
const texts = Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())]));
const QUERY = Type.Object({ query: Type.String(), time: text, timeout: text, limit: text });
const RANGE = Type.Object({
  ...{ query: Type.String(), start: Type.String(), end: Type.String(), step: Type.String() },
  ...{ timeout: text, limit: text },
});
const MATCH = Type.Object({ "match[]": texts, start: text, end: text, limit: text });
const METADATA = Type.Object({ metric: text, limit: text, limit_per_metric: text });
const EXEMPLARS = Type.Object({ query: text, start: text, end: text });
const ANSWER = Type.Object({ status: Type.Literal("success"), data: Type.Unknown() });
const NAME = Type.Object({ name: Type.String({ minLength: 1, maxLength: 500 }) });

type Answer = (
  caller: Caller,
  all: Parameters,
  params: { readonly name?: string },
) => unknown | Promise<unknown>;

/** Prometheus' HTTP API below `/prom`, over the readings of the caller's tenant. */
export function prometheusRoutes(deps: PromDeps): Route[] {
  const source = createSource(deps);
  const gate = createGate(QUERIES, () => {
    const message = "too many queries wait already; try again later";
    return new AppError("unavailable", message);
  });
  const series = (caller: Caller, all: Parameters) => seriesOf(deps, source, caller.tenantNo, all);
  const labelNames: Answer = async (caller, all) => {
    const names = new Set<string>();
    for (const { labels } of await series(caller, all))
      for (const name of labels.keys()) names.add(name);
    return limited(all, [...names].sort());
  };
  const labelValues: Answer = async (caller, all, { name = "" }) => {
    const values = new Set((await series(caller, all)).map(({ labels }) => labelOf(labels, name)));
    values.delete("");
    return limited(all, [...values].sort());
  };
  const listed: Answer = async (caller, all) => {
    if (parameters(all, "match[]").length === 0) throw badData("no match[] parameter provided");
    const found = limited(all, await series(caller, all));
    return found.map(({ labels }) => Object.fromEntries(labels));
  };
  const metadata: Answer = async (caller, all) => {
    const metric = parameter(all, "metric");
    const names = new Set(
      (await series(caller, {})).map(({ labels }) => labelOf(labels, "__name__")),
    );
    const chosen = [...names].sort().filter((name) => metric === undefined || name === metric);
    return Object.fromEntries(
      limited(all, chosen).map((name) => [name, [{ type: "unknown", help: "", unit: "" }]]),
    );
  };
  const build: Answer = () => ({
    ...{ version: API_VERSION, revision: "foresight", branch: "" },
    ...{ buildUser: "", buildDate: "", goVersion: "" },
  });
  return [
    ...both("query", "The value of a PromQL expression at one time.", QUERY, (caller, all) =>
      gate.run(() => instantQuery(deps, source, caller.tenantNo, all)),
    ),
    ...both("query_range", "A PromQL expression over steps.", RANGE, (caller, all) =>
      gate.run(() => rangeQuery(deps, source, caller.tenantNo, all)),
    ),
    ...both("series", "Series by their labels.", MATCH, listed),
    ...both("labels", "Names of labels.", MATCH, labelNames),
    get("label/:name/values", "Values of a label.", MATCH, labelValues),
    get("metadata", "Metrics; types and units are not known.", METADATA, metadata),
    ...both("query_exemplars", "Exemplars, of which there are none.", EXEMPLARS, () => []),
    get("status/buildinfo", "What API this is.", Type.Object({}), build),
  ];
}

const read = { surface: "device", permission: "plant:read", answer: ANSWER } as const;

/** A question by GET. */
function get(path: string, summary: string, query: TObject, answer: Answer): Route {
  return route({
    ...read,
    ...{ method: "GET", path: `/prom/api/v1/${path}`, summary, query },
    ...(path.includes(":name") ? { params: NAME } : {}),
    handle: (c) => answered(answer, c.caller, c.query, c.params),
  });
}

/** A question by GET, or by POST as a form, whose address may hold parameters too. */
function both(path: string, summary: string, query: TObject, answer: Answer): Route[] {
  return [
    get(path, summary, query, answer),
    route({
      ...read,
      ...{
        method: "POST",
        path: `/prom/api/v1/${path}`,
        summary,
        query: Type.Partial(query),
        body: Type.Partial(query),
      },
      handle: (c) => answered(answer, c.caller, { ...c.query, ...c.body }, {}),
    }),
  ];
}

async function answered(
  answer: Answer,
  caller: Caller,
  all: Parameters,
  params: unknown,
): Promise<Response> {
  try {
    // The route's schema gives the name.
    return success(await answer(caller, all, params as { name?: string }));
  } catch (error) {
    if (error instanceof PromError) return failure(error.type, error.message);
    throw error;
  }
}
