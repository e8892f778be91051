import { createRandom, hash32 } from "../lib/random.ts";
import {
  developingFault,
  drawDecoy,
  drawFaults,
  drawHotSpells,
  drawMaintenance,
  lastEarlierFaultUs,
} from "./lives.ts";
import { MACHINE_TYPES, type MachineType } from "./machine-types.ts";
import { DAY_US, type Decoy, type Fault, type MaintenanceRecord } from "./truth.ts";

export const HISTORY_DAYS = 180;
/** True faults get this many decoys each. */
export const DECOYS_PER_FAULT = 3;

/** A place in the tree: the plant, an area or a line. */
export type Place = { readonly key: string; readonly name: string; readonly parentKey: string };

export type Duty = "continuous" | "idle at night";

export type Machine = {
  readonly key: string;
  readonly name: string;
  readonly type: MachineType;
  readonly parentKey: string;
  readonly criticality: "low" | "medium" | "high";
  readonly installedAtUs: number;
  readonly seed: number;
  readonly duty: Duty;
  readonly loadGain: number;
  /** Thermal time constant. */
  readonly tauUs: number;
  /** Own factor of each signal of its type. */
  readonly gains: readonly number[];
  readonly faults: readonly Fault[];
  readonly decoys: readonly Decoy[];
  /** Work orders that ended before `endUs`. */
  readonly maintenance: readonly MaintenanceRecord[];
};

export type Plant = {
  readonly seed: number;
  readonly siteName: string;
  readonly startUs: number;
  /** End of the history and start of the live readings. */
  readonly endUs: number;
  readonly places: readonly Place[];
  readonly machines: readonly Machine[];
  readonly hotSpells: readonly Decoy[];
  /** The machine that is developing a fault at `endUs`. */
  readonly developing: Fault;
};

const PLACES: readonly Place[] = [
  { key: "NORTH", name: "North Works", parentKey: "" },
  { key: "WATER", name: "Water station", parentKey: "NORTH" },
  { key: "LINE-1", name: "Line 1", parentKey: "NORTH" },
  { key: "LINE-2", name: "Line 2", parentKey: "NORTH" },
  { key: "AIR", name: "Compressed air", parentKey: "NORTH" },
  { key: "VENT", name: "Ventilation", parentKey: "NORTH" },
];

/** Letter of the key, first number, where they stand in turn, and what they are called. */
const FLEET: Readonly<
  Record<string, { letter: string; first: number; at: readonly string[]; names: readonly string[] }>
> = {
  Pump: {
    letter: "P",
    first: 101,
    at: ["WATER", "WATER", "WATER", "LINE-1", "LINE-2", "LINE-2"],
    names: ["Intake", "Transfer", "Booster", "Process", "Process", "Cooling"],
  },
  Motor: {
    letter: "M",
    first: 201,
    at: ["LINE-1", "LINE-1", "LINE-2", "LINE-2", "LINE-2"],
    names: ["Mill", "Mixer", "Mill", "Mixer", "Saw"],
  },
  Fan: {
    letter: "F",
    first: 301,
    at: ["VENT", "VENT", "VENT", "LINE-1", "LINE-2"],
    names: ["Supply", "Exhaust", "Tower", "Dryer", "Dryer"],
  },
  Compressor: {
    letter: "C",
    first: 401,
    at: ["AIR", "AIR", "AIR", "AIR"],
    names: ["Base load", "Base load", "Peak load", "Reserve"],
  },
  Gearbox: {
    letter: "G",
    first: 501,
    at: ["LINE-1", "LINE-1", "LINE-2", "LINE-2"],
    names: ["Conveyor", "Mill", "Conveyor", "Mill"],
  },
};

/**
 * Draws the plant: 24 machines, their faults, decoys and work orders in the 180 days before `endUs`,
 * and one fault that develops at `endUs`. A pure function of its arguments.
 */
export function createPlant(seed: number, endUs: number): Plant {
  const random = createRandom(seed);
  const startUs = endUs - HISTORY_DAYS * DAY_US;
  const types = MACHINE_TYPES.flatMap((type) => (FLEET[type.name]?.at ?? []).map(() => type));
  const pumps = types.flatMap((type, i) => (type.name === "Pump" ? [i] : []));
  const developingIndex = random.pick(pumps);
  const counts = new Map<string, number>();
  const drafts = types.map((type, index) => {
    const nth = counts.get(type.name) ?? 0;
    counts.set(type.name, nth + 1);
    return draftMachine(seed, type, nth, index, startUs, endUs, index === developingIndex);
  });
  const faultCount = drafts.reduce((sum, d) => sum + d.machine.faults.length, 0);
  const decoys = drafts.map((): Decoy[] => []);
  for (let i = 0; i < faultCount * DECOYS_PER_FAULT; i++) {
    const index = random.int(drafts.length);
    const machine = drafts[index]?.machine;
    if (machine === undefined) continue;
    const drawn = drawDecoy(machine.key, machine.type, random, machine.faults, startUs, endUs);
    decoys[index]?.push(drawn);
  }
  const machines = drafts.map(({ machine }, index) => {
    const own = (decoys[index] ?? []).sort((a, b) => a.startUs - b.startUs);
    const { key, type, faults } = machine;
    const stream = random.fork(1_000 + index);
    const maintenance = drawMaintenance(key, type, stream, faults, own, startUs, endUs);
    return { ...machine, decoys: own, maintenance };
  });
  const developing = machines[developingIndex]?.faults.at(-1);
  if (developing === undefined) throw new Error("the plant has no pump"); // FLEET has six
  const hotSpells = drawHotSpells(random, startUs, endUs);
  const siteName = "North Works";
  return { seed, siteName, startUs, endUs, places: PLACES, machines, hotSpells, developing };
}

function draftMachine(
  seed: number,
  type: MachineType,
  nth: number,
  index: number,
  startUs: number,
  endUs: number,
  isDeveloping: boolean,
): { machine: Machine } {
  const fleet = FLEET[type.name];
  const random = createRandom(hash32(seed >>> 0, 7_000 + index));
  const key = `${fleet?.letter ?? "X"}-${(fleet?.first ?? 0) + nth}`;
  const lastUs = isDeveloping ? lastEarlierFaultUs(endUs) : endUs - DAY_US / 2;
  const faults = drawFaults(key, type, random, startUs, lastUs);
  const developing = isDeveloping ? developingFault(key, type, random, endUs) : undefined;
  const isNightly = type.name === "Gearbox" || (type.name === "Motor" && nth % 2 === 1);
  const machine: Machine = {
    key,
    name: `${fleet?.names[nth] ?? ""} ${type.name.toLowerCase()} ${key}`.trim(),
    type,
    parentKey: fleet?.at[nth] ?? "NORTH",
    criticality: nth === 0 ? "high" : nth === 3 ? "low" : "medium",
    installedAtUs: startUs - Math.round(random.between(200, 3_000)) * DAY_US,
    seed: hash32(seed >>> 0, 9_000 + index),
    duty: isNightly ? "idle at night" : "continuous",
    loadGain: random.between(0.88, 1.1),
    tauUs: random.between(40, 110) * 60_000_000,
    gains: type.signals.map((signal) => 1 + signal.spread * random.normal()),
    faults: developing === undefined ? faults : [...faults, developing],
    decoys: [],
    maintenance: [],
  };
  return { machine };
}

/** Every true fault of the plant, by time of failure; the last is the one developing at `endUs`. */
export function faultsOf(plant: Plant): Fault[] {
  return plant.machines
    .flatMap((machine) => machine.faults)
    .sort((a, b) => a.failureUs - b.failureUs);
}

/** Every decoy of the plant, by start. */
export function decoysOf(plant: Plant): Decoy[] {
  return [...plant.hotSpells, ...plant.machines.flatMap((machine) => machine.decoys)].sort(
    (a, b) => a.startUs - b.startUs,
  );
}
