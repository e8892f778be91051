import {
  and,
  asc,
  count,
  desc,
  eq,
  gte,
  inArray,
  isNotNull,
  lt,
  type SQL,
  sql as text,
} from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { type Actor, pageLimit } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import {
  closeOutFault,
  mayMove,
  type NewWorkOrder,
  WORK_STATUSES,
  type WorkFilter,
  type WorkOrder,
  type WorkOrderStore,
  type WorkStatus,
} from "../domain/work-order.ts";
import { type Changing, difference, makeChange } from "./change.ts";
import type { Database, Tx } from "./database.ts";
import {
  checkVersion,
  columnsOf,
  isId,
  needId,
  one,
  pageOf,
  patchOf,
  plain,
  written,
} from "./rows.ts";
import { workOrders } from "./schema/work.ts";
import { importRecords } from "./work-import.ts";
import { nextNumber } from "./work-number.ts";

const columns = columnsOf(workOrders);
type Row = Omit<typeof workOrders.$inferSelect, "tenantId">;
type Set = PgUpdateSetSource<typeof workOrders>;
const LABELS_MAX = 1_000_000;

const own = (tenantId: string, id: string) =>
  and(eq(workOrders.tenantId, tenantId), eq(workOrders.id, id));
const RANK = text<number>`case ${workOrders.priority} when 'urgent' then 0 when 'high' then 1
  when 'normal' then 2 else 3 end`;

export function createWorkOrderStore(db: Database): WorkOrderStore {
  return {
    list: (who, filter = {}) => db.withTenant(who, (tx) => listWork(tx, filter)),
    labels: (who, assetId) =>
      db.withTenant(who, async (tx) => {
        if (assetId !== undefined && !isId(assetId)) return [];
        const rows = await tx
          .select(columns)
          .from(workOrders)
          .where(
            and(
              isNotNull(workOrders.finding),
              assetId === undefined ? undefined : eq(workOrders.assetId, assetId),
            ),
          )
          .orderBy(asc(workOrders.assetId), asc(workOrders.completedAtUs))
          .limit(LABELS_MAX);
        return rows.map(toWork);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(workOrders).where(own(who.tenantId, id));
        return row && toWork(row);
      }),
    create: (who, input, change) =>
      makeChange(db, who, { action: "work.create", change, request: input }, (x) =>
        insertWork(x, who, input),
      ),
    update: (who, id, patch, change) =>
      makeChange(db, who, { action: "work.update", change, request: [id, patch] }, async (x) => {
        const before = await lock(x.tx, who, id);
        checkVersion("work order", before, change);
        return write(x, who, "work.update", before, patchOf(workOrders, patch));
      }),
    move: (who, id, status, change) =>
      makeChange(db, who, { action: "work.move", change, request: [id, status] }, async (x) => {
        const before = await lock(x.tx, who, id);
        checkVersion("work order", before, change);
        if (status === "done")
          throw new AppError("invalid", "work order: close it with what was found");
        refuseMove(before, status);
        const begins = status === "in-progress" && before.startedAtUs === undefined;
        const started = begins ? { startedAtUs: x.atUs } : {};
        return write(x, who, "work.move", before, { status, ...started });
      }),
    close: (who, id, closeOut, change) =>
      makeChange(db, who, { action: "work.close", change, request: [id, closeOut] }, async (x) => {
        const before = await lock(x.tx, who, id);
        checkVersion("work order", before, change);
        refuseMove(before, "done");
        const fault = closeOutFault(closeOut);
        if (fault !== undefined) throw new AppError("invalid", `work order: ${fault}`);
        const { finding, failureModeId = null, foundAtUs = null, hours = null } = closeOut;
        const found = { finding, failureModeId, foundAtUs, hours, cost: closeOut.cost ?? null };
        const set = {
          ...found,
          notes: closeOut.notes,
          status: "done",
          completedAtUs: x.atUs,
        } as const;
        return write(x, who, "work.close", before, set);
      }),
    importRecords: (who, records) =>
      makeChange(db, who, { action: "work.import", change: undefined, request: undefined }, (x) =>
        importRecords(x, who, records),
      ),
    counts: (who) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx
          .select({ status: workOrders.status, n: count() })
          .from(workOrders)
          .groupBy(workOrders.status);
        const found = new Map(rows.map((row) => [row.status, row.n]));
        const counts = WORK_STATUSES.map((status) => [status, found.get(status) ?? 0]);
        // One entry for each status there is.
        return Object.fromEntries(counts) as Record<WorkStatus, number>;
      }),
  };
}

async function insertWork(x: Changing, who: Actor, input: NewWorkOrder): Promise<WorkOrder> {
  if (input.title.trim() === "") throw new AppError("invalid", "work order: the title is empty");
  const origin = input.alertId ? "alert" : input.predictionId ? "prediction" : "person";
  const { title, description, priority, assetId, alertId, predictionId, assignee } = input;
  const row = {
    ...{ tenantId: who.tenantId, id: x.newId(), number: await nextNumber(x.tx, who.tenantId) },
    ...({
      assetId,
      title,
      description,
      priority,
      alertId,
      predictionId,
      assignee,
      origin,
    } as const),
    status: input.plannedAtUs === undefined ? ("requested" as const) : ("planned" as const),
    ...{ plannedAtUs: input.plannedAtUs, createdAtUs: x.atUs, createdBy: who.name },
  };
  const work = toWork(written(await x.tx.insert(workOrders).values(row).returning(columns)));
  x.audit("work.create", work.id, undefined, work);
  x.notify("work", work.id);
  return work;
}

async function lock(tx: Tx, who: Actor, id: string): Promise<WorkOrder> {
  needId(id, "work order");
  const found = await tx
    .select(columns)
    .from(workOrders)
    .where(own(who.tenantId, id))
    .for("update");
  return toWork(one(found, "work order"));
}

async function write(
  x: Changing,
  who: Actor,
  action: string,
  before: WorkOrder,
  set: Set,
): Promise<WorkOrder> {
  const rows = await x.tx
    .update(workOrders)
    .set({ ...set, version: before.version + 1 })
    .where(own(who.tenantId, before.id))
    .returning(columns);
  const after = toWork(written(rows));
  const changed = difference(before, after);
  x.audit(action, before.id, changed?.before, changed?.after);
  x.notify("work", before.id);
  return after;
}

function refuseMove(work: WorkOrder, to: WorkStatus): void {
  if (mayMove(work.status, to)) return;
  throw new AppError(
    "conflict",
    `work order ${work.number} is ${work.status}; it cannot become ${to}`,
  );
}

const OPEN: WorkStatus[] = ["requested", "planned", "in-progress"];

async function listWork(tx: Tx, filter: WorkFilter) {
  const limit = pageLimit(filter);
  const view = filter.view ?? "open";
  const offset = Number(filter.after ?? 0);
  if (!Number.isInteger(offset) || offset < 0)
    throw new AppError("invalid", "the place to go on from is not one of this list");
  const where: (SQL | undefined)[] = [
    view === "open" ? inArray(workOrders.status, OPEN) : undefined,
    view === "done" ? eq(workOrders.status, "done") : undefined,
    filter.status === undefined ? undefined : eq(workOrders.status, filter.status),
    filter.assetId === undefined ? undefined : eq(workOrders.assetId, filter.assetId),
    filter.fromUs === undefined ? undefined : gte(workOrders.createdAtUs, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(workOrders.createdAtUs, filter.toUs),
  ];
  const order =
    view === "open"
      ? [RANK, asc(workOrders.plannedAtUs), asc(workOrders.number)]
      : [
          desc(text`coalesce(${workOrders.completedAtUs}, ${workOrders.createdAtUs})`),
          desc(workOrders.number),
        ];
  const rows = await tx
    .select(columns)
    .from(workOrders)
    .where(and(...where))
    .orderBy(...order)
    .offset(offset)
    .limit(limit + 1);
  return pageOf(rows.map(toWork), limit, () => String(offset + limit));
}

/** A work order from its row. */
export function toWork(row: Row): WorkOrder {
  const { finding, failureModeId, foundAtUs, hours, cost, notes, ...work } = plain(row);
  const closeOut = finding && { finding, failureModeId, foundAtUs, hours, cost, notes };
  return { ...work, closeOut };
}
