import type { AssetHistory } from "./domain/feature.ts";
import type { Learning } from "./domain/learning.ts";
import { driftOf, learnReference } from "./ml/anomaly/drift-chart.ts";
import { decodeModel } from "./ml/artifact.ts";
import { stepAtUs } from "./ml/features/history.ts";
import { failuresIn } from "./ml/features/lives.ts";
import { fitNormaliser } from "./ml/features/normaliser.ts";
import { allColumns, columnName, FeatureReader } from "./ml/features/rows.ts";
import { healthOf } from "./ml/health.ts";
import type { SpawnWorker } from "./ml/pool.ts";
import { predictByRule } from "./ml/rule-prediction.ts";
import { FAILURES_NEEDED } from "./ml/train.ts";
import { createTrainerClient } from "./ml/trainer.ts";

const SEED = 1;
/** A failure is announced within this part of the planning horizon. */
const HORIZON_SHARE = 1;
/** Steps of an asset's early life that count as its own normal. */
const REFERENCE_STEPS = 120;

/** The learners behind the interface that jobs use; `spawn` makes a trainer worker, and a training has so many. */
export function createLearning(spawn: SpawnWorker, workers?: number): Learning {
  const trainer = createTrainerClient(spawn, workers);
  return {
    optionsFor: (type) => ({
      seed: SEED,
      capSteps: type.horizonSteps,
      horizonSteps: Math.max(1, Math.round(type.horizonSteps / HORIZON_SHARE)),
    }),
    features,
    async train(histories, options, watch) {
      const result = await trainer.train(histories, options, watch);
      if (result.kind === "too-few-failures") return result;
      return { ...result, readable: decodeModel(result.artifact).readable };
    },
    predict: (artifact, wishes) => trainer.predict(artifact, wishes),
    byRule(history, { limits, horizonSteps, failures }) {
      const bounds = new Map(
        [...limits].map(([name, own]) => [
          name,
          { low: own.lowCritical ?? own.lowWarning, high: own.highCritical ?? own.highWarning },
        ]),
      );
      return predictByRule(history, {
        seed: SEED,
        limits: bounds,
        horizonSteps,
        failures,
        failuresNeeded: FAILURES_NEEDED,
      });
    },
    drift(history) {
      const reference = learnReference(history, REFERENCE_STEPS, SEED);
      return reference && driftOf(reference, history).at(-1)?.score;
    },
    failures: (histories) => failuresIn(histories),
    health({ prediction, capSteps, ...facts }) {
      const isModel = prediction.basis === "model";
      return healthOf({
        ...facts,
        failureProbability: isModel ? prediction.probabilityWithinHorizon : undefined,
        remainingShare:
          isModel && capSteps !== undefined ? prediction.rulSteps / capSteps : undefined,
      });
    },
  };
}

function features(
  histories: readonly AssetHistory[],
  afterUs: ReadonlyMap<string, number>,
  artifact: Uint8Array | undefined,
): ReturnType<Learning["features"]> {
  const normaliser =
    artifact === undefined ? fitNormaliser(histories, SEED) : decodeModel(artifact).normaliser;
  const names = allColumns(normaliser).map(columnName);
  const setId = new Bun.CryptoHasher("sha256").update(JSON.stringify(normaliser)).digest("hex");
  const rows = histories.flatMap((history) => {
    const reader = new FeatureReader(normaliser, history);
    const after = afterUs.get(history.assetId) ?? Number.NEGATIVE_INFINITY;
    const own = [];
    for (let step = 0; step < history.steps; step++) {
      const atUs = stepAtUs(history, step);
      if (atUs <= after) continue;
      own.push({
        assetId: history.assetId,
        atUs,
        step,
        values: Float64Array.from(reader.read(step)),
      });
    }
    return own;
  });
  return { setId, names, rows };
}
