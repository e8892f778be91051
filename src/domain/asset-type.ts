import type { Actor, Change } from "./actor.ts";
import type { Limits } from "./sensor.ts";

/** What assets of one kind have in common. */
export type AssetType = {
  readonly id: string;
  readonly name: string;
  /** Word for one step of its clock: "h", "d", "cycle". Remaining life is given in it. */
  readonly clockUnit: string;
  /** Length of a step in event time; a feature row is made for each. */
  readonly clockStepUs: number;
  /** Steps ahead for "fails within". */
  readonly horizonSteps: number;
  /** Names of sensors that say how the asset is run, such as load or speed. */
  readonly settingsSignals: readonly string[];
  /** Limits for sensors of a name, where the sensor has none of its own. */
  readonly defaultLimits: Readonly<Record<string, Limits>>;
  readonly version: number;
};

export type NewAssetType = Pick<AssetType, "name"> &
  Partial<Omit<AssetType, "id" | "version" | "name">>;

export type AssetTypeStore = {
  list(who: Actor): Promise<readonly AssetType[]>;
  get(who: Actor, id: string): Promise<AssetType | undefined>;
  create(who: Actor, input: NewAssetType, change?: Change): Promise<AssetType>;
  /** The type of that name, made with defaults when missing. */
  ensure(who: Actor, input: NewAssetType): Promise<AssetType>;
  update(
    who: Actor,
    id: string,
    patch: Partial<Omit<AssetType, "id" | "version">>,
    change?: Change,
  ): Promise<AssetType>;
};

/** What a type has unless it says otherwise: hourly steps, two weeks ahead. */
export const ASSET_TYPE_DEFAULTS = {
  clockUnit: "h",
  clockStepUs: 3_600_000_000,
  horizonSteps: 336,
} as const;
