import { and, desc, eq, gte, lt } from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import type { AuditEntry, AuditFilter, AuditStore } from "../domain/audit.ts";
import { createNotes } from "./change.ts";
import type { Database } from "./database.ts";
import { columnsOf, pageOf, plain } from "./rows.ts";
import { auditLog } from "./schema/records.ts";

const columns = columnsOf(auditLog);

export function createAuditStore(db: Database): AuditStore {
  return {
    list: (who, filter = {}) =>
      db.withTenant(who, async (tx) => {
        const limit = pageLimit(filter);
        const rows = await tx
          .select(columns)
          .from(auditLog)
          .where(and(...conditions(filter)))
          .orderBy(desc(auditLog.id))
          .limit(limit + 1);
        return pageOf(rows.map(toEntry), limit, (entry) => entry.id);
      }),
    note: (who, action, nounId, after) =>
      db.withTenant(who, async (tx) => {
        const notes = createNotes(db, tx);
        notes.changing.audit(action, nounId, undefined, after);
        await notes.write(who);
      }),
  };
}

function conditions(filter: AuditFilter) {
  return [
    filter.after === undefined ? undefined : lt(auditLog.id, filter.after),
    filter.action === undefined ? undefined : eq(auditLog.action, filter.action),
    filter.nounId === undefined ? undefined : eq(auditLog.nounId, filter.nounId),
    filter.actorId === undefined ? undefined : eq(auditLog.actorId, filter.actorId),
    filter.fromUs === undefined ? undefined : gte(auditLog.atUs, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(auditLog.atUs, filter.toUs),
  ];
}

function toEntry({ cameFrom, ...row }: Omit<typeof auditLog.$inferSelect, "tenantId">): AuditEntry {
  return { ...plain(row), from: cameFrom };
}
