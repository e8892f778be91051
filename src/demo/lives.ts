import type { Random } from "../lib/random.ts";
import type { FaultSpec, MachineType } from "./machine-types.ts";
import {
  DAY_US,
  type Decoy,
  type DecoyKind,
  type Fault,
  HOUR_US,
  type MaintenanceRecord,
} from "./truth.ts";

/** Least time in service before the next fault may begin, and the mean of what comes on top. */
const QUIET_DAYS = 12;
const MEAN_FURTHER_DAYS = 12;
/** The fault that develops while a visitor looks on. */
const DEVELOPING_GROWTH_DAYS = 25;
const DEVELOPING_LEFT_DAYS = 10;

/** People write times in whole minutes. */
function wholeMinute(atUs: number): number {
  return Math.round(atUs / 60_000_000) * 60_000_000;
}

/** Draws the faults of one machine between two times; a fault that would fail later is not begun. */
export function drawFaults(
  assetKey: string,
  type: MachineType,
  random: Random,
  fromUs: number,
  toUs: number,
): Fault[] {
  const faults: Fault[] = [];
  // History begins in the midst of each machine's life.
  let backUs = fromUs;
  let turn = random.int(type.faults.length);
  for (;;) {
    const spec = type.faults[turn++ % type.faults.length];
    if (spec === undefined) return faults;
    const wait = QUIET_DAYS - MEAN_FURTHER_DAYS * Math.log(1 - random.next());
    const growth = random.between(spec.growthDays[0], spec.growthDays[1]);
    const onsetUs = wholeMinute(backUs + wait * DAY_US);
    const failureUs = wholeMinute(onsetUs + growth * DAY_US);
    if (failureUs > toUs) return faults;
    backUs = wholeMinute(failureUs + random.between(8, 36) * HOUR_US);
    faults.push(makeFault(assetKey, spec, random, onsetUs, failureUs, backUs));
  }
}

/** The fault that is developing at `endUs` and fails ten days later. */
export function developingFault(
  assetKey: string,
  type: MachineType,
  random: Random,
  endUs: number,
): Fault | undefined {
  const spec = type.faults[0];
  if (spec === undefined) return undefined;
  const failureUs = endUs + DEVELOPING_LEFT_DAYS * DAY_US;
  const onsetUs = failureUs - DEVELOPING_GROWTH_DAYS * DAY_US;
  return makeFault(assetKey, spec, random, onsetUs, failureUs, failureUs + 20 * HOUR_US);
}

/** Until when the machine with the developing fault may have had others. */
export function lastEarlierFaultUs(endUs: number): number {
  return endUs - (DEVELOPING_GROWTH_DAYS - DEVELOPING_LEFT_DAYS + QUIET_DAYS) * DAY_US;
}

/** No two faults are alike: each effect differs by some percent. */
function makeFault(
  assetKey: string,
  spec: FaultSpec,
  random: Random,
  onsetUs: number,
  failureUs: number,
  backUs: number,
): Fault {
  const size = random.between(0.9, 1.15);
  const effects = spec.effects.map((effect) => {
    const own = size * random.between(0.9, 1.1);
    return {
      signal: effect.signal,
      power: effect.power,
      ...(effect.gain === undefined ? {} : { gain: effect.gain * own }),
      ...(effect.add === undefined ? {} : { add: effect.add * own }),
    };
  });
  return { assetKey, mode: spec.mode, onsetUs, failureUs, backUs, effects };
}

/** Kinds in proportion; days from and to. */
const DECOY_MIX: readonly (readonly [DecoyKind, weight: number, number, number])[] = [
  ["sensor remounted", 5, 4, 12],
  ["sensor drift", 5, 5, 12],
  ["passing disturbance", 5, 4, 12],
  ["load campaign", 3, 3, 8],
  ["sensor spikes", 2, 2, 8],
  ["sensor stuck", 1, 1, 4],
  ["sensor dropout", 1, 0.5, 3],
];

/** Draws one decoy of a machine that does not begin while one of its faults develops. */
export function drawDecoy(
  assetKey: string,
  type: MachineType,
  random: Random,
  faults: readonly Fault[],
  fromUs: number,
  toUs: number,
): Decoy {
  // Each kind stands in the urn as often as it weighs.
  const urn = DECOY_MIX.flatMap((row) => Array.from({ length: row[1] }, () => row));
  const [kind, , fromDays, toDays] = random.pick(urn);
  const days = random.between(fromDays, toDays);
  let startUs = fromUs;
  for (let attempt = 0; attempt < 8; attempt++) {
    startUs = wholeMinute(random.between(fromUs, toUs));
    const busy = faults.some((f) => startUs > f.onsetUs - 2 * DAY_US && startUs < f.backUs);
    if (!busy) break;
  }
  const span = { assetKey, kind, startUs, endUs: wholeMinute(startUs + days * DAY_US) };
  if (kind === "load campaign") {
    const add = random.between(0.15, 0.27) * (random.next() < 0.7 ? 1 : -1);
    return { ...span, signal: undefined, gain: 0, add };
  }
  // As large as a fault at its end, in one of the signals in which faults of this type show.
  const effect = random.pick(random.pick(type.faults).effects);
  const size = random.between(1.1, 1.9) * (random.next() < 0.85 ? 1 : -1);
  return {
    ...span,
    signal: effect.signal,
    gain: (effect.gain ?? 0) * size,
    add: (effect.add ?? 0) * size,
  };
}

/** Three hot spells of the whole plant. */
export function drawHotSpells(random: Random, fromUs: number, toUs: number): Decoy[] {
  return [0.2, 0.5, 0.8].map((part) => {
    const startUs = fromUs + (toUs - fromUs) * (part + random.between(-0.1, 0.1));
    return {
      assetKey: undefined,
      kind: "hot spell" as const,
      startUs,
      endUs: startUs + random.between(4, 9) * DAY_US,
      signal: undefined,
      gain: 0,
      add: random.between(5, 8),
    };
  });
}

/** Work orders of one machine: repairs after failures, inspections of decoys, planned service. */
export function drawMaintenance(
  assetKey: string,
  type: MachineType,
  random: Random,
  faults: readonly Fault[],
  decoys: readonly Decoy[],
  fromUs: number,
  toUs: number,
): MaintenanceRecord[] {
  const records: MaintenanceRecord[] = [];
  const add = (r: Omit<MaintenanceRecord, "assetKey" | "hours">) => {
    if (r.finishedAtUs > toUs) return;
    const hours = Math.round((r.finishedAtUs - r.startedAtUs) / HOUR_US);
    records.push({ ...r, assetKey, hours: Math.max(1, hours) });
  };
  for (const fault of faults) {
    const title = type.faults.find((spec) => spec.mode === fault.mode)?.title ?? fault.mode;
    const cost = Math.round((type.repairCost * random.between(0.8, 1.3)) / 10) * 10;
    const span = { startedAtUs: fault.failureUs, finishedAtUs: fault.backUs };
    add({ ...span, kind: "failure", mode: fault.mode, title, cost });
  }
  const quiet = (atUs: number) =>
    faults.every((f) => atUs < f.onsetUs - 2 * DAY_US || atUs > f.backUs + 5 * DAY_US);
  for (const decoy of decoys) {
    const part = random.between(0.4, 0.8);
    const atUs = wholeMinute(decoy.startUs + (decoy.endUs - decoy.startUs) * part);
    if (decoy.signal === undefined || random.next() > 0.4 || !quiet(atUs)) continue;
    const span = { startedAtUs: atUs, finishedAtUs: atUs + 2 * HOUR_US };
    const title = `Checked ${decoy.signal.replaceAll("_", " ")}`;
    add({ ...span, kind: "nothing_found", mode: undefined, title, cost: 240 });
  }
  let atUs = wholeMinute(fromUs + random.between(5, 70) * DAY_US);
  while (atUs < toUs) {
    const span = { startedAtUs: atUs, finishedAtUs: atUs + 4 * HOUR_US };
    const title = "Planned service";
    if (quiet(atUs)) add({ ...span, kind: "planned", mode: undefined, title, cost: 480 });
    atUs = wholeMinute(atUs + random.between(60, 80) * DAY_US);
  }
  return records.sort((a, b) => a.startedAtUs - b.startedAtUs);
}
