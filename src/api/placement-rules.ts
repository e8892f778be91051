import { Type } from "@sinclair/typebox";
import { PATTERN_LENGTH_MAX } from "../domain/placement.ts";
import type { PlacementRuleStore } from "../domain/placement-rule.ts";
import { type Route, route } from "../domain/route.ts";
import { empty, json } from "../lib/reply.ts";
import { changeOf, one, optional, TENANT, TENANT_AND_ID, text } from "./api-route.ts";

/** Patterns that place series to come. */
export function placementRuleRoutes({
  placementRules,
}: {
  readonly placementRules: PlacementRuleStore;
}): Route[] {
  const write = { surface: "api", permission: "ingest:write" } as const;
  const pattern = Type.String({ maxLength: PATTERN_LENGTH_MAX });
  return [
    route({
      surface: "api",
      permission: "plant:read",
      method: "GET",
      path: "/api/v1/placement-rules/:tenantId",
      summary: "Patterns that place series to come, oldest first: the first that fits is followed.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await placementRules.list(caller) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/placement-rules/:tenantId",
      summary: "Keeps a pattern for series to come; those that wait already go on waiting.",
      params: TENANT,
      body: Type.Object({ asset: pattern, sensor: pattern, query: optional(text()) }),
      handle: async (c) => one(await placementRules.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...write,
      method: "DELETE",
      path: "/api/v1/placement-rules/:tenantId/:id",
      summary: "Removes a pattern; what it placed stays.",
      params: TENANT_AND_ID,
      handle: async (c) => {
        await placementRules.remove(c.caller, c.params.id, changeOf(c));
        return empty();
      },
    }),
  ];
}
