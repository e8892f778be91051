import type { Actor, Change } from "./actor.ts";
import type { SeriesKind } from "./series.ts";

/** Bounds of a value in the sensor's unit; a side that is undefined has none. */
export type Limits = {
  readonly lowCritical?: number | undefined;
  readonly lowWarning?: number | undefined;
  readonly highWarning?: number | undefined;
  readonly highCritical?: number | undefined;
};

/** One signal of an asset. */
export type Sensor = {
  readonly id: string;
  readonly assetId: string;
  /** As devices send it; unique in the asset. */
  readonly name: string;
  /** For people; the name when they gave none. */
  readonly label: string;
  readonly unit: string;
  readonly kind: SeriesKind;
  /** Digits shown after the point. */
  readonly decimals: number;
  readonly limits: Limits;
  readonly version: number;
};

export type NewSensor = Pick<Sensor, "assetId" | "name"> & {
  readonly label?: string | undefined;
  readonly unit?: string | undefined;
  readonly kind?: SeriesKind | undefined;
  readonly decimals?: number | undefined;
  readonly limits?: Limits | undefined;
};

export type SensorPatch = Partial<Pick<Sensor, "name" | "label" | "unit" | "decimals" | "limits">>;

export type SensorStore = {
  ofAsset(who: Actor, assetId: string): Promise<readonly Sensor[]>;
  /** Every sensor of the tenant, by asset and name. At most 500,000. */
  all(who: Actor): Promise<readonly Sensor[]>;
  get(who: Actor, id: string): Promise<Sensor | undefined>;
  create(who: Actor, input: NewSensor, change?: Change): Promise<Sensor>;
  /** Makes or changes many by asset and name, in one transaction. */
  upsert(who: Actor, inputs: readonly NewSensor[]): Promise<readonly Sensor[]>;
  update(who: Actor, id: string, patch: SensorPatch, change?: Change): Promise<Sensor>;
};

/** Whether limits are in order: low critical ≤ low warning < high warning ≤ high critical. Pure. */
export function limitsInOrder(limits: Limits): boolean {
  const given = [
    limits.lowCritical,
    limits.lowWarning,
    limits.highWarning,
    limits.highCritical,
  ].filter((limit) => limit !== undefined);
  return given.every(
    (limit, i) => Number.isFinite(limit) && (i === 0 || (given[i - 1] ?? 0) <= limit),
  );
}

/** The sensor's own limits where it has them, else those of its asset's type. Pure. */
export function limitsOf(own: Limits, fromType: Limits | undefined): Limits {
  return {
    lowCritical: own.lowCritical ?? fromType?.lowCritical,
    lowWarning: own.lowWarning ?? fromType?.lowWarning,
    highWarning: own.highWarning ?? fromType?.highWarning,
    highCritical: own.highCritical ?? fromType?.highCritical,
  };
}

/** What people read: the sensor's label, or its name in plain words when nobody gave it one. Pure. */
export function readableLabel({ name, label }: Pick<Sensor, "name" | "label">): string {
  if (label !== name) return label;
  const plain = name.replace(/[_]+/g, " ").trim();
  return plain === "" ? name : plain.slice(0, 1).toUpperCase() + plain.slice(1);
}
