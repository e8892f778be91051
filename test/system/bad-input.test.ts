import { afterAll, beforeAll, expect } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { apiClient } from "./api-client.ts";
import { binary, createToken, foresight } from "./harness.ts";
import { type Plant, readingsOf, seriesNoOf, startPlant, type Tenant } from "./plant.ts";

const START_US = 1_790_000_000_000_000;
const LIMIT_BYTES = 64 * 1024;
let plant: Plant;
let acme: Tenant;
let other: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  plant = await startPlant(["acme", "other"], {
    env: { FORESIGHT_MAX_BODY_BYTES: String(LIMIT_BYTES) },
  });
  const [first, second] = plant.tenants;
  if (first === undefined || second === undefined) throw new Error("no tenants");
  [acme, other] = [first, second];
}, 120_000);

afterAll(async () => {
  await plant?.server.stop();
});

testWith(binary)("a bad line is named, kept in quarantine, and stops no other line", async () => {
  const lines = [
    `pump,asset=B1 flow=1 ${START_US}`,
    `pump,asset=B1 flow=abc ${START_US + 1_000_000}`,
    `pump,asset=B1 flow=3 ${START_US + 2_000_000}`,
    "no fields here",
    `pump,asset=B1 flow=5 ${START_US + 4_000_000}`,
  ].join("\n");
  const answer = await acme.device.write(lines);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatch(/line 2, column \d+/);
  expect(answer.body.error).toMatch(/line 4, column \d+/);
  expect(answer.body.error).toContain("dropped=2");

  const flow = await seriesNoOf(acme, "flow");
  expect(await readingsOf(acme, flow, START_US, START_US + 60_000_000)).toEqual([
    [START_US, 1],
    [START_US + 2_000_000, 3],
    [START_US + 4_000_000, 5],
  ]);
  const kept = await waitFor("quarantine", async () => {
    const { body } = await acme.admin.get(`/api/v1/quarantine/${acme.id}`);
    return body.items.length >= 2 && (body.items as { line: string; lineNo: number }[]);
  });
  const byNumber = new Map(kept.map((row) => [row.lineNo, row]));
  expect(byNumber.get(2)?.line).toContain("flow=abc");
  expect(byNumber.get(4)?.line).toBe("no fields here");
});

testWith(binary)(
  "a reading of another type than its series is refused with that reason",
  async () => {
    expect((await acme.device.write(`pump,asset=B2 mode=1 ${START_US}`)).status).toBe(204);
    const answer = await acme.device.write(`pump,asset=B2 mode="auto" ${START_US + 1_000_000}`);
    // The line is well formed: it may be taken and quarantined by the fold, or refused at once.
    expect([204, 400]).toContain(answer.status);
    const rows = await waitFor("quarantine", async () => {
      const { body } = await acme.admin.get(`/api/v1/quarantine/${acme.id}`);
      const items = body.items as { line: string; reason: string }[];
      return items.find((row) => row.line.includes('mode="auto"'));
    });
    expect(rows.reason).toMatch(/numeric|type|kind|text/i);
  },
);

testWith(binary)("wrong, missing and insufficient tokens are refused", async () => {
  const line = `pump,asset=B3 secret=1 ${START_US}`;
  const readToken = await createToken(plant.server.data, "acme", "read");
  const url = plant.server.url;
  expect((await apiClient(url, "").write(line)).status).toBe(401);
  expect((await apiClient(url, `${acme.writeToken}x`).write(line)).status).toBe(401);
  expect((await apiClient(url, readToken).write(line)).status).toBe(403);
  const basic = await fetch(`${url}/api/v2/write?org=o&bucket=b&precision=us`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa("device:wrong")}` },
    body: line,
  });
  expect(basic.status).toBe(401);
  expect(await basic.json()).toMatchObject({ code: "unauthorized" });
  const found = await acme.admin.get(`/api/v1/series/${acme.id}?query=secret`);
  expect(found.body.items).toEqual([]);
});

const schemes = ["Bearer", "Token"] as const;
for (const scheme of schemes) {
  testWith(binary)(`a token is taken as ${scheme}`, async () => {
    const answer = await fetch(`${plant.server.url}/api/v2/write?org=o&bucket=b&precision=us`, {
      method: "POST",
      headers: { authorization: `${scheme} ${acme.writeToken}` },
      body: `pump,asset=B4 ok_${scheme}=1 ${START_US}`,
    });
    expect(answer.status).toBe(204);
  });
}

testWith(binary)("another tenant's ids are not there", async () => {
  const made = await other.admin.post(`/api/v1/assets/${other.id}`, { key: "theirs" });
  expect(made.status).toBe(201);
  const id = made.body.id;
  for (const path of [
    `/api/v1/assets/${other.id}`,
    `/api/v1/assets/${other.id}/${id}`,
    `/api/v1/assets/${acme.id}/${id}`,
  ])
    expect([path, (await acme.admin.get(path)).status]).toEqual([path, 404]);
  const patched = await acme.admin.patch(`/api/v1/assets/${acme.id}/${id}`, { name: "mine" });
  expect(patched.status).toBe(404);
  expect((await other.admin.get(`/api/v1/assets/${other.id}/${id}`)).body.name).toBe("theirs");
});

testWith(binary)(
  "a body over the limit is 413, inflated bytes count, and what fits goes on",
  async () => {
    const line = `pump,asset=B5 large=1 ${START_US}\n`;
    const body = line.repeat(Math.ceil((LIMIT_BYTES * 1.5) / line.length));
    const plain = await acme.device.write(body);
    expect(plain.status).toBe(413);
    expect(JSON.stringify(plain.body)).toContain(String(LIMIT_BYTES));
    const packed = await acme.device.request("POST", "/write?db=x&precision=us", {
      body: Bun.gzipSync(new TextEncoder().encode(body)),
      headers: { "content-encoding": "gzip" },
    });
    expect(packed.status).toBe(413);
    expect((await acme.device.write(line)).status).toBe(204);
  },
);

testWith(binary)("a damaged gzip body is refused and takes nothing down", async () => {
  const answer = await acme.device.request("POST", "/write?db=x&precision=us", {
    body: new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8]),
    headers: { "content-encoding": "gzip" },
  });
  expect(answer.status).toBe(400);
  expect((await acme.device.get("/health")).status).toBe(200);
});

testWith(binary)("an unknown path, method and body of the API are refused in JSON", async () => {
  expect((await acme.admin.get("/api/v1/nothing-here")).status).toBe(404);
  const bad = await acme.admin.post(`/api/v1/rules/${acme.id}`, { name: "x", threshold: "high" });
  expect(bad.status).toBe(422);
  expect(JSON.stringify(bad.body)).toContain("threshold");
  const broken = await acme.admin.request("POST", `/api/v1/assets/${acme.id}`, {
    body: "{not json",
    headers: { "content-type": "application/json" },
  });
  expect(broken.status).toBe(422);
});

testWith(binary)("a CSV with missing columns and bad rows is reported by line", async () => {
  const folder = join(temporaryFolder("csv"), "files");
  mkdirSync(folder);
  const noColumn = join(folder, "assets.csv");
  writeFileSync(noColumn, "name,criticality\nPump 1,A\n");
  const refused = await foresight([
    ...["import", "--data", plant.server.data, "--tenant", "acme", "--kind", "assets"],
    noColumn,
  ]);
  expect(refused.code).not.toBe(0);
  expect(refused.stdout + refused.stderr).toMatch(/column/i);

  const someBad = join(folder, "some.csv");
  writeFileSync(someBad, "key,name,criticality\nC-1,Good,A\nC-2,Bad,Z\nC-3,Good too,B\n");
  const partly = await foresight([
    ...["import", "--data", plant.server.data, "--tenant", "acme", "--kind", "assets", "--json"],
    someBad,
  ]);
  const report = JSON.parse(partly.stdout);
  expect(report).toMatchObject({ rows: 3, stored: 2, errorCount: 1 });
  expect(report.errors[0].line).toBe(3);
  expect(partly.code).toBe(3);
  const listed = await acme.admin.get(`/api/v1/assets/${acme.id}?query=C-`);
  expect((listed.body.items as { key: string }[]).map((a) => a.key).sort()).toEqual(["C-1", "C-3"]);
});
