import { LAKE_DAY_US, lakeDayOf } from "../../domain/lake.ts";
import type { DuckdbConnection, Rows } from "./connection.ts";
import { appendReadings } from "./hot.ts";
import { daysOf, hotTables, type LakeView, type Wanted } from "./lake/source.ts";
import type { LakeVersion } from "./lake/versions.ts";
import type { CellLayer, Cells, LateDecision } from "./late.ts";
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
export async function stageKeys(connection: DuckdbConnection, name: string, keys: SeriesTimes) {
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

const LAYERS = ["hot", "frozen", "sealed"] as const;

/** What the store holds at these keys, rows of the running transaction included. */
export async function cellsAt(
  connection: DuckdbConnection,
  lake: LakeView,
  keys: SeriesTimes,
): Promise<Cells> {
  const { from, to } = await stageKeys(connection, "late_keys", keys);
  const cells: Cells = new Map();
  const within = `r.time between ${from} and ${to}`;
  const wanted = wantedOf(keys);
  for (const [index, layer] of LAYERS.entries()) {
    const source = lake.layer(layer, wanted);
    if (source === undefined) continue;
    const texts =
      layer === "sealed"
        ? ""
        : `left join ${source.texts} t on t.series = r.series and t.time = r.time`;
    const text = layer === "sealed" ? "r.text" : "t.text";
    const rows = await connection.rows(`
      select r.series, epoch_us(r.time)::double, r.value, (${text} is not null)::uinteger,
        coalesce(${text}, '')
      from ${source.readings} r join late_keys k on r.series = k.series and r.time = k.time ${texts}
      where ${within}`);
    takeCells(cells, rows, LAYERS[index] ?? "hot");
  }
  return cells;
}

/** What these keys lie in: their series, span and days. */
function wantedOf(keys: SeriesTimes): Wanted {
  const { atUs } = timeColumns(keys);
  const days = daysOf(atUs);
  return {
    seriesNos: [...keys.keys()],
    fromUs: Math.min(...days),
    toUs: Math.max(...days) + LAKE_DAY_US,
    days,
  };
}

function takeCells(cells: Cells, rows: Rows, layer: CellLayer): void {
  const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
  const [hasText, text] = [rows.u32(3), rows.text(4)];
  for (let row = 0; row < rows.count; row++)
    setCell(cells, series[row] ?? 0, atUs[row] ?? 0, {
      value: value[row] ?? Number.NaN,
      text: hasText[row] === 1 ? text[row] : undefined,
      layer,
    });
}

/**
 * Writes what was decided: new rows, replaced values, and the texts of both. A reading that is frozen or
 * sealed is hidden, and its new value is a row of its own.
 */
export async function storeLate(
  connection: DuckdbConnection,
  decision: Pick<LateDecision, "added" | "replaced">,
  lake: LakeVersion,
): Promise<{ readonly hidAny: boolean }> {
  const hot: Cells = new Map();
  const hidden: Cells = new Map();
  for (const [seriesNo, byTime] of decision.replaced)
    for (const [atUs, cell] of byTime)
      setCell(cell.layer === "hot" ? hot : hidden, seriesNo, atUs, cell);
  appendCells(connection, lake, decision.added);
  if (hot.size > 0) await updateCells(connection, lake, hot);
  if (hidden.size > 0) {
    appendHidden(connection, hidden, lake.frozenDayUs);
    appendCells(connection, lake, hidden);
  }
  return { hidAny: hidden.size > 0 };
}

/** While their day is being sealed, keys hide what is frozen and what will be sealed of it: layer 1. */
function appendHidden(
  connection: DuckdbConnection,
  cells: Cells,
  frozenDayUs: number | undefined,
): void {
  const { count, series, atUs } = cellColumns(cells);
  connection.append(
    "replaced",
    [
      { kind: "u32", data: series },
      { kind: "time", data: atUs },
      {
        kind: "u32",
        data: Uint32Array.from(atUs, (at) => (lakeDayOf(at) === frozenDayUs ? 1 : 0)),
      },
    ],
    count,
  );
}

function appendCells(connection: DuckdbConnection, lake: LakeVersion, added: Cells): void {
  appendReadings(connection, { days: new Set(lake.hotDays) }, cellColumns(added));
  appendTexts(connection, added);
}

async function updateCells(
  connection: DuckdbConnection,
  lake: LakeVersion,
  replaced: Cells,
): Promise<void> {
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
  for (const table of hotTables(lake, wantedOf(timesOf(replaced))))
    await connection.run(`
      update ${table} set value = s.value from late_set s
      where ${table}.series = s.series and ${table}.time = s.time
        and ${table}.time between ${from} and ${to}`);
  await connection.run(`
    delete from texts using late_set s where texts.series = s.series and texts.time = s.time;`);
  appendTexts(connection, replaced);
}

function timesOf(cells: Cells): SeriesTimes {
  const keys: SeriesTimes = new Map();
  for (const [seriesNo, byTime] of cells)
    for (const atUs of byTime.keys()) addTime(keys, seriesNo, atUs);
  return keys;
}

function cellColumns(cells: Cells) {
  const columns = timeColumns(timesOf(cells));
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
