import { AppError } from "../domain/error.ts";
import { deviceKeyOf, type SeriesEntry, type SeriesKind, type Tags } from "../domain/series.ts";

/** Kinds as bytes; `UNLOGGED` is added while the log does not hold the series' entry. */
export const KIND = { numeric: 1, boolean: 2, state: 3, waveform: 4 } as const;
export const UNLOGGED = 0x80;

/** What a line says of a series it names. */
export type Sighting = {
  readonly tenantNo: number;
  readonly sourceNo: number;
  readonly measurement: string;
  /** Sorted by key. */
  readonly tags: Tags;
  readonly field: string;
  readonly kind: SeriesKind;
  readonly atUs: number;
};

/** Identity to number. An entry counts once the log holds it; until then `UNLOGGED` marks its kind. */
export class Dictionary {
  /** Kind byte by series number. */
  kinds = new Uint8Array(1024);
  private readonly numbers = new Map<string, number>();
  private readonly unlogged = new Map<number, SeriesEntry>();
  private readonly countOfTenant = new Map<number, number>();
  private highest = 0;
  private readonly maxSeries: number;
  private readonly maxSeriesPerTenant: number;

  constructor(maxSeries: number, maxSeriesPerTenant = maxSeries) {
    this.maxSeries = maxSeries;
    this.maxSeriesPerTenant = maxSeriesPerTenant;
  }

  get count(): number {
    return this.numbers.size;
  }

  get highestNo(): number {
    return this.highest;
  }

  /** Takes over an entry that the log holds. */
  load(entry: SeriesEntry): void {
    this.add(entry.tenantNo, keyOf(entry), entry.seriesNo);
    this.highest = Math.max(this.highest, entry.seriesNo);
    this.setKind(entry.seriesNo, KIND[entry.kind]);
  }

  /** Numbers up to here were given to series that nobody knows any more: they are not given again. */
  skip(seriesNo: number): void {
    this.highest = Math.max(this.highest, seriesNo);
  }

  /** The series' number, or undefined when it is new and there is no room for it. */
  numberOf(seen: Sighting): number | undefined {
    const key = keyOf(seen);
    const known = this.numbers.get(key);
    if (known !== undefined) {
      const waiting = this.unlogged.get(known);
      if (waiting) this.setUnlogged({ ...entryOf(seen, known) });
      return known;
    }
    if (this.refusal(seen.tenantNo) !== undefined) return undefined;
    const seriesNo = ++this.highest;
    if (seriesNo > 0xffffffff) throw new AppError("internal", "series numbers are used up");
    this.add(seen.tenantNo, key, seriesNo);
    this.setUnlogged(entryOf(seen, seriesNo));
    return seriesNo;
  }

  /** Why a tenant gets no further series; undefined while there is room. */
  refusal(tenantNo: number): string | undefined {
    if ((this.countOfTenant.get(tenantNo) ?? 0) >= this.maxSeriesPerTenant)
      return "a new series, and the tenant holds as many as it may; remove what varies from tags and names, or raise FORESIGHT_MAX_SERIES_PER_TENANT";
    if (this.numbers.size >= this.maxSeries)
      return "a new series, and the installation holds as many as it may; raise FORESIGHT_MAX_SERIES";
    return undefined;
  }

  private add(tenantNo: number, key: string, seriesNo: number): void {
    const before = this.numbers.size;
    this.numbers.set(key, seriesNo);
    if (this.numbers.size > before)
      this.countOfTenant.set(tenantNo, (this.countOfTenant.get(tenantNo) ?? 0) + 1);
  }

  kindOf(seriesNo: number): number {
    return (this.kinds[seriesNo] ?? 0) & ~UNLOGGED;
  }

  /** The entry of a series that the log does not hold yet; from now on it counts as logged. */
  takeUnlogged(seriesNo: number): SeriesEntry | undefined {
    const entry = this.unlogged.get(seriesNo);
    if (entry === undefined) return undefined;
    this.unlogged.delete(seriesNo);
    this.kinds[seriesNo] = this.kindOf(seriesNo);
    return entry;
  }

  /** The log did not take the entry after all. */
  giveBack(entry: SeriesEntry): void {
    this.setUnlogged(entry);
  }

  private setUnlogged(entry: SeriesEntry): void {
    this.unlogged.set(entry.seriesNo, entry);
    this.setKind(entry.seriesNo, KIND[entry.kind] | UNLOGGED);
  }

  private setKind(seriesNo: number, kind: number): void {
    if (seriesNo >= this.kinds.length) {
      const wider = new Uint8Array(Math.max(seriesNo + 1, this.kinds.length * 2));
      wider.set(this.kinds);
      this.kinds = wider;
    }
    this.kinds[seriesNo] = kind;
  }
}

function entryOf(seen: Sighting, seriesNo: number): SeriesEntry {
  return {
    tenantNo: seen.tenantNo,
    measurement: seen.measurement,
    tags: seen.tags,
    field: seen.field,
    seriesNo,
    kind: seen.kind,
    sourceNo: seen.sourceNo,
    deviceKey: deviceKeyOf(seen.measurement, seen.tags),
    firstAtUs: seen.atUs,
  };
}

function keyOf(series: Pick<Sighting, "tenantNo" | "measurement" | "tags" | "field">): string {
  // Names hold no NUL in either dialect, so it separates them.
  let key = `${series.tenantNo}\0${series.measurement}`;
  for (const [name, value] of series.tags) key += `\0${name}\0${value}`;
  return `${key}\0\0${series.field}`;
}
