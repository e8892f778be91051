import type { AssetHistory } from "../../src/domain/feature.ts";
import { createTrainerClient } from "../../src/ml/trainer.ts";
import { type Fleet, type Machine, stepsOf } from "./fleet.ts";
import { STEP_US } from "./fleet-csv.ts";
import type { Answer } from "./score.ts";

function historyOf(machine: Machine, fleet: Fleet, hasFailed: boolean): AssetHistory {
  const steps = stepsOf(machine);
  const atUs = steps * STEP_US;
  return {
    assetId: machine.key,
    stepUs: STEP_US,
    firstStepAtUs: STEP_US,
    steps,
    signals: new Map(
      [...machine.columns].map(([name, values]) => [name, Float64Array.from(values)]),
    ),
    settings: new Set(fleet.settings),
    maintenance: hasFailed ? [{ atUs, kind: "failure", mode: "worn out", closesLife: true }] : [],
    errorsAtUs: new Float64Array(0),
    alertsAtUs: new Float64Array(0),
    installedAtUs: 0,
  };
}

/** The learners alone, on histories made here: what the product's way in and out may not change. */
export async function runPure(fleet: Fleet, seed: number) {
  const trainer = createTrainerClient(
    () => new Worker(new URL("../../src/trainer.ts", import.meta.url).href),
  );
  const result = await trainer.train(
    fleet.train.map((machine) => historyOf(machine, fleet, true)),
    { seed, capSteps: fleet.capSteps },
  );
  if (result.kind !== "trained") throw new Error(`training ended with ${result.kind}`);
  const wishes = fleet.test.map((machine) => ({ history: historyOf(machine, fleet, false) }));
  const predictions = (await trainer.predict(result.artifact, wishes)).flat();
  const answers = predictions.map(
    ({ rulSteps, lowSteps, highSteps }): Answer => ({
      remaining: rulSteps,
      low: lowSteps,
      high: highSteps,
    }),
  );
  return { answers, card: result.card, hash: result.hash };
}
