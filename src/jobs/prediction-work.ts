import { systemActor } from "../domain/actor.ts";
import type { FeatureStore } from "../domain/feature-store.ts";
import type { JobContext, JobCounts, JobWork } from "../domain/job-work.ts";
import type { Learning } from "../domain/learning.ts";
import type { ModelStore } from "../domain/model-store.ts";
import type { PredictionStore } from "../domain/prediction-store.ts";
import { type Fleet, type HistoriesDeps, readFleets } from "./histories.ts";
import { scoreFleet } from "./score.ts";
import { championOf, trainFleet } from "./training.ts";

export type PredictionWorkDeps = HistoriesDeps & {
  readonly features: FeatureStore;
  readonly models: ModelStore;
  readonly predictions: PredictionStore;
  readonly learning: Learning;
};

/** The work of the three jobs, for one tenant each. */
export function createPredictionWork(deps: PredictionWorkDeps): JobWork {
  return {
    features: (context) => makeFeatures(deps, context),
    train: (context) => train(deps, context),
    score: (context) => score(deps, context),
  };
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
  const champion = await championOf(deps.models, who, fleet.type.id);
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
  const who = systemActor(context.tenantId, "train");
  context.progress(0, "reading histories");
  const fleets = await readFleets(deps, context.tenantId, context.nowUs);
  const counts = { trained: 0, promoted: 0, waiting: 0 };
  for (const [i, fleet] of fleets.entries()) {
    context.signal.throwIfAborted();
    const trained = await trainFleet(deps, who, fleet, {
      nowUs: context.nowUs,
      signal: context.signal,
      onProgress: (done, of) =>
        context.progress((i + done / of) / fleets.length, `training ${fleet.type.name}`),
    });
    if (trained.kind === "too-few-failures") counts.waiting++;
    else counts.trained++;
    if (trained.kind === "trained" && trained.promoted) counts.promoted++;
  }
  return {
    "models trained": counts.trained,
    promoted: counts.promoted,
    "asset types with too few failures": counts.waiting,
  };
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
    const champion = await championOf(deps.models, who, fleet.type.id);
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
