import { afterAll, expect, test } from "bun:test";
import { assetTypesCsv, DEMO_HORIZON_STEPS, DEMO_STEP_HOURS } from "../../src/demo/csv.ts";
import { createPlant, decoysOf, faultsOf, type Machine, type Plant } from "../../src/demo/plant.ts";
import { type AssetGrid, gridPlant } from "../../src/demo/readings.ts";
import { HOUR_US } from "../../src/demo/truth.ts";
import { prove } from "../../src/demo-proof.ts";
import type { AssetType } from "../../src/domain/asset-type.ts";
import type { Proof, ProofLine, ProofNumbers } from "../../src/domain/demo-view.ts";
import { AppError } from "../../src/domain/error.ts";
import type { AssetHistory } from "../../src/domain/feature.ts";
import type { Fleet } from "../../src/jobs/histories.ts";
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

/** The plant's fleets as the product would read them, without the detour over lines, log and stores. */
function fleetsOf(plant: Plant): (tenantId: string, asOfUs: number) => Promise<Fleet[]> {
  const stepUs = DEMO_STEP_HOURS * HOUR_US;
  const grids = gridPlant(plant, plant.startUs, plant.endUs, stepUs, SAMPLE_US);
  const names = [...new Set(grids.map((grid) => grid.typeName))];
  return async (_tenantId, asOfUs) =>
    names.map((name) => ({
      type: typeOf(name),
      members: plant.machines
        .filter((machine) => machine.type.name === name)
        .map((machine) => ({
          asset: assetOf(machine),
          sensors: [],
          history: historyOf(machine, grids, asOfUs),
          coverage: 1,
          openAlerts: [],
        })),
    }));
}

function typeOf(name: string): AssetType {
  return {
    id: name,
    name,
    clockUnit: "d",
    clockStepUs: DEMO_STEP_HOURS * HOUR_US,
    horizonSteps: DEMO_HORIZON_STEPS,
    settingsSignals: [],
    defaultLimits: {},
    version: 1,
  };
}

function assetOf(machine: Machine): Fleet["members"][number]["asset"] {
  return {
    id: machine.key,
    key: machine.key,
    name: machine.name,
    typeId: machine.type.name,
    siteId: undefined,
    parentId: undefined,
    criticality: "B",
    mode: "in-service",
    modeUntilUs: undefined,
    installedAtUs: machine.installedAtUs,
    downtimeCostPerHour: undefined,
    repairCost: undefined,
    failureCost: undefined,
    createdAtUs: 0,
    version: 1,
  };
}

function historyOf(machine: Machine, grids: readonly AssetGrid[], asOfUs: number): AssetHistory {
  const grid = grids.find((one) => one.assetKey === machine.key);
  if (grid === undefined) throw new AppError("internal", `${machine.key} has no grid`);
  const width = grid.signals.length;
  const steps = Math.min(grid.steps, Math.floor((asOfUs - grid.startUs) / grid.stepUs));
  const column = (s: number) =>
    Float64Array.from({ length: steps }, (_, i) => grid.values[i * width + s] ?? Number.NaN);
  return {
    assetId: machine.key,
    stepUs: grid.stepUs,
    firstStepAtUs: grid.startUs + grid.stepUs,
    steps,
    signals: new Map(grid.signals.map((name, s) => [name, column(s)])),
    settings: new Set(machine.type.settings),
    maintenance: machine.maintenance
      .filter((record) => record.finishedAtUs <= asOfUs)
      .map(({ kind, mode, startedAtUs }) => ({
        atUs: startedAtUs,
        kind: kind === "nothing_found" ? "nothing-found" : kind,
        mode,
        closesLife: kind === "failure",
      })),
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: machine.installedAtUs,
  };
}

function scoreOf(proof: Proof, name: ProofLine["name"]): ProofNumbers {
  const line = proof.lines.find((one) => one.name === name);
  if (line === undefined) throw new AppError("internal", `the proof has no line ${name}`);
  return line.score;
}

/** F1 over alarms: 1 = every fault found and no false alarm. */
function worth(score: Pick<ProofNumbers, "found" | "missed" | "falseAlarms">): number {
  return (2 * score.found) / (2 * score.found + score.missed + score.falseAlarms);
}

const proofs: Proof[] = [];

test.each(SEEDS)(
  "plant %d: models find what a 3-sigma rule and the best signal do not",
  async (seed) => {
    const plant = createPlant(seed, END_US);
    expect(decoysOf(plant).length / faultsOf(plant).length).toBeWithin(2.8, 3.2);
    const proof = await prove({ learning, fleets: fleetsOf(plant) }, plant, "demo", () => {});
    proofs.push(proof);
    const ours = scoreOf(proof, "Foresight");
    expect(ours.faults).toBeGreaterThan(15);
    expect(ours.found / ours.faults).toBeGreaterThanOrEqual(0.7);
    expect(ours.falseAlarmsPerAssetMonth).toBeLessThanOrEqual(0.3);
    expect(worth(ours)).toBeGreaterThan(worth(scoreOf(proof, "3-sigma rule")) + 0.1);
    expect(worth(ours)).toBeGreaterThan(worth(scoreOf(proof, "Best single signal")) + 0.1);
  },
  120_000,
);

test("over all plants the models are far ahead", () => {
  const sum = (name: ProofLine["name"], key: "faults" | "found" | "missed" | "falseAlarms") =>
    proofs.reduce((total, proof) => total + scoreOf(proof, name)[key], 0);
  const of = (name: ProofLine["name"]) => ({
    share: sum(name, "found") / sum(name, "faults"),
    found: sum(name, "found"),
    missed: sum(name, "missed"),
    falseAlarms: sum(name, "falseAlarms"),
  });
  const ours = of("Foresight");
  expect(ours.share).toBeGreaterThanOrEqual(0.8);
  for (const proof of proofs) {
    expect(scoreOf(proof, "Foresight").medianNoticeDays ?? 0).toBeGreaterThanOrEqual(4);
  }
  for (const name of ["3-sigma rule", "Best single signal"] as const) {
    const other = of(name);
    expect(other.share).toBeLessThan(ours.share - 0.1);
    expect(other.falseAlarms).toBeGreaterThan(2 * ours.falseAlarms);
    expect(worth(other)).toBeLessThan(worth(ours) - 0.2);
  }
});

test("the types' file says the clock that is proved here", () => {
  expect(assetTypesCsv()).toContain(`Pump,${DEMO_STEP_HOURS},d,${DEMO_HORIZON_STEPS},speed`);
});
