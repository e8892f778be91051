import { systemActor } from "../domain/actor.ts";
import { AppError, reasonOf } from "../domain/error.ts";
import type { JobRun, JobRunStore } from "../domain/job.ts";
import type { JobName, JobRequest, JobWork } from "../domain/job-work.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

export type RunnerDeps = {
  readonly jobRuns: JobRunStore;
  readonly work: JobWork;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: (tenantId: string) => void;
};

/** What became of a run. */
export type RunResult = { readonly failed: boolean; readonly text: string };

export type Runner = {
  /** Begins a run and resolves with its id; it goes on by itself. */
  begin(job: JobName, request: JobRequest, signal: AbortSignal): Promise<string>;
  /** Runs to the end. A scheduled run that was begun before is left alone. */
  run(job: JobName, request: JobRequest, signal: AbortSignal): Promise<RunResult>;
  /** Resolves when nothing runs any more. */
  settled(): Promise<void>;
};

const PROGRESS_US = 500_000;

/** Progress is written at most twice a second, and never after the run has ended. */
function createProgress(deps: RunnerDeps, run: JobRun, tenantId: string) {
  let lastUs = 0;
  let writing: Promise<void> = Promise.resolve();
  const who = systemActor(tenantId, run.job);
  const report = (share: number, step: string) => {
    const nowUs = deps.clock.nowUs();
    if (nowUs - lastUs < PROGRESS_US) return;
    lastUs = nowUs;
    writing = writing
      .then(() => deps.jobRuns.progress(who, run.id, share, step))
      .then(() => deps.onChange(tenantId))
      .catch((error: unknown) => {
        const reason = reasonOf(error);
        deps.logger.warn("progress of a job was not written", { job: run.job, reason });
      });
  };
  return { report, settled: () => writing };
}

/** Runs one job at a time per tenant, and writes its history. */
export function createRunner(deps: RunnerDeps): Runner {
  const running = new Set<Promise<RunResult>>();
  const tails = new Map<string, Promise<unknown>>();

  async function carryOut(run: JobRun, job: JobName, request: JobRequest, signal: AbortSignal) {
    const { tenantId } = request;
    const who = systemActor(tenantId, job);
    const progress = createProgress(deps, run, tenantId);
    let result: RunResult;
    try {
      signal.throwIfAborted();
      const counts = await deps.work[job]({
        tenantId,
        nowUs: deps.clock.nowUs(),
        progress: progress.report,
        signal,
      });
      await progress.settled();
      await deps.jobRuns.finish(who, run.id, { status: "succeeded", counts });
      const text = Object.entries(counts)
        .map(([name, count]) => `${count} ${name}`)
        .join(", ");
      result = { failed: false, text };
    } catch (error) {
      const reason = reasonOf(error);
      if (!signal.aborted) deps.logger.error("job failed", { job, tenant: tenantId, reason });
      await progress.settled();
      // A run cut off by a stop stays "running" and is marked interrupted at the next start.
      if (!signal.aborted)
        await deps.jobRuns.finish(who, run.id, { status: "failed", error: reason });
      result = { failed: true, text: reason };
    }
    deps.onChange(tenantId);
    return result;
  }

  /** Puts a run behind those of its tenant that wait already. */
  function queued(run: JobRun, job: JobName, request: JobRequest, signal: AbortSignal) {
    const before = tails.get(request.tenantId) ?? Promise.resolve();
    const result = before.then(() => carryOut(run, job, request, signal));
    const tail = result.catch(() => {});
    tails.set(request.tenantId, tail);
    running.add(result);
    void tail.then(() => {
      running.delete(result);
      if (tails.get(request.tenantId) === tail) tails.delete(request.tenantId);
    });
    return result;
  }

  async function start(job: JobName, request: JobRequest): Promise<JobRun | undefined> {
    const who = { ...systemActor(request.tenantId, job), name: request.by };
    const { trigger, dueAtUs } = request;
    const run = await deps.jobRuns.begin(who, { job, trigger, dueAtUs });
    if (run !== undefined) deps.onChange(request.tenantId);
    return run;
  }

  return {
    async begin(job, request, signal) {
      const run = await start(job, request);
      if (run === undefined) throw new AppError("conflict", `${job} runs already`);
      void queued(run, job, request, signal);
      return run.id;
    },
    async run(job, request, signal) {
      const run = await start(job, request);
      if (run === undefined) return { failed: false, text: "done before" };
      return queued(run, job, request, signal);
    },
    async settled() {
      await Promise.allSettled([...running]);
    },
  };
}
