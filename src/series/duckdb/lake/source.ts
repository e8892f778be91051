import { join } from "node:path";
import {
  LAKE_DAY_US,
  type LakeSegment,
  lakeDayOf,
  type SegmentKind,
} from "../../../domain/lake.ts";
import { dayTable } from "../hot.ts";
import { literal } from "../schema.ts";
import type { LakeVersion } from "./versions.ts";

/** What a statement will look for; files and tables that cannot hold it are left out. */
export type Wanted = {
  readonly seriesNos: readonly number[];
  /** Times of [fromUs, toUs); the statement must still say so itself. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Only these days, by their starts, of the span. */
  readonly days?: ReadonlySet<number>;
  /** Only files with readings that no closed bucket holds. */
  readonly tailsOnly?: boolean;
};

/** Where readings and texts are, for the statements of one transaction. */
export type LakeView = {
  readonly version: LakeVersion;
  /** A table expression with series, time, value. */
  readings(wanted: Wanted): string;
  /** A table expression with series, time, text. */
  texts(wanted: Wanted): string;
  /** A table expression with the columns of `WAVEFORM_COLUMNS`. */
  waveforms(wanted: Wanted): string;
  /**
   * One layer alone, undefined where it can hold nothing that is wanted: what is written to, what is
   * being sealed, or the files, whose readings carry their texts.
   */
  layer(
    layer: "hot" | "frozen" | "sealed",
    wanted: Wanted,
  ): { readonly readings: string; readonly texts: string } | undefined;
  /** Files named by the expressions so far. */
  readonly used: ReadonlySet<LakeSegment>;
};

/** Views a version of the lake whose files lie in `root`. */
export function viewLake(
  version: LakeVersion,
  root: string,
  used: Set<LakeSegment> = new Set(),
): LakeView {
  const hot = (wanted: Wanted, kind: "readings" | "texts") =>
    kind === "texts"
      ? ["select series, time, text from texts"]
      : hotTables(version, wanted).map((table) => `select series, time, value from ${table}`);
  const frozen = (wanted: Wanted, kind: "readings" | "texts") => {
    if (version.frozenDayUs === undefined || !coversDay(wanted, version.frozenDayUs)) return [];
    const column = kind === "readings" ? "value" : "text";
    return [
      `select series, time, ${column} from frozen_${kind}${hidden(version, "where layer = 1")}`,
    ];
  };
  const sealed = (wanted: Wanted, columns: "value" | "text" | "value, text") => {
    const segments = segmentsFor(version, wanted).filter(
      (one) => columns !== "text" || one.texts > 0,
    );
    if (segments.length === 0) return [];
    for (const one of segments) used.add(one);
    const some = columns === "text" ? " where text is not null" : "";
    return [
      `select series, time, ${columns} from ${parquet(root, segments)}${hidden(version, "")}${some}`,
    ];
  };
  const union = (wanted: Wanted, kind: "readings" | "texts") => {
    const column = kind === "readings" ? "value" : "text";
    const parts = [...hot(wanted, kind), ...frozen(wanted, kind), ...sealed(wanted, column)];
    return parts.length === 1 ? kind : `(${parts.join(" union all ")})`;
  };
  const layer: LakeView["layer"] = (name, wanted) => {
    if (name === "hot")
      return { readings: `(${hot(wanted, "readings").join(" union all ")})`, texts: "texts" };
    const parts = name === "frozen" ? frozen(wanted, "readings") : sealed(wanted, "value, text");
    return parts[0] === undefined
      ? undefined
      : { readings: `(${parts[0]})`, texts: "frozen_texts" };
  };
  return {
    version,
    readings: (wanted) => union(wanted, "readings"),
    texts: (wanted) => union(wanted, "texts"),
    waveforms: (wanted) => {
      const segments = segmentsFor(version, wanted, "waveforms");
      for (const one of segments) used.add(one);
      return allWaveforms(root, segments);
    },
    layer,
    used,
  };
}

/** The tables that are written to and may hold something that is wanted. */
export function hotTables(version: LakeVersion, wanted: Wanted): string[] {
  return [
    "readings",
    ...version.hotDays.filter((day) => coversDay(wanted, day)).map((day) => dayTable(day)),
  ];
}

function hidden(version: LakeVersion, which: string): string {
  if (!version.hasReplaced) return "";
  return ` anti join (select series, time from replaced ${which}) using (series, time)`;
}

/** Files as one table. */
export function parquet(root: string, segments: readonly LakeSegment[]): string {
  const files = segments.map(({ file }) => literal(join(root, file)));
  return `read_parquet([${files.join(",")}], hive_partitioning = false)`;
}

export const WAVEFORM_COLUMNS = "series, time, sample_rate_hz, shape, length, samples";

/** Waveforms that lie in the table and in these files; one in the table is the newer. */
export function allWaveforms(root: string, segments: readonly LakeSegment[]): string {
  if (segments.length === 0) return "waveforms";
  return `(select ${WAVEFORM_COLUMNS} from waveforms union all
    select ${WAVEFORM_COLUMNS} from ${parquet(root, segments)}
      anti join (select series, time from waveforms) using (series, time))`;
}

function coversDay({ fromUs, toUs, days }: Wanted, dayUs: number): boolean {
  return fromUs < dayUs + LAKE_DAY_US && toUs > dayUs && (days?.has(dayUs) ?? true);
}

/** The whole files that may hold something that is wanted. */
export function segmentsFor(
  version: LakeVersion,
  wanted: Wanted,
  kind: SegmentKind = "readings",
): LakeSegment[] {
  const { fromUs, toUs, days, tailsOnly } = wanted;
  const near = version.segments.filter(
    (one) =>
      one.kind === kind &&
      one.defect === "" &&
      one.timeMinUs < toUs &&
      one.timeMaxUs >= fromUs &&
      (days?.has(one.dayStartUs) ?? true) &&
      (one.hasTail || !tailsOnly),
  );
  if (near.length === 0) return [];
  const sorted = Float64Array.from(wanted.seriesNos).sort();
  return near.filter((one) => anyWithin(sorted, one.seriesMin, one.seriesMax));
}

function anyWithin(sorted: Float64Array, min: number, max: number): boolean {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < min) low = middle + 1;
    else high = middle;
  }
  return (sorted[low] ?? Number.POSITIVE_INFINITY) <= max;
}

/** The days of a set of (series, time). */
export function daysOf(times: Iterable<number>): Set<number> {
  const days = new Set<number>();
  for (const at of times) days.add(lakeDayOf(at));
  return days;
}
