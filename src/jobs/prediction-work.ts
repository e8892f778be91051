import { systemActor } from "../domain/actor.ts";
import type { AssetType } from "../domain/asset-type.ts";
import type { FeatureStore } from "../domain/feature-store.ts";
import type { JobContext, JobCounts, JobWork } from "../domain/job-work.ts";
import type { Learning, TrainingOutcome } from "../domain/learning.ts";
import type { ModelRow, ModelStore } from "../domain/model-store.ts";
import type { PredictionStore } from "../domain/prediction-store.ts";
import { type Fleet, type HistoriesDeps, readFleets } from "./histories.ts";
import { scoreFleet } from "./score.ts";

export type PredictionWorkDeps = HistoriesDeps & {
  readonly features: FeatureStore;
  readonly models: ModelStore;
  readonly predictions: PredictionStore;
  readonly learning: Learning;
};

/** What models of the registry predict: remaining life, with the chance of failure in one artifact. */
export const TARGET = "remaining-life";

/** The work of the three jobs, for one tenant each. */
export function createPredictionWork(deps: PredictionWorkDeps): JobWork {
  return {
    features: (context) => makeFeatures(deps, context),
    train: (context) => train(deps, context),
    score: (context) => score(deps, context),
  };
}

async function championOf(deps: PredictionWorkDeps, tenantId: string, type: AssetType) {
  const who = systemActor(tenantId, "score");
  const row = await deps.models.champion(who, type.id, TARGET);
  const artifact = row && (await deps.models.artifact(who, row.id));
  return row && artifact ? { row, artifact } : undefined;
}

async function makeFeatures(deps: PredictionWorkDeps, context: JobContext): Promise<JobCounts> {
  const who = systemActor(context.tenantId, "features");
  context.progress(0, "reading histories");
  const fleets = await readFleets(deps, context.tenantId, context.nowUs);
  let rows = 0;
  for (const [i, fleet] of fleets.entries()) {
    context.signal.throwIfAborted();
    context.progress(i / fleets.length, `features of ${fleet.type.name}`);
    rows += await storeFeatures(deps, who, fleet, context);
  }
  return { "asset types": fleets.length, assets: count(fleets), rows };
}

async function storeFeatures(
  deps: PredictionWorkDeps,
  who: ReturnType<typeof systemActor>,
  fleet: Fleet,
  context: JobContext,
): Promise<number> {
  const champion = await championOf(deps, context.tenantId, fleet.type);
  const histories = fleet.members.map((member) => member.history);
  // Which rows are there is asked by the set's id, which no row is needed to know.
  const none = new Map(histories.map((h) => [h.assetId, Number.POSITIVE_INFINITY]));
  const { setId, names } = deps.learning.features(histories, none, champion?.artifact);
  await deps.features.ensureSet(who, { id: setId, assetTypeId: fleet.type.id, names });
  const latest = await deps.features.latest(who, setId);
  const afterUs = new Map(latest.map((row) => [row.assetId, row.atUs]));
  const table = deps.learning.features(histories, afterUs, champion?.artifact);
  const coverage = new Map(fleet.members.map((m) => [m.asset.id, m.coverage]));
  const liveFromUs = context.nowUs - 2 * fleet.type.clockStepUs;
  return deps.features.put(
    who,
    table.setId,
    table.rows.map((row) => ({
      ...row,
      coverage: coverage.get(row.assetId) ?? 0,
      reconstructed: row.atUs < liveFromUs,
    })),
  );
}

async function train(deps: PredictionWorkDeps, context: JobContext): Promise<JobCounts> {
  context.progress(0, "reading histories");
  const fleets = await readFleets(deps, context.tenantId, context.nowUs);
  let trained = 0;
  let promoted = 0;
  let waiting = 0;
  for (const [i, fleet] of fleets.entries()) {
    context.signal.throwIfAborted();
    const outcome = await deps.learning.train(
      fleet.members.map((member) => member.history),
      deps.learning.optionsFor(fleet.type),
      {
        signal: context.signal,
        onProgress: (done, of) =>
          context.progress((i + done / of) / fleets.length, `training ${fleet.type.name}`),
      },
    );
    if (outcome.kind === "too-few-failures") {
      waiting++;
      continue;
    }
    trained++;
    if (await register(deps, context, fleet.type, outcome)) promoted++;
  }
  return { "models trained": trained, promoted, "asset types with too few failures": waiting };
}

type Trained = Extract<TrainingOutcome, { kind: "trained" }>;

/**
 * Writes a model into the registry, and makes it champion when it is the first, or no worse than the
 * champion's own held-out error by 2 %: both were judged on folds of what was known at their time.
 */
async function register(
  deps: PredictionWorkDeps,
  context: JobContext,
  type: AssetType,
  outcome: Trained,
): Promise<boolean> {
  const who = systemActor(context.tenantId, "train");
  const champion = await deps.models.champion(who, type.id, TARGET);
  const row = await deps.models.add(who, {
    assetTypeId: type.id,
    target: TARGET,
    learner: outcome.card.lifeChampion,
    metrics: { card: outcome.card, readable: outcome.readable },
    importance: outcome.card.importance,
    settings: { capSteps: outcome.card.capSteps, horizonSteps: outcome.card.horizonSteps },
    seed: outcome.card.seed,
    trainedAtUs: context.nowUs,
    artifact: outcome.artifact,
  });
  if (champion?.hash === row.hash) return false;
  const before = errorOf(champion);
  const now = errorOf(row);
  if (now === undefined || (before !== undefined && now > before * 1.02)) return false;
  const reason =
    before === undefined
      ? "the first model of its kind"
      : `held-out error ${now.toFixed(2)} steps against ${before.toFixed(2)} of the champion`;
  await deps.models.promote(who, row.id, reason);
  return true;
}

/** Held-out error of a registered model, in steps; undefined when it has none. */
function errorOf(row: ModelRow | undefined): number | undefined {
  const metrics = row?.metrics as Partial<{ card: Trained["card"] }> | undefined; // written by `register`
  const card = metrics?.card;
  return card?.life.find((own) => own.candidate === card.lifeChampion)?.rmseSteps;
}

async function score(deps: PredictionWorkDeps, context: JobContext): Promise<JobCounts> {
  const who = systemActor(context.tenantId, "score");
  context.progress(0, "reading histories");
  const fleets = await readFleets(deps, context.tenantId, context.nowUs);
  let byModel = 0;
  let byRule = 0;
  for (const [i, fleet] of fleets.entries()) {
    context.signal.throwIfAborted();
    context.progress(i / fleets.length, `scoring ${fleet.type.name}`);
    const champion = await championOf(deps, context.tenantId, fleet.type);
    const scored = await scoreFleet(deps.learning, fleet, champion, context.nowUs);
    await deps.predictions.put(who, scored.predictions);
    await deps.predictions.putHealth(who, scored.health);
    byModel += scored.predictions.filter((one) => !one.fallback).length;
    byRule += scored.predictions.filter((one) => one.fallback).length;
  }
  return { "scored by a model": byModel, "scored by rules": byRule };
}

function count(fleets: readonly Fleet[]): number {
  return fleets.reduce((sum, fleet) => sum + fleet.members.length, 0);
}
