import type { LadderStep } from "../../views/ui/ladder.tsx";
import type { WorkOrder } from "../domain/work-order.ts";
import type { PlantAsset } from "./plant.ts";

/** Steps of readings that make an asset's own normal. */
const REFERENCE_STEPS = 120;
/** Own failures from which the model of its kind knows this very asset. */
const OWN_FAILURES = 3;

const RUNGS = [
  "Type limits",
  "Learned baseline",
  "Life from repairs",
  "Fleet model",
  "Own model",
] as const;

/** What a ladder stands on. */
export type TrustFacts = {
  readonly sensors: number;
  readonly sensorsWithLimits: number;
  /** Steps of its clock over which it was read. */
  readonly steps: number;
  readonly ownFailures: number;
  readonly ownRepairs: number;
  /** The champion of its type; undefined when there is none. */
  readonly model: { readonly number: number; readonly failures: number | undefined } | undefined;
  readonly typeName: string | undefined;
};

/**
 * How far what is said of an asset can be trusted. A rung is reached by its own condition; the highest
 * reached one is where it stands, and each that is not says what is missing. Pure.
 */
export function ladderOf(facts: TrustFacts): LadderStep[] {
  const rungs = rungsOf(facts);
  const here = rungs.findLastIndex((rung) => rung.reached);
  return rungs.map((rung, i) => ({
    label: RUNGS[i] ?? "",
    detail: rung.detail,
    state: i === here ? "here" : rung.reached ? "done" : "next",
  }));
}

function rungsOf(facts: TrustFacts): { reached: boolean; detail: string }[] {
  const { sensors, sensorsWithLimits, steps, ownFailures, ownRepairs, model } = facts;
  const hasLimits = sensorsWithLimits > 0;
  const hasNormal = steps >= REFERENCE_STEPS;
  const kind = facts.typeName?.toLowerCase() ?? "asset";
  const learned =
    model?.failures === undefined ? "" : `, from ${counted(model.failures, "failure")}`;
  return [
    {
      reached: hasLimits,
      detail: hasLimits
        ? `set for ${sensorsWithLimits} of ${counted(sensors, "sensor")}`
        : "no sensor has a limit",
    },
    {
      reached: hasNormal,
      detail: hasNormal
        ? `from ${steps.toLocaleString("en-GB")} steps of its own`
        : `${steps} of ${REFERENCE_STEPS} steps read so far`,
    },
    {
      reached: ownFailures > 0,
      detail:
        ownFailures > 0
          ? `${counted(ownFailures, "failure")}, ${counted(ownRepairs, "repair")}`
          : "no failure is recorded on it",
    },
    {
      reached: model !== undefined,
      detail:
        model === undefined
          ? `no model of this ${kind} yet`
          : `${facts.typeName ?? "model"} ${model.number}${learned}`,
    },
    {
      reached: model !== undefined && ownFailures >= OWN_FAILURES,
      detail:
        ownFailures >= OWN_FAILURES
          ? `${counted(ownFailures, "failure")} of its own`
          : `needs ${counted(OWN_FAILURES - ownFailures, "more failure")} of its own`,
    },
  ];
}

/** "step 4 of 5, fleet model". Pure. */
export function standOf(steps: readonly LadderStep[]): string {
  const here = steps.findIndex((step) => step.state === "here");
  if (here < 0) return "no step reached yet";
  return `step ${here + 1} of ${steps.length}, ${steps[here]?.label.toLowerCase()}`;
}

/** Facts of one machine, from what pages have read of the plant anyway. */
export function trustOf(
  machine: PlantAsset,
  seriesStartUs: number | undefined,
  labels: readonly WorkOrder[],
  model: TrustFacts["model"],
): LadderStep[] {
  const { sensors, type } = machine;
  const withLimits = sensors.filter((sensor) => {
    const ofType = type?.defaultLimits[sensor.name] ?? {};
    return [...Object.values(sensor.limits), ...Object.values(ofType)].some(
      (limit) => limit !== undefined,
    );
  });
  const spanUs =
    seriesStartUs === undefined || machine.newestUs === undefined
      ? 0
      : machine.newestUs - seriesStartUs;
  return ladderOf({
    sensors: sensors.length,
    sensorsWithLimits: withLimits.length,
    steps: type === undefined ? 0 : Math.max(0, Math.floor(spanUs / type.clockStepUs)),
    ownFailures: labels.filter((order) => order.closeOut?.finding === "failure").length,
    ownRepairs: labels.filter((order) => order.closeOut?.finding !== "nothing").length,
    model,
    typeName: type?.name,
  });
}

/** "1 failure", "3 failures". Pure. */
export function counted(count: number, noun: string, many = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : many}`;
}
