import { Type } from "@sinclair/typebox";
import { checkChoice, type QuarantineStore, type ReplayQuarantine } from "../domain/quarantine.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { changeOf, optional, PAGING, TENANT, text } from "./api-route.ts";

export type QuarantineDeps = {
  readonly quarantine: QuarantineStore;
  readonly replay: ReplayQuarantine;
};

const REASON = text(1_000);
const CHOICE = Type.Object({
  ids: optional(Type.Array(Type.String(), { minItems: 1, maxItems: 10_000 })),
  sourceId: optional(Type.String()),
  reason: optional(REASON),
});

/** Refused lines: seen, replayed, deleted. */
export function quarantineRoutes({ quarantine, replay }: QuarantineDeps): Route[] {
  return [
    route({
      surface: "api",
      permission: "plant:read",
      method: "GET",
      path: "/api/v1/quarantine/:tenantId",
      summary: "Refused lines, newest first, by reason, and how many of each source's are kept.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        sourceId: optional(Type.String()),
        reason: optional(REASON),
      }),
      handle: async ({ caller, query }) => {
        const [groups, accounts, page] = await Promise.all([
          quarantine.groups(caller, query),
          quarantine.accounts(caller),
          quarantine.list(caller, query),
        ]);
        return json({ groups, accounts, ...page });
      },
    }),
    route({
      surface: "api",
      permission: "ingest:write",
      method: "POST",
      path: "/api/v1/quarantine/:tenantId/replays",
      summary: "Sends kept lines through the intake again: `ids`, or all of a source or reason.",
      params: TENANT,
      body: CHOICE,
      handle: async (c) => {
        checkChoice(c.body);
        return json(await replay(c.caller, c.body, changeOf(c)));
      },
    }),
    route({
      surface: "api",
      permission: "ingest:write",
      method: "POST",
      path: "/api/v1/quarantine/:tenantId/removals",
      summary: "Deletes kept lines: `ids`, or all of a source or reason.",
      params: TENANT,
      body: CHOICE,
      handle: async (c) =>
        json({ removed: await quarantine.remove(c.caller, c.body, changeOf(c)) }),
    }),
  ];
}
