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

/** From when until when a series feeds its sensor; the end is not part of it. */
export type FeedingSpan = {
  readonly seriesNo: number;
  readonly fromUs: number;
  /** Infinity for the one that feeds it now. */
  readonly untilUs: number;
};

/** The spans of a sensor's series by time: from a later start on, that series alone counts. */
export function feedingSpans(
  parts: readonly Pick<MappedSeries, "seriesNo" | "mappedFromUs">[],
): FeedingSpan[] {
  const ordered = [...parts].sort(
    (a, b) => a.mappedFromUs - b.mappedFromUs || a.seriesNo - b.seriesNo,
  );
  return ordered.map(({ seriesNo, mappedFromUs }, i) => ({
    seriesNo,
    fromUs: mappedFromUs,
    untilUs: ordered[i + 1]?.mappedFromUs ?? Number.POSITIVE_INFINITY,
  }));
}

/**
 * Where a series belongs: a sensor of an asset, either made when missing, or one that is there already.
 * A sensor that other series feed keeps their history up to this one's start.
 */
export type Adoption = {
  readonly seriesNo: number;
  /** A sensor that is there; then neither name is given. */
  readonly sensorId?: string | undefined;
  /** Event time from which the sensor's history comes from this series; its first reading when left out. */
  readonly fromUs?: number | undefined;
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
  /**
   * `request` is what was asked for where the adoptions only follow from it: a repeat of the same key and
   * request is answered as the first time, whatever has become of the series.
   * @throws AppError "not-found" for a series or sensor, "invalid" when the sensor holds another kind.
   */
  adopt(
    who: Actor,
    adoptions: readonly Adoption[],
    change?: Change,
    request?: unknown,
  ): Promise<readonly SeriesRow[]>;
  ignore(who: Actor, seriesNos: readonly number[], change?: Change): Promise<number>;
  /** Back to the inbox. */
  release(who: Actor, seriesNos: readonly number[], change?: Change): Promise<number>;
  /** In every tenant: mapped series whose site's zone is not the one last framed. */
  unframedZones(): Promise<readonly ZoneChange[]>;
  zonesFramed(changes: readonly ZoneChange[]): Promise<void>;
};
