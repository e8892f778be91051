import { AppError } from "../domain/error.ts";
import type { ReadingText } from "../domain/reading.ts";
import type { LatestReading, ReadingRows, SeriesPoints } from "../domain/reading-store.ts";
import { json } from "../lib/reply.ts";
import { type Format, formatOf, MEDIA_TYPES } from "../lib/table/accept.ts";
import { arrowOf } from "../lib/table/arrow.ts";
import { csvOf } from "../lib/table/csv.ts";
import { parquetOf } from "../lib/table/parquet.ts";
import type { Table, TableColumn } from "../lib/table/table.ts";
import type { Aggregate, Steps } from "./step-groups.ts";

/**
 * The form that the request likes best.
 * @throws AppError "not-acceptable" when it accepts none of ours.
 */
export function formatFor(request: Request): Format {
  const accept = request.headers.get("accept");
  const format = formatOf(accept);
  if (format !== undefined) return format;
  const known = Object.values(MEDIA_TYPES).join(", ");
  throw new AppError("not-acceptable", `no form for Accept: ${accept}; there are ${known}`);
}

/** What a request is answered with: a value for JSON, a table for the other forms, made when wanted. */
export type Shaped = { readonly value: () => unknown; readonly table: () => Table };

/** Writes an answer in its form; `headers` go along. */
export function written(
  format: Format,
  shaped: Shaped,
  headers: Record<string, string> = {},
): Response {
  const all = { ...headers, vary: "accept" };
  if (format === "json") return json(shaped.value(), 200, all);
  const table = shaped.table();
  const type = format === "csv" ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES[format];
  const body = { csv: csvOf, parquet: parquetOf, arrow: arrowOf }[format](table);
  return new Response(body, { headers: { ...all, "content-type": type } });
}

/** Columns of several series, one below the other. */
function joined<T extends { readonly seriesNo: number; readonly atUs: Float64Array }>(
  parts: readonly T[],
  columns: Readonly<Record<string, (part: T) => Float64Array>>,
): Table {
  const rows = parts.reduce((sum, { atUs }) => sum + atUs.length, 0);
  const seriesNo = new Uint32Array(rows);
  let at = 0;
  for (const part of parts) {
    seriesNo.fill(part.seriesNo, at, at + part.atUs.length);
    at += part.atUs.length;
  }
  const join = (of: (part: T) => Float64Array) => {
    const data = new Float64Array(rows);
    let from = 0;
    for (const part of parts) {
      data.set(of(part), from);
      from += part.atUs.length;
    }
    return data;
  };
  return {
    columns: [
      { name: "series_no", kind: "u32", data: seriesNo },
      { name: "time", kind: "timeUs", data: join((part) => part.atUs) },
      ...Object.entries(columns).map(
        ([name, of]): TableColumn => ({ name, kind: "f64", data: join(of) }),
      ),
    ],
  };
}

/** Points as JSON: columns as lists. A raw point is its value, which stands in `mean`. */
export function pointsValue(points: SeriesPoints): unknown {
  const { seriesNo, tier, reduced } = points;
  const [atUs, mean] = [Array.from(points.atUs), Array.from(points.mean)];
  if (tier === "raw") return { seriesNo, tier, reduced, atUs, mean };
  const [n, min, max] = [points.n, points.min, points.max].map((column) => Array.from(column));
  return { seriesNo, tier, reduced, atUs, n, mean, min, max };
}

/** Points as a table. */
export function pointsTable(points: readonly SeriesPoints[]): Table {
  return joined(points, {
    n: (one) => one.n,
    mean: (one) => one.mean,
    min: (one) => one.min,
    max: (one) => one.max,
  });
}

/** Steps of one series. */
export type SeriesSteps = Steps & {
  readonly seriesNo: number;
  readonly step: string;
  readonly aggregate: Aggregate;
};

export function stepsValue({ seriesNo, step, aggregate, atUs, value }: SeriesSteps): unknown {
  return { seriesNo, step, aggregate, atUs: Array.from(atUs), value: Array.from(value) };
}

export function stepsTable(steps: readonly SeriesSteps[]): Table {
  return joined(steps, { [steps[0]?.aggregate ?? "value"]: (one) => one.value });
}

/** Texts by row; undefined where the number says it all. */
function textsByRow(rows: ReadingRows): (string | undefined)[] {
  const key = ({ series, atUs }: Pick<ReadingText, "series" | "atUs">) => `${series} ${atUs}`;
  const texts = new Map(rows.texts.map((one) => [key(one), one.text]));
  return Array.from(rows.atUs, (atUs, row) =>
    texts.get(key({ series: rows.series[row] ?? 0, atUs })),
  );
}

/** A page of one series' readings as JSON; `texts` only when there is one. */
export function pageValue(seriesNo: number, rows: ReadingRows, next: string | undefined): unknown {
  const texts = rows.texts.length === 0 ? undefined : textsByRow(rows).map((text) => text ?? null);
  const [atUs, value] = [Array.from(rows.atUs), Array.from(rows.value)];
  return { seriesNo, tier: "raw", reduced: false, atUs, value, texts, next };
}

export function pageTable(rows: ReadingRows): Table {
  return {
    columns: [
      { name: "series_no", kind: "u32", data: rows.series },
      { name: "time", kind: "timeUs", data: rows.atUs },
      { name: "value", kind: "f64", data: rows.value },
      { name: "text", kind: "text", data: textsByRow(rows) },
    ],
  };
}

export function latestTable(latest: readonly LatestReading[]): Table {
  return {
    columns: [
      { name: "series_no", kind: "u32", data: Uint32Array.from(latest, (one) => one.seriesNo) },
      { name: "time", kind: "timeUs", data: Float64Array.from(latest, (one) => one.atUs) },
      { name: "value", kind: "f64", data: Float64Array.from(latest, (one) => one.value) },
      { name: "text", kind: "text", data: latest.map((one) => one.text) },
    ],
  };
}
