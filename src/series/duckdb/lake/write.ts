import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { LakeSegment } from "../../../domain/lake.ts";
import type { DuckdbConnection } from "../connection.ts";
import { dayTable } from "../hot.ts";
import { FIVE_MINUTES_US, literal, oneOf } from "../schema.ts";
import { makeFolder, settleFile } from "./files.ts";
import type { SealSlice } from "./plan.ts";
import { parquet } from "./source.ts";
import { inDay } from "./tables.ts";

/** What is sealed: the frozen tables of a day, and the files that they are merged with. */
export type SealInput = {
  readonly root: string;
  readonly dayStartUs: number;
  readonly segments: readonly LakeSegment[];
  readonly hasTexts: boolean;
};

/** Layer 0 hides sealed rows only: their newer value is in the frozen tables. */
const SEALED_HIDDEN = "anti join (select series, time from replaced where layer = 0)";

/** Everything of the day that is to be in the new files. */
export function sealedRows({ root, segments, hasTexts }: SealInput): string {
  const frozen = hasTexts
    ? "select f.series, f.time, f.value, t.text from frozen_readings f left join frozen_texts t using (series, time)"
    : "select series, time, value, null::varchar as text from frozen_readings";
  if (segments.length === 0) return `(${frozen})`;
  return `(${frozen} union all select series, time, value, text from ${parquet(root, segments)}
    ${SEALED_HIDDEN} using (series, time))`;
}

/**
 * Writes one file of a day, sorted by series and time, under a temporary name, and names it once it is
 * flushed. @returns undefined when the slice has no rows.
 */
export async function writeSlice(
  connection: DuckdbConnection,
  input: SealInput,
  slice: SealSlice,
  place: { readonly file: string; readonly newestClosedUs: ReadonlyMap<number, number> },
): Promise<LakeSegment | undefined> {
  const path = join(input.root, place.file);
  const temporary = `${path}.tmp`;
  await makeFolder(input.root, dirname(path));
  const [first = 0, last = 0] = [slice.seriesNos[0], slice.seriesNos.at(-1)];
  const which = `series between ${first} and ${last}`;
  await connection.run(`copy (
      select series, time, value, text from ${sealedRows(input)}
      where ${which} and ${oneOf("series", slice.seriesNos)} order by series, time)
    to ${literal(temporary)} (format parquet, compression zstd)`);
  const rows = await connection.rows(`
    select series, count(*)::double, count(text)::double, epoch_us(min(time))::double,
      epoch_us(max(time))::double
    from read_parquet(${literal(temporary)}, hive_partitioning = false) group by series`);
  if (rows.count === 0) {
    await rm(temporary);
    return undefined;
  }
  const [series, counts, texts] = [rows.u32(0), rows.f64(1), rows.f64(2)];
  const [least, most] = [rows.f64(3), rows.f64(4)];
  const sum = (column: Float64Array) => column.reduce((a, b) => a + b, 0);
  return {
    file: place.file,
    kind: "readings",
    tenantNo: slice.tenantNo,
    className: slice.className,
    dayStartUs: input.dayStartUs,
    seriesMin: series.reduce((a, b) => Math.min(a, b)),
    seriesMax: series.reduce((a, b) => Math.max(a, b)),
    rows: sum(counts),
    texts: sum(texts),
    timeMinUs: least.reduce((a, b) => Math.min(a, b)),
    timeMaxUs: most.reduce((a, b) => Math.max(a, b)),
    ...(await settleFile(temporary, path)),
    hasTail: series.some((no, row) => {
      const closed = place.newestClosedUs.get(no) ?? Number.NEGATIVE_INFINITY;
      return (most[row] ?? 0) >= closed + FIVE_MINUTES_US;
    }),
    defect: "",
    isUploaded: false,
  };
}

/** Rows per series of what is to be sealed, with the tenant of each. */
export async function countRows(
  connection: DuckdbConnection,
  input: SealInput,
): Promise<{ readonly seriesNo: number; readonly tenantNo: number; readonly rows: number }[]> {
  const rows = await connection.rows(`
    select c.series, s.tenant, c.n from
      (select series, count(*)::double as n from ${sealedRows(input)} group by series) c
      join series s on s.series = c.series`);
  const [series, tenant, count] = [rows.u32(0), rows.u32(1), rows.f64(2)];
  return Array.from(series, (seriesNo, row) => ({
    seriesNo,
    tenantNo: tenant[row] ?? 0,
    rows: count[row] ?? 0,
  }));
}

/**
 * Makes a day's rows the frozen ones, inside the running transaction: its own table as it is, and what
 * the shared tables hold of it.
 */
export async function moveToFrozen(
  connection: DuckdbConnection,
  dayStartUs: number,
  hasTable: boolean,
): Promise<void> {
  if (hasTable)
    await connection.run(`drop table frozen_readings;
      alter table ${dayTable(dayStartUs)} rename to frozen_readings`);
  for (const kind of ["readings", "texts"]) {
    const some = `from ${kind} where ${inDay("time", dayStartUs)}`;
    const rows = await connection.rows(`select (exists (select 1 ${some}))::uinteger from lake`);
    if (rows.u32(0)[0] === 1)
      await connection.run(`insert into frozen_${kind} select * ${some}; delete ${some}`);
  }
}
