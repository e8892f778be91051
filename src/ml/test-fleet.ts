import type { AssetHistory, MaintenanceEvent } from "../domain/feature.ts";
import { Random } from "./random.ts";

export const HOUR_US = 3_600_000_000;

export type FleetOptions = {
  readonly assets: number;
  readonly seed: number;
  /** Lives lie between these many steps. */
  readonly shortest?: number;
  readonly longest?: number;
  /** Lives an asset goes through, one after the other. */
  readonly lives?: number;
  readonly isInstallKnown?: boolean;
};

/**
 * Machines that wear out: two signals rise with the square of used life, one is noise, one is a setting
 * with two levels that shifts the others. Lives end in failures.
 */
export function wornFleet(options: FleetOptions): AssetHistory[] {
  return Array.from({ length: options.assets }, (_unused, asset) => wornAsset(asset, options));
}

function wornAsset(asset: number, options: FleetOptions): AssetHistory {
  const random = new Random(options.seed * 1000 + asset);
  const { shortest = 60, longest = 140 } = options;
  const heat: number[] = [];
  const shake: number[] = [];
  const noise: number[] = [];
  const load: number[] = [];
  const maintenance: MaintenanceEvent[] = [];
  for (let life = 0; life < (options.lives ?? 1); life++) {
    const length = shortest + random.int(longest - shortest);
    for (let i = 0; i < length; i++) {
      const used = (i / length) ** 2;
      const isHigh = random.next() < 0.5;
      load.push(isHigh ? 2 : 1);
      heat.push((isHigh ? 80 : 60) + 10 * used + gauss(random));
      shake.push((isHigh ? 5 : 3) + 3 * used + 0.4 * gauss(random));
      noise.push(random.next() < 0.02 ? Number.NaN : gauss(random));
    }
    const atUs = (heat.length - 1) * HOUR_US;
    maintenance.push({ atUs, kind: "failure", mode: "worn", closesLife: true });
  }
  return {
    assetId: `machine-${asset}`,
    stepUs: HOUR_US,
    firstStepAtUs: 0,
    steps: heat.length,
    signals: new Map([
      ["heat", Float64Array.from(heat)],
      ["load", Float64Array.from(load)],
      ["noise", Float64Array.from(noise)],
      ["shake", Float64Array.from(shake)],
    ]),
    settings: new Set(["load"]),
    maintenance,
    errorsAtUs: Float64Array.from(
      { length: random.int(6) },
      () => random.int(heat.length) * HOUR_US,
    ).sort(),
    alertsAtUs: Float64Array.from(
      { length: random.int(6) },
      () => random.int(heat.length) * HOUR_US,
    ).sort(),
    installedAtUs: options.isInstallKnown === false ? undefined : 0,
  };
}

function gauss(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.next();
  return sum;
}
