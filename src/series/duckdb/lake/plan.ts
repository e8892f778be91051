import { type LakeSegment, lakeDayName, type SegmentKind } from "../../../domain/lake.ts";

/** What one series has to be sealed. */
export type SeriesRows = {
  readonly seriesNo: number;
  readonly tenantNo: number;
  readonly className: string;
  readonly rows: number;
};

/** One file to write: all readings of these series, from the frozen tables and the files it replaces. */
export type SealSlice = {
  readonly tenantNo: number;
  readonly className: string;
  readonly seriesNos: readonly number[];
};

/**
 * Cuts series into files: by tenant and class, in order of number, about `rowsMost` rows each, so that
 * the sort of one fits into memory. A series is never cut.
 */
export function planSlices(series: readonly SeriesRows[], rowsMost: number): SealSlice[] {
  const groups = Map.groupBy(series, (one) => `${one.tenantNo} ${one.className}`);
  return [...groups.values()].flatMap((group) => cut(group, rowsMost));
}

function cut(group: readonly SeriesRows[], rowsMost: number): SealSlice[] {
  const slices: SealSlice[] = [];
  let seriesNos: number[] = [];
  let rows = 0;
  const close = (of: SeriesRows) => {
    slices.push({ tenantNo: of.tenantNo, className: of.className, seriesNos });
    seriesNos = [];
    rows = 0;
  };
  for (const one of group.toSorted((a, b) => a.seriesNo - b.seriesNo)) {
    if (seriesNos.length > 0 && rows + one.rows > rowsMost) close(one);
    seriesNos.push(one.seriesNo);
    rows += one.rows;
  }
  const last = group[0];
  if (seriesNos.length > 0 && last) close(last);
  return slices;
}

/** The files that late readings of these series have to be merged with. */
export function affectedBy(
  seriesNos: Iterable<number>,
  segments: readonly LakeSegment[],
): LakeSegment[] {
  const all = [...seriesNos];
  return segments.filter(
    (one) => one.defect === "" && all.some((no) => no >= one.seriesMin && no <= one.seriesMax),
  );
}

/** A file's name below the lake's folder. The generation makes it new, whatever was there before. */
export function fileNameOf(
  slice: Pick<SealSlice, "tenantNo" | "className">,
  dayStartUs: number,
  place: { readonly generation: number; readonly index: number; readonly kind: SegmentKind },
): string {
  const version = String(place.generation).padStart(8, "0");
  // Apart from the readings, so that `class=*/day=*/*.parquet` stays one table for any tool.
  const kind = place.kind === "waveforms" ? "waveforms/" : "";
  return `tenant=${slice.tenantNo}/${kind}class=${slice.className}/day=${lakeDayName(dayStartUs)}/${version}-${place.index}.parquet`;
}
