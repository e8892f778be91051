import { Type } from "@sinclair/typebox";
import type { FailureModeStore } from "../domain/failure-mode.ts";
import { type Route, route } from "../domain/route.ts";
import {
  FINDINGS,
  WORK_PRIORITIES,
  WORK_STATUSES,
  type WorkOrderStore,
} from "../domain/work-order.ts";
import { json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  PAGING,
  partial,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type WorkDeps = { readonly work: WorkOrderStore; readonly failureModes: FailureModeStore };

const FIELDS = Type.Object({
  title: text(),
  description: optional(Type.String({ maxLength: 10_000 })),
  priority: optional(oneOf(WORK_PRIORITIES)),
  assignee: optional(text()),
  plannedAtUs: optional(Type.Number()),
});

const CLOSE_OUT = Type.Object({
  finding: oneOf(FINDINGS),
  failureModeId: optional(Type.String()),
  foundAtUs: optional(Type.Number()),
  hours: optional(Type.Number({ minimum: 0 })),
  cost: optional(Type.Number({ minimum: 0 })),
  notes: Type.String({ maxLength: 10_000, default: "" }),
});

/** Work orders, their close-out, and the failure modes it chooses from. */
export function workRoutes(deps: WorkDeps): Route[] {
  return [...orders(deps), ...acts(deps), ...modes(deps)];
}

const read = { surface: "api", permission: "plant:read", method: "GET" } as const;
const write = { surface: "api", permission: "work:write" } as const;

function orders({ work }: WorkDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/work-orders/:tenantId",
      summary: "Work orders: open ones by priority and plan, done ones newest first.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        view: optional(oneOf(["open", "done", "all"])),
        status: optional(oneOf(WORK_STATUSES)),
        assetId: optional(Type.String()),
        fromUs: optional(Type.Number()),
        toUs: optional(Type.Number()),
      }),
      handle: async ({ caller, query }) => json(await work.list(caller, query)),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/work-orders/:tenantId",
      summary: "Asks for work on an asset.",
      params: TENANT,
      body: Type.Composite([
        FIELDS,
        Type.Object({
          assetId: Type.String(),
          alertId: optional(Type.String()),
          predictionId: optional(Type.String()),
        }),
      ]),
      handle: async (c) => one(await work.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...read,
      path: "/api/v1/work-orders/:tenantId/:id",
      summary: "One work order.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await work.get(caller, params.id), "work order", params.id)),
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/work-orders/:tenantId/:id",
      summary: "Changes a work order's words, priority, assignee or plan.",
      params: TENANT_AND_ID,
      body: partial(FIELDS),
      handle: async (c) => one(await work.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
  ];
}

function acts({ work }: WorkDeps): Route[] {
  return [
    route({
      ...write,
      method: "POST",
      path: "/api/v1/work-orders/:tenantId/:id/status",
      summary: "Moves a work order; done goes through its close-out.",
      params: TENANT_AND_ID,
      body: Type.Object({ status: oneOf(WORK_STATUSES) }),
      handle: async (c) => one(await work.move(c.caller, c.params.id, c.body.status, changeOf(c))),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/work-orders/:tenantId/:id/close-out",
      summary: "Closes a work order with what was found: models learn from it.",
      params: TENANT_AND_ID,
      body: CLOSE_OUT,
      handle: async (c) => {
        const { failureModeId, foundAtUs, hours, cost, ...rest } = c.body;
        const closeOut = { ...rest, failureModeId, foundAtUs, hours, cost };
        return one(await work.close(c.caller, c.params.id, closeOut, changeOf(c)));
      },
    }),
  ];
}

function modes({ failureModes }: WorkDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/failure-modes/:tenantId",
      summary: "Failure modes, most used first.",
      params: TENANT,
      query: Type.Object({ assetTypeId: optional(Type.String()) }),
      handle: async ({ caller, query }) =>
        json({ items: await failureModes.list(caller, query.assetTypeId) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/failure-modes/:tenantId",
      summary: "Makes a failure mode.",
      params: TENANT,
      body: Type.Object({ name: text(), assetTypeId: optional(Type.String()) }),
      handle: async (c) => one(await failureModes.create(c.caller, c.body, changeOf(c)), 201),
    }),
  ];
}
