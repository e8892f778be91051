import type { Static, TSchema } from "@sinclair/typebox";
import type { Caller, Permission } from "./access.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/**
 * Where a route lives decides how it is answered: `api` speaks JSON (Bearer), `page` HTML (cookie and
 * CSRF), `device` the dialect of the client that writes.
 */
export type Surface = "api" | "page" | "device";

/** What a handler is given; params, query and body have passed the route's schemas. */
export type RouteContext<P, Q, B> = {
  readonly request: Request;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Who asks. On an `open` route to which nobody is signed in it is `NOBODY`. */
  readonly caller: Caller;
  /** Session of the page, when there is one: its CSRF token goes into forms. */
  readonly csrf: string;
  /** True when htmx asks for a part of a page. */
  readonly isPart: boolean;
  /** Version from If-Match or the form; undefined when none was sent. */
  readonly version: number | undefined;
  /** From Idempotency-Key or the form; undefined when none was sent. */
  readonly idempotencyKey: string | undefined;
  readonly url: URL;
};

/** The caller of an open route when nobody is signed in: no tenant, no right. */
export const NOBODY: Caller = {
  tenantId: "",
  tenantNo: 0,
  kind: "session",
  id: "",
  name: "",
  role: undefined,
  scope: undefined,
  sessionId: undefined,
  sourceNo: undefined,
  from: "",
};

export type RouteSpec<P extends TSchema, Q extends TSchema, B extends TSchema> = {
  readonly method: Method;
  /** Elysia's form: `/api/v1/assets/:tenantId/:assetId`. */
  readonly path: string;
  readonly surface: Surface;
  readonly permission: Permission;
  /** One sentence for OpenAPI and docs/api.md. */
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Schema of the 2xx answer, for OpenAPI. */
  readonly answer?: TSchema;
  /** Media types beside JSON in which it answers too, for OpenAPI. */
  readonly otherTypes?: readonly string[];
  /** Bytes are handed on unread (uploads, line protocol). */
  readonly rawBody?: boolean;
  /** Largest body of this route; the default is for forms. */
  readonly maxBytes?: number;
  readonly handle: (
    context: RouteContext<Static<P>, Static<Q>, Static<B>>,
  ) => Response | Promise<Response>;
};

/** A route with its types put away, as the table holds it. */
export type Route = Omit<RouteSpec<TSchema, TSchema, TSchema>, "handle"> & {
  readonly handle: (
    context: RouteContext<unknown, unknown, unknown>,
  ) => Response | Promise<Response>;
};

/** Types a route's handler from its schemas; `http.ts` checks every request against them first. */
export function route<P extends TSchema, Q extends TSchema, B extends TSchema>(
  spec: RouteSpec<P, Q, B>,
): Route {
  // The schemas were checked before the handler is called, so its argument has their static types.
  return spec as unknown as Route;
}
