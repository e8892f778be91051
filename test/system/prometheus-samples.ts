import type { Sample } from "../services/prometheus-server.ts";

/** 2026-09-21T14:13:20Z. */
export const START_MS = 1_790_000_000_000;
const HOUR_MS = 3_600_000;

/** Small whole numbers that look random and are always the same. */
function noise(seed: number): number {
  const x = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 12)) >>> 0) % 1000;
}

/** When reading number i of a series was taken: about every 15 s, never on a whole second. */
function timeOf(seed: number, i: number): number {
  return START_MS + i * 15_000 + 137 + (noise(seed * 7919 + i) % 700);
}

type Made = {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: (i: number) => number;
  /** Readings left out. */
  readonly gap?: readonly [from: number, to: number];
};

const pump = (asset: string, site: string, field: string, sensor: string) => ({
  ...{ __name__: field === "value" ? "pump" : `pump_${field}`, asset, site },
  ...(sensor === "" ? {} : { sensor }),
});

const SERIES: readonly Made[] = [
  { labels: pump("P1", "north", "value", "t"), value: (i) => 20 + noise(i) / 100 },
  { labels: pump("P2", "north", "value", "t"), value: (i) => 50 - noise(i + 5) / 50 },
  {
    labels: pump("P3", "south", "value", "t"),
    value: (i) => noise(i + 9) / 10 - 50,
    gap: [60, 110],
  },
  { labels: pump("P1", "north", "value", "p"), value: (i) => Math.sin(i / 10) * 3 },
  { labels: pump("P1", "north", "limit", ""), value: () => 25 },
  { labels: pump("P2", "north", "limit", ""), value: () => 40 },
  // Counters that begin high, so that no version stretches them below zero, and are reset.
  { labels: pump("P1", "north", "starts", ""), value: (i) => 10_000 + i * 3 + (noise(i) % 3) },
  {
    labels: pump("P2", "north", "starts", ""),
    value: (i) => (i < 100 ? 90_000 + i * 7 : 5_000 + i),
  },
];

/** An hour and a half of made-up readings of eight series. */
export function madeSamples(): Sample[] {
  return SERIES.flatMap(({ labels, value, gap }, seed) =>
    Array.from({ length: (1.5 * HOUR_MS) / 15_000 }, (_, i) => i)
      .filter((i) => gap === undefined || i < gap[0] || i >= gap[1])
      .map((i) => ({ labels, atMs: timeOf(seed, i), value: value(i) })),
  );
}

/** The same as line protocol with times in ms. */
export function asLines(samples: readonly Sample[]): string {
  return samples
    .map(({ labels, atMs, value }) => {
      const { __name__: name = "", ...tags } = labels;
      const field = name === "pump" ? "value" : name.slice("pump_".length);
      const keys = Object.entries(tags).map(([key, text]) => `,${key}=${text}`);
      return `pump${keys.join("")} ${field}=${value} ${atMs}`;
    })
    .join("\n");
}

/** Expressions on which we and Prometheus must agree. */
export const EXPRESSIONS: readonly string[] = [
  "pump",
  'pump{asset="P1"}',
  'pump{asset=~"P[12]",sensor!="p"}',
  'pump{asset!~"P1|P2"}',
  '{__name__=~"pump_.+"}',
  "pump offset 7m",
  "pump @ 1790002000",
  "pump @ end()",
  "rate(pump_starts[5m])",
  "increase(pump_starts[10m])",
  "delta(pump[3m])",
  "irate(pump_starts[2m])",
  "idelta(pump[2m])",
  "deriv(pump[5m])",
  "predict_linear(pump[5m], 600)",
  "avg_over_time(pump[4m])",
  "min_over_time(pump[4m])",
  "max_over_time(pump[4m])",
  "sum_over_time(pump[4m])",
  "count_over_time(pump[4m])",
  "last_over_time(pump[4m])",
  "stddev_over_time(pump[4m])",
  "stdvar_over_time(pump[4m])",
  "quantile_over_time(0.9, pump[4m])",
  "present_over_time(pump[4m])",
  "changes(pump_limit[10m])",
  "resets(pump_starts[20m])",
  "rate(pump_starts[5m] offset 3m)",
  "max_over_time(rate(pump_starts[2m])[10m:1m])",
  "avg_over_time(pump[10m:])",
  "sum(pump)",
  "sum by (site) (pump)",
  "avg without (sensor, asset) (pump)",
  "min(pump) by (asset)",
  "max by (nowhere) (pump)",
  "count(pump) by (site)",
  "group by (site) (pump)",
  "stddev(pump)",
  "stdvar by (site) (pump)",
  "quantile(0.3, pump)",
  "topk(2, pump)",
  "bottomk by (site) (1, pump)",
  "pump * 2",
  '2 ^ pump{sensor="p"}',
  "pump > 25",
  "pump > bool 25",
  "25 < pump",
  "-pump",
  "pump % 7",
  'pump_limit - on (asset, site) pump{sensor="t"}',
  'pump{sensor="t"} > ignoring (sensor) pump_limit',
  'pump{sensor="t"} > on (asset) pump_limit',
  'pump{sensor="t"} == bool ignoring (sensor) pump_limit',
  "pump / ignoring (sensor) group_left pump_limit",
  "pump_limit * on (asset) group_right pump",
  "sum(pump) atan2 sum(pump_limit)",
  "pump - pump offset 3m * 2 + 1",
  "-pump ^ 2 ^ 0.5 * 3",
  "pump @ start() - pump @ end()",
  "(pump + 1) * 2 > 10 and pump < 40 or pump_limit",
  "pump and on (asset) pump_limit",
  "pump unless on (asset) pump_limit",
  "pump or pump_limit",
  "abs(pump)",
  "ceil(pump)",
  "floor(pump)",
  "round(pump)",
  "round(pump, 0.25)",
  "clamp(pump, 10, 30)",
  "clamp_min(pump, 10)",
  "clamp_max(pump, 30)",
  "sgn(pump)",
  'exp(pump{sensor="p"})',
  "ln(pump_limit)",
  "log2(pump_limit)",
  "log10(pump_limit)",
  "sqrt(pump)",
  "sort(pump)",
  "sort_desc(pump)",
  "timestamp(pump)",
  "timestamp(pump * 1)",
  "time()",
  "time() - timestamp(pump)",
  "hour()",
  "minute(vector(1790000000))",
  "day_of_week() + day_of_month() + days_in_month() + month() + year()",
  "vector(1.5)",
  'scalar(pump{asset="P1",sensor="p"})',
  "scalar(pump)",
  'absent(pump{asset="P9"})',
  "absent(pump)",
  'absent_over_time(pump{asset="P9",site=~"n.*"}[5m])',
  'label_replace(pump, "unit", "$1-x", "asset", "P(.*)")',
  'label_replace(pump, "asset", "", "sensor", "t")',
  'label_join(pump, "both", "/", "site", "asset")',
  "1 + 2 * 3 - 4 / 5 % 6 ^ 7",
  "1 > bool 2",
  "1 / 0",
  "0 / 0",
  "-1 / 0",
  "pi()",
  "sum(rate(pump_starts[5m])) by (asset) / sum(pump_limit) by (asset)",
  "sum(pump) / count(pump) > bool avg(pump) + 1",
  "pump[1m]",
  '"text"',
  "nothing_of_this_name",
];

/** Expressions that both refuse. */
export const REFUSED: readonly string[] = [
  "pump{",
  "sum(pump",
  "{}",
  '{asset=~".*"}',
  "rate(pump)",
  "pump + pump_limit[5m]",
  "1 > 2",
  'pump{asset=~"("}',
  "pump / on (site) pump_limit",
  "no_such_function(pump)",
  '"a" + "b"',
  "topk(pump)",
  "",
];
