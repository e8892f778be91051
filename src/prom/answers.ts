import type { Labels, PromErrorType } from "./expression.ts";
import type { Samples } from "./range-functions.ts";
import { type Line, type Steps, timeOf, type Value } from "./values.ts";

/** A number as Prometheus writes it: a text, since JSON knows neither NaN nor infinity. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (value === Number.POSITIVE_INFINITY) return "+Inf";
  if (value === Number.NEGATIVE_INFINITY) return "-Inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

type Point = readonly [seconds: number, value: string];

const pointOf = (atUs: number, value: number): Point => [
  Math.round(atUs / 1000) / 1000,
  numberText(value),
];
const metricOf = (labels: Labels) => Object.fromEntries(labels);

function valuesOf(line: Line, steps: Steps): Point[] {
  const points: Point[] = [];
  for (let step = 0; step < steps.count; step++)
    if (line.present[step]) points.push(pointOf(timeOf(steps, step), line.values[step] ?? 0));
  return points;
}

/** The answer of a range query. */
export function matrix(value: Exclude<Value, { kind: "text" }>, steps: Steps): unknown {
  const lines: readonly Line[] =
    value.kind === "vector"
      ? value.lines
      : [
          {
            labels: new Map(),
            values: value.values,
            present: new Uint8Array(steps.count).fill(1),
          },
        ];
  return {
    resultType: "matrix",
    result: lines.map((line) => ({ metric: metricOf(line.labels), values: valuesOf(line, steps) })),
  };
}

/** The answer of an instant query. */
export function instant(value: Value, atUs: number): unknown {
  switch (value.kind) {
    case "text":
      return { resultType: "string", result: [atUs / 1e6, value.value] };
    case "scalar":
      return { resultType: "scalar", result: pointOf(atUs, value.values[0] ?? Number.NaN) };
    case "vector":
      return {
        resultType: "vector",
        result: value.lines.map(({ labels, values }) => ({
          metric: metricOf(labels),
          value: pointOf(atUs, values[0] ?? Number.NaN),
        })),
      };
  }
}

/** The answer of an instant query for a range: its readings. */
export function readingsMatrix(
  series: readonly { readonly labels: Labels; readonly samples: Samples }[],
): unknown {
  return {
    resultType: "matrix",
    result: series.map(({ labels, samples }) => ({
      metric: metricOf(labels),
      values: Array.from(samples.atUs, (atUs, i) => pointOf(atUs, samples.value[i] ?? Number.NaN)),
    })),
  };
}

const STATUS: Readonly<Record<PromErrorType, number>> = {
  bad_data: 400,
  not_found: 404,
  execution: 422,
  timeout: 503,
};

/** An answer of the API. */
export function success(data: unknown): Response {
  return answer({ status: "success", data }, 200);
}

/** An error in Prometheus' shape. */
export function failure(errorType: PromErrorType, error: string): Response {
  return answer({ status: "error", errorType, error }, STATUS[errorType]);
}

function answer(body: unknown, status: number, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

const TYPES: Readonly<Record<number, string>> = {
  400: "bad_data",
  401: "unauthorized",
  403: "forbidden",
  404: "not_found",
  413: "bad_data",
  422: "bad_data",
  503: "unavailable",
};

/** A refusal of a whole request in Prometheus' shape. */
export function promProblem(problem: {
  readonly status: number;
  readonly message: string;
}): Response {
  const status = problem.status === 422 || problem.status === 413 ? 400 : problem.status;
  const headers: Record<string, string> = {};
  if (status === 503) headers["retry-after"] = "5";
  if (status === 401) headers["www-authenticate"] = 'Basic realm="foresight"';
  const errorType = TYPES[problem.status] ?? "internal";
  return answer({ status: "error", errorType, error: problem.message }, status, headers);
}
