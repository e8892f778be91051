import { Type } from "@sinclair/typebox";
import { AppError } from "../domain/error.ts";
import { TIERS } from "../domain/reading-store.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { MEDIA_TYPES } from "../lib/table/accept.ts";
import { oneOf, optional, PAGING, TENANT, text } from "./api-route.ts";
import {
  formatFor,
  latestTable,
  pageTable,
  pageValue,
  pointsTable,
  pointsValue,
  stepsTable,
  stepsValue,
  written,
} from "./reading-answers.ts";
import {
  chosenSeries,
  type Range,
  type ReadingsDeps,
  readAllSteps,
  readLatest,
  readPoints,
  spanOf,
} from "./reading-reads.ts";
import { LATEST_ANSWER, QUERY_ANSWER, READINGS_ANSWER, SERIES_ANSWER } from "./reading-schemas.ts";
import { AGGREGATES } from "./step-groups.ts";
import { waveformRoutes } from "./waveforms.ts";

const RANGE = {
  fromUs: optional(Type.Number()),
  toUs: optional(Type.Number()),
  tier: optional(oneOf([...TIERS, "auto"])),
  maxPoints: optional(Type.Integer({ minimum: 2, maximum: 20_000 })),
  reduction: optional(oneOf(["peaks", "lttb"])),
  step: optional(text(10)),
  aggregate: optional(oneOf(AGGREGATES)),
};
const PAGE = {
  limit: optional(Type.Integer({ minimum: 1, maximum: 100_000 })),
  after: optional(Type.Number()),
};
/** Beside JSON. */
const TABLE_TYPES = [MEDIA_TYPES.csv, MEDIA_TYPES.parquet, MEDIA_TYPES.arrow];
const KINDS = ["numeric", "boolean", "state", "waveform"] as const;
const PAGE_READINGS = 10_000;
const SERIES_PER_QUERY = 100;
const read = { surface: "api", permission: "plant:read" } as const;

/** Series, and readings of one or several. */
export function readingsRoutes(deps: ReadingsDeps): Route[] {
  return [
    listRoute(deps),
    readingsRoute(deps),
    queryRoute(deps),
    latestRoute(deps),
    ...waveformRoutes(deps),
  ];
}

function listRoute({ mapping }: ReadingsDeps): Route {
  return route({
    ...read,
    method: "GET",
    path: "/api/v1/series/:tenantId",
    summary: "Series with what they feed; `query` searches device and sensor names.",
    params: TENANT,
    query: Type.Object({
      ...PAGING,
      status: optional(oneOf(["inbox", "adopted", "ignored"])),
      query: optional(text()),
      assetId: optional(text(100)),
      kind: optional(oneOf(KINDS)),
    }),
    answer: SERIES_ANSWER,
    handle: async ({ caller, query }) => json(await mapping.list(caller, query)),
  });
}

const ONE_SERIES = Type.Object({
  tenantId: Type.String(),
  seriesNo: Type.Integer({ minimum: 1 }),
});

function readingsRoute(deps: ReadingsDeps): Route {
  return route({
    ...read,
    method: "GET",
    path: "/api/v1/series/:tenantId/:seriesNo/readings",
    summary:
      "Readings of a series in [fromUs, toUs), by default the last day: reduced but with peaks kept; in steps with `step` and `aggregate`; or as stored, page by page, with `limit` and `after`. As JSON, CSV, Parquet or Arrow by Accept.",
    params: ONE_SERIES,
    query: Type.Object({ ...RANGE, ...PAGE }),
    answer: READINGS_ANSWER,
    otherTypes: TABLE_TYPES,
    handle: async (context) => {
      const { caller, params, query, request } = context;
      const format = formatFor(request);
      const series = await deps.catalogue.own(caller.tenantNo, [params.seriesNo], deps.sequence);
      const isText = series[0]?.kind === "state" || series[0]?.kind === "waveform";
      if (query.limit !== undefined || query.after !== undefined || isText)
        return readingsPage(deps, context);
      const { step } = query;
      if (step !== undefined) {
        const steps = await readAllSteps(deps, series, { ...query, step });
        return written(format, {
          value: () => steps.map(stepsValue)[0],
          table: () => stepsTable(steps),
        });
      }
      const points = await readPoints(deps, series, query);
      return written(format, {
        value: () => points.map(pointsValue)[0],
        table: () => pointsTable(points),
      });
    },
  });
}

/** Readings as stored. The next page is named in the answer and, for forms without a place for it, in Link. */
async function readingsPage(
  deps: ReadingsDeps,
  context: RouteContext<{ seriesNo: number }, Range & { limit?: number; after?: number }, unknown>,
): Promise<Response> {
  const { params, query, request, url } = context;
  const { seriesNo } = params;
  const { after } = query;
  if ((query.tier ?? "raw") !== "raw" && query.tier !== "auto")
    throw new AppError("invalid", "limit and after page through readings: leave tier out or raw");
  const rows = await deps.readings.rows({
    seriesNos: [seriesNo],
    ...spanOf(query, deps.clock.nowUs()),
    ...(after === undefined ? {} : { after: { seriesNo, atUs: Math.round(after) } }),
    ...{ of: "all", limit: query.limit ?? PAGE_READINGS },
    atLeastSequence: await deps.sequence(),
  });
  const next = rows.more ? String(rows.atUs[rows.count - 1] ?? 0) : undefined;
  const headers: Record<string, string> = {};
  if (next !== undefined) {
    const to = new URLSearchParams(url.search);
    to.set("after", next);
    headers.link = `<${url.pathname}?${to}>; rel="next"`;
  }
  const shaped = { value: () => pageValue(seriesNo, rows, next), table: () => pageTable(rows) };
  return written(formatFor(request), shaped, headers);
}

const WHICH = {
  seriesNos: optional(Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 100_000 })),
  assetId: optional(text(100)),
};

function queryRoute(deps: ReadingsDeps): Route {
  return route({
    ...read,
    method: "POST",
    path: "/api/v1/query/:tenantId",
    summary:
      "Readings of several series, or of an asset's, over one range; reduced, or in steps. As JSON, CSV, Parquet or Arrow by Accept.",
    params: TENANT,
    body: Type.Object({ ...WHICH, ...RANGE }),
    answer: QUERY_ANSWER,
    otherTypes: TABLE_TYPES,
    handle: async ({ caller, body, request }) => {
      const format = formatFor(request);
      if (body.seriesNos === undefined && body.assetId === undefined)
        throw new AppError("invalid", "name seriesNos or an assetId");
      const series = await chosenSeries(deps, caller, body);
      if (series.length > SERIES_PER_QUERY)
        throw new AppError(
          "invalid",
          `${series.length} series; at most ${SERIES_PER_QUERY} in one query`,
        );
      const { step } = body;
      if (step !== undefined) {
        const steps = await readAllSteps(deps, series, { ...body, step });
        const value = () => ({ items: steps.map(stepsValue) });
        return written(format, { value, table: () => stepsTable(steps) });
      }
      const points = series.length === 0 ? [] : await readPoints(deps, series, body);
      const value = () => ({ items: points.map(pointsValue) });
      return written(format, { value, table: () => pointsTable(points) });
    },
  });
}

function latestRoute(deps: ReadingsDeps): Route {
  return route({
    ...read,
    method: "POST",
    path: "/api/v1/query/:tenantId/latest",
    summary:
      "The newest reading of each of the series named, of an asset's, or of all. As JSON, CSV, Parquet or Arrow by Accept.",
    params: TENANT,
    body: Type.Object(WHICH),
    maxBytes: 2 ** 20,
    answer: LATEST_ANSWER,
    otherTypes: TABLE_TYPES,
    handle: async ({ caller, body, request }) => {
      const format = formatFor(request);
      const latest = await readLatest(deps, await chosenSeries(deps, caller, body));
      return written(format, {
        value: () => ({ items: latest }),
        table: () => latestTable(latest),
      });
    },
  });
}
