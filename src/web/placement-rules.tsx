import { Type } from "@sinclair/typebox";
import { InboxPage } from "../../views/pages/inbox.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { AppError } from "../domain/error.ts";
import { PATTERN_LENGTH_MAX } from "../domain/placement.ts";
import { type Route, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { inboxProps } from "./inbox.tsx";

const write = { surface: "page", permission: "ingest:write", method: "POST" } as const;

/** Patterns for series to come are kept and removed on the page of the inbox. */
export function placementRuleRoutes(deps: WebDeps): Route[] {
  const pattern = Type.String({ maxLength: PATTERN_LENGTH_MAX });
  return [
    route({
      ...write,
      path: paths.placementRules,
      summary: "Keeps a pattern for series to come.",
      body: Type.Object({ asset: pattern, sensor: pattern }),
      handle: async (context) => {
        const { asset, sensor } = context.body;
        const change = { idempotencyKey: context.idempotencyKey };
        try {
          await deps.stores.placementRules.create(context.caller, { asset, sensor }, change);
          return redirect(withQuery(paths.inbox, { asset, sensor }));
        } catch (error) {
          if (!(error instanceof AppError) || error.code === "internal") throw error;
          const look = { asset, sensor };
          return html(InboxPage(await inboxProps(deps, context, look, error.message)), 422);
        }
      },
    }),
    route({
      ...write,
      path: "/ingest/placement-rules/:id/removal",
      summary: "Removes a pattern for series to come.",
      params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
      handle: async ({ caller, params, idempotencyKey, version }) => {
        const change = { idempotencyKey, version };
        await deps.stores.placementRules.remove(caller, params.id, change);
        return redirect(paths.inbox);
      },
    }),
  ];
}
