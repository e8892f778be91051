import { hash32, smoothAt, uniformAt } from "../lib/random.ts";
import type { Machine, Plant } from "./plant.ts";
import { DAY_US, HOUR_US, strengthAt } from "./truth.ts";

export type Surroundings = {
  /** Share of capacity the plant is asked for, about .5 to 1. */
  readonly demand: number;
  readonly ambientC: number;
};

/** Weekday of a time, 0 = Monday; the epoch was a Thursday. */
function weekday(atUs: number): number {
  return (Math.floor(atUs / DAY_US) + 3) % 7;
}

/** What the plant is asked for and the air around it: day, week and season, with weather on top. */
export function surroundingsAt(plant: Plant, atUs: number): Surroundings {
  const days = atUs / DAY_US;
  const dayPart = days - Math.floor(days);
  const year = (2 * Math.PI * days) / 365.25;
  const isWeekend = weekday(atUs) >= 5;
  const demand =
    0.73 +
    0.17 * Math.sin(2 * Math.PI * (dayPart - 0.33)) -
    (isWeekend ? 0.1 : 0) +
    0.02 * Math.cos(year) +
    0.035 * smoothAt(hash32(plant.seed, 11), atUs / (5 * HOUR_US)) +
    0.05 * smoothAt(hash32(plant.seed, 13), days / 4);
  // Warmest at the end of July, 15 h.
  let ambientC =
    20 +
    2.5 * Math.cos(year - 3.65) +
    3.5 * Math.sin(2 * Math.PI * (dayPart - 0.375)) +
    1.5 * smoothAt(hash32(plant.seed, 12), days / 2.5);
  for (const spell of plant.hotSpells) ambientC += spell.add * strengthAt(spell, atUs);
  return { demand, ambientC };
}

export type Running = "running" | "idle" | "stopped";

/** Days between short stops for cleaning, change-over or a trip, on average. */
const STOP_EVERY_DAYS = 14;

/** Whether a machine runs: work on it stops it, some idle at night, and all stop now and then. */
export function runningAt(machine: Machine, atUs: number): Running {
  for (const fault of machine.faults) {
    if (atUs >= fault.failureUs && atUs < fault.backUs) return "stopped";
  }
  for (const work of machine.maintenance) {
    if (atUs >= work.startedAtUs && atUs < work.finishedAtUs) return "stopped";
  }
  const day = Math.floor(atUs / DAY_US);
  const hour = (atUs - day * DAY_US) / HOUR_US;
  const seed = hash32(machine.seed, 21);
  if (uniformAt(seed, day * 3) < 1 / STOP_EVERY_DAYS) {
    const from = 20 * uniformAt(seed, day * 3 + 1);
    if (hour >= from && hour < from + 0.5 + 2.5 * uniformAt(seed, day * 3 + 2)) return "stopped";
  }
  if (machine.duty === "idle at night" && (hour < 5 || hour >= 22)) return "idle";
  return "running";
}

/** Share of its capacity a machine works at. */
export function loadAt(machine: Machine, demand: number, running: Running, atUs: number): number {
  if (running === "stopped") return 0;
  if (running === "idle") return 0.18;
  let load = demand * machine.loadGain + 0.03 * smoothAt(machine.seed, atUs / (2 * HOUR_US));
  for (const decoy of machine.decoys) {
    if (decoy.kind === "load campaign") load += decoy.add * strengthAt(decoy, atUs);
  }
  return Math.min(1.12, Math.max(0.25, load));
}
