import { afterAll, beforeAll, expect } from "bun:test";
import { testWith } from "../services/needs.ts";
import { temporaryFolder } from "../services/temporary-folder.ts";
import { waitFor } from "../services/wait.ts";
import { apiClient } from "./api-client.ts";
import { binary, PASSWORD, type Server, startServer } from "./harness.ts";
import { startPlant, type Tenant } from "./plant.ts";

let server: Server;
let tenant: Tenant;

beforeAll(async () => {
  if (!binary.ok) return;
  const plant = await startPlant(["acme"]);
  server = plant.server;
  const [first] = plant.tenants;
  if (first === undefined) throw new Error("no tenant");
  tenant = first;
}, 120_000);

afterAll(async () => {
  await server?.stop();
});

const assets = () => `/api/v1/assets/${tenant.id}`;

testWith(binary)("the same idempotency key does a thing once and answers the same", async () => {
  const key = { "idempotency-key": "make-once-1" };
  const first = await tenant.admin.post(assets(), { key: "once" }, key);
  const second = await tenant.admin.post(assets(), { key: "once" }, key);
  expect([first.status, second.status]).toEqual([201, 201]);
  expect(second.body.id).toBe(first.body.id);
  const without = await tenant.admin.post(assets(), { key: "once" });
  expect(without.status).toBe(409);
});

testWith(binary)("a change of an older version is refused and changes nothing", async () => {
  const made = await tenant.admin.post(assets(), { key: "versioned" });
  const path = `${assets()}/${made.body.id}`;
  const etag = made.headers.get("etag") ?? "";
  expect(etag).not.toBe("");
  const first = await tenant.admin.patch(path, { name: "first" }, { "if-match": etag });
  expect(first.status).toBe(200);
  const second = await tenant.admin.patch(path, { name: "second" }, { "if-match": etag });
  expect(second.status).toBe(409);
  expect((await tenant.admin.get(path)).body.name).toBe("first");
});

testWith(binary)("each change leaves one audit row with who, what, before and after", async () => {
  const made = await tenant.admin.post(assets(), { key: "audited", name: "Before" });
  await tenant.admin.patch(`${assets()}/${made.body.id}`, { name: "After" });
  const refused = await tenant.admin.patch(`${assets()}/${made.body.id}`, { criticality: "Z" });
  expect(refused.status).toBe(422);
  const { body } = await tenant.admin.get(`/api/v1/audit/${tenant.id}?nounId=${made.body.id}`);
  expect(body.items).toHaveLength(2);
  const text = JSON.stringify(body.items[0]);
  expect(text).toContain("Before");
  expect(text).toContain("After");
  expect(body.items[0]).toMatchObject({ action: "asset.update", actorName: "admin" });
  expect(JSON.stringify(body)).not.toContain(PASSWORD);
});

/** Signs in on the page and returns the cookie. */
async function pageCookie(): Promise<string> {
  const answer = await apiClient(server.url, "").request("POST", "/sign-in", {
    body: new URLSearchParams({
      tenant: tenant.id,
      email: `admin@${tenant.id}.example`,
      password: PASSWORD,
    }),
    headers: { origin: server.url },
  });
  expect(answer.status).toBe(303);
  const cookie = answer.headers.get("set-cookie") ?? "";
  expect(cookie).toContain("HttpOnly");
  expect(cookie).toContain("SameSite");
  return cookie.split(";")[0] ?? "";
}

testWith(binary)(
  "a form without the page's own token, or from another site, is refused",
  async () => {
    const cookie = await pageCookie();
    const nobody = apiClient(server.url, "");
    const page = await nobody.request("GET", "/rules/new", { headers: { cookie } });
    expect(page.status).toBe(200);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.body)?.[1] ?? "";
    expect(csrf).not.toBe("");
    const post = (fields: Record<string, string>, headers: Record<string, string>) =>
      nobody.request("POST", "/sign-out", {
        body: new URLSearchParams(fields),
        headers: { cookie, ...headers },
      });
    const sameSite = { origin: server.url };
    expect((await post({}, sameSite)).status).toBe(403);
    expect((await post({ csrf: "wrong" }, sameSite)).status).toBe(403);
    const elsewhere = { origin: "http://elsewhere.example", "sec-fetch-site": "cross-site" };
    expect((await post({ csrf }, elsewhere)).status).toBe(403);
    expect((await post({ csrf }, sameSite)).status).toBe(303);
    const after = await nobody.request("GET", "/rules", { headers: { cookie } });
    expect(after.status).toBe(303);
  },
);

testWith(binary)("pages carry a strict policy and send nobody elsewhere", async () => {
  const answer = await apiClient(server.url, "").request("GET", "/sign-in");
  const policy = answer.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toMatch(/unsafe-|https?:|\*/);
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  const next = await apiClient(server.url, "").request("POST", "/sign-in", {
    body: new URLSearchParams({
      tenant: tenant.id,
      email: `admin@${tenant.id}.example`,
      password: PASSWORD,
      next: "//elsewhere.example/",
    }),
    headers: { origin: server.url },
  });
  expect(next.headers.get("location")).toBe("/");
});

testWith(binary)("the first run is set up with the token that the console shows", async () => {
  const fresh = await startServer({ data: `${temporaryFolder("first")}/data` });
  const nobody = apiClient(fresh.url, "");
  const start = await nobody.request("GET", "/");
  expect(start.status).toBe(303);
  const line = await waitFor("the token", () => /enter the code (\S+)/.exec(fresh.output()));
  const token = line[1] ?? "";
  const page = await nobody.request("GET", `/setup?token=${token}`);
  expect(page.status).toBe(200);
  const fields = {
    tenant_name: "Acme",
    name: "Ada",
    email: "first@acme.example",
    password: PASSWORD,
    password_again: PASSWORD,
    site_name: "Works",
    zone: "UTC",
    currency: "EUR",
  };
  const post = (withToken: string) =>
    nobody.request("POST", "/setup", {
      body: new URLSearchParams({ ...fields, token: withToken }),
      headers: { origin: fresh.url },
    });
  expect((await post("guessed")).status).toBeGreaterThanOrEqual(400);
  expect((await post(token)).status).toBe(303);
  expect((await post(token)).status).not.toBe(200);
  const signedIn = await nobody.post("/api/v1/token", {
    email: "first@acme.example",
    password: PASSWORD,
  });
  expect(signedIn.status).toBe(200);
  await fresh.stop();
});
