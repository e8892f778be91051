import { Type } from "@sinclair/typebox";
import { type JobRow, JobsPage, type RunRow } from "../../views/pages/jobs.tsx";
import { paths } from "../../views/paths.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import type { JobRun } from "../domain/job.ts";
import { JOB_NAMES, type JobName } from "../domain/job-work.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { type Frame, frameOf } from "./shell.ts";

const ABOUT: Readonly<Record<JobName, { name: string; what: string; schedule: string }>> = {
  features: {
    name: "Features",
    what: "Computes what predictions look at, as it was known at each step.",
    schedule: "every day at 01:30",
  },
  train: {
    name: "Training",
    what: "Trains a model per asset type and promotes it when it is no worse than the champion.",
    schedule: "Sundays at 02:00",
  },
  score: {
    name: "Scoring",
    what: "Predicts remaining life and health of every asset.",
    schedule: "every hour at 5 past",
  },
};

const RUNS = 50;

/** Scheduled jobs, their history, and running one now. */
export function jobsRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.jobs,
      summary: "Jobs: when they run, what became of the last runs.",
      handle: async (context) => html(JobsPage(await props(deps, context))),
    }),
    route({
      surface: "page",
      permission: "model:run",
      method: "POST",
      path: "/jobs/:id/runs",
      summary: "Runs a job now.",
      params: Type.Object({ id: Type.String() }),
      handle: async ({ caller, params }) => {
        const job = JOB_NAMES.find((name) => name === params.id);
        if (job === undefined) throw new AppError("not-found", `no job ${params.id}`);
        await deps.runJob(caller.tenantId, job, caller.name);
        return redirect(paths.jobs);
      },
    }),
  ];
}

async function props(deps: WebDeps, context: RouteContext<unknown, unknown, unknown>) {
  const frame = await frameOf(deps, context);
  const runs = await deps.stores.jobRuns.list(context.caller, { limit: 200 });
  const jobs = JOB_NAMES.map((job) =>
    jobRow(
      deps,
      frame,
      job,
      runs.filter((run) => run.job === job),
    ),
  );
  const failed = jobs.filter((job) => job.last?.status === "failed").length;
  const busy = jobs.find((job) => job.running !== undefined);
  return {
    shell: frame.shell,
    opening:
      busy !== undefined
        ? `${busy.name} runs now`
        : failed === 0
          ? "Every job did what it should"
          : failed === 1
            ? "One job failed at its last run"
            : `${failed} jobs failed at their last run`,
    jobs,
    runs: runs.slice(0, RUNS).map((run) => runRow(frame, run)),
    mayRun: mayUse("model:run", context.caller),
  };
}

function tookMs(run: JobRun): number | undefined {
  return run.finishedAtUs === undefined ? undefined : (run.finishedAtUs - run.startedAtUs) / 1000;
}

function jobRow(deps: WebDeps, frame: Frame, job: JobName, runs: readonly JobRun[]): JobRow {
  const { format, nowUs, zone } = frame;
  const ended = runs.filter((run) => run.finishedAtUs !== undefined);
  const last = ended[0];
  const times = ended.flatMap((run) => tookMs(run) ?? []).sort((a, b) => a - b);
  const usual = times[Math.floor(times.length / 2)];
  const running = runs.find((run) => run.status === "running");
  return {
    id: job,
    ...ABOUT[job],
    next: format.dayClock(deps.nextRunUs(job, zone)),
    last: last && {
      status: last.status,
      at: format.at(last.startedAtUs, nowUs),
      took: format.duration(tookMs(last) ?? 0),
      usual: usual === undefined ? "not known" : format.duration(usual),
    },
    running: running && { percent: Math.round(running.progress * 100), step: running.step },
  };
}

const TRIGGER = { schedule: "by schedule", "catch-up": "caught up" } as const;

function runRow({ format, nowUs }: Frame, run: JobRun): RunRow {
  const took = tookMs(run);
  const counts = Object.entries(run.counts)
    .map(([name, count]) => `${format.number(count)} ${name}`)
    .join(", ");
  return {
    id: run.id,
    job:
      JOB_NAMES.find((name) => name === run.job) === undefined
        ? run.job
        : ABOUT[run.job as JobName].name,
    status: run.status,
    at: format.at(run.startedAtUs, nowUs),
    took: took === undefined ? "" : format.duration(took),
    by: run.trigger === "person" ? run.startedBy : TRIGGER[run.trigger],
    result: run.error ?? (run.status === "running" ? run.step : counts),
  };
}
