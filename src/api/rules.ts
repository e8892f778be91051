import { type Static, Type } from "@sinclair/typebox";
import { type Route, route } from "../domain/route.ts";
import { SEVERITIES } from "../domain/rule.ts";
import type { RuleScope, RuleStore } from "../domain/rule-store.ts";
import { empty, json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  partial,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type RulesDeps = { readonly rules: RuleStore; readonly tellLog: () => Promise<void> };

const SCOPE = Type.Union([
  Type.Object({ kind: Type.Literal("sensor"), sensorId: Type.String() }),
  Type.Object({
    kind: Type.Literal("type"),
    assetTypeId: optional(Type.String()),
    sensorName: text(),
  }),
]);

const TERMS = Type.Object({
  name: text(),
  severity: oneOf(SEVERITIES),
  op: oneOf(["above", "below"]),
  threshold: Type.Number(),
  clear: Type.Number(),
  holdMs: Type.Number({ minimum: 0 }),
  scope: SCOPE,
  enabled: optional(Type.Boolean()),
});

/** The scope as the store has it; in JSON a type that is left out means every type. */
function scopeOf(scope: Static<typeof SCOPE>): RuleScope {
  return scope.kind === "sensor" ? scope : { ...scope, assetTypeId: scope.assetTypeId };
}

/** Threshold rules; each edit makes a version that takes effect without a restart. */
export function rulesRoutes(deps: RulesDeps): Route[] {
  const read = { surface: "api", permission: "plant:read", method: "GET" } as const;
  const write = { surface: "api", permission: "rule:write" } as const;
  return [
    route({
      ...read,
      path: "/api/v1/rules/:tenantId",
      summary: "Rules with how many series each watches.",
      params: TENANT,
      handle: async ({ caller }) => {
        const coverage = await deps.rules.coverage(caller);
        const items = (await deps.rules.list(caller)).map((rule) => ({
          ...rule,
          seriesCount: coverage.get(rule.id) ?? 0,
        }));
        return json({ items });
      },
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/rules/:tenantId",
      summary: "Makes a rule; it watches from now on.",
      params: TENANT,
      body: TERMS,
      handle: async (c) => {
        const rule = await deps.rules.create(
          c.caller,
          { ...c.body, scope: scopeOf(c.body.scope) },
          changeOf(c),
        );
        await deps.tellLog();
        return one(found(await deps.rules.get(c.caller, rule.id), "rule", rule.id), 201);
      },
    }),
    route({
      ...read,
      path: "/api/v1/rules/:tenantId/:id",
      summary: "One rule with its versions.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) => {
        const rule = found(await deps.rules.get(caller, params.id), "rule", params.id);
        return one({ ...rule, versions: await deps.rules.versions(caller, params.id) });
      },
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/rules/:tenantId/:id",
      summary: "Changes a rule: a new version, which closes alerts that it does not hold.",
      params: TENANT_AND_ID,
      body: partial(TERMS),
      handle: async (c) => {
        const { scope, ...terms } = c.body;
        const patch = scope === undefined ? terms : { ...terms, scope: scopeOf(scope) };
        await deps.rules.update(c.caller, c.params.id, patch, changeOf(c));
        await deps.tellLog();
        return one(found(await deps.rules.get(c.caller, c.params.id), "rule", c.params.id));
      },
    }),
    route({
      ...write,
      method: "DELETE",
      path: "/api/v1/rules/:tenantId/:id",
      summary: "Removes a rule and closes its alerts.",
      params: TENANT_AND_ID,
      handle: async (c) => {
        await deps.rules.remove(c.caller, c.params.id, changeOf(c));
        await deps.tellLog();
        return empty();
      },
    }),
  ];
}
