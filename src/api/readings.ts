import { Type } from "@sinclair/typebox";
import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type ReadingReads, type SeriesPoints, TIERS } from "../domain/reading-store.ts";
import { type Route, route } from "../domain/route.ts";
import type { SeriesStore } from "../domain/series-store.ts";
import type { Clock } from "../lib/clock.ts";
import { json } from "../lib/reply.ts";
import { found, oneOf, optional, PAGING, TENANT, text } from "./api-route.ts";

export type ReadingsDeps = {
  readonly readings: ReadingReads;
  readonly mapping: SeriesStore;
  readonly clock: Clock;
  /** Reads see everything that was acknowledged up to here. */
  readonly sequence: () => Promise<number>;
};

const RANGE = {
  fromUs: optional(Type.Number()),
  toUs: optional(Type.Number()),
  tier: optional(oneOf([...TIERS, "auto"])),
  maxPoints: optional(Type.Integer({ minimum: 2, maximum: 20_000 })),
};

const DAY_US = 86_400_000_000;

/** Series, and readings of one or several. */
export function readingsRoutes(deps: ReadingsDeps): Route[] {
  const read = { surface: "api", permission: "plant:read" } as const;
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/series/:tenantId",
      summary: "Series with what they feed; `query` searches measurement, tags and field.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        status: optional(oneOf(["inbox", "adopted", "ignored"])),
        query: optional(text()),
      }),
      handle: async ({ caller, query }) => json(await deps.mapping.list(caller, query)),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/series/:tenantId/:seriesNo/readings",
      summary:
        "Readings of a series in [fromUs, toUs), by default the last day, reduced but with peaks kept.",
      params: Type.Object({ tenantId: Type.String(), seriesNo: Type.Integer({ minimum: 1 }) }),
      query: Type.Object(RANGE),
      handle: async ({ caller, params, query }) => {
        const [points] = await readRange(deps, caller, [params.seriesNo], query);
        return json(points);
      },
    }),
    route({
      ...read,
      method: "POST",
      path: "/api/v1/query/:tenantId",
      summary: "Readings of several series over one range.",
      params: TENANT,
      body: Type.Object({
        seriesNos: Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 100 }),
        ...RANGE,
      }),
      handle: async ({ caller, body }) =>
        json({ items: await readRange(deps, caller, body.seriesNos, body) }),
    }),
  ];
}

type Range = {
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly tier?: (typeof TIERS)[number] | "auto";
  readonly maxPoints?: number;
};

async function readRange(
  deps: ReadingsDeps,
  caller: Caller,
  seriesNos: readonly number[],
  range: Range,
): Promise<unknown[]> {
  // The store of readings knows no tenants: every series is first found among the caller's own.
  for (const no of seriesNos) found(await deps.mapping.get(caller, no), "series", String(no));
  const toUs = range.toUs ?? deps.clock.nowUs();
  const fromUs = range.fromUs ?? toUs - DAY_US;
  if (fromUs >= toUs) throw new AppError("invalid", "fromUs must lie before toUs");
  const points = await deps.readings.range({
    seriesNos,
    fromUs,
    toUs,
    tier: range.tier ?? "auto",
    maxPoints: range.maxPoints ?? 2_000,
    atLeastSequence: await deps.sequence(),
  });
  return points.map(shown);
}

/** Columns as plain arrays; a missing number is null. */
function shown(points: SeriesPoints): unknown {
  const plain = (column: Float64Array) =>
    Array.from(column, (value) => (Number.isFinite(value) ? value : null));
  const { seriesNo, tier, reduced } = points;
  return {
    seriesNo,
    tier,
    reduced,
    atUs: plain(points.atUs),
    n: plain(points.n),
    mean: plain(points.mean),
    min: plain(points.min),
    max: plain(points.max),
  };
}
