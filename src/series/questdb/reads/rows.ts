import type { ReadingText } from "../../../domain/reading.ts";
import { READ_LIMITS, type ReadingRows, type RowsRequest } from "../../../domain/reading-store.ts";
import { checkSeries, checkSpan, checkWhole } from "../../duckdb/reads/limits.ts";
import { cellOf, NUMBER_MARK } from "../lines.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import type { Row } from "../wire.ts";
import { byTenant, type ReadDeps } from "./range.ts";

/** Readings as stored, in order of series and time. One row more than asked for tells whether more follow. */
export async function readRows(deps: ReadDeps, request: RowsRequest): Promise<ReadingRows> {
  const { seriesNos, fromUs, toUs, after, limit } = request;
  checkSeries(after ? [...seriesNos, after.seriesNo] : seriesNos);
  checkSpan(after ? Math.min(fromUs, after.atUs) : fromUs, toUs);
  checkWhole("limit", limit, 1, READ_LIMITS.rowsPerRead);
  const found: Row[] = [];
  for (const [tenantNo, own] of byTenant(deps, seriesNos)) {
    const table = deps.tables.readings(tenantNo);
    found.push(...(await deps.wire.query(sqlOf(table, own, request))));
  }
  // Each tenant's rows are in order; of several the first `limit` of all are wanted.
  found.sort((a, b) => Number(a[0]) - Number(b[0]) || Number(a[1]) - Number(b[1]));
  const count = Math.min(found.length, limit);
  const page = {
    count,
    series: new Uint32Array(count),
    atUs: new Float64Array(count),
    value: new Float64Array(count),
    more: found.length > limit,
  };
  const texts: ReadingText[] = [];
  for (let row = 0; row < count; row++) {
    const [series, atUs, value, held] = found[row] ?? [];
    const cell = cellOf(value, held ?? null);
    page.series[row] = Number(series);
    page.atUs[row] = Number(atUs);
    page.value[row] = cell.value;
    if (request.of === "all" && cell.text !== undefined)
      texts.push({ series: Number(series), atUs: Number(atUs), text: cell.text });
  }
  return { ...page, texts };
}

function sqlOf(table: string, own: readonly number[], request: RowsRequest): string {
  const { fromUs, toUs, after, limit, lastOfSteps } = request;
  const behind = after
    ? `and (series > ${after.seriesNo} or (series = ${after.seriesNo} and ts > ${timeLiteral(after.atUs)}))`
    : "";
  const number = `(value is not null or text like '${NUMBER_MARK}%')`;
  const where = `${oneOf("series", own)} and ts >= ${timeLiteral(fromUs)}
    and ts < ${timeLiteral(toUs)} ${behind} ${request.of === "numbers" ? `and ${number}` : ""}`;
  const part = `limit ${limit + 1}`;
  if (lastOfSteps === undefined)
    return `select series, ts::long, value, text from ${table} where ${where} order by series, ts ${part}`;
  const { firstUs, stepUs, withinUs } = lastOfSteps;
  checkWhole("firstUs", firstUs, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("stepUs", stepUs, 1, Number.MAX_SAFE_INTEGER);
  checkWhole("withinUs", withinUs, 1, Number.MAX_SAFE_INTEGER);
  // The newest of a step is near its end, or none of the step is.
  return `select series, at_us, value, text from (
      select series, step, max(ts)::long at_us, last(value) value, last(text) text from (
        select series, ts, value, text, cast(ceil((ts::long - ${firstUs}L) / ${stepUs}.0) as long) step
        from ${table} where ${where}
      )
    ) where ${firstUs}L + step * ${stepUs}L - at_us < ${withinUs}L order by series, at_us ${part}`;
}
