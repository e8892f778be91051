import { Elysia } from "elysia";
import { type Caller, mayUse } from "./domain/access.ts";
import { AppError } from "./domain/error.ts";
import { NOBODY, type Route, type RouteContext } from "./domain/route.ts";
import type { Authenticated } from "./http/authenticate.ts";
import { readFields } from "./http/body.ts";
import { checked } from "./http/check.ts";
import { createMethodFinder, type OtherMethods } from "./http/methods.ts";
import { type Problem, problemJson, problemOf } from "./http/problem.ts";
import { isCrossSite, sameText, secure } from "./http/security.ts";
import { redirect } from "./lib/reply.ts";

/** What the web server needs; `app.ts` fills it. */
export type HttpDeps = {
  readonly routes: readonly Route[];
  /** Who sent the request, by cookie, JWT, or API key; undefined when nobody known did. */
  readonly authenticate: (request: Request) => Promise<Authenticated | undefined>;
  readonly maxFieldsBytes: number;
  /** Waits for a body as long as it may take; throws "too-slow" then. */
  readonly inTime: <T>(reading: Promise<T>) => Promise<T>;
  /** Names this running server, so that a client can tell it from another on the same port. */
  readonly instance: string;
  /** Logs what was not expected and returns the id shown instead. */
  readonly report: (error: unknown) => string;
  readonly errorPage: (
    problem: Problem,
    caller: Caller | undefined,
    isPart: boolean,
  ) => Promise<Response>;
  /** The body of a refusal in the dialect of the client that writes. */
  readonly deviceProblem: (problem: Problem, request: Request) => Response;
  readonly signInPath: string;
};

/** The Elysia root: mounts every route of the table behind the same checks. */
export function createHttp(deps: HttpDeps): { handle(request: Request): Promise<Response> } {
  const app = new Elysia({ name: "foresight" });
  const othersAt = createMethodFinder(deps.routes);
  for (const route of deps.routes) {
    app.route(
      route.method,
      route.path,
      ({ request, params }: { request: Request; params?: Record<string, string> }) =>
        answer(deps, route, request, params ?? {}), // a path without parameters has none
      { parse: "none" },
    );
  }
  app.onError(({ error, code, request }) => {
    if (code === "NOT_FOUND") return nothingThere(deps, othersAt, request);
    return refuse(deps, surfaceOf(request), problemOf(error, deps.report), request, undefined);
  });
  return {
    handle: async (request) => secure(await app.handle(request), deps.instance),
  };
}

/** No route has the path, or those that have it take other methods: 404 or 405, which names them. */
async function nothingThere(
  deps: HttpDeps,
  othersAt: (pathname: string) => OtherMethods | undefined,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const others = othersAt(pathname);
  if (others === undefined) {
    const error = new AppError("not-found", `nothing is at ${pathname}`);
    return refuse(deps, surfaceOf(request), problemOf(error, deps.report), request, undefined);
  }
  const allow = others.methods.join(", ");
  const message = `${request.method} ${pathname} is not taken; use ${allow}`;
  const problem = problemOf(new AppError("method-not-allowed", message), deps.report);
  const answer = await refuse(deps, others.surface, problem, request, undefined);
  answer.headers.set("allow", allow);
  return answer;
}

function surfaceOf(request: Request): Route["surface"] {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/prom/")) return "device";
  return pathname.startsWith("/api/") ? "api" : "page";
}

async function answer(
  deps: HttpDeps,
  route: Route,
  request: Request,
  rawParams: Record<string, string>,
): Promise<Response> {
  let who: Authenticated | undefined;
  try {
    who = await deps.authenticate(request);
    permit(route, who?.caller, rawParams);
    return await route.handle(await contextOf(deps, route, request, rawParams, who));
  } catch (error) {
    const problem = problemOf(error, deps.report);
    const answer = await refuse(deps, route.surface, problem, request, who?.caller);
    // Whoever sends drop by drop does not keep the connection.
    if (problem.code === "too-slow") answer.headers.set("connection", "close");
    return answer;
  }
}

/** Refuses who may not; another tenant's path is answered like one that does not exist. */
function permit(route: Route, caller: Caller | undefined, params: Record<string, string>): void {
  if (mayUse(route.permission, caller)) {
    const tenantId = params.tenantId;
    if (tenantId !== undefined && caller?.tenantId !== tenantId)
      throw new AppError("not-found", `no tenant ${tenantId}`);
    return;
  }
  if (caller === undefined)
    throw new AppError("unauthorized", "sign in or send a token to use this");
  throw new AppError(
    "forbidden",
    `${caller.name} may not do this; ask an administrator for the right`,
  );
}

async function contextOf(
  deps: HttpDeps,
  route: Route,
  request: Request,
  rawParams: Record<string, string>,
  who: Authenticated | undefined,
): Promise<RouteContext<unknown, unknown, unknown>> {
  const url = new URL(request.url);
  if (request.method !== "GET") guardOrigin(request, route, who?.caller);
  const hasBody = request.method !== "GET" && request.method !== "DELETE" && !route.rawBody;
  const fields = hasBody ? await fieldsFor(deps, route, request) : {};
  const csrf = who?.csrf ?? "";
  if (route.surface === "page" && request.method !== "GET")
    guardForm(request, who?.caller, csrf, textField(fields, "csrf"));
  return {
    request,
    url,
    params: checked(route.params, rawParams, "the address"),
    query: checked(route.query, queryOf(url), "the query"),
    body: route.rawBody ? undefined : checked(route.body, fields, "the form"),
    caller: who?.caller ?? NOBODY,
    csrf,
    isPart:
      request.headers.get("hx-request") === "true" &&
      request.headers.get("hx-history-restore-request") !== "true",
    version: versionOf(request, textField(fields, "version")),
    idempotencyKey:
      request.headers.get("idempotency-key") ?? textField(fields, "idempotency_key") ?? undefined,
  };
}

/** A form or JSON, in its time; files that a signed-in person sends may take longer. */
function fieldsFor(deps: HttpDeps, route: Route, request: Request): Promise<unknown> {
  const reading = readFields(request, route.maxBytes ?? deps.maxFieldsBytes);
  return route.maxBytes === undefined ? deps.inTime(reading) : reading;
}

function queryOf(url: URL): Record<string, unknown> {
  const query: Record<string, unknown> = {};
  for (const name of new Set(url.searchParams.keys())) {
    const all = url.searchParams.getAll(name);
    query[name] = all.length === 1 ? all[0] : all;
  }
  return query;
}

function textField(fields: unknown, name: string): string | undefined {
  if (typeof fields !== "object" || fields === null) return undefined;
  const value: unknown = Reflect.get(fields, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What a cookie allows, another site's page may not use; keys and tokens come from programs. */
function guardOrigin(request: Request, route: Route, caller: Caller | undefined): void {
  if ((route.surface === "page" || caller?.kind === "session") && isCrossSite(request))
    throw new AppError("forbidden", "this form came from another site");
}

function guardForm(
  request: Request,
  caller: Caller | undefined,
  expected: string,
  sent: string | undefined,
): void {
  if (caller?.kind !== "session" || caller.sessionId === undefined) return;
  const token = request.headers.get("x-csrf-token") ?? sent ?? "";
  if (!sameText(token, expected))
    throw new AppError("forbidden", "this form is too old; open the page again and repeat it");
}

function versionOf(request: Request, field: string | undefined): number | undefined {
  const tag = request.headers.get("if-match")?.replace(/^W\//, "").replaceAll('"', "") ?? field;
  if (tag === undefined || tag === "*") return undefined;
  const version = Number(tag);
  if (tag === "" || !Number.isSafeInteger(version))
    throw new AppError("invalid", `version ${tag} is not a number`);
  return version;
}

function refuse(
  deps: HttpDeps,
  surface: Route["surface"],
  problem: Problem,
  request: Request,
  caller: Caller | undefined,
): Response | Promise<Response> {
  if (surface === "device") return deps.deviceProblem(problem, request);
  if (surface === "api") return problemJson(problem);
  const isPart = request.headers.get("hx-request") === "true";
  if (problem.status === 401) {
    const url = new URL(request.url);
    const next = request.method === "GET" ? `${url.pathname}${url.search}` : "/";
    const to = `${deps.signInPath}?next=${encodeURIComponent(next)}`;
    return isPart
      ? new Response(null, { status: 200, headers: { "hx-redirect": to } })
      : redirect(to);
  }
  return deps.errorPage(problem, caller, isPart);
}
