import { expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { lineProtocolRoutes } from "./line-protocol.ts";
import { openApiOf, openApiRoute } from "./openapi.ts";
import { newWriteRefusals } from "./write-refusals.ts";

const handle = () => json({});
const THING = route({
  method: "PATCH",
  path: "/api/v1/things/:tenantId/:id",
  surface: "api",
  permission: "asset:write",
  summary: "Changes a thing.",
  params: Type.Object({ tenantId: Type.String(), id: Type.String() }),
  query: Type.Object({ dry: Type.Optional(Type.Boolean()), mode: Type.String() }),
  body: Type.Object({ name: Type.String() }),
  handle,
});
const page = { surface: "page", permission: "self", summary: "A page.", handle } as const;
const ROUTES = [
  THING,
  route({ ...THING, method: "GET", permission: "open", summary: "One thing." }),
  route({ ...page, method: "GET", path: "/things" }),
  route({ ...page, surface: "api", method: "POST", path: "/local/:operation" }),
];

type Operation = {
  readonly parameters: readonly { name: string; in: string; required: boolean }[];
  readonly security: readonly unknown[];
  readonly requestBody?: { content: Record<string, { schema: unknown }> };
};
type Document = { openapi: string; paths: Record<string, Record<string, Operation>> };

/** As a client reads it. */
const documentOf = (routes = ROUTES): Document =>
  JSON.parse(JSON.stringify(openApiOf(routes, "1")));

test("every method of a path stands under it; pages and the command line's door do not", () => {
  const { paths, openapi } = documentOf();
  expect(openapi).toStartWith("3.1");
  expect(Object.keys(paths)).toEqual(["/api/v1/things/{tenantId}/{id}"]);
  expect(Object.keys(paths["/api/v1/things/{tenantId}/{id}"] ?? {})).toEqual(["patch", "get"]);
});

test("path parameters are required, those of the query as their schema says", () => {
  const operation = documentOf().paths["/api/v1/things/{tenantId}/{id}"]?.patch;
  expect(operation?.parameters.map((p) => [p.in, p.name, p.required])).toEqual([
    ["path", "tenantId", true],
    ["path", "id", true],
    ["query", "dry", false],
    ["query", "mode", true],
    ["header", "Idempotency-Key", false],
    ["header", "If-Match", false],
  ]);
  expect(operation?.requestBody?.content["application/json"]?.schema).toMatchObject({
    properties: { name: { type: "string" } },
  });
});

test("an open route needs no token, any other does", () => {
  const path = documentOf().paths["/api/v1/things/{tenantId}/{id}"];
  expect(path?.get?.security).toEqual([]);
  expect(path?.patch?.security).toEqual([{ bearer: [] }]);
});

test("every name in a path is a declared parameter, and the document names itself", async () => {
  const device = lineProtocolRoutes({
    engine: () => undefined,
    clock: { nowUs: () => 0, every: () => () => {}, after: () => () => {} },
    version: "1",
    startedAtUs: 0,
    errorId: () => "",
    refusals: newWriteRefusals(),
    readBody: async () => new Uint8Array(),
  });
  const own = openApiRoute(() => [...ROUTES, ...device, own], "1");
  const { paths } = documentOf([...ROUTES, ...device, own]);
  expect(Object.keys(paths)).toContain("/api/v1/openapi.json");
  expect(Object.keys(paths)).toContain("/write");
  for (const [path, methods] of Object.entries(paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
    for (const { parameters } of Object.values(methods))
      expect(parameters.filter((p) => p.in === "path").map((p) => p.name)).toEqual(named);
  }
});

test("other types of an answer stand beside JSON, and a dialect's body is a form", () => {
  const body = Type.Object({ query: Type.String() });
  const answer = Type.Object({});
  const path = "/prom/x";
  const asked = route({ ...THING, surface: "device", method: "POST", path, body, answer });
  const listed = route({ ...THING, method: "GET", path, answer, otherTypes: ["text/csv"] });
  const document = JSON.stringify(openApiOf([asked, listed], "1"));
  expect(document).toContain('"content":{"application/x-www-form-urlencoded":{"schema"');
  expect(document).toContain('"text/csv":{}');
});
