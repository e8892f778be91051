import { parseArgs } from "node:util";
import type { AssetHistory } from "../../src/domain/feature.ts";
import { createTrainerClient } from "../../src/ml/trainer.ts";
import { asymmetricPenalty, rmse } from "../../src/ml/validation/metrics.ts";
import { type Engine, readSubset, SETTINGS } from "./cmapss.ts";

const CYCLE_US = 3_600_000_000;
/** The score caps remaining life here, so the asset type's planning horizon is set to it. */
const PLANNING_HORIZON_CYCLES = 125;

function historyOf(engine: Engine, prefix: string, hasFailed: boolean): AssetHistory {
  const signals = new Map(
    [...engine.columns].map(([name, values]) => [name, Float64Array.from(values)]),
  );
  const steps = [...signals.values()][0]?.length ?? 0;
  const atUs = (steps - 1) * CYCLE_US;
  return {
    assetId: `${prefix}-${engine.unit}`,
    stepUs: CYCLE_US,
    firstStepAtUs: 0,
    steps,
    signals,
    settings: new Set(SETTINGS),
    maintenance: hasFailed ? [{ atUs, kind: "failure", mode: "worn", closesLife: true }] : [],
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: 0,
  };
}

async function cmapss(dir: string, subset: string, seed: number): Promise<Record<string, unknown>> {
  const startedNs = Bun.nanoseconds();
  const data = readSubset(dir, subset);
  const trainer = createTrainerClient(
    () => new Worker(new URL("../../src/trainer.ts", import.meta.url).href),
  );
  const result = await trainer.train(
    data.train.map((engine) => historyOf(engine, "train", true)),
    { seed, capSteps: PLANNING_HORIZON_CYCLES },
  );
  if (result.kind !== "trained") throw new Error(`training ended with ${result.kind}`);
  const wishes = data.test.map((engine) => ({ history: historyOf(engine, "test", false) }));
  const predictions = (await trainer.predict(result.artifact, wishes)).flat();
  const predicted = predictions.map((prediction) => prediction.rulSteps);
  const capped = data.truth.map((steps) => Math.min(steps, PLANNING_HORIZON_CYCLES));
  const inside = predictions.filter(({ lowSteps, highSteps }, i) => {
    const steps = capped[i] ?? Number.NaN;
    return steps >= lowSteps && steps <= highSteps;
  });
  const { card } = result;
  const round = (value: number) => Math.round(value * 1000) / 1000;
  return {
    suite: "cmapss",
    subset,
    model: card.lifeChampion,
    rmse: round(rmse(predicted, data.truth)),
    rmse125: round(rmse(predicted, capped)),
    nasa125: round(
      predicted.reduce((sum, steps, i) => sum + asymmetricPenalty(steps - (capped[i] ?? 0)), 0),
    ),
    coverage: round(inside.length / data.truth.length),
    seconds: round((Bun.nanoseconds() - startedNs) / 1e9),
    widthCycles: round(
      predictions.reduce((sum, p) => sum + p.highSteps - p.lowSteps, 0) / predictions.length,
    ),
    validation: card.life.map((m) => ({ model: m.candidate, rmse125: round(m.rmseSteps) })),
    validationCoverage: round(card.intervalCoverage),
    horizonModel: card.horizonChampion,
    horizon: card.horizon.map((m) => ({
      model: m.candidate,
      logLoss: round(m.logLoss),
      prAuc: round(m.precisionRecallArea),
    })),
    seed,
    hash: result.hash,
  };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    dir: { type: "string" },
    subset: { type: "string", default: "FD001" },
    seed: { type: "string", default: "1" },
  },
});
if (positionals[0] !== "cmapss" || values.dir === undefined) {
  throw new Error("usage: quality cmapss --dir FOLDER [--subset FD001] [--seed 1]");
}
await Bun.write(
  Bun.stdout,
  `${JSON.stringify(await cmapss(values.dir, values.subset, Number(values.seed)))}\n`,
);
