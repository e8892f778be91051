import { Type } from "@sinclair/typebox";
import { paths, withQuery } from "../../views/paths.ts";
import { AppError } from "../domain/error.ts";
import { type Route, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { ruleOf } from "./mapping-form.ts";
import { quarantineView, stayedOf } from "./quarantine.tsx";

const write = { surface: "page", permission: "ingest:write", method: "POST" } as const;
const text = Type.Optional(Type.String({ maxLength: 1_000 }));

/** Mapping rules are made and dropped on the page of quarantine. */
export function mappingRuleRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...write,
      path: paths.mappingRules,
      summary: "Makes a mapping rule, and replays the lines that it is for.",
      body: Type.Object({
        ...{ source: Type.String({ maxLength: 100 }), reason: text, replay: text },
        ...{ act: text, name: text, to: text, measurement: text },
      }),
      handle: async (context) => {
        const { caller, body, idempotencyKey } = context;
        const { source, reason } = body;
        const change = { idempotencyKey };
        try {
          await deps.stores.mappingRules.create(caller, ruleOf(source, body), change);
          await deps.lineMapping.apply();
          deps.live.changed(caller.tenantId, "quarantine");
          if (!body.replay)
            return redirect(withQuery(paths.quarantine, { source, reason, made: "1" }));
          // The key has made the rule; the replay answers for itself.
          const report = await deps.replayQuarantine(caller, { sourceId: source, reason }, {});
          const outcome = { replayed: String(report.replayed), stayed: stayedOf(report) };
          return redirect(withQuery(paths.quarantine, { source, ...outcome }));
        } catch (error) {
          if (!(error instanceof AppError) || error.code === "internal") throw error;
          return html(await quarantineView(deps, context, body, error.message), 422);
        }
      },
    }),
    route({
      ...write,
      path: "/ingest/mapping-rules/:id/removal",
      summary: "Removes a mapping rule.",
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
      handle: async ({ caller, params, idempotencyKey, version }) => {
        const change = { idempotencyKey, version };
        await deps.stores.mappingRules.remove(caller, params.id, change);
        await deps.lineMapping.apply();
        return redirect(paths.quarantine);
      },
    }),
  ];
}
