import { and, count, desc, eq, isNull, or } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { FailureMode, FailureModeStore } from "../domain/failure-mode.ts";
import { type Changing, makeChange } from "./change.ts";
import type { Database } from "./database.ts";
import { columnsOf, isId, plain, written } from "./rows.ts";
import { failureModes, workOrders } from "./schema/work.ts";

const columns = columnsOf(failureModes);

export function createFailureModeStore(db: Database): FailureModeStore {
  return {
    list: (who, assetTypeId) =>
      db.withTenant(who, async (tx) => {
        if (assetTypeId !== undefined && !isId(assetTypeId)) return [];
        const used = and(
          eq(workOrders.tenantId, failureModes.tenantId),
          eq(workOrders.failureModeId, failureModes.id),
        );
        const ofType =
          assetTypeId === undefined
            ? undefined
            : or(eq(failureModes.assetTypeId, assetTypeId), isNull(failureModes.assetTypeId));
        const rows = await tx
          .select(columns)
          .from(failureModes)
          .leftJoin(workOrders, used)
          .where(ofType)
          .groupBy(failureModes.tenantId, failureModes.id)
          .orderBy(desc(count(workOrders.id)), failureModes.name);
        return rows.map(plain);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "failure-mode.create", change, request: input }, (x) =>
        insertMode(x, who.tenantId, input.name, input.assetTypeId),
      ),
    ensure: (who, name, assetTypeId) =>
      makeChange(
        db,
        who,
        { action: "failure-mode.create", change: undefined, request: undefined },
        (x) => ensureMode(x, who.tenantId, name, assetTypeId),
      ),
  };
}

async function insertMode(
  x: Changing,
  tenantId: string,
  name: string,
  assetTypeId: string | undefined,
): Promise<FailureMode> {
  if (name.trim() === "") throw new AppError("invalid", "failure mode: the name is empty");
  const row = { tenantId, id: x.newId(), name, assetTypeId };
  const mode = plain(written(await x.tx.insert(failureModes).values(row).returning(columns)));
  x.audit("failure-mode.create", mode.id, undefined, mode);
  x.notify("failure-mode", mode.id);
  return mode;
}

/** The mode of that name for the type or for all types, made in the same transaction when missing. */
export async function ensureMode(
  x: Changing,
  tenantId: string,
  name: string,
  assetTypeId: string | undefined,
): Promise<FailureMode> {
  const ofType =
    assetTypeId === undefined
      ? isNull(failureModes.assetTypeId)
      : or(eq(failureModes.assetTypeId, assetTypeId), isNull(failureModes.assetTypeId));
  const [found] = await x.tx
    .select(columns)
    .from(failureModes)
    .where(and(eq(failureModes.name, name), ofType))
    .orderBy(failureModes.assetTypeId)
    .limit(1);
  return found ? plain(found) : insertMode(x, tenantId, name, assetTypeId);
}
