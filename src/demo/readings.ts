import { surroundingsAt } from "./environment.ts";
import { type Simulated, simulate, WARM_UP_US } from "./physics.ts";
import type { Plant } from "./plant.ts";

/** Spacing of the history, and of warming up. */
export const HISTORY_STEP_US = 600_000_000;

/** The plant in time: what every sensor shows at one moment. */
export type Playback = {
  readonly machines: readonly Simulated[];
  /** Values of machine m's signal s lie at `m * signalsPerMachine + s`; reused by the next `at`. */
  at(atUs: number): Float64Array;
};

export const SIGNALS_PER_MACHINE = 6;

/**
 * Plays the plant from `fromUs` on, forwards only. What it shows at a time depends on the plant and
 * that time alone (up to rounding of a machine's warmth), so a restart goes on where it stopped.
 */
export function playback(plant: Plant, fromUs: number): Playback {
  const machines = plant.machines.map((machine) => simulate(machine, fromUs - WARM_UP_US));
  const values = new Float64Array(machines.length * SIGNALS_PER_MACHINE);
  const at = (atUs: number) => {
    const around = surroundingsAt(plant, atUs);
    machines.forEach((machine, m) => {
      machine.step(atUs, around, values, m * SIGNALS_PER_MACHINE);
    });
    return values;
  };
  const first = Math.ceil((fromUs - WARM_UP_US) / HISTORY_STEP_US) * HISTORY_STEP_US;
  for (let atUs = first; atUs < fromUs; atUs += HISTORY_STEP_US) at(atUs);
  return { machines, at };
}

/** Readings of one asset on its own clock: the mean of each signal over each step. */
export type AssetGrid = {
  readonly assetKey: string;
  readonly typeName: string;
  readonly startUs: number;
  readonly stepUs: number;
  readonly steps: number;
  readonly signals: readonly string[];
  /** Value of signal s in step i at `i * signals.length + s`; NaN when the step holds none. */
  readonly values: Float64Array;
};

/**
 * Means over steps of the readings in [fromUs, toUs), without the detour over lines and stores; only
 * whole steps. `sampleUs` may be coarser than the history's spacing to save time.
 */
export function gridPlant(
  plant: Plant,
  fromUs: number,
  toUs: number,
  stepUs: number,
  sampleUs: number = HISTORY_STEP_US,
): AssetGrid[] {
  const steps = Math.floor((toUs - fromUs) / stepUs);
  const play = playback(plant, fromUs);
  const width = play.machines.length * SIGNALS_PER_MACHINE;
  const sums = new Float64Array(width);
  const counts = new Float64Array(width);
  const grids = plant.machines.map((machine) => ({
    assetKey: machine.key,
    typeName: machine.type.name,
    startUs: fromUs,
    stepUs,
    steps,
    signals: machine.type.signals.map((signal) => signal.name),
    values: new Float64Array(steps * SIGNALS_PER_MACHINE),
  }));
  for (let step = 0; step < steps; step++) {
    sums.fill(0);
    counts.fill(0);
    const endUs = fromUs + (step + 1) * stepUs;
    for (let atUs = fromUs + step * stepUs; atUs < endUs; atUs += sampleUs) {
      const values = play.at(atUs);
      for (let i = 0; i < width; i++) {
        const value = values[i] ?? Number.NaN;
        if (Number.isNaN(value)) continue;
        sums[i] = (sums[i] ?? 0) + value;
        counts[i] = (counts[i] ?? 0) + 1;
      }
    }
    grids.forEach((grid, m) => {
      for (let s = 0; s < SIGNALS_PER_MACHINE; s++) {
        const i = m * SIGNALS_PER_MACHINE + s;
        grid.values[step * SIGNALS_PER_MACHINE + s] = (sums[i] ?? 0) / (counts[i] ?? 0);
      }
    });
  }
  return grids;
}
