import type { Actor, Change, Page, PageRequest } from "./actor.ts";

/** A is the most critical. */
export const CRITICALITIES = ["A", "B", "C"] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** What people say of an asset; whether it runs is for its readings to tell. */
export const ASSET_MODES = ["in-service", "maintenance", "stopped", "retired"] as const;
export type AssetMode = (typeof ASSET_MODES)[number];

/** A machine, or a place in the tree that holds machines. */
export type Asset = {
  readonly id: string;
  /** As devices send it; unique in the tenant. */
  readonly key: string;
  readonly name: string;
  readonly typeId: string | undefined;
  readonly siteId: string | undefined;
  readonly parentId: string | undefined;
  readonly criticality: Criticality;
  readonly mode: AssetMode;
  /** When maintenance ends, if that is known. */
  readonly modeUntilUs: number | undefined;
  readonly installedAtUs: number | undefined;
  /** Costs in the tenant's currency; undefined = not known, never 0. */
  readonly downtimeCostPerHour: number | undefined;
  readonly repairCost: number | undefined;
  readonly failureCost: number | undefined;
  readonly createdAtUs: number;
  readonly version: number;
};

export type AssetInput = Omit<Asset, "id" | "key" | "name" | "createdAtUs" | "version">;
export type NewAsset = Pick<Asset, "key"> & { readonly name?: string | undefined } & {
  readonly [K in keyof AssetInput]?: AssetInput[K] | undefined;
};
/** A field that is there is set, also to undefined; one that is not there stays. */
export type AssetPatch = {
  readonly [K in keyof Omit<Asset, "id" | "createdAtUs" | "version">]?: Asset[K] | undefined;
};

export type AssetFilter = PageRequest & {
  readonly query?: string | undefined;
  readonly typeId?: string | undefined;
  readonly siteId?: string | undefined;
  readonly criticality?: Criticality | undefined;
  /** This asset and everything below it. */
  readonly branch?: string | undefined;
};

export type AssetStore = {
  /** By name, then key. */
  list(who: Actor, filter?: AssetFilter): Promise<Page<Asset>>;
  /** Every asset of the tenant, by name: for trees, jobs and joins. At most 50,000. */
  all(who: Actor): Promise<readonly Asset[]>;
  get(who: Actor, id: string): Promise<Asset | undefined>;
  byKey(who: Actor, key: string): Promise<Asset | undefined>;
  /** @throws AppError "conflict" when the key is taken, "invalid" for a parent, type or site not there. */
  create(who: Actor, input: NewAsset, change?: Change): Promise<Asset>;
  /** Makes or changes many by key, in one transaction with one audit row each that changed. */
  upsert(
    who: Actor,
    inputs: readonly NewAsset[],
  ): Promise<{ created: number; updated: number; unchanged: number; assets: readonly Asset[] }>;
  /** @throws AppError "invalid" when the parent lies below the asset itself. */
  update(who: Actor, id: string, patch: AssetPatch, change?: Change): Promise<Asset>;
  /** @throws AppError "conflict" while it has sensors, work or assets below it: retire it instead. */
  remove(who: Actor, id: string, change?: Change): Promise<void>;
};

/** An asset's name to show beside its key: without the key where the name ends with it. Pure. */
export function nameBesideKey({ key, name }: Pick<Asset, "key" | "name">): string {
  if (name === key) return "";
  const end = ` ${key}`;
  return name.endsWith(end) ? name.slice(0, -end.length).trim() : name;
}
