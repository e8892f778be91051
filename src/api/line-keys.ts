import { Type } from "@sinclair/typebox";
import type { LineKeyStore } from "../domain/line-key.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { changeOf, one, optional, TENANT, TENANT_AND_ID, text } from "./api-route.ts";

const admin = { surface: "api", permission: "admin" } as const;

/** Keys of devices that write line protocol over TCP. */
export function lineKeyRoutes({ lineKeys }: { readonly lineKeys: LineKeyStore }): Route[] {
  return [
    route({
      ...admin,
      method: "GET",
      path: "/api/v1/line-keys/:tenantId",
      summary: "Keys of line protocol over TCP: the public part alone.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await lineKeys.list(caller) }),
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/line-keys/:tenantId",
      summary: "Makes a key of line protocol over TCP and shows its private part this once.",
      params: TENANT,
      body: Type.Object({ name: text(), sourceId: optional(Type.String()) }),
      handle: async (c) => {
        const { key, secret } = await lineKeys.create(c.caller, c.body, changeOf(c));
        return one({ ...key, jwk: secret }, 201);
      },
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/line-keys/:tenantId/public",
      summary: "Takes the public point (x, y) of a key that the device made and keeps.",
      params: TENANT,
      body: Type.Object({
        ...{ name: text(), x: text(100), y: text(100) },
        sourceId: optional(Type.String()),
      }),
      handle: async (c) => one(await lineKeys.add(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...admin,
      method: "POST",
      path: "/api/v1/line-keys/:tenantId/:id/revocation",
      summary: "Revokes a key of line protocol over TCP; connections that are open stay so.",
      params: TENANT_AND_ID,
      handle: async (c) => one(await lineKeys.revoke(c.caller, c.params.id, changeOf(c))),
    }),
  ];
}
