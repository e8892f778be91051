import { describe, expect, test } from "bun:test";
import type { Caller } from "../domain/access.ts";
import type { Engine, WriteRequest, WriteResult } from "../domain/engine.ts";
import { NOBODY } from "../domain/route.ts";
import { manualClock } from "../lib/clock.ts";
import { deviceProblem, dialectOf, lineProtocolRoutes, precisionOf } from "./line-protocol.ts";

const GATEWAY: Caller = { ...NOBODY, kind: "key", scope: "write", tenantNo: 3, sourceNo: 9 };
const GOOD: WriteResult = { sequence: 5, lines: 2, readings: 2, rejectedLines: 0, errors: [] };
const BAD: WriteResult = {
  ...{ sequence: 5, lines: 9, readings: 6, rejectedLines: 3 },
  errors: [
    { lineNo: 2, column: 7, reason: "missing fields", line: "pump ü" },
    { lineNo: 4, column: 1, reason: "no name", line: ",a=1" },
  ],
};

function setUp(result: WriteResult | undefined) {
  const asked: WriteRequest[] = [];
  const write: Engine["write"] = async (request) => {
    asked.push(request);
    return result ?? GOOD;
  };
  const routes = lineProtocolRoutes({
    engine: () => result && ({ write } as Engine), // nothing else of it is used here
    clock: manualClock(1_000),
    version: "1.2.3",
    startedAtUs: 0,
    readBody: async (request) => new Uint8Array(await request.arrayBuffer()),
  });
  const send = async (method: string, path: string, caller: Caller = GATEWAY) => {
    const url = new URL(`http://plant.example${path}`);
    const request = new Request(url, method === "POST" ? { method, body: "a b=1" } : { method });
    const found = routes.find((one) => one.method === method && one.path === url.pathname);
    if (found === undefined) throw new Error(`no route ${path}`);
    const none = { params: {}, query: {}, body: undefined, csrf: "", isPart: false };
    const more = { version: undefined, idempotencyKey: undefined };
    return found.handle({ request, url, caller, ...none, ...more });
  };
  return { send, asked };
}

test.each([
  ["/write?precision=n", "questdb", "ns"],
  ["/write", "questdb", "ns"],
  ["/write?precision=h", "questdb", "h"],
  ["/write?db=x&precision=u", "influx", "us"],
  ["/api/v2/write?precision=ms", "influx", "ms"],
  ["/api/v2/write?precision=millisecond", "influx", "ms"],
  ["/api/v2/write?precision=", "influx", "ns"],
] as const)("%s is %s in %s", (path, dialect, precision) => {
  const url = new URL(`http://plant.example${path}`);
  expect(dialectOf(url)).toBe(dialect);
  expect(precisionOf(url, dialect)).toBe(precision);
});

test.each([
  ["/write?precision=millisecond", "questdb"],
  ["/write?db=x&precision=fortnight", "influx"],
  ["/api/v2/write?precision=fortnight", "influx"],
  ["/api/v2/write?precision=toString", "influx"],
] as const)("%s is refused, unknown in %s", (path, dialect) => {
  expect(() => precisionOf(new URL(`http://plant.example${path}`), dialect)).toThrow("not known");
});

describe("a write", () => {
  test("goes to the engine for the key's tenant and source, and is answered 204", async () => {
    const { send, asked } = setUp(GOOD);
    expect((await send("POST", "/api/v2/write?precision=s")).status).toBe(204);
    expect(asked).toMatchObject([
      { tenantNo: 3, sourceNo: 9, dialect: "influx", precision: "s", receivedAtUs: 1_000 },
    ]);
  });

  test("by a key without a source, or while the engine is away, is refused", async () => {
    const noSource = { ...GATEWAY, sourceNo: undefined };
    const { send } = setUp(GOOD);
    await expect(send("POST", "/write", noSource)).rejects.toMatchObject({ code: "forbidden" });
    await expect(setUp(undefined).send("POST", "/write")).rejects.toMatchObject({
      code: "unavailable",
    });
  });

  test.each([
    ["/write", "message", "line 2: missing fields (column 7)"],
    ["/api/v2/write", "message", "and 1 more dropped=3"],
    ["/write?db=x", "error", "(line 4, column 1)"],
  ])("of bad lines to %s is 400 and names them in %s", async (path, field, text) => {
    const answer = await setUp(BAD).send("POST", path);
    expect(answer.status).toBe(400);
    expect((await answer.json())[field]).toContain(text);
  });

  test("of bad lines keeps its header within what a header may hold", async () => {
    const answer = await setUp(BAD).send("POST", "/write?db=x");
    expect(answer.headers.get("x-influxdb-error")).toMatch(/^partial write: [\x20-\x7e]*$/);
  });
});

test.each([
  ["running", GOOD, 200, "pass"],
  ["starting", undefined, 503, "fail"],
] as const)("the health of a server that is %s", async (_how, result, status, word) => {
  const answer = await setUp(result).send("GET", "/health");
  expect(answer.status).toBe(status);
  expect((await answer.json()).status).toBe(word);
});

test("clients' questions before they write are answered", async () => {
  const { send } = setUp(GOOD);
  const ping = await send("GET", "/ping");
  expect(ping.status).toBe(204);
  expect(ping.headers.get("x-influxdb-version")).toContain("1.2.3");
  expect(await (await send("GET", "/settings")).json()).toMatchObject({
    config: { "line.proto.support.versions": [1] },
  });
  expect(await (await send("POST", "/query?db=x")).json()).toEqual({
    results: [{ statement_id: 0 }],
  });
});

test.each([
  ["/write", 503, "unavailable", 503, "message"],
  ["/api/v2/write", 422, "invalid", 400, "message"],
  ["/write?db=x", 413, "too-large", 413, "error"],
  ["/ping", 401, "unauthorized", 401, "error"],
])("a refusal of %s with %i %s is %i with %s", async (path, status, code, shown, field) => {
  const request = new Request(`http://plant.example${path}`);
  const answer = deviceProblem({ status, code, message: "why" }, request);
  expect(answer.status).toBe(shown);
  expect((await answer.json())[field]).toBe("why");
  expect(answer.headers.has("retry-after")).toBe(status === 503);
  expect(answer.headers.has("www-authenticate")).toBe(status === 401);
});
