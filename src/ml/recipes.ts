import type { CandidateName } from "../domain/model.ts";
import type { LearnerOptions } from "./learners/fit-task.ts";

/** A candidate is the mean of its learners on one scale. */
export type Candidate = {
  readonly name: CandidateName;
  readonly learners: readonly LearnerOptions[];
};

const LEAST_LEAF = 5;
const MOST_LEAF = 50;

/** Rows a leaf must hold: 50 from 20,000 rows on, fewer for small fleets. */
function leafRows(rows: number): number {
  return Math.min(MOST_LEAF, Math.max(LEAST_LEAF, Math.round(rows / 400)));
}

/**
 * Candidates for remaining life. Boosting is a pair, the second with random thresholds: their errors
 * differ, so that the mean is better than either.
 */
export function lifeCandidates(rows: number): Candidate[] {
  const boosting = {
    kind: "boosting",
    loss: "squared",
    trees: 300,
    leaves: 31,
    learningRate: 0.03,
    minLeafWeight: leafRows(rows),
    lambda: 0,
    rowShare: 0.8,
  } as const;
  return [
    {
      name: "gradient boosting",
      learners: [
        { ...boosting, columnShare: 0.2, randomThreshold: false },
        { ...boosting, columnShare: 0.4, randomThreshold: true },
      ],
    },
    {
      name: "random forest",
      learners: [{ kind: "forest", trees: 60, leaves: 256, minLeafRows: 5, columnShare: 1 / 3 }],
    },
  ];
}

/** Candidates for failure within the horizon. λ and a least weight keep rare, clean classes finite. */
export function horizonCandidates(): Candidate[] {
  return [
    {
      name: "gradient boosting",
      learners: [
        {
          kind: "boosting",
          loss: "logistic",
          trees: 150,
          leaves: 15,
          learningRate: 0.05,
          minLeafWeight: 2,
          lambda: 1,
          columnShare: 0.3,
          rowShare: 0.8,
          randomThreshold: false,
        },
      ],
    },
    {
      name: "random forest",
      learners: [{ kind: "forest", trees: 60, leaves: 128, minLeafRows: 10, columnShare: 0.2 }],
    },
  ];
}
