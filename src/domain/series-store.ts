import type { Actor, Change, Page, PageRequest } from "./actor.ts";
import type { SeriesEntry, SeriesKind } from "./series.ts";

export type SeriesStatus = "inbox" | "adopted" | "ignored";

/** A series with the mapping above it. */
export type SeriesRow = Omit<SeriesEntry, "tenantNo" | "sourceNo"> & {
  readonly sourceId: string;
  /** As the device names them; see `assetKeyOf` and `sensorNameOf`. */
  readonly assetKey: string | undefined;
  readonly sensorName: string;
  readonly status: SeriesStatus;
  readonly sensorId: string | undefined;
  /** The sensor's history comes from this series from here on (event time). */
  readonly mappedFromUs: number | undefined;
  readonly version: number;
};

/** A series that feeds a sensor: what reads, charts and rules need. */
export type MappedSeries = {
  readonly seriesNo: number;
  readonly kind: SeriesKind;
  readonly sensorId: string;
  readonly sensorName: string;
  readonly assetId: string;
  readonly assetTypeId: string | undefined;
  readonly mappedFromUs: number;
};

/** Where a series in the inbox belongs: a sensor of an asset, either made when missing. */
export type Adoption = {
  readonly seriesNo: number;
  /** The device's name for it when left out. */
  readonly assetKey?: string | undefined;
  readonly sensorName?: string | undefined;
  readonly unit?: string | undefined;
};

/** Series whose days change to `zone`; the log has not been told yet. */
export type ZoneChange = { readonly zone: string; readonly seriesNos: readonly number[] };

export type SeriesStore = {
  list(
    who: Actor,
    filter: PageRequest & {
      status?: SeriesStatus | undefined;
      query?: string | undefined;
      /** Only series that feed a sensor of this asset. */
      assetId?: string | undefined;
      kind?: SeriesKind | undefined;
    },
  ): Promise<Page<SeriesRow>>;
  get(who: Actor, seriesNo: number): Promise<SeriesRow | undefined>;
  /** The kind of each series that is known by this identity, tags sorted by key. */
  kindsOf(
    who: Actor,
    identities: readonly Pick<SeriesEntry, "measurement" | "tags" | "field">[],
  ): Promise<readonly (SeriesKind | undefined)[]>;
  counts(who: Actor): Promise<Readonly<Record<SeriesStatus, number>>>;
  /** All mapped series of the tenant, or those of one asset or sensor, by number. */
  mapped(
    who: Actor,
    of?: { assetId?: string | undefined; sensorId?: string | undefined },
  ): Promise<readonly MappedSeries[]>;
  adopt(who: Actor, adoptions: readonly Adoption[], change?: Change): Promise<readonly SeriesRow[]>;
  ignore(who: Actor, seriesNos: readonly number[], change?: Change): Promise<number>;
  /** Back to the inbox. */
  release(who: Actor, seriesNos: readonly number[], change?: Change): Promise<number>;
  /** In every tenant: mapped series whose site's zone is not the one last framed. */
  unframedZones(): Promise<readonly ZoneChange[]>;
  zonesFramed(changes: readonly ZoneChange[]): Promise<void>;
};
