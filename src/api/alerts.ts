import { Type } from "@sinclair/typebox";
import type { AlertStore } from "../domain/alert-store.ts";
import { type Route, route } from "../domain/route.ts";
import { SEVERITIES } from "../domain/rule.ts";
import { json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  PAGING,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type AlertsDeps = {
  readonly alerts: AlertStore;
  /** Tells the log what it has not been told of (rules, zones, closings); resolves once it took effect. */
  readonly tellLog: () => Promise<void>;
};

const COMMENT = Type.Object({ comment: optional(text(2000)) });

/** Alerts: list, acknowledge, comment, close. */
export function alertsRoutes(deps: AlertsDeps): Route[] {
  const act = { surface: "api", permission: "alarm:act", method: "POST" } as const;
  const read = { surface: "api", permission: "plant:read", method: "GET" } as const;
  return [
    route({
      ...read,
      path: "/api/v1/alerts/:tenantId",
      summary: "Alerts: not acknowledged first, then by severity, newest first.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        view: optional(oneOf(["active", "unacknowledged", "closed", "all"])),
        severity: optional(oneOf(SEVERITIES)),
        assetId: optional(Type.String()),
        sensorId: optional(Type.String()),
        ruleId: optional(Type.String()),
        fromUs: optional(Type.Number()),
        toUs: optional(Type.Number()),
        query: optional(text()),
      }),
      handle: async ({ caller, query }) => json(await deps.alerts.list(caller, query)),
    }),
    route({
      ...read,
      path: "/api/v1/alerts/:tenantId/:id",
      summary: "One alert with its events.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) => {
        const alert = found(await deps.alerts.get(caller, params.id), "alert", params.id);
        return one({ ...alert, events: await deps.alerts.events(caller, params.id) });
      },
    }),
    route({
      ...act,
      path: "/api/v1/alerts/:tenantId/:id/acknowledgement",
      summary: "Acknowledges an alert; twice changes nothing.",
      params: TENANT_AND_ID,
      body: COMMENT,
      handle: async (c) =>
        one(await deps.alerts.acknowledge(c.caller, c.params.id, c.body.comment, changeOf(c))),
    }),
    route({
      ...act,
      path: "/api/v1/alerts/:tenantId/:id/comments",
      summary: "Comments on an alert.",
      params: TENANT_AND_ID,
      body: Type.Object({ text: text(2000) }),
      handle: async (c) =>
        json(await deps.alerts.comment(c.caller, c.params.id, c.body.text, changeOf(c)), 201),
    }),
    route({
      ...act,
      path: "/api/v1/alerts/:tenantId/:id/closure",
      summary: "Closes an alert; it opens again only after its condition was false once.",
      params: TENANT_AND_ID,
      body: COMMENT,
      handle: async (c) => {
        await deps.alerts.requestClose(c.caller, c.params.id, c.body.comment, changeOf(c));
        await deps.tellLog();
        return one(found(await deps.alerts.get(c.caller, c.params.id), "alert", c.params.id));
      },
    }),
  ];
}
