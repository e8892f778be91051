import { Type } from "@sinclair/typebox";
import { AppError } from "../domain/error.ts";
import { type SeriesPoints, TIERS, type Tier } from "../domain/reading-store.ts";
import { type Route, route } from "../domain/route.ts";
import type { SensorStore } from "../domain/sensor.ts";
import { type FeedingSpan, feedingSpans } from "../domain/series-store.ts";
import { MEDIA_TYPES } from "../lib/table/accept.ts";
import { found, oneOf, optional, TENANT_AND_ID } from "./api-route.ts";
import { formatFor, pointsTable, pointsValue, written } from "./reading-answers.ts";
import { type ReadingsDeps, readPoints } from "./reading-reads.ts";
import { SENSOR_READINGS_ANSWER } from "./reading-schemas.ts";

const WIDTH_US: Readonly<Record<Tier, number>> = {
  raw: 1,
  "5m": 300_000_000,
  "1h": 3_600_000_000,
  "1d": 86_400_000_000,
};

/** A sensor's history over all series that feed it. */
export function sensorReadingsRoute(deps: ReadingsDeps & { readonly sensors: SensorStore }): Route {
  return route({
    surface: "api",
    permission: "plant:read",
    method: "GET",
    path: "/api/v1/sensors/:tenantId/:id/readings",
    summary:
      "A sensor's readings in [fromUs, toUs), by default the last day, over the series that feed it, each from its start until the next one's. As JSON, CSV, Parquet or Arrow by Accept.",
    params: TENANT_AND_ID,
    query: Type.Object({
      fromUs: optional(Type.Number()),
      toUs: optional(Type.Number()),
      tier: optional(oneOf([...TIERS, "auto"])),
      maxPoints: optional(Type.Integer({ minimum: 2, maximum: 20_000 })),
    }),
    answer: SENSOR_READINGS_ANSWER,
    otherTypes: [MEDIA_TYPES.csv, MEDIA_TYPES.parquet, MEDIA_TYPES.arrow],
    handle: async ({ caller, params, query, request }) => {
      const format = formatFor(request);
      const sensor = found(await deps.sensors.get(caller, params.id), "sensor", params.id);
      if (sensor.kind === "state" || sensor.kind === "waveform")
        throw new AppError("invalid", `a ${sensor.kind} sensor has no numbers: read its series`);
      const spans = feedingSpans(await deps.mapping.mapped(caller, { sensorId: sensor.id }));
      const seriesNos = spans.map(({ seriesNo }) => seriesNo);
      const entries = await deps.catalogue.own(caller.tenantNo, seriesNos, deps.sequence);
      const points = entries.length === 0 ? [] : await readPoints(deps, entries, query);
      const parts = spans.flatMap((span) => {
        const own = points.find(({ seriesNo }) => seriesNo === span.seriesNo);
        return own === undefined ? [] : [within(own, span)];
      });
      const value = () => ({ sensorId: sensor.id, parts: parts.map(pointsValue) });
      return written(format, { value, table: () => pointsTable(parts) });
    },
  });
}

/** The points of a series while it feeds the sensor; a bucket belongs to the series that began in it. */
function within(points: SeriesPoints, { fromUs, untilUs }: FeedingSpan): SeriesPoints {
  const before = WIDTH_US[points.tier] - 1;
  const keep: number[] = [];
  for (const [i, atUs] of points.atUs.entries())
    if (atUs + before >= fromUs && atUs + before < untilUs) keep.push(i);
  if (keep.length === points.atUs.length) return points;
  const pick = (column: Float64Array) => Float64Array.from(keep, (i) => column[i] ?? 0);
  return {
    ...{ seriesNo: points.seriesNo, tier: points.tier, reduced: points.reduced },
    ...{ atUs: pick(points.atUs), n: pick(points.n), mean: pick(points.mean) },
    ...{ min: pick(points.min), max: pick(points.max) },
  };
}
