import { Type } from "@sinclair/typebox";
import {
  type LineMapping,
  type MappingRuleStore,
  RULE_KINDS,
  RULE_PRECISIONS,
} from "../domain/mapping-rule.ts";
import { type Route, route } from "../domain/route.ts";
import { empty, json } from "../lib/reply.ts";
import { changeOf, one, oneOf, optional, TENANT, TENANT_AND_ID, text } from "./api-route.ts";

export type MappingRuleDeps = {
  readonly mappingRules: MappingRuleStore;
  readonly lineMapping: LineMapping;
};

const CHANGE = Type.Union([
  Type.Object({ kind: Type.Literal("precision"), precision: oneOf(RULE_PRECISIONS) }),
  Type.Object({
    kind: Type.Literal("rename"),
    part: oneOf(["measurement", "tag", "field"]),
    name: text(),
    to: text(),
  }),
  Type.Object({
    kind: Type.Literal("drop"),
    part: oneOf(["measurement", "tag", "field", "line"]),
    name: text(),
  }),
  Type.Object({ kind: Type.Literal("convert"), name: text(), to: oneOf(RULE_KINDS) }),
  Type.Object({
    kind: Type.Literal("replace"),
    name: text(),
    to: Type.String({ maxLength: 200 }),
  }),
]);
const RULE = { sourceId: Type.String(), measurement: optional(text()), change: CHANGE };

/** What lines of a source go through before they become readings. */
export function mappingRuleRoutes({ mappingRules, lineMapping }: MappingRuleDeps): Route[] {
  const read = { surface: "api", permission: "plant:read" } as const;
  const write = { surface: "api", permission: "ingest:write" } as const;
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/mapping-rules/:tenantId",
      summary: "Mapping rules of all sources, or of one.",
      params: TENANT,
      query: Type.Object({ sourceId: optional(Type.String()) }),
      handle: async ({ caller, query }) => json({ items: await mappingRules.list(caller, query) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/mapping-rules/:tenantId",
      summary: "Makes a rule for lines that its source sends from now on.",
      params: TENANT,
      body: Type.Object(RULE),
      handle: async (c) => {
        const rule = await mappingRules.create(c.caller, c.body, changeOf(c));
        await lineMapping.apply();
        return one(rule, 201);
      },
    }),
    route({
      ...read,
      method: "POST",
      path: "/api/v1/mapping-rules/:tenantId/previews",
      summary:
        "What a rule would make of the lines that are kept in quarantine; nothing is changed.",
      params: TENANT,
      body: Type.Object({ ...RULE, reason: optional(text(1_000)) }),
      handle: async ({ caller, body }) => json(await lineMapping.preview(caller, body)),
    }),
    route({
      ...write,
      method: "DELETE",
      path: "/api/v1/mapping-rules/:tenantId/:id",
      summary: "Removes a rule; what it made of earlier lines stays.",
      params: TENANT_AND_ID,
      handle: async (c) => {
        await mappingRules.remove(c.caller, c.params.id, changeOf(c));
        await lineMapping.apply();
        return empty();
      },
    }),
  ];
}
