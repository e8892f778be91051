/** What a signal answers to: value = base + load·L + speed·S + speed2·S² + heat·H + ambient·(A - 20). */
export type Drive = {
  readonly base?: number;
  readonly load?: number;
  readonly speed?: number;
  readonly speed2?: number;
  /** H lags behind load and speed by the machine's thermal time constant. */
  readonly heat?: number;
  /** Per °C of the air around the machine. */
  readonly ambient?: number;
};

export type SignalSpec = {
  readonly name: string;
  readonly unit: string;
  readonly decimals: number;
  readonly drive: Drive;
  /** Standard deviation of one reading, in the unit. */
  readonly noise: number;
  /** Slow wander over days, relative to the value: wear of seals, product, settling. */
  readonly wander: number;
  /** Value while stopped; undefined for a signal that cools by itself. */
  readonly rest: number | undefined;
  /** Spread between machines of one type, relative. */
  readonly spread: number;
  readonly high?: readonly [warning: number, critical: number];
};

/** One fault's trace in one signal at full severity: value · (1 + gain · s^power) + add · s^power. */
export type Effect = {
  readonly signal: string;
  readonly gain?: number;
  readonly add?: number;
  readonly power: number;
};

export type FaultSpec = {
  readonly mode: string;
  readonly title: string;
  readonly growthDays: readonly [number, number];
  readonly effects: readonly Effect[];
};

export type MachineType = {
  readonly name: string;
  /** Measurement of its lines. */
  readonly measurement: string;
  readonly variableSpeed: boolean;
  /** Signals that say how it is run, not how it is. */
  readonly settings: readonly string[];
  readonly signals: readonly SignalSpec[];
  readonly faults: readonly FaultSpec[];
  readonly downtimeCostPerHour: number;
  readonly repairCost: number;
  readonly failureCost: number;
};

const vibration = (level: number): SignalSpec => ({
  name: "vibration",
  unit: "mm/s",
  decimals: 2,
  drive: { base: 0.15 * level, load: 0.4 * level, speed2: 0.6 * level },
  noise: 0.07 * level,
  wander: 0.04,
  rest: 0.08,
  spread: 0.12,
  high: [round1(1.75 * level), round1(2.4 * level)],
});

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}

const temperature = (
  name: string,
  base: number,
  heat: number,
  ambient: number,
  high: readonly [number, number],
): SignalSpec => ({
  name,
  unit: "°C",
  decimals: 1,
  drive: { base, heat, ambient },
  noise: 0.35,
  wander: 0.014,
  rest: undefined,
  spread: 0.03,
  high,
});

type Running = Omit<SignalSpec, "rest" | "spread" | "wander" | "noise"> & Partial<SignalSpec>;

/** A signal that is 0 at rest. */
const running = (spec: Running, noise: number, wander: number): SignalSpec => ({
  rest: 0,
  spread: 0.03,
  ...spec,
  noise,
  wander,
});

const speed = (rpm: number): SignalSpec =>
  running({ name: "speed", unit: "rpm", decimals: 0, drive: { speed: rpm } }, rpm * 0.002, 0);

const bearingWear: FaultSpec = {
  mode: "bearing wear",
  title: "Replaced bearing",
  growthDays: [19, 25],
  effects: [
    { signal: "vibration", gain: 0.46, power: 1 },
    { signal: "bearing_temperature", add: 9, power: 1.2 },
    { signal: "current", gain: 0.06, power: 1 },
  ],
};

const pump: MachineType = {
  name: "Pump",
  measurement: "pump",
  variableSpeed: true,
  settings: ["speed"],
  signals: [
    speed(2950),
    running(
      { name: "flow", unit: "m³/h", decimals: 1, drive: { load: 40, speed: 200 } },
      2.4,
      0.012,
    ),
    running(
      { name: "pressure", unit: "bar", decimals: 2, drive: { base: 1.1, load: -0.6, speed2: 8.4 } },
      0.07,
      0.01,
    ),
    vibration(2),
    temperature("bearing_temperature", 24, 36, 0.5, [70, 80]),
    running(
      { name: "current", unit: "A", decimals: 1, drive: { base: 16, load: 60, speed2: 14 } },
      0.9,
      0.01,
    ),
  ],
  faults: [
    bearingWear,
    {
      mode: "cavitation",
      title: "Cleaned clogged suction strainer",
      growthDays: [17, 23],
      effects: [
        { signal: "flow", gain: -0.14, power: 1 },
        { signal: "pressure", gain: -0.1, power: 1 },
        { signal: "vibration", gain: 0.32, power: 1 },
        { signal: "current", gain: -0.06, power: 1 },
      ],
    },
  ],
  downtimeCostPerHour: 1400,
  repairCost: 3200,
  failureCost: 14500,
};

const motor: MachineType = {
  name: "Motor",
  measurement: "motor",
  variableSpeed: false,
  settings: ["speed", "torque"],
  signals: [
    running(
      { name: "speed", unit: "rpm", decimals: 0, drive: { base: 1498, load: -22 }, spread: 0.001 },
      1.5,
      0,
    ),
    running({ name: "torque", unit: "Nm", decimals: 0, drive: { base: 30, load: 610 } }, 8, 0.005),
    running({ name: "current", unit: "A", decimals: 1, drive: { base: 48, load: 132 } }, 1.6, 0.01),
    temperature("winding_temperature", 30, 62, 0.6, [105, 120]),
    temperature("bearing_temperature", 26, 34, 0.5, [70, 80]),
    vibration(1.6),
  ],
  faults: [
    bearingWear,
    {
      mode: "winding overheating",
      title: "Rewound stator",
      growthDays: [18, 24],
      effects: [
        { signal: "winding_temperature", add: 20, power: 1 },
        { signal: "current", gain: 0.11, power: 1 },
        { signal: "bearing_temperature", add: 7, power: 1 },
      ],
    },
  ],
  downtimeCostPerHour: 1900,
  repairCost: 4100,
  failureCost: 19000,
};

const fan: MachineType = {
  name: "Fan",
  measurement: "fan",
  variableSpeed: true,
  settings: ["speed"],
  signals: [
    speed(985),
    running(
      { name: "flow", unit: "km³/h", decimals: 1, drive: { load: 10, speed: 62 } },
      0.7,
      0.012,
    ),
    running(
      { name: "pressure", unit: "Pa", decimals: 0, drive: { base: 60, speed2: 1450 } },
      18,
      0.012,
    ),
    vibration(2.2),
    temperature("bearing_temperature", 22, 30, 0.6, [65, 75]),
    running(
      { name: "current", unit: "A", decimals: 1, drive: { base: 12, load: 38, speed2: 22 } },
      0.8,
      0.01,
    ),
  ],
  faults: [
    bearingWear,
    {
      mode: "imbalance",
      title: "Cleaned and balanced impeller",
      growthDays: [18, 24],
      effects: [
        { signal: "vibration", gain: 0.5, power: 1 },
        { signal: "flow", gain: -0.12, power: 1 },
        { signal: "pressure", gain: -0.08, power: 1 },
        { signal: "current", gain: 0.06, power: 1 },
      ],
    },
  ],
  downtimeCostPerHour: 800,
  repairCost: 2100,
  failureCost: 8200,
};

const compressor: MachineType = {
  name: "Compressor",
  measurement: "compressor",
  variableSpeed: false,
  settings: ["load"],
  signals: [
    running({ name: "load", unit: "%", decimals: 1, drive: { load: 100 } }, 0.8, 0),
    running(
      { name: "discharge_pressure", unit: "bar", decimals: 2, drive: { base: 7.4, load: -0.5 } },
      0.05,
      0.008,
    ),
    temperature("discharge_temperature", 40, 52, 0.7, [100, 112]),
    temperature("oil_temperature", 34, 34, 0.6, [78, 88]),
    vibration(2.4),
    running({ name: "current", unit: "A", decimals: 1, drive: { base: 90, load: 210 } }, 2.6, 0.01),
  ],
  faults: [
    {
      mode: "valve leak",
      title: "Replaced discharge valve",
      growthDays: [17, 23],
      effects: [
        { signal: "discharge_pressure", gain: -0.12, power: 1 },
        { signal: "discharge_temperature", add: 16, power: 1 },
        { signal: "current", gain: 0.09, power: 1 },
      ],
    },
    {
      mode: "cooler fouling",
      title: "Cleaned oil cooler",
      growthDays: [19, 25],
      effects: [
        { signal: "oil_temperature", add: 12, power: 1 },
        { signal: "discharge_temperature", add: 12, power: 1 },
        { signal: "vibration", gain: 0.15, power: 1 },
      ],
    },
  ],
  downtimeCostPerHour: 2600,
  repairCost: 6800,
  failureCost: 31000,
};

const gearbox: MachineType = {
  name: "Gearbox",
  measurement: "gearbox",
  variableSpeed: true,
  settings: ["speed", "torque"],
  signals: [
    speed(1480),
    running(
      { name: "torque", unit: "Nm", decimals: 0, drive: { base: 120, load: 2900 } },
      34,
      0.005,
    ),
    temperature("oil_temperature", 28, 36, 0.6, [78, 88]),
    temperature("bearing_temperature", 26, 38, 0.5, [72, 82]),
    vibration(2.1),
    running(
      { name: "particles", unit: "1/ml", decimals: 0, drive: { base: 900, load: 250 } },
      40,
      0.04,
    ),
  ],
  faults: [
    {
      mode: "gear wear",
      title: "Replaced gear stage",
      growthDays: [19, 25],
      effects: [
        { signal: "particles", gain: 0.8, power: 1 },
        { signal: "vibration", gain: 0.4, power: 1 },
        { signal: "oil_temperature", add: 6, power: 1.2 },
      ],
    },
    {
      mode: "lubrication loss",
      title: "Changed oil and replaced seal",
      growthDays: [17, 23],
      effects: [
        { signal: "oil_temperature", add: 11, power: 1 },
        { signal: "bearing_temperature", add: 11, power: 1 },
        { signal: "particles", gain: 0.5, power: 1 },
      ],
    },
  ],
  downtimeCostPerHour: 2200,
  repairCost: 7400,
  failureCost: 28000,
};

/** The five kinds of machine of the demo plant. */
export const MACHINE_TYPES: readonly MachineType[] = [pump, motor, fan, compressor, gearbox];
