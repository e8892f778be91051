import { Type } from "@sinclair/typebox";
import type { RetentionService } from "../domain/retention.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { changeOf, one, optional, TENANT, text } from "./api-route.ts";

const DAYS = Type.Unsafe<number | null>(
  Type.Union([Type.Integer({ minimum: 1, maximum: 36_500 }), Type.Null()]),
);
const POLICY = Type.Object({
  classes: Type.Array(
    Type.Object({
      name: text(40),
      keepDays: Type.Object({
        ...{ raw: DAYS, "5m": DAYS, "1h": DAYS, "1d": DAYS },
        // As long as raw readings when it is left out.
        waveform: optional(DAYS),
      }),
    }),
    { minItems: 1, maxItems: 20 },
  ),
  byAssetType: Type.Record(Type.String({ maxLength: 100 }), text(40)),
  bySensor: Type.Record(Type.String({ maxLength: 100 }), text(40)),
});

/** How long readings and buckets are kept, what would go, and what went. */
export function retentionRoutes(retention: RetentionService): Route[] {
  const read = { surface: "api", permission: "plant:read", params: TENANT } as const;
  const change = { surface: "api", permission: "admin", params: TENANT } as const;
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/retention/:tenantId",
      summary: "Classes of retention, in days by tier (null: for ever), and what belongs to each.",
      handle: async ({ caller }) => {
        const { policy, version } = await retention.policy(caller);
        return one({ ...policy, version });
      },
    }),
    route({
      ...change,
      method: "PUT",
      path: "/api/v1/retention/:tenantId",
      summary:
        "Sets the classes; what a class sealed before keeps it. Nothing goes before the next run.",
      body: POLICY,
      handle: async ({ caller, body, ...context }) => {
        const { version } = await retention.setPolicy(caller, body, changeOf(context));
        return one({ ...body, version });
      },
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/retention/:tenantId/preview",
      summary: "What would go now, by class, tier and day.",
      handle: async ({ caller }) => json({ items: await retention.preview(caller) }),
    }),
    route({
      ...change,
      method: "POST",
      path: "/api/v1/retention/:tenantId/preview",
      summary: "What would go now if these were the classes. Changes nothing.",
      body: POLICY,
      handle: async ({ caller, body }) => json({ items: await retention.preview(caller, body) }),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/retention/:tenantId/holdings",
      summary:
        "What is held of days that are over, by class and tier; sizes of buckets are estimates.",
      handle: async ({ caller }) => json({ items: await retention.held(caller) }),
    }),
    route({
      ...change,
      method: "POST",
      path: "/api/v1/retention/:tenantId/runs",
      summary: "Lets go what is too old, now, and says what went.",
      handle: async ({ caller }) => json({ items: await retention.run(caller) }),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/retention/:tenantId/log",
      summary: "What went and why, newest first; at most 1,000 entries.",
      handle: async ({ caller }) => json({ items: await retention.log(caller) }),
    }),
  ];
}
