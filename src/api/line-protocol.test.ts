import { describe, expect, test } from "bun:test";
import type { Caller } from "../domain/access.ts";
import type { Engine, EngineStats, WriteRequest, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { NOBODY } from "../domain/route.ts";
import { manualClock } from "../lib/clock.ts";
import { lineProtocolRoutes, precisionOf } from "./line-protocol.ts";
import { createErrorIds, deviceProblem, dialectOf } from "./line-protocol-answers.ts";
import { newWriteRefusals, type WriteRefusals } from "./write-refusals.ts";

const GATEWAY: Caller = { ...NOBODY, kind: "key", scope: "write", tenantNo: 3, sourceNo: 9 };
const GOOD: WriteResult = { sequence: 5, lines: 2, readings: 2, rejectedLines: 0, errors: [] };
const BAD: WriteResult = {
  ...{ sequence: 5, lines: 9, readings: 6, rejectedLines: 3 },
  errors: [
    { lineNo: 2, column: 7, reason: "missing fields", line: "pump ü" },
    { lineNo: 4, column: 1, reason: "no name", line: ",a=1" },
  ],
};

function setUp(
  result: WriteResult | AppError | undefined,
  state: Pick<EngineStats, "damage" | "refusal"> = { damage: [], refusal: undefined },
  body?: () => Promise<Uint8Array<ArrayBuffer>>,
) {
  const refusals = newWriteRefusals();
  const asked: WriteRequest[] = [];
  const write: Engine["write"] = async (request) => {
    asked.push(request);
    if (result instanceof AppError) throw result;
    return result ?? GOOD;
  };
  const routes = lineProtocolRoutes({
    engine: () => result && ({ write, stats: async () => state } as Engine), // nothing else is used here
    clock: manualClock(1_000),
    version: "1.2.3",
    startedAtUs: 0,
    errorId: () => "id-1",
    refusals,
    readBody: body ?? (async (request) => new Uint8Array(await request.arrayBuffer())),
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
  return { send, asked, refusals };
}

const FULL = new AppError("unavailable", "full");
const failing = (code: "unavailable" | "too-slow" | "too-large") => async () => {
  throw new AppError(code, "no");
};
type Refused = readonly [
  WriteResult | AppError | undefined,
  (() => Promise<never>) | undefined,
  Partial<WriteRefusals>,
];
test.each<[string, Refused]>([
  ["the server that starts", [undefined, undefined, { starting: 1 }]],
  ["too many bodies", [GOOD, failing("unavailable"), { body: 1 }]],
  ["a slow body", [GOOD, failing("too-slow"), { body: 1 }]],
  ["a body too large, which is no 503", [GOOD, failing("too-large"), {}]],
  ["a full log", [FULL, undefined, { log: 1 }]],
  ["a failure, which is no 503", [new AppError("internal", "?"), undefined, {}]],
])("a write refused for %s is counted where it was", async (_name, [result, body, want]) => {
  const { send, refusals } = setUp(result, undefined, body);
  await expect(send("POST", "/write")).rejects.toBeInstanceOf(AppError);
  expect(refusals).toEqual({ ...newWriteRefusals(), ...want });
});

test.each([
  ["/write?precision=n", "questdb", "ns"],
  ["/write", "questdb", "ns"],
  ["/write?precision=h", "questdb", "h"],
  ["/write?db=x&precision=u", "influx", "us"],
  ["/api/v2/write?precision=ms", "influx", "ms"],
  ["/api/v2/write?precision=millisecond", "influx", "ms"],
  ["/api/v2/write?precision=", "influx", "ns"],
  ["/api/v3/write_lp?db=x", "influx", "auto"],
  ["/api/v3/write_lp?db=x&precision=auto", "influx", "auto"],
  ["/api/v3/write_lp?db=x&precision=second", "influx", "s"],
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
  ["/api/v2/write?precision=auto", "influx"],
  ["/api/v3/write_lp?precision=fortnight", "influx"],
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

  test("of history says so to the engine and is answered with what became of it", async () => {
    const { send, asked } = setUp(BAD);
    const bad = await send("POST", "/write?history=true");
    expect(asked).toMatchObject([{ isHistory: true, keepsGoodLines: true, dialect: "questdb" }]);
    expect(bad.status).toBe(400);
    expect(await bad.json()).toEqual({
      lines: 9,
      readings: 6,
      rejectedLines: 3,
      errors: BAD.errors,
    });
    const good = await setUp(GOOD).send("POST", "/api/v3/write_lp?db=x&history=true");
    expect([good.status, (await good.json()).readings]).toEqual([200, 2]);
    expect((await setUp(GOOD).send("POST", "/write?history=false")).status).toBe(204);
    await expect(setUp(GOOD).send("POST", "/write?history=yes")).rejects.toMatchObject({
      code: "invalid",
    });
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

  test("of bad lines in InfluxDB 3's form lists them, or the first when nothing was kept", async () => {
    const { send, asked } = setUp(BAD);
    const partial = await send("POST", "/api/v3/write_lp?db=x");
    expect([partial.status, await partial.json()]).toEqual([
      400,
      {
        error: "partial write of line protocol occurred",
        data: [
          { original_line: "pump ü", line_number: 2, error_message: "missing fields (column 7)" },
          { original_line: ",a=1", line_number: 4, error_message: "no name (column 1)" },
        ],
      },
    ]);
    const none = await send("POST", "/api/v3/write_lp?db=x&accept_partial=false");
    expect((await none.json()).data).toMatchObject({ line_number: 2 });
    expect(asked.map((one) => one.isAtomic)).toEqual([false, true]);
  });

  test("without room for new series is 422 in InfluxDB 3's form when nothing else is wrong", async () => {
    const full = { lineNo: 1, column: 3, reason: "no room", line: "m v=1", isSeriesLimit: true };
    const only = setUp({ ...BAD, rejectedLines: 1, errors: [full] });
    const mixed = setUp({ ...BAD, errors: [full, ...BAD.errors] });
    for (const [{ send }, path, status] of [
      [only, "/api/v3/write_lp?db=x", 422],
      [mixed, "/api/v3/write_lp?db=x", 400],
      [only, "/api/v2/write", 400],
      [only, "/write?db=x", 400],
      [only, "/write", 400],
    ] as const)
      expect([path, (await send("POST", path)).status]).toEqual([path, status]);
  });

  test("of bad lines to QuestDB's path has its four fields", async () => {
    const answer = await setUp(BAD).send("POST", "/write");
    const message = expect.stringContaining("errors encountered on line(s):\nerror in line 2: ");
    expect(await answer.json()).toEqual({ code: "invalid", message, line: 2, errorId: "id-1" });
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

test("health tells of damage and refused writes, and names no file", async () => {
  const part = { firstSequence: 1, lastSequence: 2, fromByte: 0, toByte: 9, readings: 1 };
  const state = {
    damage: [{ ...part, file: "/srv/1.log", copy: undefined, foundAtUs: 1 }],
    refusal: "the disk of /srv is full",
  };
  const answer = await setUp(GOOD, state).send("GET", "/health");
  const text = await answer.text();
  expect(answer.status).toBe(200); // it answers, and readings that are there are served
  expect(JSON.parse(text).checks).toMatchObject([
    { name: "log", message: expect.stringContaining("1 damaged parts") },
    { name: "writes" },
  ]);
  expect(text).not.toContain("/srv");
});

test("clients' questions before they write are answered", async () => {
  const { send } = setUp(GOOD);
  const ping = await send("GET", "/ping");
  expect(ping.status).toBe(204);
  expect(ping.headers.get("x-influxdb-version")).toContain("1.2.3");
  expect(await (await send("GET", "/settings")).json()).toMatchObject({
    config: { "line.proto.support.versions": [1, 2, 3] },
  });
  const verbose = await send("GET", "/ping?verbose=true");
  expect([verbose.status, await verbose.json()]).toEqual([200, { version: "foresight-1.2.3" }]);
  expect(await (await send("GET", "/ready")).json()).toEqual({
    ...{ status: "ready", started: "1970-01-01T00:00:00.000Z", up: "0s" },
  });
  await expect(setUp(undefined).send("GET", "/ready")).rejects.toMatchObject({
    code: "unavailable",
  });
});

const POLICY = ["autogen", "0s", "24h0m0s", 1, true];
test.each<[string, unknown[]]>([
  ['CREATE DATABASE "x"', [{}]],
  ['create database x; CREATE RETENTION POLICY "a" ON "x" DURATION 1d REPLICATION 1', [{}, {}]],
  ["SHOW DATABASES", [{ series: [{ name: "databases", columns: ["name"], values: [["x"]] }] }]],
  ['SHOW RETENTION POLICIES ON "x"', [{ series: [{ values: [POLICY] }] }]],
  ['CREATE DATABASE "a;b"; SHOW DATABASES ;', [{}, { series: [{ name: "databases" }] }]],
  [`CREATE DATABASE 'a;"b'`, [{}]],
  ['CREATE DATABASE "a\\";b"', [{}]],
  ["SELECT * FROM pump", [{ error: expect.stringContaining("/api/v1/query") }]],
  ["DROP DATABASE x", [{ error: expect.stringContaining("only CREATE DATABASE") }]],
])("the statement %s is answered", async (q, results) => {
  const { send } = setUp(GOOD);
  const expected = { results: results.map((one, id) => ({ statement_id: id, ...Object(one) })) };
  for (const method of ["GET", "POST"]) {
    const answer = await send(method, `/query?db=x&q=${encodeURIComponent(q)}`);
    expect(await answer.json()).toMatchObject(expected);
  }
});

test("a question without a statement is refused", async () => {
  const { send } = setUp(GOOD);
  await expect(send("GET", "/query?db=x")).rejects.toMatchObject({ code: "invalid" });
});

test.each([
  ["/write", 503, "unavailable", 503, { code: "unavailable", message: "why", errorId: "id" }],
  ["/write", 413, "too-large", 413, { code: "request too large", message: "why", errorId: "id" }],
  ["/write", 415, "unsupported", 415, { code: "not supported", message: "why", errorId: "id" }],
  ["/write", 500, "internal", 500, { code: "internal error", message: "why", errorId: "id" }],
  ["/api/v2/write", 422, "invalid", 400, { code: "invalid", message: "why" }],
  ["/api/v2/write", 413, "too-large", 413, { code: "request too large", message: "why" }],
  ["/write?db=x", 413, "too-large", 413, { error: "why" }],
  ["/api/v3/write_lp?db=x", 415, "unsupported", 415, { error: "why" }],
  ["/ping", 401, "unauthorized", 401, { error: "why" }],
])("a refusal of %s with %i %s is %i", async (path, status, code, shown, body) => {
  const request = new Request(`http://plant.example${path}`);
  const answer = deviceProblem({ status, code, message: "why" }, request, "id");
  expect(answer.status).toBe(shown);
  expect(await answer.json()).toEqual(body);
  expect(answer.headers.has("retry-after")).toBe(status === 503);
  expect(answer.headers.has("www-authenticate")).toBe(status === 401);
  expect(answer.headers.get("x-influxdb-error")).toBe("error" in body ? "why" : null);
});

test("QuestDB's clients read of an unknown precision that it is not supported", async () => {
  const problem = { status: 422, code: "invalid", message: "why", details: { precision: "x" } };
  const answer = deviceProblem(problem, new Request("http://plant.example/write"), "id");
  expect([answer.status, (await answer.json()).code]).toEqual([400, "not supported"]);
});

test("error ids tell the time and differ", () => {
  const next = createErrorIds(manualClock(1_790_000_000_000_000));
  const [first, second] = [next(), next()];
  expect(first).toBe(`0${(1_790_000_000_000).toString(16)}-0`);
  expect(second).toEndWith("-1");
});
