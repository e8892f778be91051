import { afterAll, expect, test } from "bun:test";
import { DEMO_HORIZON_STEPS, DEMO_STEP_HOURS } from "../../src/demo/csv.ts";
import { createPlant, decoysOf, faultsOf, type Plant } from "../../src/demo/plant.ts";
import { type ProofScore, totalOf } from "../../src/demo/proof.ts";
import { type Proof, type ProofFleet, prove } from "../../src/demo/prove.ts";
import { type AssetGrid, gridPlant } from "../../src/demo/readings.ts";
import { HOUR_US } from "../../src/demo/truth.ts";
import type { AssetHistory } from "../../src/domain/feature.ts";
import { createLearning } from "../../src/learning.ts";

/** Midnight, as the product's daily steps begin. */
const END_US = Date.UTC(2026, 10, 25) * 1_000;
const SEEDS = [1, 2, 3, 4, 5];
/** Every third reading makes the means: they hardly differ, and the test is quicker. */
const SAMPLE_US = HOUR_US / 2;

const workers: Worker[] = [];
const learning = createLearning(() => {
  const worker = new Worker(new URL("../../src/trainer.ts", import.meta.url).href);
  workers.push(worker);
  return worker;
});
afterAll(() => {
  for (const worker of workers) worker.terminate();
});

/** What the product would read of an asset, without the detour over lines, log and stores. */
function historyOf(plant: Plant, grid: AssetGrid): AssetHistory {
  const machine = plant.machines.find((one) => one.key === grid.assetKey);
  const width = grid.signals.length;
  return {
    assetId: grid.assetKey,
    stepUs: grid.stepUs,
    firstStepAtUs: grid.startUs + grid.stepUs,
    steps: grid.steps,
    signals: new Map(
      grid.signals.map((name, s) => [
        name,
        Float64Array.from({ length: grid.steps }, (_, i) => grid.values[i * width + s] ?? NaN),
      ]),
    ),
    settings: new Set(machine?.type.settings),
    maintenance: (machine?.maintenance ?? []).map(({ kind, mode, startedAtUs }) => ({
      atUs: startedAtUs,
      kind: kind === "nothing_found" ? "nothing-found" : kind,
      mode,
      closesLife: kind === "failure",
    })),
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: machine?.installedAtUs,
  };
}

function proofOf(plant: Plant): Promise<Proof> {
  const stepUs = DEMO_STEP_HOURS * HOUR_US;
  const grids = gridPlant(plant, plant.startUs, plant.endUs, stepUs, SAMPLE_US);
  const types = [...new Set(grids.map((grid) => grid.typeName))];
  const fleets = types.map((typeName): ProofFleet => {
    const own = grids.filter((grid) => grid.typeName === typeName);
    return {
      typeName,
      capSteps: DEMO_HORIZON_STEPS,
      horizonSteps: DEMO_HORIZON_STEPS / 2,
      assets: own.map((grid) => ({ assetKey: grid.assetKey, history: historyOf(plant, grid) })),
    };
  });
  const signal = new AbortController().signal;
  return prove(learning, fleets, faultsOf(plant), {
    toUs: plant.endUs,
    seed: 1,
    signal,
    onProgress() {},
  });
}

const proofs: Proof[] = [];

test.each(SEEDS)(
  "plant %d: models find what a 3-sigma rule and the best signal do not",
  async (seed) => {
    const plant = createPlant(seed, END_US);
    expect(decoysOf(plant).length / faultsOf(plant).length).toBeWithin(2.8, 3.2);
    const proof = await proofOf(plant);
    proofs.push(proof);
    expect(proof.untrainedTypes).toEqual([]);
    expect(proof.model.faults).toBeGreaterThan(15);
    expect(found(proof.model)).toBeGreaterThanOrEqual(0.7);
    expect(proof.model.falseAlarmsPerAssetMonth).toBeLessThanOrEqual(0.3);
    expect(worth(proof.model)).toBeGreaterThan(worth(proof.threeSigma));
    expect(worth(proof.model)).toBeGreaterThan(worth(proof.singleSignal));
  },
  60_000,
);

test("over all plants the models are far ahead", () => {
  const model = totalOf(proofs.map((proof) => proof.model));
  expect(found(model)).toBeGreaterThanOrEqual(0.8);
  expect(model.falseAlarmsPerAssetMonth).toBeLessThanOrEqual(0.2);
  expect(model.medianNoticeDays ?? 0).toBeGreaterThanOrEqual(5);
  for (const yardstick of ["threeSigma", "singleSignal"] as const) {
    const other = totalOf(proofs.map((proof) => proof[yardstick]));
    expect(found(other)).toBeLessThan(found(model) - 0.1);
    expect(other.falseAlarms).toBeGreaterThan(2 * model.falseAlarms);
    expect(worth(other)).toBeLessThan(worth(model) - 0.2);
  }
});

function found(score: ProofScore): number {
  return score.found / score.faults;
}

/** F1 over alarms: 1 = every fault found and no false alarm. */
function worth(score: ProofScore): number {
  return (2 * score.found) / (2 * score.found + score.missed + score.falseAlarms);
}
