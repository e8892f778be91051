import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { testWith } from "../services/needs.ts";
import { apiClient } from "./api-client.ts";
import { binary, createToken } from "./harness.ts";
import { adoptAll, type Plant, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_S = 1_790_000_000;
const START_US = START_S * 1_000_000;
const HOUR_S = 3600;
const BIG = "9007199254740993";
let plant: Plant;
let acme: Tenant;
let other: Tenant;
let token = "";
const no = { wave: 0, state: 0, count: 0, foreign: 0 };

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme", "other"]);
  const [first, second] = plant.tenants;
  if (first === undefined || second === undefined) throw new Error("no tenants");
  [acme, other] = [first, second];
  token = await createToken(plant.server.data, "acme", "read");
  const wave = Array.from(
    { length: HOUR_S },
    (_, i) => `pump,asset=P1 wave=${i === 1234 ? 100 : i % 10} ${START_S + i}`,
  );
  const states = ["running", "stopped, hot", "running"].map(
    (text, i) => `pump,asset=P1 state="${text}" ${START_S + i}`,
  );
  const counts = [
    `pump,asset=P1 count=${BIG}i ${START_S}`,
    `pump,asset=P1 count=7i ${START_S + 1}`,
  ];
  const body = [...wave, ...states, ...counts.toReversed()].join("\n");
  expect((await acme.device.write(body, "db=x&precision=s")).status).toBe(204);
  const theirs = await other.device.write(`m,asset=Q v=1 ${START_S}`, "db=x&precision=s");
  expect(theirs.status).toBe(204);
  for (const name of ["wave", "state", "count"] as const) no[name] = await seriesNoOf(acme, name);
  no.foreign = await seriesNoOf(other, "v");
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

async function get(path: string, accept?: string): Promise<Response> {
  const headers: Record<string, string> = { authorization: `Bearer ${token}` };
  if (accept !== undefined) headers.accept = accept;
  return fetch(`${plant.server.url}${path}`, { headers });
}

async function post(path: string, body: unknown, accept = "application/json"): Promise<Response> {
  return fetch(`${plant.server.url}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, accept, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const span = `fromUs=${START_US}&toUs=${START_US + HOUR_S * 1_000_000}`;
const readings = (seriesNo: number, query: string) =>
  `/api/v1/series/acme/${seriesNo}/readings?${span}&${query}`;

testWith(binary)("an hour is read raw, reduced with its peak, and as LTTB", async () => {
  const raw = await (await get(readings(no.wave, "tier=raw&maxPoints=20000"))).json();
  expect([raw.atUs.length, raw.mean[1234], raw.reduced, raw.n]).toEqual([
    3600,
    100,
    false,
    undefined,
  ]);
  for (const reduction of ["peaks", "lttb"]) {
    const few = await (
      await get(readings(no.wave, `tier=raw&maxPoints=50&reduction=${reduction}`))
    ).json();
    expect([few.reduced, Math.max(...few.mean)]).toEqual([true, 100]);
    expect(few.atUs.length).toBeLessThanOrEqual(50);
  }
});

testWith(binary)(
  "readings come page by page, each once, and Link names the next page",
  async () => {
    const seen: number[] = [];
    let path: string | undefined = readings(no.wave, "limit=1000");
    let pages = 0;
    while (path !== undefined) {
      const answer = await get(path);
      const page = await answer.json();
      seen.push(...page.atUs);
      pages++;
      const link: string | null = answer.headers.get("link");
      expect(link !== null).toBe(page.next !== undefined);
      path = link?.slice(1, link.indexOf(">"));
    }
    expect(pages).toBe(4);
    expect(seen).toEqual(Array.from({ length: HOUR_S }, (_, i) => START_US + i * 1_000_000));
  },
);

testWith(binary)("states and integers beyond 2^53 keep their text", async () => {
  const states = await (await get(readings(no.state, ""))).json();
  expect([states.texts, states.value]).toEqual([
    ["running", "stopped, hot", "running"],
    [null, null, null],
  ]);
  const csv = await (await get(readings(no.state, ""), "text/csv")).text();
  expect(csv.split("\r\n")[2]).toBe(`${no.state},2026-09-21T14:13:21.000000Z,,"stopped, hot"`);
  const counts = await (await get(readings(no.count, "limit=10"))).json();
  expect(counts.texts).toEqual([BIG, null]);
});

testWith(binary)("steps hold every reading once and count from the site's day", async () => {
  const count = await (await get(readings(no.wave, "step=15m&aggregate=count"))).json();
  expect(count.value.reduce((a: number, b: number) => a + b, 0)).toBe(HOUR_S);
  expect(count.atUs.every((at: number) => at % 900_000_000 === 0)).toBe(true);
  const max = await (await get(readings(no.wave, "step=10s&aggregate=max"))).json();
  expect([max.atUs.length, Math.max(...max.value)]).toEqual([360, 100]);
});

testWith(binary)("DuckDB reads the Parquet answer, Arrow's reader the Arrow one", async () => {
  const path = readings(no.wave, "tier=raw&maxPoints=20000");
  const parquet = await get(path, "application/vnd.apache.parquet");
  expect(parquet.headers.get("content-type")).toBe("application/vnd.apache.parquet");
  const file = join(mkdtempSync(join(tmpdir(), "reads-")), "answer.parquet");
  writeFileSync(file, new Uint8Array(await parquet.arrayBuffer()));
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const found = await connection.runAndReadAll(
    `select count(*)::int, max(mean), epoch_us(min(time))::double, min(series_no)::int from '${file}'`,
  );
  expect(found.getRows()).toEqual([[3600, 100, START_US, no.wave]]);
  connection.closeSync();
  const arrow = await get(path, "application/vnd.apache.arrow.stream");
  const table = tableFromIPC(new Uint8Array(await arrow.arrayBuffer()));
  expect([table.numRows, table.getChild("mean")?.get(1234)]).toEqual([3600, 100]);
});

testWith(binary)("several series, an asset's series, and the newest of all", async () => {
  await adoptAll(acme, [no.wave, no.count]);
  const assets = await (await get("/api/v1/assets/acme")).json();
  const assetId = assets.items[0].id;
  const range = { fromUs: START_US, toUs: START_US + HOUR_S * 1e6 };
  const both = await (
    await post("/api/v1/query/acme", { assetId, ...range, tier: "raw", maxPoints: 5000 })
  ).json();
  const lengths = both.items.map((one: { seriesNo: number; atUs: number[] }) => [
    one.seriesNo,
    one.atUs.length,
  ]);
  expect(new Map(lengths)).toEqual(
    new Map([
      [no.wave, 3600],
      [no.count, 2],
    ]),
  );
  const latest = await (await post("/api/v1/query/acme/latest", {})).json();
  const expected = [
    { seriesNo: no.wave, atUs: START_US + 3_599_000_000, value: 9 },
    { seriesNo: no.state, atUs: START_US + 2_000_000, value: null, text: "running" },
    { seriesNo: no.count, atUs: START_US + 1_000_000, value: 7 },
  ].sort((a, b) => a.seriesNo - b.seriesNo);
  expect(latest.items).toEqual(expected);
  const listed = await (await get(`/api/v1/series/acme?assetId=${assetId}&kind=numeric`)).json();
  expect(listed.items.length).toBe(2);
});

testWith(binary)("what a request cannot have is said in words", async () => {
  const foreign = await get(`/api/v1/series/acme/${no.foreign}/readings?${span}`);
  const invented = await get(`/api/v1/series/acme/999999/readings?${span}`);
  expect([foreign.status, invented.status]).toEqual([404, 404]);
  expect((await post("/api/v1/query/acme/latest", { seriesNos: [no.foreign] })).status).toBe(404);
  const html = await get(readings(no.wave, ""), "text/html");
  expect([html.status, (await html.json()).title]).toEqual([
    406,
    expect.stringContaining("application/vnd.apache.arrow.stream"),
  ]);
  const many = { seriesNos: Array(100).fill(no.wave), maxPoints: 20_000 };
  const refused = await post("/api/v1/query/acme", many);
  expect([refused.status, (await refused.json()).title]).toEqual([
    422,
    expect.stringContaining("at most 1000000 points"),
  ]);
  const device = apiClient(plant.server.url, acme.writeToken);
  expect((await device.get(readings(no.wave, ""))).status).toBe(403);
});
