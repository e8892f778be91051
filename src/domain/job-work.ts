import type { JobTrigger } from "./job.ts";

/** The jobs that make predictions, in the order in which they build on each other. */
export const JOB_NAMES = ["features", "train", "score"] as const;
export type JobName = (typeof JOB_NAMES)[number];

/** What a job is told and may tell while it runs. */
export type JobContext = {
  readonly tenantId: string;
  /** The time as of which it works. */
  readonly nowUs: number;
  /** 0 to 1, and a sentence for people. */
  readonly progress: (share: number, step: string) => void;
  readonly signal: AbortSignal;
};

/** Named counts of what a job did. */
export type JobCounts = Readonly<Record<string, number>>;

/** The work of each job for one tenant. Throws what failed; the runner records it. */
export type JobWork = Readonly<Record<JobName, (context: JobContext) => Promise<JobCounts>>>;

/** What travels through the queue. */
export type JobRequest = {
  readonly tenantId: string;
  readonly trigger: JobTrigger;
  readonly by: string;
  readonly dueAtUs: number;
};
