import { and, eq, inArray } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { MaintenanceRecord } from "../domain/work-order.ts";
import { type Changing, difference } from "./change.ts";
import { ensureMode } from "./failure-mode-store.ts";
import { columnsOf } from "./rows.ts";
import { assets } from "./schema/plant.ts";
import { workOrders } from "./schema/work.ts";
import { nextNumber } from "./work-number.ts";

const columns = columnsOf(workOrders);

/** Records of done work become done work orders; the same key again changes what it made before. */
export async function importRecords(
  x: Changing,
  who: Actor,
  records: readonly MaintenanceRecord[],
): Promise<{ created: number; updated: number; unchanged: number }> {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  if (records.length === 0) return counts;
  const keys = records.map((record) => record.externalKey);
  const found = await x.tx
    .select(columns)
    .from(workOrders)
    .where(inArray(workOrders.externalKey, keys));
  const byKey = new Map(found.map((row) => [row.externalKey, row]));
  const typeOf = await assetTypes(x, records);
  const modes = new Map<string, string>();
  let number = await nextNumber(x.tx, who.tenantId);
  for (const record of records) {
    const values = await valuesOf(x, who, record, typeOf, modes);
    const before = byKey.get(record.externalKey);
    if (before === undefined) {
      const row = { tenantId: who.tenantId, id: x.newId(), number: number++, createdAtUs: x.atUs };
      const [made] = await x.tx
        .insert(workOrders)
        .values({ ...row, ...values, origin: "import", createdBy: who.name })
        .returning(columns);
      if (made) byKey.set(record.externalKey, made);
      counts.created += 1;
      x.audit("work.import", row.id, undefined, { number: row.number, ...values });
      continue;
    }
    const { uploadId: _, ...compared } = values;
    const changed = difference(before, compared);
    if (changed === undefined) {
      counts.unchanged += 1;
      continue;
    }
    const where = and(eq(workOrders.tenantId, who.tenantId), eq(workOrders.id, before.id));
    await x.tx
      .update(workOrders)
      .set({ ...values, version: before.version + 1 })
      .where(where);
    byKey.set(record.externalKey, { ...before, ...values, version: before.version + 1 });
    counts.updated += 1;
    x.audit("work.import", before.id, changed.before, changed.after);
  }
  if (counts.created + counts.updated > 0) x.notify("work", "");
  return counts;
}

async function assetTypes(
  x: Changing,
  records: readonly MaintenanceRecord[],
): Promise<Map<string, string | undefined>> {
  const ids = [...new Set(records.map((record) => record.assetId))];
  const rows = await x.tx
    .select({ id: assets.id, typeId: assets.typeId })
    .from(assets)
    .where(inArray(assets.id, ids));
  return new Map(rows.map((row) => [row.id, row.typeId ?? undefined]));
}

async function valuesOf(
  x: Changing,
  who: Actor,
  record: MaintenanceRecord,
  typeOf: ReadonlyMap<string, string | undefined>,
  modes: Map<string, string>,
) {
  if (record.finding === "failure" && !record.failureMode)
    throw new AppError("invalid", `record ${record.externalKey}: a failure needs its failure mode`);
  let failureModeId: string | null = null;
  if (record.finding === "failure" && record.failureMode) {
    const typeId = typeOf.get(record.assetId);
    const key = `${typeId ?? ""} ${record.failureMode}`;
    failureModeId =
      modes.get(key) ?? (await ensureMode(x, who.tenantId, record.failureMode, typeId)).id;
    modes.set(key, failureModeId);
  }
  return {
    ...{ assetId: record.assetId, title: record.title, status: "done" as const },
    ...{ externalKey: record.externalKey, uploadId: record.uploadId ?? null },
    ...{ completedAtUs: record.completedAtUs, finding: record.finding, failureModeId },
    ...{ foundAtUs: record.foundAtUs ?? null, hours: record.hours ?? null },
    ...{ cost: record.cost ?? null, notes: record.notes ?? "" },
  };
}
