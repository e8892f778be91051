import type { TSchema } from "@sinclair/typebox";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";

type Parameter = { name: string; in: "path" | "query"; required: boolean; schema: unknown };

/** Elysia's `:name` as OpenAPI's `{name}`. */
function pathOf(path: string): string {
  return path.replace(/:([A-Za-z]+)/g, "{$1}");
}

function fieldsOf(schema: TSchema | undefined, where: "path" | "query"): Parameter[] {
  const properties: Record<string, unknown> = schema?.properties ?? {};
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(properties).map(([name, field]) => ({
    name,
    in: where,
    required: where === "path" || required.includes(name),
    schema: field,
  }));
}

/** Programs with a dialect of their own send forms. */
function bodyType({ surface }: Route): string {
  return surface === "device" ? "application/x-www-form-urlencoded" : "application/json";
}

function operationOf(route: Route): Record<string, unknown> {
  const isChange = route.method !== "GET";
  const parameters: unknown[] = [
    ...fieldsOf(route.params, "path"),
    ...fieldsOf(route.query, "query"),
  ];
  if (isChange && route.surface === "api") {
    parameters.push(
      { name: "Idempotency-Key", in: "header", required: false, schema: { type: "string" } },
      { name: "If-Match", in: "header", required: false, schema: { type: "string" } },
    );
  }
  return {
    summary: route.summary,
    "x-permission": route.permission,
    security: route.permission === "open" ? [] : [{ bearer: [] }],
    parameters,
    ...(route.body === undefined
      ? {}
      : {
          requestBody: { required: true, content: { [bodyType(route)]: { schema: route.body } } },
        }),
    responses: {
      "2XX": {
        description: "Done.",
        ...(route.answer === undefined
          ? {}
          : {
              content: {
                "application/json": { schema: route.answer },
                ...Object.fromEntries((route.otherTypes ?? []).map((type) => [type, {}])),
              },
            }),
      },
      default: {
        description: "A problem: what failed, on what, what to do.",
        content: {
          "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
        },
      },
    },
  };
}

/** The OpenAPI 3.1 document of every route that machines use. */
export function openApiOf(routes: readonly Route[], version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    if (route.surface === "page" || route.path.startsWith("/local/")) continue;
    const path = pathOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Foresight", version },
    paths,
    components: {
      securitySchemes: { bearer: { type: "http", scheme: "bearer" } },
      schemas: {
        Problem: {
          type: "object",
          required: ["type", "title", "status", "code"],
          properties: {
            type: { type: "string" },
            title: { type: "string" },
            status: { type: "integer" },
            code: { type: "string" },
          },
        },
      },
    },
  };
}

/** `GET /api/v1/openapi.json`, made from the very routes that are mounted. */
export function openApiRoute(routes: () => readonly Route[], version: string): Route {
  return route({
    method: "GET",
    path: "/api/v1/openapi.json",
    surface: "api",
    permission: "open",
    summary: "This document.",
    handle: () => json(openApiOf(routes(), version)),
  });
}
