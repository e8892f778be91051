import { expect } from "bun:test";
import { onEveryPlace } from "../../test/services/relational.ts";
import { waitFor } from "../../test/services/wait.ts";
import { systemActor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { JobContext, JobName } from "../domain/job-work.ts";
import type { Relational } from "../domain/relational.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { createJobs, lastDueUs, SCHEDULES } from "./index.ts";

const DAY_US = 86_400_000_000;

/** The machine's clock, moved on: the appliance was off for so many days. */
function clockAfterDays(days: number): Clock {
  return { ...systemClock, nowUs: () => systemClock.nowUs() + days * DAY_US };
}

/** Jobs whose work is to note that it was asked for. */
function jobsOf(store: Relational, clock: Clock, asked: string[], fails?: JobName) {
  const note = (job: JobName) => async (context: JobContext) => {
    asked.push(`${context.tenantId} ${job}`);
    context.progress(0.5, "half");
    if (job === fails) throw new AppError("unavailable", "the store is away");
    return { rows: 3 };
  };
  return createJobs({
    sql: store.sql,
    tenants: store.tenants,
    jobRuns: store.jobRuns,
    work: { features: note("features"), train: note("train"), score: note("score") },
    clock,
    logger: silentLogger,
    onChange: () => {},
  });
}

onEveryPlace("jobs", ({ test, store }) => {
  const tenant = (id: string) => store().tenants.create({ id, name: id }, systemActor(id, "test"));
  const runsOf = (id: string) => store().jobRuns.list(systemActor(id, "test"));

  test("what was due while the appliance was off comes once, and not again", async () => {
    await tenant("off");
    const asked: string[] = [];
    const own = () => asked.filter((one) => one.startsWith("off ")).sort();
    const clock = clockAfterDays(8);
    for (let start = 0; start < 2; start++) {
      const jobs = jobsOf(store(), clock, asked);
      await jobs.start();
      await waitFor("every job's run", async () => {
        const runs = await runsOf("off");
        return (runs.length === 3 && runs.every((run) => run.status === "succeeded")) || undefined;
      });
      await jobs.stop();
    }
    expect(own()).toEqual(["off features", "off score", "off train"]);
    for (const run of await runsOf("off"))
      expect(run).toMatchObject({ trigger: "catch-up", counts: { rows: 3 } });
  });

  test("a scheduled run that a stop cut off is run again", async () => {
    const { zone } = await tenant("cut");
    const clock = clockAfterDays(8);
    const dueAtUs = lastDueUs(SCHEDULES.train, clock.nowUs(), zone);
    const who = systemActor("cut", "test");
    await store().jobRuns.begin(who, { job: "train", trigger: "schedule", dueAtUs });
    const asked: string[] = [];
    const jobs = jobsOf(store(), clock, asked);
    await jobs.start();
    await waitFor("every job's run", async () => {
      const runs = await runsOf("cut");
      return (runs.length === 3 && runs.every((run) => run.status === "succeeded")) || undefined;
    });
    await jobs.stop();
    expect(asked.filter((one) => one === "cut train")).toEqual(["cut train"]);
  });

  test("a new tenant owes nothing", async () => {
    await tenant("new");
    const asked: string[] = [];
    const jobs = jobsOf(store(), systemClock, asked);
    await jobs.start();
    await jobs.runToEnd("new", "score", "Anna");
    await jobs.stop();
    expect(asked.filter((one) => one.startsWith("new "))).toEqual(["new score"]);
    expect(await runsOf("new")).toMatchObject([{ trigger: "person", startedBy: "Anna" }]);
  });

  test("a run that fails says why in the history, and the next is not kept from running", async () => {
    await tenant("fails");
    const jobs = jobsOf(store(), systemClock, [], "train");
    const failed = await jobs.runToEnd("fails", "train", "Anna");
    const after = await jobs.runToEnd("fails", "score", "Anna");
    expect(failed).toEqual({ failed: true, text: "the store is away" });
    expect(after).toEqual({ failed: false, text: "3 rows" });
    const [score, train] = await runsOf("fails");
    expect(score).toMatchObject({ job: "score", status: "succeeded" });
    expect(train).toMatchObject({ job: "train", status: "failed", error: "the store is away" });
  });
});
