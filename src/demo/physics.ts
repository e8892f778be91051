import { hash32, normalAt, smoothAt, uniformAt } from "../lib/random.ts";
import { loadAt, runningAt, type Surroundings } from "./environment.ts";
import type { SignalSpec } from "./machine-types.ts";
import type { Machine } from "./plant.ts";
import { DAY_US, type Decoy, HOUR_US, severityAt, strengthAt } from "./truth.ts";

/** Slow wander has a node every so many days. */
const WANDER_DAYS = 3;
/** A machine's warmth is known after this long, whatever it was before. */
export const WARM_UP_US = 16 * HOUR_US;

type Signal = {
  readonly spec: SignalSpec;
  readonly index: number;
  /** By life of the machine: no repair leaves it quite as it was. */
  readonly gain: readonly number[];
  readonly noiseSeed: number;
  readonly wanderSeed: number;
  readonly scale: number;
  /** Per fault of the machine: [fault index, gain, add, power] where this signal is touched. */
  readonly effects: readonly (readonly [number, number, number, number])[];
  readonly decoys: readonly Decoy[];
};

/** One machine in time: what its sensors show. */
export type Simulated = {
  readonly machine: Machine;
  /**
   * Moves to `atUs` and writes a value per signal of its type, at the sensor's resolution, into `out`
   * from `offset`; NaN where a sensor sends nothing.
   */
  step(atUs: number, surroundings: Surroundings, out: Float64Array, offset: number): void;
};

/** Begins in the midst of `fromUs`: step it through `WARM_UP_US` first for the right temperature. */
export function simulate(machine: Machine, fromUs: number): Simulated {
  const signals = machine.type.signals.map((spec, index) => signalOf(machine, spec, index));
  let atUs = fromUs;
  let heat = 0.75;
  let air = 20;
  const severities = new Float64Array(machine.faults.length);
  const step = (nextUs: number, around: Surroundings, out: Float64Array, offset: number) => {
    const running = runningAt(machine, nextUs);
    const load = loadAt(machine, around.demand, running, nextUs);
    const speed = running === "stopped" ? 0 : speedOf(machine, load);
    const keep = Math.exp(-Math.max(0, nextUs - atUs) / machine.tauUs);
    heat = heat * keep + 0.5 * (load + speed * speed) * (1 - keep);
    air = air * keep + around.ambientC * (1 - keep);
    atUs = nextUs;
    let life = 0;
    for (let i = 0; i < severities.length; i++) {
      const fault = machine.faults[i];
      severities[i] = fault === undefined ? 0 : severityAt(fault, nextUs);
      if (fault !== undefined && nextUs >= fault.backUs) life = i + 1;
    }
    const second = Math.floor(nextUs / 1_000_000) >>> 0;
    for (const signal of signals) {
      const { drive, rest, wander, noise } = signal.spec;
      let value = rest ?? 0;
      if (speed > 0 || rest === undefined) {
        value =
          (drive.base ?? 0) +
          (drive.load ?? 0) * load +
          (drive.speed ?? 0) * speed +
          (drive.speed2 ?? 0) * speed * speed +
          (drive.heat ?? 0) * heat;
        value *= signal.gain[life] ?? 1;
        if (wander > 0) {
          value *= 1 + wander * smoothAt(signal.wanderSeed, nextUs / (WANDER_DAYS * DAY_US));
        }
        value += (drive.ambient ?? 0) * (air - 20);
        // What a fault adds shows only as far as the machine works.
        const work = rest === undefined ? heat / 0.75 : 1;
        for (const [fault, gain, add, power] of signal.effects) {
          const severity = severities[fault] ?? 0;
          if (severity > 0) {
            const grown = power === 1 ? severity : severity ** power;
            value = value * (1 + gain * grown) + add * grown * work;
          }
        }
      }
      const random = noise * normalAt(signal.noiseSeed, second);
      value = disturbed(signal, value, nextUs, second) + (speed > 0 ? random : random * 0.3);
      if (value < 0) value = 0;
      out[offset + signal.index] = Math.round(value * signal.scale) / signal.scale;
    }
  };
  return { machine, step };
}

function signalOf(machine: Machine, spec: SignalSpec, index: number): Signal {
  const effects = machine.faults.flatMap((fault, i) =>
    fault.effects
      .filter((effect) => effect.signal === spec.name)
      .map((effect) => [i, effect.gain ?? 0, effect.add ?? 0, effect.power] as const),
  );
  return {
    spec,
    index,
    gain: gainsOf(machine, spec, index),
    noiseSeed: hash32(machine.seed, 100 + index),
    wanderSeed: hash32(machine.seed, 200 + index),
    scale: 10 ** spec.decimals,
    effects,
    decoys: machine.decoys.filter((decoy) => decoy.signal === spec.name),
  };
}

/** A repair moves a signal by this part of the spread between machines. */
const REPAIR_SPREAD = 0.6;

function gainsOf(machine: Machine, spec: SignalSpec, index: number): number[] {
  const own = machine.gains[index] ?? 1;
  const seed = hash32(machine.seed, 300 + index);
  const moved = (life: number) => 1 + REPAIR_SPREAD * spec.spread * normalAt(seed, life);
  return [own, ...machine.faults.map((_, i) => own * moved(i + 1))];
}

/** Variable speed follows load by a straight line; a fixed-speed machine turns when it runs. */
function speedOf(machine: Machine, load: number): number {
  return machine.type.variableSpeed ? 0.7 + 0.3 * load : 1;
}

/** What a sensor's own troubles make of a value; NaN = it sends nothing. */
function disturbed(signal: Signal, value: number, atUs: number, second: number): number {
  let shown = value;
  for (const decoy of signal.decoys) {
    const strength = strengthAt(decoy, atUs);
    if (strength === 0) continue;
    switch (decoy.kind) {
      case "sensor dropout":
        return Number.NaN;
      case "sensor stuck": {
        const { drive } = signal.spec;
        const usual = (drive.base ?? 0) + 0.75 * ((drive.load ?? 0) + (drive.heat ?? 0));
        shown = (usual + 0.85 * ((drive.speed ?? 0) + (drive.speed2 ?? 0))) * (signal.gain[0] ?? 1);
        break;
      }
      case "sensor spikes":
        if (uniformAt(signal.noiseSeed + 1, second) < 0.03) {
          shown += 3 * (value * decoy.gain + decoy.add);
        }
        break;
      default:
        shown = shown * (1 + decoy.gain * strength) + decoy.add * strength;
    }
  }
  return shown;
}
