import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { deviceProblem } from "./api/line-protocol-answers.ts";
import type { Caller, KeyScope, Permission, Role } from "./domain/access.ts";
import { AppError } from "./domain/error.ts";
import { NOBODY, type Route, route } from "./domain/route.ts";
import { problemJson } from "./http/problem.ts";
import { createHttp } from "./http.ts";
import { json } from "./lib/reply.ts";

const PERMISSIONS = [
  ...(["open", "self", "device", "plant:read", "alarm:act", "work:write"] as const),
  ...(["rule:write", "model:run", "ingest:write", "asset:write", "admin"] as const),
] satisfies Permission[];

const nameOf = (permission: Permission) => permission.replace(":", "-");

const person = (role: Role, kind: "session" | "jwt" = "session"): Caller => ({
  ...{ ...NOBODY, tenantId: "acme", tenantNo: 1, id: "u1", name: "Anna" },
  ...{ kind, role, sessionId: kind === "session" ? "s1" : undefined },
});
const key = (scope: KeyScope): Caller => ({
  ...{ ...NOBODY, tenantId: "acme", tenantNo: 1, id: "k1", name: "gateway" },
  ...{ kind: "key", scope, sourceNo: 4 },
});

const api = { surface: "api", summary: "A route." } as const;
const page = { surface: "page", summary: "A page." } as const;
const ROUTES: readonly Route[] = [
  ...PERMISSIONS.map((permission) =>
    route({
      ...api,
      permission,
      method: "GET",
      path: `/api/v1/may/${nameOf(permission)}`,
      handle: () => json({}),
    }),
  ),
  route({
    ...api,
    permission: "asset:write",
    method: "PATCH",
    path: "/api/v1/things/:tenantId/:id",
    params: Type.Object({ tenantId: Type.String(), id: Type.String() }),
    body: Type.Object({ count: Type.Optional(Type.Integer({ minimum: 1 })), of: Type.String() }),
    handle: ({ body, version, idempotencyKey, caller }) =>
      json({ body, version, idempotencyKey, tenant: caller.tenantId }),
  }),
  route({
    ...api,
    permission: "open",
    method: "GET",
    path: "/api/v1/fails",
    handle: () => {
      throw new TypeError("secret of the inside");
    },
  }),
  route({
    ...api,
    permission: "open",
    method: "GET",
    path: "/api/v1/away",
    handle: () => {
      throw new AppError("unavailable", "the database is away", { details: { since: 3 } });
    },
  }),
  route({ ...page, permission: "self", method: "GET", path: "/now", handle: () => json({}) }),
  route({ ...page, permission: "self", method: "POST", path: "/now", handle: () => json({}) }),
  route({ ...page, permission: "open", method: "POST", path: "/in", handle: () => json({}) }),
  route({
    surface: "device",
    permission: "device",
    method: "POST",
    path: "/write",
    summary: "Write.",
    rawBody: true,
    handle: () => new Response(null, { status: 204 }),
  }),
];

type Sent = { method?: string; headers?: Record<string, string>; body?: string };

function ask(caller: Caller | undefined, path: string, sent: Sent = {}) {
  const reported: unknown[] = [];
  const http = createHttp({
    routes: ROUTES,
    authenticate: async () => caller && { caller, csrf: "form-secret" },
    maxFieldsBytes: 1_000,
    inTime: (reading) => reading,
    instance: "i1",
    report: (error) => {
      reported.push(error);
      return "n17";
    },
    errorPage: async (problem) =>
      new Response(problem.message, {
        status: problem.status,
        headers: { "content-type": "text/plain" },
      }),
    deviceProblem: (problem, request) => deviceProblem(problem, request, "id"),
    signInPath: "/sign-in",
  });
  const answer = http.handle(new Request(`http://plant.example${path}`, sent));
  return answer.then((response) => Object.assign(response, { reported }));
}

const CALLERS: Readonly<Record<string, Caller>> = {
  viewer: person("viewer"),
  operator: person("operator"),
  analyst: person("analyst", "jwt"),
  admin: person("admin"),
  "write key": key("write"),
  "read key": key("read"),
  "admin key": key("admin"),
};
const READ = ["open", "self", "plant:read"] as const;
const OPERATE = [...READ, "alarm:act", "work:write"] as const;
const ANALYSE = [...OPERATE, "rule:write", "model:run", "ingest:write", "asset:write"] as const;

describe("who may what", () => {
  test.each([
    ["nobody", ["open"]],
    ["viewer", READ],
    ["operator", OPERATE],
    ["analyst", ANALYSE],
    ["admin", [...ANALYSE, "admin"]],
    ["write key", ["open", "device"]],
    ["read key", ["open", "plant:read"]],
    ["admin key", PERMISSIONS.filter((one) => one !== "self")],
  ] as const)("%s", async (name, allowed) => {
    const mine: readonly Permission[] = allowed;
    for (const permission of PERMISSIONS) {
      const answer = await ask(CALLERS[name], `/api/v1/may/${nameOf(permission)}`);
      const refused = name === "nobody" ? 401 : 403;
      expect(`${permission} ${answer.status}`).toBe(
        `${permission} ${mine.includes(permission) ? 200 : refused}`,
      );
    }
  });

  test("another tenant's path is one that does not exist, whatever the right", async () => {
    const sent = { method: "PATCH", body: '{"of":"x"}' };
    const own = await ask(person("admin"), "/api/v1/things/acme/1", sent);
    expect(await own.json()).toMatchObject({ tenant: "acme" });
    for (const caller of [person("admin"), key("admin")])
      expect((await ask(caller, "/api/v1/things/other/1", sent)).status).toBe(404);
  });
});

describe("a browser's session", () => {
  const elsewhere = { "sec-fetch-site": "cross-site" };
  test.each([
    ["a form with its secret", "/now", { body: "csrf=form-secret" }, 200],
    ["htmx with its header", "/now", { headers: { "x-csrf-token": "form-secret" } }, 200],
    ["no secret", "/now", {}, 403],
    ["a wrong secret", "/now", { body: "csrf=other" }, 403],
    [
      "another site, though with the secret",
      "/now",
      { headers: elsewhere, body: "csrf=form-secret" },
      403,
    ],
    ["another site signing somebody in", "/in", { headers: elsewhere }, 403],
  ] as const)("%s", async (_name, path, { headers = {}, body = "" }: Sent, status) => {
    const form = { "content-type": "application/x-www-form-urlencoded", ...headers };
    const answer = await ask(person("viewer"), path, { method: "POST", headers: form, body });
    expect(answer.status).toBe(status);
  });

  test("is not lent to another site's calls of the API; tokens are nobody's to lend", async () => {
    const sent = {
      method: "PATCH",
      body: '{"of":"x"}',
      headers: { "sec-fetch-site": "same-site" },
    };
    expect((await ask(person("admin"), "/api/v1/things/acme/1", sent)).status).toBe(403);
    expect((await ask(person("admin", "jwt"), "/api/v1/things/acme/1", sent)).status).toBe(200);
    expect((await ask(key("admin"), "/api/v1/things/acme/1", sent)).status).toBe(200);
  });

  test.each([
    ["GET", {}, 303, "/sign-in?next=%2Fnow%3Fa%3D1"],
    ["POST", {}, 303, "/sign-in?next=%2F"],
    ["GET", { "hx-request": "true" }, 200, null],
  ])("without one, %s %j leads to signing in", async (method, headers, status, to) => {
    const answer = await ask(undefined, "/now?a=1", { method, headers });
    expect(answer.status).toBe(status);
    expect(answer.headers.get("location")).toBe(to);
    if (to === null) expect(answer.headers.get("hx-redirect")).toContain("/sign-in");
  });
});

describe("what comes along with a change", () => {
  const change = (headers: Record<string, string>, body = '{"of":"x"}') =>
    ask(person("admin"), "/api/v1/things/acme/1", { method: "PATCH", headers, body });

  test.each([
    [{}, undefined],
    [{ "if-match": '"7"' }, 7],
    [{ "if-match": 'W/"7"' }, 7],
    [{ "if-match": "*" }, undefined],
  ])("%j is version %p", async (headers, version) => {
    expect((await (await change(headers)).json()).version).toBe(version);
  });

  test.each(['"1", "2"', '"seven"', '""'])("If-Match %s is refused", async (tag) => {
    expect((await change({ "if-match": tag })).status).toBe(422);
  });

  test("an idempotency key is handed on", async () => {
    const answer = await change({ "idempotency-key": "k-1" });
    expect((await answer.json()).idempotencyKey).toBe("k-1");
  });

  test("a body that does not fit names every field", async () => {
    const answer = await change({}, '{"count":0}');
    expect(answer.status).toBe(422);
    expect((await answer.json()).fields.map((one: { field: string }) => one.field).sort()).toEqual([
      "count",
      "of",
    ]);
  });

  test("a body over the route's limit is refused", async () => {
    expect((await change({}, `{"of":"${"x".repeat(2_000)}"}`)).status).toBe(413);
  });
});

describe("a problem", () => {
  test("is RFC 9457 JSON for the API, with its details", async () => {
    const answer = await ask(undefined, "/api/v1/away");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.headers.get("retry-after")).toBe("5");
    expect(await answer.json()).toEqual({
      type: "urn:foresight:unavailable",
      title: "the database is away",
      status: 503,
      code: "unavailable",
      since: 3,
    });
  });

  test("that is a bug shows its number and nothing of the inside", async () => {
    const answer = await ask(undefined, "/api/v1/fails");
    expect(answer.status).toBe(500);
    const text = await answer.text();
    expect(text).toContain("n17");
    expect(text).not.toContain("secret");
    expect(answer.reported).toHaveLength(1);
  });

  test.each([
    ["/api/v1/nothing", 404, "application/problem+json"],
    ["/nothing", 404, "text/plain"],
  ])("an unknown path %s", async (path, status, type) => {
    const answer = await ask(undefined, path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("content-type")).toContain(type);
  });

  test.each([
    ["GET", "/write", "POST", "application/json"],
    ["PUT", "/write?db=x", "POST", "application/json"],
    ["DELETE", "/now", "GET, POST", "text/plain"],
    ["DELETE", "/api/v1/away", "GET", "application/problem+json"],
  ])("of a method that a path does not take: %s %s", async (method, path, allow, type) => {
    const answer = await ask(undefined, path, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe(allow);
    expect(answer.headers.get("content-type")).toContain(type);
    expect(await answer.text()).toContain(`use ${allow}`);
  });

  test("asks who it is that a machine did not say", () => {
    const problem = { code: "unauthorized", message: "who?", status: 401, details: undefined };
    const answer = problemJson({ ...problem, code: "unauthorized" });
    expect(answer.headers.get("www-authenticate")).toStartWith("Bearer");
  });

  test.each([
    [
      "/write",
      { code: "unauthorized", message: "sign in or send a token to use this", errorId: "id" },
    ],
    ["/write?db=x", { error: "sign in or send a token to use this" }],
  ])("speaks the dialect of who writes to %s", async (path, body) => {
    const answer = await ask(undefined, path, { method: "POST", body: "a b=1" });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual(body);
  });
});

test("every answer names the server, is not kept, and is not sniffed", async () => {
  const { headers } = await ask(undefined, "/api/v1/may/open");
  expect(headers.get("x-foresight-instance")).toBe("i1");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("x-content-type-options")).toBe("nosniff");
});
