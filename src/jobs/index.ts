import { PgBoss } from "pg-boss";
import { systemActor } from "../domain/actor.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { JobRunStore } from "../domain/job.ts";
import { JOB_NAMES, type JobName, type JobRequest, type JobWork } from "../domain/job-work.ts";
import type { SqlRunner } from "../domain/relational.ts";
import type { TenantStore } from "../domain/tenant.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { createRunner } from "./runner.ts";
import { lastDueUs, nextDueUs, type Schedule } from "./schedule.ts";

export { cronOf, lastDueUs, nextDueUs } from "./schedule.ts";

/** When each job runs, in the tenant's zone. */
export const SCHEDULES: Readonly<Record<JobName, Schedule>> = {
  features: { kind: "daily", hour: 1, minute: 30 },
  train: { kind: "weekly", weekday: 0, hour: 2, minute: 0 },
  score: { kind: "hourly", minute: 5 },
};

export type JobsDeps = {
  readonly sql: SqlRunner;
  readonly tenants: TenantStore;
  readonly jobRuns: JobRunStore;
  readonly work: JobWork;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when a run begins, moves or ends, for live pages. */
  readonly onChange: (tenantId: string) => void;
};

export type Jobs = {
  /** Starts the queue and catches up once what was due while the appliance was off. */
  start(): Promise<void>;
  /** Queues a run and resolves with the run's id once it began. */
  runNow(tenantId: string, job: JobName, by: string): Promise<string>;
  /** Runs a job here and now and resolves with what became of it. */
  runToEnd(tenantId: string, job: JobName, by: string): Promise<{ failed: boolean; text: string }>;
  nextUs(job: JobName, zone: string): number;
  stop(): Promise<void>;
};

const TICK_MS = 20_000;
const QUEUE_OPTIONS = {
  retryLimit: 2,
  retryDelay: 30,
  retryBackoff: true,
  expireInSeconds: 6 * 3600,
};

/** The queue reports errors, and objects that hold one. */
function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "message" in error)
    return String(error.message);
  return reasonOf(error);
}

/**
 * The scheduler: pg-boss keeps the queue, so that a run survives a restart and many nodes share it. What
 * is due is decided here, by the newest run in the history, since a run missed while off must come once.
 */
export function createJobs(deps: JobsDeps): Jobs {
  const boss = new PgBoss({
    // Our own connections: they are listened to until they are closed, and closed before the database.
    db: deps.sql,
    schema: "foresight_jobs",
    schedule: false,
    supervise: true,
  });
  boss.on("error", (error) => deps.logger.warn("job queue", { reason: messageOf(error) }));
  const runner = createRunner(deps);
  const aborts = new AbortController();
  let stopTicks = () => {};

  async function queueDue(trigger: "schedule" | "catch-up"): Promise<void> {
    const nowUs = deps.clock.nowUs();
    for (const tenant of await deps.tenants.list()) {
      const who = systemActor(tenant.id, "scheduler");
      for (const job of JOB_NAMES) {
        const dueAtUs = lastDueUs(SCHEDULES[job], nowUs, tenant.zone);
        const lastUs = (await deps.jobRuns.lastDue(who, job)) ?? tenant.createdAtUs;
        if (lastUs >= dueAtUs) continue;
        const request: JobRequest = { tenantId: tenant.id, trigger, by: "the schedule", dueAtUs };
        await boss.send(job, request, {
          singletonKey: `${tenant.id}:${job}:${dueAtUs}`,
          ...QUEUE_OPTIONS,
        });
      }
    }
  }

  const tick = () => {
    queueDue("schedule").catch((error: unknown) => {
      deps.logger.warn("due jobs could not be queued; tried again", { reason: reasonOf(error) });
    });
  };

  return {
    async start() {
      await boss.start();
      await deps.jobRuns.interruptAll();
      for (const job of JOB_NAMES) {
        await boss.createQueue(job, { policy: "short" });
        await boss.work<JobRequest>(
          job,
          { batchSize: 1, pollingIntervalSeconds: 1 },
          async ([one]) => {
            if (one !== undefined) await runner.run(job, one.data, aborts.signal);
          },
        );
      }
      await queueDue("catch-up");
      stopTicks = deps.clock.every(TICK_MS, tick);
    },
    async runNow(tenantId, job, by) {
      if (aborts.signal.aborted) throw new AppError("unavailable", "the appliance is stopping");
      const dueAtUs = deps.clock.nowUs();
      return runner.begin(job, { tenantId, trigger: "person", by, dueAtUs }, aborts.signal);
    },
    runToEnd: (tenantId, job, by) =>
      runner.run(
        job,
        { tenantId, trigger: "person", by, dueAtUs: deps.clock.nowUs() },
        aborts.signal,
      ),
    nextUs: (job, zone) => nextDueUs(SCHEDULES[job], deps.clock.nowUs(), zone),
    async stop() {
      stopTicks();
      aborts.abort(new AppError("unavailable", "the appliance is stopping"));
      await boss.stop({ graceful: false });
      await runner.settled();
    },
  };
}
