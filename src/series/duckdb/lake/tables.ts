import { LAKE_DAY_US, type LakeSegment } from "../../../domain/lake.ts";
import type { AppendColumn, DuckdbConnection } from "../connection.ts";
import { loadHotDays } from "../hot.ts";
import { literal, timeLiteral } from "../schema.ts";
import type { LakeVersion } from "./versions.ts";

const NO_DAY = -1;

/** Reads which tables and files are in force. */
export async function loadVersion(connection: DuckdbConnection): Promise<LakeVersion> {
  const lake = await connection.rows("select generation, frozen_day from lake");
  const replaced = await connection.rows(
    "select (exists (select 1 from replaced))::uinteger from lake",
  );
  const frozenDayUs = lake.f64(1)[0] ?? NO_DAY;
  return {
    generation: lake.f64(0)[0] ?? 0,
    hotDays: await loadHotDays(connection),
    frozenDayUs: frozenDayUs === NO_DAY ? undefined : frozenDayUs,
    segments: await loadSegments(connection),
    hasReplaced: replaced.u32(0)[0] === 1,
  };
}

async function loadSegments(connection: DuckdbConnection): Promise<LakeSegment[]> {
  const rows = await connection.rows(`
    select file, tenant, class, day, series_min, series_max, row_count, text_count, time_min, time_max,
      size_bytes, crc32, has_tail, defect, is_uploaded, kind
    from segments order by file`);
  const [file, className, defect] = [rows.text(0), rows.text(2), rows.text(13)];
  const [tenant, seriesMin, seriesMax] = [rows.u32(1), rows.u32(4), rows.u32(5)];
  const [day, rowCount, textCount] = [rows.f64(3), rows.f64(6), rows.f64(7)];
  const [timeMin, timeMax, sizeBytes] = [rows.f64(8), rows.f64(9), rows.f64(10)];
  const [crc32, hasTail, isUploaded] = [rows.f64(11), rows.u32(12), rows.u32(14)];
  const kind = rows.text(15);
  return file.map((name, row) => ({
    file: name,
    kind: kind[row] === "waveforms" ? "waveforms" : "readings",
    tenantNo: tenant[row] ?? 0,
    className: className[row] ?? "",
    dayStartUs: day[row] ?? 0,
    seriesMin: seriesMin[row] ?? 0,
    seriesMax: seriesMax[row] ?? 0,
    rows: rowCount[row] ?? 0,
    texts: textCount[row] ?? 0,
    timeMinUs: timeMin[row] ?? 0,
    timeMaxUs: timeMax[row] ?? 0,
    sizeBytes: sizeBytes[row] ?? 0,
    crc32: crc32[row] ?? 0,
    hasTail: hasTail[row] === 1,
    defect: defect[row] ?? "",
    isUploaded: isUploaded[row] === 1,
  }));
}

/** Writes what differs between two versions, inside the running transaction. */
export async function storeVersion(
  connection: DuckdbConnection,
  before: LakeVersion,
  after: LakeVersion,
): Promise<void> {
  await connection.run(
    `update lake set generation = ${after.generation}, frozen_day = ${after.frozenDayUs ?? NO_DAY}`,
  );
  const kept = new Set(after.segments);
  const known = new Set(before.segments);
  const gone = before.segments.filter((one) => !kept.has(one));
  const stays = new Set(after.segments.map(({ file }) => file));
  if (gone.length > 0)
    await connection.run(`
      insert into remote_unwanted select file from segments where is_uploaded = 1
        and file in (${gone.map(({ file }) => (stays.has(file) ? "''" : literal(file))).join(",")});
      delete from segments where file in (${gone.map(({ file }) => literal(file)).join(",")})`);
  appendSegments(
    connection,
    after.segments.filter((one) => !known.has(one)),
  );
}

function appendSegments(connection: DuckdbConnection, segments: readonly LakeSegment[]): void {
  const text = (of: (one: LakeSegment) => string): AppendColumn => ({
    kind: "text",
    data: segments.map(of),
  });
  const u32 = (of: (one: LakeSegment) => number): AppendColumn => ({
    kind: "u32",
    data: Uint32Array.from(segments, of),
  });
  const f64 = (of: (one: LakeSegment) => number): AppendColumn => ({
    kind: "f64",
    data: Float64Array.from(segments, of),
  });
  const columns = [
    text((one) => one.file),
    u32((one) => one.tenantNo),
    text((one) => one.className),
    f64((one) => one.dayStartUs),
    u32((one) => one.seriesMin),
    u32((one) => one.seriesMax),
    f64((one) => one.rows),
    f64((one) => one.texts),
    f64((one) => one.timeMinUs),
    f64((one) => one.timeMaxUs),
    f64((one) => one.sizeBytes),
    f64((one) => one.crc32),
    u32((one) => (one.hasTail ? 1 : 0)),
    text((one) => one.defect),
    u32((one) => (one.isUploaded ? 1 : 0)),
    text((one) => one.kind),
  ];
  connection.append("segments", columns, segments.length);
}

/** A condition that a column lies in a day of the lake. */
export function inDay(column: string, dayStartUs: number): string {
  return `${column} >= ${timeLiteral(dayStartUs)} and ${column} < ${timeLiteral(dayStartUs + LAKE_DAY_US)}`;
}

/** Runs something in one transaction. @throws what it throws, after rolling back. */
export async function inTransaction<T>(
  connection: DuckdbConnection,
  run: () => Promise<T>,
): Promise<T> {
  await connection.run("begin");
  try {
    const result = await run();
    await connection.run("commit");
    return result;
  } catch (error) {
    // A commit that failed has rolled back already; then this has nothing to end.
    await connection.run("rollback").catch(() => undefined);
    throw error;
  }
}
