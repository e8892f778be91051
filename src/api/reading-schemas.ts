import { Type } from "@sinclair/typebox";
import { TIERS } from "../domain/reading-store.ts";
import { oneOf, optional } from "./api-route.ts";
import { AGGREGATES } from "./step-groups.ts";

const TIMES = Type.Array(Type.Number(), { description: "µs since 1970-01-01 UTC, rising" });
const NUMBERS = Type.Array(Type.Union([Type.Number(), Type.Null()]));
const SERIES_NO = Type.Integer();

const POINTS = Type.Object({
  seriesNo: SERIES_NO,
  tier: oneOf(TIERS),
  reduced: Type.Boolean({ description: "there were more than maxPoints; the peaks remain" }),
  atUs: TIMES,
  mean: NUMBERS,
  n: optional(NUMBERS),
  min: optional(NUMBERS),
  max: optional(NUMBERS),
});

const STEPS = Type.Object({
  seriesNo: SERIES_NO,
  step: Type.String(),
  aggregate: oneOf(AGGREGATES),
  atUs: TIMES,
  value: NUMBERS,
});

const PAGE = Type.Object({
  seriesNo: SERIES_NO,
  tier: Type.Literal("raw"),
  reduced: Type.Literal(false),
  atUs: TIMES,
  value: NUMBERS,
  texts: optional(Type.Array(Type.Union([Type.String(), Type.Null()]))),
  next: optional(Type.String({ description: "`after` of the next page" })),
});

/** Parts in order of time, one for each series. */
export const SENSOR_READINGS_ANSWER = Type.Object({
  sensorId: Type.String(),
  parts: Type.Array(POINTS),
});
export const READINGS_ANSWER = Type.Union([POINTS, STEPS, PAGE]);
export const QUERY_ANSWER = Type.Object({ items: Type.Array(Type.Union([POINTS, STEPS])) });
export const LATEST_ANSWER = Type.Object({
  items: Type.Array(
    Type.Object({
      seriesNo: SERIES_NO,
      atUs: Type.Number(),
      value: Type.Union([Type.Number(), Type.Null()]),
      text: optional(Type.String()),
    }),
  ),
});
const WAVEFORM = {
  seriesNo: SERIES_NO,
  atUs: Type.Number(),
  sampleRateHz: optional(Type.Number({ description: "along the last dimension" })),
  shape: Type.Array(Type.Integer(), { description: "length of each dimension" }),
};

export const WAVEFORMS_ANSWER = Type.Object({
  items: Type.Array(Type.Object({ ...WAVEFORM, length: Type.Integer() })),
});
export const WAVEFORM_ANSWER = Type.Object({ ...WAVEFORM, samples: NUMBERS });

export const SERIES_ANSWER = Type.Object({
  items: Type.Array(
    Type.Object({
      seriesNo: SERIES_NO,
      kind: Type.String(),
      measurement: Type.String(),
      tags: Type.Array(Type.Array(Type.String())),
      field: Type.String(),
      status: Type.String(),
      assetKey: optional(Type.String()),
      sensorName: Type.String(),
      sensorId: optional(Type.String()),
    }),
  ),
  next: optional(Type.String()),
});
