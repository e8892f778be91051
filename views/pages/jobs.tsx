import type { JobStatus } from "../../src/domain/job.ts";
import type { Shell } from "../shell.ts";
import type { Instant } from "../ui/model.ts";

export type JobRow = {
  /** "features", "train", "score" */
  readonly id: string;
  readonly name: string;
  readonly what: string;
  /** "every day at 02:00" */
  readonly schedule: string;
  readonly next: Instant | undefined;
  readonly last:
    | {
        readonly status: JobStatus;
        readonly at: Instant;
        readonly took: string;
        readonly usual: string;
      }
    | undefined;
  readonly running: { readonly percent: number; readonly step: string } | undefined;
};

export type RunRow = {
  readonly id: string;
  readonly job: string;
  readonly status: JobStatus;
  readonly at: Instant;
  readonly took: string;
  /** "by schedule", "caught up", "Anna Nowak" */
  readonly by: string;
  /** "24 assets, 1,344 rows" or the error. */
  readonly result: string;
};

/** POST /jobs/:id/runs runs one now. */
export type JobsProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly jobs: readonly JobRow[];
  readonly runs: readonly RunRow[];
  readonly mayRun: boolean;
};
