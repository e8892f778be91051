import type { ReadingText } from "../../../domain/reading.ts";
import { READ_LIMITS, type ReadingRows, type RowsRequest } from "../../../domain/reading-store.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { checkSeries, checkSpan, checkWhole } from "./limits.ts";

/** Readings as stored, in order of series and time. One row more than asked for tells whether more follow. */
export async function readRows(
  connection: DuckdbConnection,
  lake: LakeView,
  request: RowsRequest,
): Promise<ReadingRows> {
  const { seriesNos, fromUs, toUs, after, limit } = request;
  checkSeries(after ? [...seriesNos, after.seriesNo] : seriesNos);
  checkSpan(after ? Math.min(fromUs, after.atUs) : fromUs, toUs);
  checkWhole("limit", limit, 1, READ_LIMITS.rowsPerRead);
  const behind = after
    ? `and (series > ${after.seriesNo} or (series = ${after.seriesNo} and time > ${timeLiteral(after.atUs)}))`
    : "";
  const where = `${oneOf("series", seriesNos)} and time >= ${timeLiteral(fromUs)}
    and time < ${timeLiteral(toUs)} ${behind}
    ${request.of === "numbers" ? "and not isnan(value)" : ""}`;
  const readings = lake.readings({ seriesNos, fromUs, toUs });
  const rows = await connection.rows(
    request.lastOfSteps
      ? lastSql(readings, request.lastOfSteps, where, limit)
      : `select series, epoch_us(time)::double, value from ${readings} where ${where}
         order by series, time limit ${limit + 1}`,
  );
  const count = Math.min(rows.count, limit);
  const page = {
    count,
    series: rows.u32(0).slice(0, count),
    atUs: rows.f64(1).slice(0, count),
    value: rows.f64(2).slice(0, count),
    more: rows.count > limit,
  };
  const texts = request.of === "all" && count > 0 ? await textsOf(connection, lake, page) : [];
  return { ...page, texts };
}

function lastSql(
  readings: string,
  { firstUs, stepUs, withinUs }: NonNullable<RowsRequest["lastOfSteps"]>,
  where: string,
  limit: number,
): string {
  checkWhole("firstUs", firstUs, 0, Number.MAX_SAFE_INTEGER);
  checkWhole("stepUs", stepUs, 1, Number.MAX_SAFE_INTEGER);
  checkWhole("withinUs", withinUs, 1, Number.MAX_SAFE_INTEGER);
  const step = `ceil((epoch_us(time) - ${firstUs}) / ${stepUs}::double)`;
  const isNear = `${firstUs} + ${step} * ${stepUs} - epoch_us(time) < ${withinUs}`;
  return `select series, epoch_us(max(time))::double as at_us, arg_max(value, time) from ${readings}
    where ${where} ${withinUs < stepUs ? `and ${isNear}` : ""}
    group by series, ${step} order by series, at_us limit ${limit + 1}`;
}

/** Texts from the first row of a page to its last. */
async function textsOf(
  connection: DuckdbConnection,
  lake: LakeView,
  { count, series, atUs }: Pick<ReadingRows, "count" | "series" | "atUs">,
): Promise<ReadingText[]> {
  const least = atUs.reduce((a, b) => Math.min(a, b));
  const most = atUs.reduce((a, b) => Math.max(a, b));
  const seriesNos = [...new Set(series)];
  const wanted = { seriesNos, fromUs: least, toUs: most + 1 };
  const rows = await connection.rows(`
    select series, epoch_us(time)::double, text from ${lake.texts(wanted)}
    where ${oneOf("series", seriesNos)}
      and time >= ${timeLiteral(least)} and time <= ${timeLiteral(most)}
    order by series, time`);
  const [textAtUs, text] = [rows.f64(1), rows.text(2)];
  const [first, last] = [series[0] ?? 0, series[count - 1] ?? 0];
  const [firstAtUs, lastAtUs] = [atUs[0] ?? 0, atUs[count - 1] ?? 0];
  return Array.from(rows.u32(0), (no, row) => ({
    series: no,
    atUs: textAtUs[row] ?? 0,
    text: text[row] ?? "",
  })).filter(
    (one) =>
      !(one.series === first && one.atUs < firstAtUs) &&
      !(one.series === last && one.atUs > lastAtUs),
  );
}
