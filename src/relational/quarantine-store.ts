import { and, count, desc, eq, inArray, lt, max } from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import type { QuarantineStore } from "../domain/source.ts";
import { makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { columnsOf, isId, pageOf } from "./rows.ts";
import { quarantine, sources } from "./schema/plant.ts";

const columns = { ...columnsOf(quarantine), sourceName: sources.name };
const ofSource = and(
  eq(sources.tenantId, quarantine.tenantId),
  eq(sources.id, quarantine.sourceId),
);
const GROUPS_MAX = 200;

export function createQuarantineStore(db: Database): QuarantineStore {
  return {
    groups: (who) =>
      db.withTenant(who, async (tx) => {
        const groups = await tx
          .select({
            sourceId: quarantine.sourceId,
            sourceName: sources.name,
            reason: quarantine.reason,
            count: count(),
            lastAtUs: max(quarantine.receivedAtUs),
            sample: max(quarantine.line),
          })
          .from(quarantine)
          .innerJoin(sources, ofSource)
          .groupBy(quarantine.sourceId, sources.name, quarantine.reason)
          .orderBy(desc(count()))
          .limit(GROUPS_MAX);
        return groups.map((group) => ({
          ...group,
          ...{ lastAtUs: group.lastAtUs ?? 0, sample: group.sample ?? "" },
        }));
      }),
    list: (who, filter) =>
      db.withTenant(who, async (tx) => {
        const limit = pageLimit(filter);
        const rows = await tx
          .select(columns)
          .from(quarantine)
          .innerJoin(sources, ofSource)
          .where(
            and(
              filter.sourceId === undefined ? undefined : eq(quarantine.sourceId, filter.sourceId),
              filter.reason === undefined ? undefined : eq(quarantine.reason, filter.reason),
              filter.after === undefined ? undefined : lt(quarantine.id, filter.after),
            ),
          )
          .orderBy(desc(quarantine.id))
          .limit(limit + 1);
        return pageOf(rows, limit, (row) => row.id);
      }),
    remove: (who, ids, change) =>
      makeChange(db, who, { action: "quarantine.remove", change, request: ids }, async (x) => {
        const known = ids.filter(isId);
        if (known.length === 0) return 0;
        const gone = await x.tx
          .delete(quarantine)
          .where(inArray(quarantine.id, known))
          .returning({ id: quarantine.id });
        x.audit("quarantine.remove", "", { lines: gone.length }, undefined);
        x.notify("quarantine", "");
        return gone.length;
      }),
  };
}
