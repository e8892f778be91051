import {
  and,
  asc,
  count,
  desc,
  eq,
  gte,
  ilike,
  isNotNull,
  lt,
  ne,
  or,
  type SQL,
  sql as text,
} from "drizzle-orm";
import { type Actor, pageLimit } from "../domain/actor.ts";
import {
  type Alert,
  type AlertCounts,
  type AlertEvent,
  type AlertFilter,
  type AlertStore,
  alertActs,
} from "../domain/alert-store.ts";
import { AppError } from "../domain/error.ts";
import { SEVERITIES, type Severity } from "../domain/rule.ts";
import { type Changing, makeChange } from "./change.ts";
import type { Database, Tx } from "./database.ts";
import { checkVersion, columnsOf, isId, needId, one, pageOf, plain, written } from "./rows.ts";
import { assets } from "./schema/plant.ts";
import { alertEvents, alerts } from "./schema/work.ts";

const { openedSequence: _s, openedIndex: _i, ...columns } = columnsOf(alerts);

const own = (tenantId: string, id: string) => and(eq(alerts.tenantId, tenantId), eq(alerts.id, id));
const active = ne(alerts.status, "closed");
const counted = ne(alerts.severity, "info");
/** Unacknowledged before the rest, within each the most severe first. */
const RANK = text<number>`(case when ${alerts.status} = 'open' and ${alerts.severity} <> 'info'
  then 0 else 10 end) + case ${alerts.severity} when 'emergency' then 0 when 'critical' then 1
  when 'warning' then 2 else 3 end`;

export function createAlertStore(db: Database): AlertStore {
  return {
    list: (who, filter = {}) => db.withTenant(who, (tx) => listAlerts(tx, filter)),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(alerts).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    events: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return [];
        return tx
          .select(columnsOf(alertEvents))
          .from(alertEvents)
          .where(eq(alertEvents.alertId, id))
          .orderBy(asc(alertEvents.id));
      }),
    counts: (who) => db.withTenant(who, countAlerts),
    worstByAsset: (who) => db.withTenant(who, worstByAsset),
    acknowledge: (who, id, comment, change) =>
      makeChange(db, who, { action: "alert.acknowledge", change, request: [id, comment] }, (x) =>
        acknowledge(x, who, id, comment, change?.version),
      ),
    comment: (who, id, said, change) =>
      makeChange(db, who, { action: "alert.comment", change, request: [id, said] }, async (x) => {
        needId(id, "alarm");
        if (said.trim() === "") throw new AppError("invalid", "alarm: the comment is empty");
        one(
          await x.tx.select({ id: alerts.id }).from(alerts).where(own(who.tenantId, id)),
          "alarm",
        );
        const event = await addEvent(x, who, id, "commented", said);
        x.audit("alert.comment", id, undefined, { text: said });
        x.notify("alert", id);
        return event;
      }),
    requestClose: (who, id, comment, change) =>
      makeChange(db, who, { action: "alert.close", change, request: [id, comment] }, (x) =>
        requestClose(x, who, id, comment, change?.version),
      ),
    pendingCloses: () =>
      db.withSystem(async (tx) => {
        const rows = await tx
          .select()
          .from(alerts)
          .where(and(isNotNull(alerts.closeRequestedAtUs), active))
          .orderBy(alerts.id);
        return rows.map((row) => ({
          ...{ tenantId: row.tenantId, alertId: row.id, ruleId: row.ruleId },
          ...{ seriesNo: row.seriesNo, atUs: row.closeRequestedAtUs ?? 0 },
        }));
      }),
    openForFold: () =>
      db.withSystem((tx) =>
        tx
          .select({ ruleId: alerts.ruleId, seriesNo: alerts.seriesNo, sinceUs: alerts.sinceUs })
          .from(alerts)
          .where(active)
          .orderBy(alerts.id),
      ),
  };
}

async function listAlerts(tx: Tx, filter: AlertFilter) {
  const limit = pageLimit(filter);
  const view = filter.view ?? "active";
  const byUrgency = view === "active" || view === "unacknowledged";
  const where = [...viewConditions(view), ...conditions(filter)];
  const rank = byUrgency ? RANK : text<number>`0`;
  if (filter.after !== undefined) where.push(afterMark(rank, filter.after));
  const rows = await tx
    .select({ ...columns, rank })
    .from(alerts)
    .where(and(...where))
    // A constant to order by would be taken for a column's number.
    .orderBy(...(byUrgency ? [rank] : []), desc(alerts.openedAtUs), desc(alerts.id))
    .limit(limit + 1);
  const page = pageOf(rows, limit, (row) =>
    Buffer.from(JSON.stringify([row.rank, row.openedAtUs, row.id])).toString("base64url"),
  );
  const items = page.items.map(({ rank: _, ...row }): Alert => plain(row));
  return { items, next: page.next };
}

function viewConditions(view: NonNullable<AlertFilter["view"]>): (SQL | undefined)[] {
  switch (view) {
    case "active":
      return [active];
    case "unacknowledged":
      return [eq(alerts.status, "open"), counted];
    case "closed":
      return [eq(alerts.status, "closed")];
    case "all":
      return [];
  }
}

function conditions(filter: AlertFilter): (SQL | undefined)[] {
  const found: (SQL | undefined)[] = [
    filter.severity === undefined ? undefined : eq(alerts.severity, filter.severity),
    filter.assetId === undefined ? undefined : eq(alerts.assetId, filter.assetId),
    filter.sensorId === undefined ? undefined : eq(alerts.sensorId, filter.sensorId),
    filter.ruleId === undefined ? undefined : eq(alerts.ruleId, filter.ruleId),
    filter.fromUs === undefined ? undefined : gte(alerts.openedAtUs, filter.fromUs),
    filter.toUs === undefined ? undefined : lt(alerts.openedAtUs, filter.toUs),
  ];
  if (!filter.query) return found;
  const pattern = `%${filter.query.replace(/[\\%_]/g, "\\$&")}%`;
  const named = text`exists (select from ${assets} where ${assets.tenantId} = ${alerts.tenantId}
    and ${assets.id} = ${alerts.assetId} and ${assets.name} ilike ${pattern})`;
  return [...found, or(ilike(alerts.ruleName, pattern), named)];
}

function afterMark(rank: SQL<number>, mark: string): SQL {
  try {
    const [r, at, id]: unknown[] = JSON.parse(Buffer.from(mark, "base64url").toString());
    if (typeof r === "number" && typeof at === "number" && typeof id === "string" && isId(id))
      return text`(${rank} > ${r}::int or (${rank} = ${r}::int
        and (${alerts.openedAtUs}, ${alerts.id}) < (${at}::bigint, ${id}::uuid)))`;
  } catch {
    // not base64 of JSON: answered below like any other wrong mark
  }
  throw new AppError("invalid", "the place to go on from is not one of this list");
}

async function countAlerts(tx: Tx): Promise<AlertCounts> {
  const rows = await tx
    .select({ severity: alerts.severity, status: alerts.status, n: count() })
    .from(alerts)
    .where(and(active, counted))
    .groupBy(alerts.severity, alerts.status);
  const bySeverity: Record<Severity, number> = { info: 0, warning: 0, critical: 0, emergency: 0 };
  let unacknowledged = 0;
  for (const row of rows) {
    bySeverity[row.severity] += row.n;
    if (row.status === "open") unacknowledged += row.n;
  }
  const total = Object.values(bySeverity).reduce((sum, n) => sum + n, 0);
  return { active: total, unacknowledged, bySeverity };
}

async function worstByAsset(tx: Tx) {
  const rows = await tx
    .select({ assetId: alerts.assetId, severity: alerts.severity, n: count() })
    .from(alerts)
    .where(and(active, counted, isNotNull(alerts.assetId)))
    .groupBy(alerts.assetId, alerts.severity);
  const worst = new Map<string, { severity: Severity; count: number }>();
  for (const { assetId, severity, n } of rows) {
    if (assetId === null) continue;
    const known = worst.get(assetId);
    const isWorse = !known || SEVERITIES.indexOf(severity) > SEVERITIES.indexOf(known.severity);
    worst.set(assetId, {
      severity: isWorse ? severity : known.severity,
      count: n + (known?.count ?? 0),
    });
  }
  return worst;
}

async function lock(
  x: Changing,
  who: Actor,
  id: string,
  version: number | undefined,
): Promise<Alert> {
  needId(id, "alarm");
  const where = own(who.tenantId, id);
  const row = one(await x.tx.select(columns).from(alerts).where(where).for("update"), "alarm");
  checkVersion("alarm", row, { version });
  return plain(row);
}

async function acknowledge(
  x: Changing,
  who: Actor,
  id: string,
  comment: string | undefined,
  version: number | undefined,
): Promise<Alert> {
  const before = await lock(x, who, id, version);
  if (before.status === "acknowledged") return before;
  if (!alertActs(before).acknowledge)
    throw new AppError(
      "conflict",
      before.status === "closed"
        ? "alarm: it is closed already"
        : "alarm: info needs no acknowledgement",
    );
  const set = {
    status: "acknowledged",
    acknowledgedAtUs: x.atUs,
    acknowledgedBy: who.name,
  } as const;
  const where = own(who.tenantId, id);
  const after = written(
    await x.tx
      .update(alerts)
      .set({ ...set, version: before.version + 1 })
      .where(where)
      .returning(columns),
  );
  await addEvent(x, who, id, "acknowledged", comment ?? "");
  x.audit("alert.acknowledge", id, { status: before.status }, { ...set, comment });
  x.notify("alert", id);
  return plain(after);
}

async function requestClose(
  x: Changing,
  who: Actor,
  id: string,
  comment: string | undefined,
  version: number | undefined,
): Promise<Alert> {
  const before = await lock(x, who, id, version);
  if (before.status === "closed") throw new AppError("conflict", "alarm: it is closed already");
  if (before.closeRequestedAtUs !== undefined) return before;
  const after = written(
    await x.tx
      .update(alerts)
      .set({ closeRequestedAtUs: x.atUs, version: before.version + 1 })
      .where(own(who.tenantId, id))
      .returning(columns),
  );
  await addEvent(x, who, id, "close-requested", comment ?? "");
  x.audit("alert.close", id, { status: before.status }, { closeRequestedAtUs: x.atUs, comment });
  x.notify("alert", id);
  return plain(after);
}

async function addEvent(
  x: Changing,
  who: Actor,
  alertId: string,
  kind: AlertEvent["kind"],
  said: string,
): Promise<AlertEvent> {
  const event = { id: x.newId(), alertId, kind, atUs: x.atUs, by: who.name, text: said };
  await x.tx.insert(alertEvents).values({ tenantId: who.tenantId, ...event });
  return event;
}
