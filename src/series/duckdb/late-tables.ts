import type { DuckdbConnection } from "./connection.ts";
import type { Cells, LateDecision } from "./late.ts";
import { setCell } from "./late.ts";
import { timeLiteral } from "./schema.ts";
import { addTime, type SeriesTimes, timeColumns } from "./state.ts";

/** The smallest and largest time of a set, as DuckDB literals: they let whole row groups be skipped. */
function timeBounds(atUs: Float64Array): { from: string; to: string } {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const at of atUs) {
    if (at < from) from = at;
    if (at > to) to = at;
  }
  return { from: timeLiteral(from), to: timeLiteral(to) };
}

/** Puts (series, time) keys into a temporary table `name(series, time)`. */
async function stageKeys(connection: DuckdbConnection, name: string, keys: SeriesTimes) {
  const { count, series, atUs } = timeColumns(keys);
  await connection.run(`create or replace temp table ${name} (series uinteger, time timestamp)`);
  connection.append(
    name,
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
    ],
    count,
  );
  return timeBounds(atUs);
}

/** What the table holds at these keys, rows of the running transaction included. */
export async function cellsAt(connection: DuckdbConnection, keys: SeriesTimes): Promise<Cells> {
  const { from, to } = await stageKeys(connection, "late_keys", keys);
  const rows = await connection.rows(`
    select r.series, epoch_us(r.time)::double, r.value, (t.text is not null)::uinteger, coalesce(t.text, '')
    from readings r join late_keys k on r.series = k.series and r.time = k.time
    left join texts t on t.series = r.series and t.time = r.time
    where r.time between ${from} and ${to}`);
  const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
  const [hasText, text] = [rows.u32(3), rows.text(4)];
  const cells: Cells = new Map();
  for (let row = 0; row < rows.count; row++)
    setCell(cells, series[row] ?? 0, atUs[row] ?? 0, {
      value: value[row] ?? Number.NaN,
      text: hasText[row] === 1 ? text[row] : undefined,
    });
  return cells;
}

/** Writes what was decided: new rows, replaced values, and the texts of both. */
export async function storeLate(
  connection: DuckdbConnection,
  { added, replaced }: Pick<LateDecision, "added" | "replaced">,
): Promise<void> {
  const fresh = cellColumns(added);
  connection.append(
    "readings",
    [
      { kind: "u32", data: fresh.series },
      { kind: "time", data: fresh.atUs },
      { kind: "f64", data: fresh.value },
    ],
    fresh.count,
  );
  appendTexts(connection, added);
  if (replaced.size === 0) return;
  const changed = cellColumns(replaced);
  await connection.run(
    "create or replace temp table late_set (series uinteger, time timestamp, value double)",
  );
  connection.append(
    "late_set",
    [
      { kind: "u32", data: changed.series },
      { kind: "time", data: changed.atUs },
      { kind: "f64", data: changed.value },
    ],
    changed.count,
  );
  const { from, to } = timeBounds(changed.atUs);
  await connection.run(`
    update readings set value = s.value from late_set s
    where readings.series = s.series and readings.time = s.time
      and readings.time between ${from} and ${to};
    delete from texts using late_set s where texts.series = s.series and texts.time = s.time;`);
  appendTexts(connection, replaced);
}

function cellColumns(cells: Cells) {
  const keys: SeriesTimes = new Map();
  for (const [seriesNo, byTime] of cells)
    for (const atUs of byTime.keys()) addTime(keys, seriesNo, atUs);
  const columns = timeColumns(keys);
  const value = Float64Array.from(
    columns.atUs,
    (atUs, row) => cells.get(columns.series[row] ?? 0)?.get(atUs)?.value ?? Number.NaN,
  );
  return { ...columns, value };
}

function appendTexts(connection: DuckdbConnection, cells: Cells): void {
  const series: number[] = [];
  const atUs: number[] = [];
  const texts: string[] = [];
  for (const [seriesNo, byTime] of cells)
    for (const [at, { text }] of byTime) {
      if (text === undefined) continue;
      series.push(seriesNo);
      atUs.push(at);
      texts.push(text);
    }
  connection.append(
    "texts",
    [
      { kind: "u32", data: Uint32Array.from(series) },
      { kind: "time", data: Float64Array.from(atUs) },
      { kind: "text", data: texts },
    ],
    texts.length,
  );
}
