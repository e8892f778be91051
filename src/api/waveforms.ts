import { Type } from "@sinclair/typebox";
import type { Caller } from "../domain/access.ts";
import { READ_LIMITS } from "../domain/reading-store.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { found, optional } from "./api-route.ts";
import { type ReadingsDeps, spanOf } from "./reading-reads.ts";
import { WAVEFORM_ANSWER, WAVEFORMS_ANSWER } from "./reading-schemas.ts";

const SERIES = { tenantId: Type.String(), seriesNo: Type.Integer({ minimum: 1 }) };
const read = { surface: "api", permission: "plant:read", method: "GET" } as const;

/** Waveforms of a series: what there is, and one with its samples. */
export function waveformRoutes(deps: ReadingsDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/series/:tenantId/:seriesNo/waveforms",
      summary:
        "Waveforms of a series in [fromUs, toUs), by default the last day, newest first, without samples.",
      params: Type.Object(SERIES),
      query: Type.Object({
        fromUs: optional(Type.Number()),
        toUs: optional(Type.Number()),
        limit: optional(Type.Integer({ minimum: 1, maximum: READ_LIMITS.waveformsPerList })),
      }),
      answer: WAVEFORMS_ANSWER,
      handle: async ({ caller, params: { seriesNo }, query }) => {
        await ownSeries(deps, caller, seriesNo);
        const items = await deps.readings.waveforms({
          seriesNo,
          ...spanOf(query, deps.clock.nowUs()),
          limit: query.limit ?? 100,
          atLeastSequence: await deps.sequence(),
        });
        return json({ items });
      },
    }),
    route({
      ...read,
      path: "/api/v1/series/:tenantId/:seriesNo/waveforms/:atUs",
      summary: "The waveform at this time, with all its samples; one that is no number is null.",
      params: Type.Object({ ...SERIES, atUs: Type.Integer() }),
      answer: WAVEFORM_ANSWER,
      handle: async ({ caller, params: { seriesNo, atUs } }) => {
        await ownSeries(deps, caller, seriesNo);
        const atLeastSequence = await deps.sequence();
        const stored = await deps.readings.waveform({ seriesNo, atUs, atLeastSequence });
        const { samples, shape, sampleRateHz } = found(stored, "waveform at", String(atUs));
        // JSON writes NaN and the infinities as null.
        return json({ seriesNo, atUs, sampleRateHz, shape, samples: Array.from(samples) });
      },
    }),
  ];
}

/** The store of readings knows no tenants: the series is first found among the caller's own. */
async function ownSeries(deps: ReadingsDeps, caller: Caller, seriesNo: number): Promise<void> {
  await deps.catalogue.own(caller.tenantNo, [seriesNo], deps.sequence);
}
