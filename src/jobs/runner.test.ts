import { describe, expect, test } from "bun:test";
import type { JobContext, JobName, JobRequest } from "../domain/job-work.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { createRunner, type RunnerDeps } from "./runner.ts";

type Work = (context: JobContext) => Promise<Record<string, number>>;

/** A runner whose history is a list of lines. */
function setUp(work: Work) {
  const history: string[] = [];
  const clock = manualClock(10_000_000);
  let next = 1;
  const seen = new Set<string>();
  const jobRuns = {
    begin: async (
      who: { tenantId: string },
      { job, trigger, dueAtUs }: JobRequest & { job: string },
    ) => {
      const key = `${who.tenantId} ${job} ${dueAtUs}`;
      if (trigger !== "person" && seen.has(key)) return undefined;
      seen.add(key);
      return { id: String(next++), job };
    },
    progress: async (_who: unknown, id: string, share: number, step: string) =>
      void history.push(`${id} ${share} ${step}`),
    finish: async (_who: unknown, id: string, end: { status: string; error?: string }) =>
      void history.push(`${id} ${end.status}${end.error ? `: ${end.error}` : ""}`),
  };
  const runner = createRunner({
    // What the runner asks of a history of runs.
    jobRuns: jobRuns as unknown as RunnerDeps["jobRuns"],
    work: { features: work, train: work, score: work },
    clock,
    logger: silentLogger,
    onChange: () => {},
  });
  const run = (
    job: JobName,
    tenantId = "acme",
    over: Partial<JobRequest> = {},
    signal?: AbortSignal,
  ) =>
    runner.run(
      job,
      { tenantId, trigger: "person", by: "anna", dueAtUs: 5, ...over },
      signal ?? new AbortController().signal,
    );
  return { runner, run, history, clock };
}

describe("a run", () => {
  test("ends with its counts in words", async () => {
    const { run, history } = setUp(async () => ({ rows: 3, assets: 2 }));
    expect(await run("score")).toEqual({ failed: false, text: "3 rows, 2 assets" });
    expect(history).toEqual(["1 succeeded"]);
  });

  test("that fails keeps the reason", async () => {
    const { run, history } = setUp(async () => {
      throw new Error("the store is away");
    });
    expect(await run("score")).toEqual({ failed: true, text: "the store is away" });
    expect(history).toEqual(["1 failed: the store is away"]);
  });

  test("that a stop cut off is not written as failed: it is begun again", async () => {
    const abort = new AbortController();
    const { run, history } = setUp(async ({ signal }) => {
      abort.abort(new Error("stopping"));
      signal.throwIfAborted();
      return {};
    });
    expect(await run("train", "acme", {}, abort.signal)).toMatchObject({ failed: true });
    expect(history).toEqual([]);
  });

  test("says at most twice a second how far it is, and nothing after its end", async () => {
    const told = { progress: (_share: number, _step: string) => {} };
    const { run, history, clock } = setUp(async ({ progress }) => {
      told.progress = progress;
      progress(0.1, "one");
      progress(0.2, "two");
      clock.advanceMs(500);
      progress(0.3, "three");
      return {};
    });
    await run("train");
    expect(history).toEqual(["1 0.1 one", "1 0.3 three", "1 succeeded"]);
  });

  test("of the schedule that was begun before is left alone", async () => {
    const { run, history } = setUp(async () => ({}));
    await run("score", "acme", { trigger: "schedule" });
    expect(await run("score", "acme", { trigger: "catch-up" })).toMatchObject({
      failed: false,
      text: "done before",
    });
    expect(history).toEqual(["1 succeeded"]);
  });
});

test("a tenant's runs follow each other; another tenant's do not wait for them", async () => {
  const gates = [1, 2, 3].map(() => Promise.withResolvers<void>());
  const begun: string[] = [];
  const { run, runner } = setUp(async ({ tenantId }) => {
    begun.push(tenantId);
    await gates[begun.length - 1]?.promise;
    return {};
  });
  const first = run("features", "a");
  const second = run("train", "a");
  const other = run("train", "b");
  gates[1]?.resolve();
  await other;
  expect(begun).toEqual(["a", "b"]);
  gates[0]?.resolve();
  gates[2]?.resolve();
  await Promise.all([first, second]);
  expect(begun).toEqual(["a", "b", "a"]);
  await runner.settled();
});
