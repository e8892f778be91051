import type { RangeRequest, SeriesPoints } from "../../../domain/reading-store.ts";
import type { DuckdbConnection, Rows } from "../connection.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { pointsOfReadings } from "./points.ts";

/** Readings of each series; of one with more than `maxPoints` the lowest and highest of each slice. */
export async function readRaw(
  connection: DuckdbConnection,
  request: RangeRequest,
): Promise<SeriesPoints[]> {
  const { seriesNos, maxPoints } = request;
  const counts = await connection.rows(
    `select series, count(*)::double from readings where ${where(request, seriesNos)} group by series`,
  );
  const count = counts.f64(1);
  const many = new Set(counts.u32(0).filter((_, row) => (count[row] ?? 0) > maxPoints));
  const few = seriesNos.filter((no) => !many.has(no));
  const parts = new Map<number, SeriesPoints>();
  if (few.length > 0) split(await connection.rows(allOf(request, few)), false, parts);
  if (many.size > 0) split(await connection.rows(peaksOf(request, [...many])), true, parts);
  const none = new Float64Array();
  return seriesNos.map((no) => parts.get(no) ?? pointsOfReadings(no, false, none, none));
}

function where({ fromUs, toUs }: RangeRequest, seriesNos: readonly number[]): string {
  return `${oneOf("series", seriesNos)} and time >= ${timeLiteral(fromUs)}
    and time < ${timeLiteral(toUs)} and not isnan(value)`;
}

function allOf(request: RangeRequest, seriesNos: readonly number[]): string {
  return `select series, epoch_us(time)::double as at_us, value from readings
    where ${where(request, seriesNos)} order by series, at_us`;
}

function peaksOf(request: RangeRequest, seriesNos: readonly number[]): string {
  const slices = Math.floor(request.maxPoints / 2);
  const width = (request.toUs - request.fromUs) / slices;
  return `
    with slices as (
      select series, min(value) as low, arg_min(epoch_us(time), value) as low_at,
        max(value) as high, arg_max(epoch_us(time), value) as high_at
      from readings where ${where(request, seriesNos)}
      group by series, floor((epoch_us(time) - ${request.fromUs}) / ${width}::double))
    select series, at_us::double as at_us, value from (
      select series, low_at as at_us, low as value from slices
      union all
      select series, high_at, high from slices where high_at <> low_at)
    order by series, at_us`;
}

function split(rows: Rows, reduced: boolean, into: Map<number, SeriesPoints>): void {
  const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
  for (let from = 0; from < rows.count; ) {
    const no = series[from] ?? 0;
    let to = from + 1;
    while (to < rows.count && series[to] === no) to++;
    // Copies, since buffers are transferred to the reader's thread.
    into.set(no, pointsOfReadings(no, reduced, atUs.slice(from, to), value.slice(from, to)));
    from = to;
  }
}
