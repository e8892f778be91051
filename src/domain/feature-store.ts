import type { Actor } from "./actor.ts";

/** Which columns feature rows have: a new recipe or new sensors make a new set. */
export type FeatureSet = {
  /** Hash of everything that decides the columns. */
  readonly id: string;
  readonly assetTypeId: string;
  readonly names: readonly string[];
};

/** Features of one asset as they were known at one time. */
export type StoredFeatureRow = {
  readonly assetId: string;
  readonly atUs: number;
  /** Steps of the asset's clock since it was installed or last renewed. */
  readonly step: number;
  /** NaN where a value is missing; kept to the last bit. */
  readonly values: Float64Array;
  /** Share of expected readings that were there, 0 to 1. */
  readonly coverage: number;
  /** Made from imported history rather than live. */
  readonly reconstructed: boolean;
};

export type FeatureStore = {
  ensureSet(who: Actor, set: FeatureSet): Promise<void>;
  sets(who: Actor, assetTypeId?: string): Promise<readonly FeatureSet[]>;
  /**
   * Writes rows in one transaction; a row made live is never rewritten, a reconstructed one is.
   * Returns how many were written.
   */
  put(who: Actor, setId: string, rows: readonly StoredFeatureRow[]): Promise<number>;
  /** By asset, then time. */
  read(
    who: Actor,
    setId: string,
    filter?: {
      assetIds?: readonly string[] | undefined;
      fromUs?: number | undefined;
      toUs?: number | undefined;
    },
  ): Promise<readonly StoredFeatureRow[]>;
  /** Newest row of every asset. */
  latest(who: Actor, setId: string): Promise<readonly StoredFeatureRow[]>;
};
