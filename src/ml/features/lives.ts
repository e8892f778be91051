import type { AssetHistory } from "../../domain/feature.ts";
import { ordered, stepAtUs } from "./history.ts";

/** One life of an asset: from its start or last renewal to its next renewal or the end of the history. */
export type Life = {
  /** First and last step that lie in it; a step at the instant of an event still lies before it. */
  readonly firstStep: number;
  readonly lastStep: number;
  /** When it began; undefined when that is not known. */
  readonly startedAtUs: number | undefined;
  readonly end: "failure" | "planned" | "open";
  readonly endAtUs: number;
};

/** The lives of an asset that hold at least one step. */
export function livesOf(history: AssetHistory): Life[] {
  const lives: Life[] = [];
  let startedAtUs = history.installedAtUs;
  let next = 0;
  for (const event of ordered(history)) {
    if (!event.closesLife) continue;
    const past = Math.floor((event.atUs - history.firstStepAtUs) / history.stepUs) + 1;
    const until = Math.max(0, Math.min(past, history.steps));
    if (until > next) {
      lives.push({
        firstStep: next,
        lastStep: until - 1,
        startedAtUs,
        end: event.kind === "failure" ? "failure" : "planned",
        endAtUs: event.atUs,
      });
      next = until;
    }
    startedAtUs = event.atUs;
  }
  if (next < history.steps) {
    const endAtUs = stepAtUs(history, history.steps - 1);
    lives.push({ firstStep: next, lastStep: history.steps - 1, startedAtUs, end: "open", endAtUs });
  }
  return lives;
}

/** What is known, with hindsight, of each step's remaining life. */
export type Outcomes = {
  /** Steps to the next failure; NaN where the life did not end in one. */
  readonly remaining: Float64Array;
  /** Steps for which no failure came, where `remaining` is NaN. */
  readonly atLeast: Float64Array;
};

/** Looks ahead from each step. A planned renewal ends what is known: it hides the failure it prevented. */
export function outcomesOf(history: AssetHistory): Outcomes {
  const events = ordered(history).filter((e) => e.kind === "failure" || e.closesLife);
  const remaining = new Float64Array(history.steps).fill(Number.NaN);
  const atLeast = new Float64Array(history.steps);
  const lastAtUs = stepAtUs(history, history.steps - 1);
  let next = 0;
  for (let i = 0; i < history.steps; i++) {
    const atUs = stepAtUs(history, i);
    while (next < events.length && (events[next]?.atUs ?? 0) < atUs) next++;
    const event = events[next];
    const steps = ((event?.atUs ?? lastAtUs) - atUs) / history.stepUs;
    if (event?.kind === "failure") remaining[i] = steps;
    else atLeast[i] = Math.max(0, steps);
  }
  return { remaining, atLeast };
}

/** Target of remaining life: capped, also where only "longer than the cap" is known; NaN = unknown. */
export function lifeTarget(outcomes: Outcomes, step: number, capSteps: number): number {
  const remaining = outcomes.remaining[step] ?? Number.NaN;
  if (!Number.isNaN(remaining)) return Math.min(remaining, capSteps);
  return (outcomes.atLeast[step] ?? 0) >= capSteps ? capSteps : Number.NaN;
}

/** 1 = fails within (t, t + horizon], 0 = does not, -1 = not known. */
export function horizonLabel(outcomes: Outcomes, step: number, horizonSteps: number): -1 | 0 | 1 {
  const remaining = outcomes.remaining[step] ?? Number.NaN;
  if (!Number.isNaN(remaining)) return remaining <= horizonSteps ? 1 : 0;
  return (outcomes.atLeast[step] ?? 0) >= horizonSteps ? 0 : -1;
}

/** Lives that ended in a failure. */
export function failuresIn(histories: readonly AssetHistory[]): number {
  let count = 0;
  for (const history of histories) {
    count += livesOf(history).filter((life) => life.end === "failure").length;
  }
  return count;
}
