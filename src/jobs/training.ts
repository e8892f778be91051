import type { Actor } from "../domain/actor.ts";
import type { Learning, TrainingOutcome } from "../domain/learning.ts";
import type { Verdict } from "../domain/model.ts";
import type { ModelRow, ModelStore } from "../domain/model-store.ts";
import type { Fleet } from "./histories.ts";

/** What models of the registry predict: remaining life, with the chance of failure in one artifact. */
export const TARGET = "remaining-life";

export type Champion = { readonly row: ModelRow; readonly artifact: Uint8Array };

/** The model in use for an asset type, with its bytes. */
export async function championOf(
  models: ModelStore,
  who: Actor,
  assetTypeId: string,
): Promise<Champion | undefined> {
  const row = await models.champion(who, assetTypeId, TARGET);
  const artifact = row && (await models.artifact(who, row.id));
  return row && artifact ? { row, artifact } : undefined;
}

export type TrainedFleet =
  | { readonly kind: "trained"; readonly row: ModelRow; readonly promoted: boolean }
  | { readonly kind: "too-few-failures" };

/**
 * Trains a model of a fleet and writes it into the registry with the verdict on it. It becomes champion
 * when the verdict says so, and stays a challenger with the reason otherwise.
 */
export async function trainFleet(
  deps: { readonly models: ModelStore; readonly learning: Learning },
  who: Actor,
  { type, members }: Fleet,
  run: {
    readonly nowUs: number;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number, of: number) => void;
  },
): Promise<TrainedFleet> {
  const champion = await championOf(deps.models, who, type.id);
  const outcome = await deps.learning.train(
    members.map((member) => member.history),
    { ...deps.learning.optionsFor(type), champion: champion?.artifact },
    run,
  );
  if (outcome.kind === "too-few-failures") return outcome;
  const reason = verdictText(outcome.verdict);
  const challenger = await deps.models.add(who, registryEntry(type.id, outcome, reason, run.nowUs));
  if (!outcome.verdict.promote) return { kind: "trained", row: challenger, promoted: false };
  const row = await deps.models.promote(who, challenger.id, reason);
  return { kind: "trained", row, promoted: true };
}

function registryEntry(
  assetTypeId: string,
  outcome: Extract<TrainingOutcome, { kind: "trained" }>,
  reason: string,
  trainedAtUs: number,
) {
  const { card, readable, verdict, artifact } = outcome;
  return {
    assetTypeId,
    target: TARGET,
    learner: card.lifeChampion,
    metrics: { card, readable, verdict },
    importance: card.importance,
    settings: { capSteps: card.capSteps, horizonSteps: card.horizonSteps },
    seed: card.seed,
    trainedAtUs,
    reason,
    artifact,
  };
}

/** A verdict as people read it in the registry. */
export function verdictText(verdict: Verdict): string {
  const { failures, championRmseSteps, candidateRmseSteps } = verdict;
  switch (verdict.reason) {
    case "first model":
      return "the first model of its kind";
    case "other target":
      return "the planning horizon was changed, so the model before it answers another question";
    case "nothing new":
      return `only ${failures} failures since the champion was trained: too few to compare`;
    case "better":
    case "not better":
      return (
        `${verdict.reason} on ${failures} failures that neither had seen: error ` +
        `${candidateRmseSteps?.toFixed(2)} steps against ${championRmseSteps?.toFixed(2)} of the champion`
      );
  }
}
