import type { AssetHistory } from "../domain/feature.ts";
import type { Verdict } from "../domain/model.ts";
import { decodeModel } from "./artifact.ts";
import { stepAtUs } from "./features/history.ts";
import { outcomesOf } from "./features/lives.ts";
import { remainingSteps } from "./predict.ts";
import type { TrainingRows } from "./training-rows.ts";
import { rmse } from "./validation/metrics.ts";

/** New failures below which a comparison would be chance. */
const FAILURES_COMPARED = 3;

/** Names one failure of one asset. */
export function failureKey(assetId: string, atUs: number): string {
  return `${assetId}@${Math.round(atUs)}`;
}

/** All failures in some histories, sorted. */
export function failureKeys(histories: readonly AssetHistory[]): string[] {
  return histories
    .flatMap((history) =>
      history.maintenance
        .filter((event) => event.kind === "failure")
        .map((event) => failureKey(history.assetId, event.atUs)),
    )
    .sort();
}

export type Challenge = {
  readonly histories: readonly AssetHistory[];
  readonly rows: TrainingRows;
  /** The challenger's held-out answers at `rows.lifeCuts`. */
  readonly answersAtCuts: Float64Array;
  readonly capSteps: number;
  readonly horizonSteps: number;
};

/**
 * Compares the champion with its challenger where neither has an advantage: at cut points of failures
 * that the champion was not trained on, with the challenger's answers from folds that had not seen them.
 */
export function verdictOf(championBytes: Uint8Array | undefined, challenge: Challenge): Verdict {
  const none = {
    failures: 0,
    cuts: 0,
    championRmseSteps: undefined,
    candidateRmseSteps: undefined,
  };
  if (championBytes === undefined) return { promote: true, reason: "first model", ...none };
  const champion = decodeModel(championBytes);
  const { card } = champion;
  if (card.capSteps !== challenge.capSteps || card.horizonSteps !== challenge.horizonSteps) {
    return { promote: true, reason: "other target", ...none };
  }
  const fresh = freshCuts(new Set(champion.seenFailures), challenge);
  const failures = new Set(fresh.map((cut) => cut.key)).size;
  if (failures < FAILURES_COMPARED) {
    return { promote: false, reason: "nothing new", ...none, failures };
  }
  const truth = fresh.map((cut) => challenge.rows.life[cut.row] ?? 0);
  const own = fresh.map((cut) => challenge.answersAtCuts[cut.at] ?? 0);
  const theirs = new Map<number, number>();
  for (const [index, history] of challenge.histories.entries()) {
    const cuts = fresh
      .filter((cut) => challenge.rows.historyIndex[cut.row] === index)
      .sort((a, b) => a.step - b.step);
    const answers = remainingSteps(
      champion,
      history,
      cuts.map((cut) => cut.step),
    );
    for (const [i, cut] of cuts.entries()) theirs.set(cut.at, answers[i] ?? 0);
  }
  const championRmseSteps = rmse(
    fresh.map((cut) => theirs.get(cut.at) ?? 0),
    truth,
  );
  const candidateRmseSteps = rmse(own, truth);
  const promote = candidateRmseSteps < championRmseSteps;
  const reason = promote ? "better" : "not better";
  return { promote, reason, failures, cuts: fresh.length, championRmseSteps, candidateRmseSteps };
}

type Cut = {
  readonly at: number;
  readonly row: number;
  readonly step: number;
  readonly key: string;
};

/** Cut points of failures that the champion has not seen. */
function freshCuts(seen: ReadonlySet<string>, challenge: Challenge): Cut[] {
  const { rows, histories } = challenge;
  const outcomes = histories.map(outcomesOf);
  return [...rows.lifeCuts].flatMap((row, at) => {
    const index = rows.historyIndex[row] ?? 0;
    const history = histories[index];
    const step = rows.step[row] ?? 0;
    const remaining = outcomes[index]?.remaining[step] ?? Number.NaN;
    if (history === undefined || Number.isNaN(remaining)) return [];
    const key = failureKey(history.assetId, stepAtUs(history, step) + remaining * history.stepUs);
    return seen.has(key) ? [] : [{ at, row, step, key }];
  });
}
