import {
  and,
  asc,
  count,
  desc,
  eq,
  gt,
  inArray,
  lt,
  max,
  min,
  type SQL,
  sql as text,
} from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import {
  checkChoice,
  type KeptLine,
  type QuarantineAccount,
  type QuarantineChoice,
  type QuarantineRow,
  type QuarantineStore,
  type ReplayOutcome,
} from "../domain/quarantine.ts";
import { type Changing, makeChange } from "./change.ts";
import { type Database, run, type Tx } from "./database.ts";
import { columnsOf, isId, pageOf, plain } from "./rows.ts";
import { quarantine, sources } from "./schema/plant.ts";

const columns = { ...columnsOf(quarantine), sourceName: sources.name };
const ofSource = and(
  eq(sources.tenantId, quarantine.tenantId),
  eq(sources.id, quarantine.sourceId),
);
const GROUPS_MAX = 200;

export function createQuarantineStore(db: Database): QuarantineStore {
  return {
    groups: (who, filter = {}) => db.withTenant(who, (tx) => groupsOf(tx, filter)),
    accounts: (who) => db.withTenant(who, accountsOf),
    list: (who, filter) =>
      db.withTenant(who, async (tx) => {
        const limit = pageLimit(filter);
        const rows = await tx
          .select(columns)
          .from(quarantine)
          .innerJoin(sources, ofSource)
          .where(
            and(
              whereOf(filter),
              filter.after === undefined
                ? undefined
                : lt(quarantine.id, isId(filter.after) ? filter.after : NOBODY),
            ),
          )
          .orderBy(desc(quarantine.id))
          .limit(limit + 1);
        return pageOf<QuarantineRow>(rows.map(plain), limit, (row) => row.id);
      }),
    chosen: (who, choice, limit) =>
      db.withTenant(who, async (tx) => {
        checkChoice(choice);
        const rows = await tx
          .select({ ...columns, sourceNo: sources.no })
          .from(quarantine)
          .innerJoin(sources, ofSource)
          .where(whereOf(choice))
          .orderBy(asc(quarantine.id))
          .limit(limit);
        return rows.map((row): KeptLine => plain(row));
      }),
    remove: (who, choice, change) =>
      makeChange(db, who, { action: "quarantine.remove", change, request: choice }, async (x) => {
        checkChoice(choice);
        const gone = await takeOut(x.tx, whereOf(choice), "removed");
        if (gone === 0) return 0;
        x.audit("quarantine.remove", "", { lines: gone, ...namedIn(choice) }, undefined);
        x.notify("quarantine", "");
        return gone;
      }),
    replayed: (who, choice, outcome, report, change) =>
      makeChange(db, who, { action: "quarantine.replay", change, request: choice }, async (x) => {
        await keepReasons(x, outcome.refused);
        await takeOut(x.tx, inArray(quarantine.id, [...outcome.takenIds]), "replayed");
        x.audit("quarantine.replay", "", namedIn(choice), report);
        x.notify("quarantine", "");
        return report;
      }),
  };
}

/** An id that no line has. */
const NOBODY = "00000000-0000-0000-0000-000000000000";

function whereOf({ ids, sourceId, reason }: QuarantineChoice): SQL | undefined {
  const own = sourceId !== undefined && !isId(sourceId) ? NOBODY : sourceId;
  return and(
    ids === undefined ? undefined : inArray(quarantine.id, ids.filter(isId)),
    own === undefined ? undefined : eq(quarantine.sourceId, own),
    reason === undefined ? undefined : eq(quarantine.reason, reason),
  );
}

/** What the audit log says of a choice: thousands of ids are a number there. */
function namedIn({ ids, sourceId, reason }: QuarantineChoice) {
  return { sourceId, reason, named: ids?.length };
}

async function groupsOf(tx: Tx, filter: { readonly sourceId?: string | undefined }) {
  const whole = text<number>`count(*) filter (where ${quarantine.dialect} is not null
    and not ${quarantine.isCut})::int`;
  const groups = await tx
    .select({
      sourceId: quarantine.sourceId,
      sourceName: sources.name,
      reason: quarantine.reason,
      count: count(),
      replayable: whole,
      firstAtUs: min(quarantine.receivedAtUs),
      lastAtUs: max(quarantine.receivedAtUs),
      sample: max(quarantine.line),
    })
    .from(quarantine)
    .innerJoin(sources, ofSource)
    .where(whereOf(filter))
    .groupBy(quarantine.sourceId, sources.name, quarantine.reason)
    .orderBy(desc(count()))
    .limit(GROUPS_MAX);
  return groups.map((group) => ({
    ...group,
    ...{ firstAtUs: group.firstAtUs ?? 0, lastAtUs: group.lastAtUs ?? 0 },
    sample: group.sample ?? "",
  }));
}

async function accountsOf(tx: Tx): Promise<QuarantineAccount[]> {
  const kept = tx
    .select({ sourceId: quarantine.sourceId, lines: count().as("lines") })
    .from(quarantine)
    .groupBy(quarantine.sourceId)
    .as("kept");
  const rows = await tx
    .select({
      sourceId: sources.id,
      sourceName: sources.name,
      refused: sources.rejected,
      removed: sources.removed,
      replayed: sources.replayed,
      lines: kept.lines,
    })
    .from(sources)
    .leftJoin(kept, eq(kept.sourceId, sources.id))
    .where(gt(text`${sources.rejected} + ${sources.replayed}`, 0))
    .orderBy(sources.name);
  return rows.map(({ lines, ...row }) => ({
    ...row,
    kept: lines ?? 0,
    notKept: Math.max(0, row.refused - (lines ?? 0) - row.removed),
  }));
}

/** Deletes lines and counts them with their sources; a replayed one is no refused line any more. */
async function takeOut(
  tx: Tx,
  where: SQL | undefined,
  how: "replayed" | "removed",
): Promise<number> {
  const gone = await tx.delete(quarantine).where(where).returning({ of: quarantine.sourceId });
  const bySource = Map.groupBy(gone, (row) => row.of);
  const counts = JSON.stringify([...bySource].map(([id, rows]) => [id, rows.length]));
  const isReplay = how === "replayed";
  if (gone.length > 0)
    await run(
      tx,
      text`
      update sources s set
             replayed = s.replayed + case when ${isReplay} then n.lines else 0 end,
             removed = s.removed + case when ${isReplay} then 0 else n.lines end,
             rejected = s.rejected - case when ${isReplay} then n.lines else 0 end,
             received = s.received - case when ${isReplay} then n.lines else 0 end
        from (select (value->>0)::uuid as id, (value->>1)::bigint as lines
                from jsonb_array_elements(${counts}::jsonb)) n
       where s.id = n.id`,
    );
  return gone.length;
}

async function keepReasons(x: Changing, refused: ReplayOutcome["refused"]): Promise<void> {
  if (refused.length === 0) return;
  const rows = JSON.stringify(refused);
  await run(
    x.tx,
    text`
    update quarantine q set reason = n.reason, column_no = n."column"
      from jsonb_to_recordset(${rows}::jsonb) as n (id uuid, reason text, "column" int)
     where q.id = n.id and q.reason <> n.reason`,
  );
}
