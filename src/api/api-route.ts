import { type TObject, type TSchema, Type } from "@sinclair/typebox";
import type { Change } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { RouteContext } from "../domain/route.ts";
import { json } from "../lib/reply.ts";

/** Every API path names the tenant; `http.ts` answers another tenant's with 404. */
export const TENANT = Type.Object({ tenantId: Type.String() });
export const TENANT_AND_ID = Type.Object({
  tenantId: Type.String(),
  id: Type.String({ minLength: 1, maxLength: 100 }),
});

/** Paging of every list. */
export const PAGING = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  after: Type.Optional(Type.String({ maxLength: 500 })),
};

/** An optional field of a body. */
export const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);

/** An object of which every field may be left out: a patch. */
export const partial = <T extends TObject>(schema: T) => Type.Partial(schema);

/** A text for people, within bounds. */
export const text = (maxLength = 200) => Type.String({ minLength: 1, maxLength });

/** One of a list of words. */
export function oneOf<const T extends readonly string[]>(words: T) {
  return Type.Unsafe<T[number]>(Type.Union(words.map((word) => Type.Literal(word))));
}

/** The version and idempotency key that came with a change. */
export function changeOf(
  context: Pick<RouteContext<unknown, unknown, unknown>, "version" | "idempotencyKey">,
): Change {
  return { version: context.version, idempotencyKey: context.idempotencyKey };
}

/** One thing: with its version as ETag, for If-Match. */
export function one<T extends { readonly version?: number }>(thing: T, status = 200): Response {
  return json(thing, status, thing.version === undefined ? {} : { etag: `"${thing.version}"` });
}

/**
 * The thing, unless there is none.
 * @throws AppError "not-found".
 */
export function found<T>(thing: T | undefined, what: string, id: string): T {
  if (thing === undefined) throw new AppError("not-found", `no ${what} ${id}`);
  return thing;
}
