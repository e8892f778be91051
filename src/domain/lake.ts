/** Length of a day of the lake: days of UTC, whatever the site's zone. */
export const LAKE_DAY_US = 86_400_000_000;

/** The class of a series that no other class was chosen for. */
export const DEFAULT_CLASS = "default";

/** What a file of the lake holds: readings with their texts, or waveforms with their samples. */
export type SegmentKind = "readings" | "waveforms";

/**
 * One Parquet file of the lake: readings or waveforms of one tenant, class and day, sorted by series and time. Files
 * never change; late readings are merged into a new one that takes the old one's place.
 */
export type LakeSegment = {
  /** Below the lake's folder: `tenant=1/class=default/day=2026-03-02/000007-0.parquet`. */
  readonly file: string;
  readonly kind: SegmentKind;
  readonly tenantNo: number;
  readonly className: string;
  readonly dayStartUs: number;
  /** Lowest and highest series number in it. */
  readonly seriesMin: number;
  readonly seriesMax: number;
  readonly rows: number;
  /** Rows that carry a text. */
  readonly texts: number;
  readonly timeMinUs: number;
  readonly timeMaxUs: number;
  readonly sizeBytes: number;
  readonly crc32: number;
  /** Whether it holds readings behind their series' newest closed bucket. */
  readonly hasTail: boolean;
  /** Why it is not read, empty while it is whole. */
  readonly defect: string;
  /** Whether S3-compatible storage has all of it. */
  readonly isUploaded: boolean;
};

/** What people call a series, and the class that it is kept by. */
export type SeriesFacts = {
  readonly seriesNo: number;
  readonly asset: string;
  readonly sensor: string;
  readonly unit: string;
  readonly className: string;
};

/** All that is known of a tenant's series; series that are not named have no facts. */
export type TenantFacts = { readonly tenantNo: number; readonly facts: readonly SeriesFacts[] };

/** What a sealing did. */
export type SealReport = {
  readonly days: number;
  readonly files: number;
  readonly rows: number;
  readonly sizeBytes: number;
};

/** When days are sealed without being asked. */
export type SealSchedule = {
  /** How long after its end a day is sealed. */
  readonly afterMs: number;
  /** How often it is looked whether a day is due. */
  readonly everyMs: number;
  /** How long late readings of a sealed day are gathered before they are merged into its files. */
  readonly mergeMs: number;
};

/**
 * Of the days that have readings outside the files, those to be sealed now: each once it has ended long
 * enough ago, and then, for its late readings, once in a while.
 * @param sealedAtUs when each day was sealed or merged last, as far as known.
 */
export function dueDays(
  days: readonly number[],
  sealedAtUs: ReadonlyMap<number, number>,
  schedule: SealSchedule,
  nowUs: number,
): number[] {
  return days.filter((dayStartUs) => {
    if (dayStartUs + LAKE_DAY_US + schedule.afterMs * 1000 > nowUs) return false;
    const sealed = sealedAtUs.get(dayStartUs);
    return sealed === undefined || sealed + schedule.mergeMs * 1000 <= nowUs;
  });
}

/** Days that end at or before `beforeUs` are sealed; those sealed before take in their late readings. */
export type SealRequest = { readonly beforeUs: number };

export type LakeStatus = {
  readonly files: number;
  /** Readings in them; a waveform's is one of them. */
  readonly rows: number;
  readonly sizeBytes: number;
  /** Files that S3-compatible storage has; why further ones are not sent, empty when all is well. */
  readonly uploaded: number;
  readonly uploadFailure: string;
  /** Files that are damaged or missing: their readings are not served. */
  readonly unreadable: readonly {
    readonly file: string;
    readonly rows: number;
    readonly defect: string;
  }[];
};

/** Start of the lake's day that a time lies in. */
export function lakeDayOf(atUs: number): number {
  return Math.floor(atUs / LAKE_DAY_US) * LAKE_DAY_US;
}

/** `2026-03-02`. */
export function lakeDayName(dayStartUs: number): string {
  return new Date(dayStartUs / 1000).toISOString().slice(0, 10);
}
