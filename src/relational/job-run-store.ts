import { and, desc, eq, ne } from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import type { JobRunStore } from "../domain/job.ts";
import { sendNotices } from "./change.ts";
import type { Database, Tx } from "./database.ts";
import { columnsOf, isId, needId, one, plain } from "./rows.ts";
import { jobRuns } from "./schema/prediction.ts";

const columns = columnsOf(jobRuns);

type Run = Parameters<JobRunStore["begin"]>[1];
type Begun = { startedBy: string; startedAtUs: number; status: "running" };

/** A new row, unless this run was begun before. */
async function insertRun(tx: Tx, values: Run & Begun & { tenantId: string; id: string }) {
  const made = tx.insert(jobRuns).values(values).onConflictDoNothing();
  return (await made.returning(columns))[0];
}

/** A run that the schedule wanted and a stop cut off goes on under its own row. */
async function beginAgain(tx: Tx, run: Run, begun: Begun) {
  if (run.trigger === "person") return undefined;
  const where = and(
    eq(jobRuns.job, run.job),
    eq(jobRuns.dueAtUs, run.dueAtUs),
    eq(jobRuns.status, "interrupted"),
    ne(jobRuns.trigger, "person"),
  );
  const set = { ...begun, trigger: run.trigger, finishedAtUs: null, error: null, progress: 0 };
  return (await tx.update(jobRuns).set(set).where(where).returning(columns))[0];
}

export function createJobRunStore(db: Database): JobRunStore {
  const own = (tenantId: string, id: string) =>
    and(eq(jobRuns.tenantId, tenantId), eq(jobRuns.id, id));
  const notice = (tenantId: string, id: string) => [{ tenantId, noun: "job", id }];
  return {
    list: (who, filter = {}) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx
          .select(columns)
          .from(jobRuns)
          .where(filter.job === undefined ? undefined : eq(jobRuns.job, filter.job))
          .orderBy(desc(jobRuns.startedAtUs), desc(jobRuns.id))
          .limit(pageLimit({ limit: filter.limit }));
        return rows.map(plain);
      }),
    get: (who, id) =>
      db.withTenant(who, async (tx) => {
        if (!isId(id)) return undefined;
        const [row] = await tx.select(columns).from(jobRuns).where(own(who.tenantId, id));
        return row && plain(row);
      }),
    begin: (who, run) =>
      db.withTenant(who, async (tx) => {
        const startedAtUs = db.clock.nowUs();
        const begun = { startedBy: who.name, startedAtUs, status: "running" as const };
        const fresh = { ...run, ...begun, tenantId: who.tenantId, id: db.newId() };
        const row = (await beginAgain(tx, run, begun)) ?? (await insertRun(tx, fresh));
        if (row) await sendNotices(tx, notice(who.tenantId, row.id));
        return row && plain(row);
      }),
    progress: (who, id, progress, step) =>
      db.withTenant(who, async (tx) => {
        const where = and(own(who.tenantId, id), eq(jobRuns.status, "running"));
        await tx.update(jobRuns).set({ progress, step }).where(where);
        await sendNotices(tx, notice(who.tenantId, id));
      }),
    finish: (who, id, outcome) =>
      db.withTenant(who, async (tx) => {
        needId(id, "job run");
        const progress = outcome.status === "succeeded" ? { progress: 1 } : {};
        const end = { ...outcome, ...progress, finishedAtUs: db.clock.nowUs(), step: "" };
        const set = { ...end, counts: outcome.counts ?? {} };
        const rows = await tx
          .update(jobRuns)
          .set(set)
          .where(own(who.tenantId, id))
          .returning(columns);
        await sendNotices(tx, notice(who.tenantId, id));
        return plain(one(rows, "job run"));
      }),
    lastDue: (who, job) =>
      db.withTenant(who, async (tx) => {
        const [row] = await tx
          .select({ dueAtUs: jobRuns.dueAtUs })
          .from(jobRuns)
          .where(
            and(
              eq(jobRuns.job, job),
              ne(jobRuns.trigger, "person"),
              ne(jobRuns.status, "interrupted"),
            ),
          )
          .orderBy(desc(jobRuns.dueAtUs))
          .limit(1);
        return row?.dueAtUs;
      }),
    interruptAll: () =>
      db.withSystem(async (tx) => {
        const rows = await tx
          .update(jobRuns)
          .set({ status: "interrupted", finishedAtUs: db.clock.nowUs() })
          .where(eq(jobRuns.status, "running"))
          .returning({ id: jobRuns.id });
        return rows.length;
      }),
  };
}
