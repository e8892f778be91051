import type { Actor } from "./actor.ts";

export const JOB_STATUSES = ["running", "succeeded", "failed", "interrupted"] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];
export type JobTrigger = "schedule" | "person" | "catch-up";

/** One run of a job for one tenant. */
export type JobRun = {
  readonly id: string;
  /** Name of the job: "features", "train", "score", "import". */
  readonly job: string;
  readonly trigger: JobTrigger;
  readonly status: JobStatus;
  /** When the schedule wanted it; for a run by a person, when it was asked for. */
  readonly dueAtUs: number;
  readonly startedAtUs: number;
  readonly finishedAtUs: number | undefined;
  /** 0 to 1 and a sentence, while it runs. */
  readonly progress: number;
  readonly step: string;
  /** What it did, as named counts. */
  readonly counts: Readonly<Record<string, number>>;
  readonly error: string | undefined;
  readonly startedBy: string;
};

export type JobRunStore = {
  /** Newest first. */
  list(
    who: Actor,
    filter?: { job?: string | undefined; limit?: number | undefined },
  ): Promise<readonly JobRun[]>;
  get(who: Actor, id: string): Promise<JobRun | undefined>;
  /**
   * Begins a run. A scheduled or caught-up run of the same job and due time that exists already is not
   * begun again (undefined), unless a stop cut it off.
   */
  begin(
    who: Actor,
    run: { job: string; trigger: JobTrigger; dueAtUs: number },
  ): Promise<JobRun | undefined>;
  progress(who: Actor, id: string, progress: number, step: string): Promise<void>;
  finish(
    who: Actor,
    id: string,
    outcome:
      | { status: "succeeded"; counts: Readonly<Record<string, number>> }
      | { status: "failed"; error: string; counts?: Readonly<Record<string, number>> | undefined },
  ): Promise<JobRun>;
  /** Due time of the newest run that the schedule wanted and that no stop cut off. */
  lastDue(who: Actor, job: string): Promise<number | undefined>;
  /** In every tenant: marks runs as interrupted that a stop of the appliance cut off. For the start. */
  interruptAll(): Promise<number>;
};
