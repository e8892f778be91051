import type { Effect } from "./machine-types.ts";

export const HOUR_US = 3_600_000_000;
export const DAY_US = 24 * HOUR_US;

/** A true fault: grows from its onset, fails, stands still until it is repaired. */
export type Fault = {
  readonly assetKey: string;
  readonly mode: string;
  readonly onsetUs: number;
  readonly failureUs: number;
  /** Back in service after the repair. */
  readonly backUs: number;
  readonly effects: readonly Effect[];
};

export const DECOY_KINDS = [
  "sensor remounted", // a step in one signal that stays until the next calibration
  "sensor drift", // a ramp in one signal, then recalibrated
  "passing disturbance", // one signal rises and falls again: resonance, product, weather on one side
  "sensor stuck",
  "sensor spikes",
  "sensor dropout",
  "load campaign", // every signal moves, each as load asks
  "hot spell", // the whole plant
] as const;
export type DecoyKind = (typeof DECOY_KINDS)[number];

/** Something that looks like a fault and means nothing. */
export type Decoy = {
  /** Undefined for what touches the whole plant. */
  readonly assetKey: string | undefined;
  readonly kind: DecoyKind;
  readonly startUs: number;
  readonly endUs: number;
  /** Undefined when every signal moves. */
  readonly signal: string | undefined;
  /** At full strength: value · (1 + gain) + add; for a campaign `add` is load, for a hot spell °C. */
  readonly gain: number;
  readonly add: number;
};

export type MaintenanceKind = "failure" | "planned" | "nothing_found";

/** A closed work order of the plant's history. */
export type MaintenanceRecord = {
  readonly assetKey: string;
  readonly startedAtUs: number;
  readonly finishedAtUs: number;
  readonly kind: MaintenanceKind;
  readonly mode: string | undefined;
  readonly title: string;
  readonly cost: number;
  readonly hours: number;
};

/** How far a fault has come, 0 before its onset and 1 at its failure; growth is exponential. */
export function severityAt(fault: Fault, atUs: number): number {
  if (atUs <= fault.onsetUs || atUs >= fault.backUs) return 0;
  const part = Math.min(1, (atUs - fault.onsetUs) / (fault.failureUs - fault.onsetUs));
  return Math.expm1(GROWTH * part) / Math.expm1(GROWTH);
}

/** Exponent of a fault's growth: half of the effect falls into the last third of the time. */
const GROWTH = 1.6;

/** Strength of a decoy, 0 to 1: a step, a ramp that ends at once, or a hump. */
export function strengthAt(decoy: Decoy, atUs: number): number {
  if (atUs < decoy.startUs || atUs >= decoy.endUs) return 0;
  const part = (atUs - decoy.startUs) / (decoy.endUs - decoy.startUs);
  switch (decoy.kind) {
    case "sensor drift":
      return Math.expm1(GROWTH * part) / Math.expm1(GROWTH);
    case "passing disturbance":
    case "load campaign":
    case "hot spell":
      return Math.min(1, 4 * Math.min(part, 1 - part) * (decoy.kind === "hot spell" ? 1 : 0.75));
    default:
      return 1;
  }
}
