import { LAKE_DAY_US, lakeDayOf } from "../../domain/lake.ts";
import type { ReadingColumns } from "../../domain/reading.ts";
import type { DuckdbConnection } from "./connection.ts";

/**
 * Tables that readings are written to. Days near today have a table each, which sealing takes away
 * whole; the shared table `readings` takes what is older, and what claims to be of the future.
 */
export type HotTables = {
  /** Starts of the days that have a table of their own. */
  readonly days: ReadonlySet<number>;
};

const OWN_TABLE = /^readings_d(_?\d+)$/;

/** Name of a day's own table. */
export function dayTable(dayStartUs: number): string {
  return `readings_d${Math.round(dayStartUs / LAKE_DAY_US)}`.replace("-", "_");
}

/** Whether the day gets a table of its own when its first reading comes. */
export function deservesTable(dayStartUs: number, nowUs: number): boolean {
  return Math.abs(dayStartUs - lakeDayOf(nowUs)) <= LAKE_DAY_US;
}

/** Reads which days have a table of their own. */
export async function loadHotDays(connection: DuckdbConnection): Promise<number[]> {
  const names = (await connection.rows("select table_name from duckdb_tables()")).text(0);
  return names
    .flatMap((name) => OWN_TABLE.exec(name)?.[1] ?? [])
    .map((day) => Number(day.replace("_", "-")) * LAKE_DAY_US);
}

/** Makes the tables of days, inside the running transaction. */
export async function makeDayTables(
  connection: DuckdbConnection,
  days: readonly number[],
): Promise<void> {
  for (const day of days)
    await connection.run(`create table ${dayTable(day)} (
      series uinteger not null, time timestamp not null, value double not null)`);
}

/** The days that these columns touch. */
export function daysTouched(columns: readonly ReadingColumns[]): Set<number> {
  const days = new Set<number>();
  for (const { count, atUs } of columns) {
    let [fromUs, toUs] = [0, 0];
    for (let row = 0; row < count; row++) {
      const at = atUs[row] ?? 0;
      if (at >= fromUs && at < toUs) continue;
      fromUs = lakeDayOf(at);
      toUs = fromUs + LAKE_DAY_US;
      days.add(fromUs);
    }
  }
  return days;
}

/** Appends readings to the tables that they belong to, inside the running transaction. */
export function appendReadings(
  connection: DuckdbConnection,
  hot: HotTables,
  columns: ReadingColumns,
): void {
  const days = daysTouched([columns]);
  const tables = new Set([...days].map((day) => tableOf(hot, day)));
  const [only] = tables;
  if (tables.size === 1 && only !== undefined) append(connection, only, columns);
  else
    for (const table of tables)
      append(
        connection,
        table,
        pick(columns, (at) => tableOf(hot, lakeDayOf(at)) === table),
      );
}

function tableOf(hot: HotTables, day: number): string {
  return hot.days.has(day) ? dayTable(day) : "readings";
}

function pick(columns: ReadingColumns, wanted: (atUs: number) => boolean): ReadingColumns {
  const rows = Array.from({ length: columns.count }, (_, row) => row).filter((row) =>
    wanted(columns.atUs[row] ?? 0),
  );
  return {
    count: rows.length,
    series: Uint32Array.from(rows, (row) => columns.series[row] ?? 0),
    atUs: Float64Array.from(rows, (row) => columns.atUs[row] ?? 0),
    value: Float64Array.from(rows, (row) => columns.value[row] ?? Number.NaN),
  };
}

function append(
  connection: DuckdbConnection,
  table: string,
  { count, series, atUs, value }: ReadingColumns,
): void {
  connection.append(
    table,
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
      { kind: "f64", data: value },
    ],
    count,
  );
}
