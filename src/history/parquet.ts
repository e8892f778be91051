import { AppError } from "../domain/error.ts";
import { literal, type ParquetPlan, type ParquetWishes, planParquet } from "./parquet-sql.ts";
import type { FileReader, Part } from "./part.ts";

/** What a Parquet file is read with: statements of DuckDB. Columns are VARCHAR, DOUBLE or BLOB, never null. */
export type Query = (sql: string) => Promise<{
  readonly count: number;
  f64(column: number): Float64Array;
  text(column: number): string[];
  blob(column: number): Uint8Array<ArrayBuffer>[];
}>;

const PART_BYTES = 2_000_000;
const BAD_LISTED = 100;

/**
 * Reads a Parquet file row by row into lines, made by DuckDB so that no row is touched here.
 * @throws AppError "invalid" when it is no Parquet file or has no time, asset or values.
 */
export async function openParquet(
  query: Query,
  path: string,
  wishes: ParquetWishes,
): Promise<FileReader> {
  const of = `read_parquet(${literal(path)})`;
  const described = await query(`select column_name, column_type from (describe from ${of})`);
  const types = described.text(1);
  const columns = described.text(0).map((name, index) => ({ name, type: types[index] ?? "" }));
  const plan = planParquet(columns, wishes);
  if (typeof plan === "string") throw new AppError("invalid", plan);
  const total = (await query(`select count(*)::double from ${of}`)).f64(0)[0] ?? 0;
  const step = Math.max(250, Math.min(30_000, Math.floor(PART_BYTES / (40 + 16 * plan.fields))));
  return {
    description: [`Parquet, ${total} rows, ${plan.description[0]}`, ...plan.description.slice(1)],
    dialect: "influx",
    async *read(checkpoint) {
      for (let from = Number(checkpoint ?? 0); from < total; from += step)
        yield await partOf(query, plan, path, { from, to: Math.min(total, from + step) });
    },
  };
}

async function partOf(
  query: Query,
  plan: ParquetPlan,
  path: string,
  { from, to }: { from: number; to: number },
): Promise<Part> {
  const rows = plan.rowsSql(path, from, to);
  const all = await query(
    "select encode(coalesce(string_agg(line, '' order by n), '')), count(*)::double, " +
      `count(bad)::double, coalesce(sum(missing), 0)::double, count(line)::double from (${rows})`,
  );
  const at = (column: number) => all.f64(column)[0] ?? 0;
  const badCount = at(2);
  const isWhole = at(4) === to - from;
  let numbers: Float64Array | undefined;
  return {
    bytes: all.blob(0)[0] ?? new Uint8Array(0),
    precision: "us",
    checkpoint: String(to),
    rows: at(1),
    missing: at(3),
    badCount,
    bad: badCount === 0 ? [] : await badRows(query, rows),
    async fileLineOf(lineNo) {
      if (isWhole) return from + lineNo;
      numbers ??= (
        await query(`select n::double from (${rows}) where line is not null order by n`)
      ).f64(0);
      return (numbers[lineNo - 1] ?? 0) + 1;
    },
  };
}

async function badRows(query: Query, rows: string) {
  const found = await query(
    `select (n + 1)::double, bad from (${rows}) where bad is not null order by n limit ${BAD_LISTED}`,
  );
  const reasons = found.text(1);
  return Array.from(found.f64(0), (line, index) => ({ line, reason: reasons[index] ?? "" }));
}
