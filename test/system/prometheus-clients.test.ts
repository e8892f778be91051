import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { prometheus, promtool } from "../services/prometheus-server.ts";
import { binary, createToken } from "./harness.ts";
import { type Plant, seriesNoOf, startPlant } from "./plant.ts";

const START_S = 1_790_000_000;
let plant: Plant;
let token = "";
let otherToken = "";

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme", "other"]);
  const [acme, other] = plant.tenants;
  if (acme === undefined || other === undefined) throw new Error("no tenants");
  const lines = Array.from(
    { length: 60 },
    (_, i) => `pump,asset=P1,the\\ site=north\\ hall value=${i},on=t ${START_S + i * 10}`,
  );
  const more = [`pump,asset=P1 state="running" ${START_S}`, `pump,asset=P2 2nd=1 ${START_S}`];
  expect((await acme.device.write([...lines, ...more].join("\n"), "db=x&precision=s")).status).toBe(
    204,
  );
  expect(
    (await other.device.write(`secret,asset=Q value=1 ${START_S}`, "db=x&precision=s")).status,
  ).toBe(204);
  await seriesNoOf(acme, "state");
  await seriesNoOf(other, "Q");
  token = await createToken(plant.server.data, "acme", "read");
  otherToken = await createToken(plant.server.data, "other", "read");
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

const server = () => `${plant.server.url}/prom`;
/** Debian's promtool takes a key nowhere but in the address. */
const withKey = () => server().replace("//", `//any:${token}@`);

async function ask(path: string, init: RequestInit = {}, key = token) {
  const headers = new Headers(init.headers);
  if (key !== "") headers.set("authorization", `Bearer ${key}`);
  const answer = await fetch(`${server()}/api/v1/${path}`, { ...init, headers });
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

const form = (parameters: string): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: parameters,
});

testWith(binary, prometheus)("promtool queries at one time and over a range", async () => {
  const instant = await promtool("query", "instant", `--time=${START_S + 100}`, withKey(), "pump");
  expect(instant).toBe(`pump{asset="P1", the_site="north hall"} => 10 @[${START_S + 100}]\n`);
  const span = [`--start=${START_S}`, `--end=${START_S + 60}`, "--step=30s"];
  const range = await promtool("query", "range", ...span, withKey(), "sum(pump)");
  expect(range).toBe(`{} =>\n0 @[${START_S}]\n3 @[${START_S + 30}]\n6 @[${START_S + 60}]\n`);
});

testWith(binary, prometheus)("promtool lists series and the values of labels", async () => {
  const series = await promtool("query", "series", '--match={asset="P1"}', withKey());
  expect(series.trim().split("\n").sort()).toEqual([
    '{__name__="pump", asset="P1", the_site="north hall"}',
    '{__name__="pump_on", asset="P1", the_site="north hall"}',
  ]);
  expect(await promtool("query", "labels", withKey(), "__name__")).toBe(
    "pump\npump_2nd\npump_on\n",
  );
});

// What Grafana's Prometheus data source sends, by its documentation and sources.
testWith(binary)("Grafana's test of a data source is answered", async () => {
  const test = await ask("query", form("query=1%2B1&time=1790000000.123"));
  expect(test.body).toEqual({
    status: "success",
    data: { resultType: "scalar", result: [1790000000.123, "2"] },
  });
  const build = await ask("status/buildinfo");
  expect([build.body.status, build.body.data.version]).toEqual(["success", expect.any(String)]);
});

testWith(binary)("Grafana's panels: a range by form, an instant value, exemplars", async () => {
  const query = encodeURIComponent('rate(pump{asset=~"P1|P2"}[1m0s])');
  const span = `start=${START_S + 120}&end=${START_S + 180}&step=15`;
  const range = await ask("query_range", form(`${span}&query=${query}&timeout=30s`));
  expect(range.body.data.resultType).toBe("matrix");
  expect(range.body.data.result).toHaveLength(1);
  const [{ metric, values }] = range.body.data.result;
  expect(metric).toEqual({ asset: "P1", the_site: "north hall" });
  expect(values.map(([at]: [number]) => at)).toEqual(
    [0, 15, 30, 45, 60].map((s) => START_S + 120 + s),
  );
  expect(values.every(([, value]: [number, string]) => Math.abs(Number(value) - 0.1) < 1e-9)).toBe(
    true,
  );
  const byGet = await ask(`query?query=pump_on&time=2026-09-21T14:15:00.000Z`);
  expect(byGet.body.data.result[0].value).toEqual([START_S + 100, "1"]);
  const exemplars = await ask("query_exemplars", form(`query=${query}&start=1&end=2`));
  expect(exemplars.body).toEqual({ status: "success", data: [] });
});

testWith(binary)(
  "Grafana's variables and query builder: labels, values, series, metadata",
  async () => {
    const span = `start=${START_S}&end=${START_S + 3600}`;
    const names = await ask(`labels?${span}&match%5B%5D=pump`);
    expect(names.body.data).toEqual(["__name__", "asset", "the_site"]);
    expect((await ask("labels", form(span))).body.data).toEqual(["__name__", "asset", "the_site"]);
    const match = encodeURIComponent('{__name__="pump"}');
    const values = await ask(`label/asset/values?${span}&match[]=${match}`);
    expect(values.body.data).toEqual(["P1"]);
    const metrics = await ask(`label/__name__/values?${span}&limit=2`);
    expect(metrics.body.data).toEqual(["pump", "pump_2nd"]);
    const series = await ask("series", form(`${span}&match[]=pump&match[]=pump_2nd`));
    expect(series.body.data).toHaveLength(2);
    const metadata = await ask("metadata?limit=5000");
    expect(metadata.body.data.pump).toEqual([{ type: "unknown", help: "", unit: "" }]);
  },
);

testWith(binary)("a span in which a series had no readings leaves it out", async () => {
  const before = await ask(`labels?start=${START_S - 7200}&end=${START_S - 3600}`);
  expect(before.body.data).toEqual([]);
  const after = await ask(`labels?start=${START_S + 36_000}&end=${START_S + 40_000}`);
  expect(after.body.data).toEqual([]);
});

testWith(binary)("a key reads its own tenant, and errors have Prometheus' shape", async () => {
  const everything = 'query={__name__=~".%2B"}&time=1790000001';
  const theirs = await ask("query", form(everything), otherToken);
  expect(theirs.body.data.result.map((r: { metric: object }) => r.metric)).toEqual([
    { __name__: "secret", asset: "Q" },
  ]);
  const ours = await ask("query", form(everything));
  expect(JSON.stringify(ours.body)).not.toContain("secret");
  const nobody = await ask("query?query=1", {}, "");
  expect([nobody.status, nobody.body.status, nobody.body.errorType]).toEqual([
    401,
    "error",
    "unauthorized",
  ]);
  const writer = plant.tenants[0]?.writeToken ?? "";
  const device = await ask("query?query=1", {}, writer);
  expect([device.status, device.body.errorType]).toEqual([403, "forbidden"]);
  const away = await ask("rules");
  expect([away.status, away.body.errorType]).toEqual([404, "not_found"]);
  const bad = await ask("query", form("query=histogram_quantile(0.9, pump)"));
  expect([bad.status, bad.body.errorType, bad.body.error]).toEqual([
    400,
    "bad_data",
    "function histogram_quantile is not supported; docs/prometheus.md lists those that are",
  ]);
  const long = await ask(`query_range?query=1&start=0&end=${START_S}&step=1`);
  expect([long.status, long.body.error]).toEqual([400, expect.stringContaining("11000 points")]);
  const none = await ask("series");
  expect([none.status, none.body.errorType]).toEqual([400, "bad_data"]);
});
