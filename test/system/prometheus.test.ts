import { afterAll, beforeAll, describe, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { prometheus, startPrometheus } from "../services/prometheus-server.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { binary, createToken } from "./harness.ts";
import { type Plant, startPlant } from "./plant.ts";
import { asLines, EXPRESSIONS, madeSamples, REFUSED, START_MS } from "./prometheus-samples.ts";

type Body = {
  readonly status: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
  readonly errorType?: string;
  readonly error?: string;
};
type Ask = (path: string, parameters: Record<string, string>) => Promise<Body>;

let plant: Plant;
let real: Awaited<ReturnType<typeof startPrometheus>>;
let ours: Ask;
let theirs: Ask;

const asker =
  (url: string, headers: Record<string, string>): Ask =>
  async (path, parameters) => {
    const answer = await fetch(`${url}/api/v1/${path}`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(parameters).toString(),
    });
    return (await answer.json()) as Body; // Prometheus' documented form
  };

beforeAll(async () => {
  if (!binary.ok || !prometheus.ok) return;
  const samples = madeSamples();
  plant = await startPlant(["acme"]);
  const [acme] = plant.tenants;
  if (acme === undefined) throw new Error("no tenant");
  real = await startPrometheus(`${temporaryFolder("prometheus")}/real`, samples);
  const written = await acme.device.write(asLines(samples), "db=x&precision=ms");
  expect(written.status).toBe(204);
  const token = await createToken(plant.server.data, "acme", "read");
  ours = asker(`${plant.server.url}/prom`, { authorization: `Bearer ${token}` });
  theirs = asker(real.url, {});
  await waitFor("series", async () => {
    const found = await ours("query", { query: "count(pump)", time: String(START_MS / 1000 + 60) });
    return JSON.stringify(found.data?.result).includes('"4"') || undefined;
  });
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
  await real?.stop();
});

/** Numbers in texts as numbers; see `closeTo`. */
function parsed(value: unknown): unknown {
  if (typeof value === "string" && /^[-+]?(\d|Inf|NaN)/.test(value))
    return Number(value.replace("Inf", "Infinity"));
  if (Array.isArray(value)) return value.map(parsed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, parsed(inner)]));
}

/** Ours, with every number that is Prometheus' own up to another order of summing made the same. */
function closeTo(got: unknown, expected: unknown): unknown {
  if (typeof got === "number" && typeof expected === "number") {
    const isClose = Math.abs(got - expected) <= 1e-9 * Math.max(1e-3, Math.abs(expected));
    return isClose ? expected : got;
  }
  if (Array.isArray(got) && Array.isArray(expected))
    return got.map((one, i) => closeTo(one, expected[i]));
  if (typeof got !== "object" || typeof expected !== "object" || got === null || expected === null)
    return got;
  const others = new Map<string, unknown>(Object.entries(expected));
  return Object.fromEntries(
    Object.entries(got).map(([key, inner]) => [key, closeTo(inner, others.get(key))]),
  );
}

/** The answer without the order of its series, unless the query gives one. */
function comparable({ status, data }: Body, isOrdered: boolean): unknown {
  const result = parsed(data?.result);
  if (
    isOrdered ||
    !Array.isArray(result) ||
    data?.resultType === "scalar" ||
    data?.resultType === "string"
  )
    return { status, type: data?.resultType, result };
  const keyed = result.map((one) => [JSON.stringify(sortedMetric(one)), one] as const);
  const sorted = keyed.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { status, type: data?.resultType, result: sorted.map(([, one]) => one) };
}

function sortedMetric(one: unknown): unknown {
  const { metric = {} } = one as { metric?: Record<string, string> }; // a series of the answer
  return Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1));
}

const START_S = START_MS / 1000;

describe("expressions are worth what they are to Prometheus", () => {
  for (const query of EXPRESSIONS)
    testWith(binary, prometheus)(query, async () => {
      const isOrdered = /^(sort|topk|bottomk)/.test(query);
      for (const time of [START_S + 600, START_S + 1500, START_S + 5405.5, START_S + 9000]) {
        const parameters = { query, time: String(time) };
        const expected = comparable(await theirs("query", parameters), isOrdered);
        const got = comparable(await ours("query", parameters), isOrdered);
        expect(closeTo(got, expected)).toEqual(expected);
      }
      for (const [from, to, step] of [
        [300, 3900, "60"],
        [0, 5400, "7m"],
        [-600, 6000, "15"],
      ]) {
        const span = { start: String(START_S + Number(from)), end: String(START_S + Number(to)) };
        const parameters = { query, ...span, step: String(step) };
        const expected = comparable(await theirs("query_range", parameters), false);
        const got = comparable(await ours("query_range", parameters), false);
        expect(closeTo(got, expected)).toEqual(expected);
      }
    });
});

describe("what Prometheus refuses is refused", () => {
  for (const query of REFUSED)
    testWith(binary, prometheus)(query, async () => {
      const parameters = { query, time: String(START_S + 600) };
      const [expected, got] = [await theirs("query", parameters), await ours("query", parameters)];
      expect([got.status, got.errorType]).toEqual([expected.status, expected.errorType]);
      expect(got.error).toBeString();
    });
});
