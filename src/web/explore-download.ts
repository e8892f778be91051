import { MEDIA_TYPES } from "../lib/table/accept.ts";
import { arrowOf } from "../lib/table/arrow.ts";
import { csvOf } from "../lib/table/csv.ts";
import { parquetOf } from "../lib/table/parquet.ts";
import type { Table } from "../lib/table/table.ts";
import type { ExploreItem } from "./explore-items.ts";
import { exactTime, type View } from "./explore-range.ts";
import type { Explored } from "./explore-read.ts";
import { isLine } from "./explore-read.ts";

/** Forms in which what is shown can be taken along, by the word in the address. */
export const TAKE_AS = {
  csv: { words: "CSV", ending: "csv", write: csvOf },
  parquet: { words: "Parquet", ending: "parquet", write: parquetOf },
  arrow: { words: "Arrow", ending: "arrows", write: arrowOf },
} as const;
export type TakeAs = keyof typeof TAKE_AS;

/** The lines as drawn and the states as stretches, one row each, in the order of the page. Pure. */
export function exploredTable(items: readonly ExploreItem[], explored: Explored): Table {
  const rows = {
    name: [] as string[],
    unit: [] as string[],
    tier: [] as string[],
    time: [] as number[],
    seconds: [] as number[],
    columns: [[], [], [], []] as [number[], number[], number[], number[]],
    text: [] as (string | undefined)[],
  };
  const add = (item: ExploreItem, tier: string, atUs: number, numbers: readonly number[]) => {
    rows.name.push(item.name);
    rows.unit.push(item.unit);
    rows.tier.push(tier);
    rows.time.push(atUs);
    for (const [i, column] of rows.columns.entries()) column.push(numbers[i] ?? Number.NaN);
  };
  for (const item of items.filter(isLine)) {
    const points = explored.points.get(item.token);
    for (const [i, atUs] of (points?.atUs ?? []).entries()) {
      const columns = [points?.mean, points?.min, points?.max, points?.n];
      const numbers = columns.map((column) => column?.[i] ?? Number.NaN);
      add(item, points?.tier ?? "raw", atUs, numbers);
      rows.seconds.push(Number.NaN);
      rows.text.push(undefined);
    }
  }
  for (const item of items)
    for (const run of explored.strips.get(item.token)?.runs ?? []) {
      add(item, "state", run.fromUs, []);
      rows.seconds.push((run.toUs - run.fromUs) / 1e6);
      rows.text.push(run.text);
    }
  const [mean, min, max, n] = rows.columns;
  const f64 = (name: string, data: readonly number[]) =>
    ({ name, kind: "f64", data: Float64Array.from(data) }) as const;
  return {
    columns: [
      { name: "series", kind: "text", data: rows.name },
      { name: "unit", kind: "text", data: rows.unit },
      { name: "tier", kind: "text", data: rows.tier },
      { name: "time", kind: "timeUs", data: Float64Array.from(rows.time) },
      ...[f64("mean", mean), f64("min", min), f64("max", max), f64("n", n)],
      f64("seconds", rows.seconds),
      { name: "state", kind: "text", data: rows.text },
    ],
  };
}

/** The file, named by its start. */
export function exploredFile(table: Table, as: TakeAs, view: Pick<View, "fromUs">): Response {
  const { ending, write } = TAKE_AS[as];
  const name = `foresight-${exactTime(view.fromUs).slice(0, 16).replaceAll(":", "")}.${ending}`;
  return new Response(write(table), {
    headers: {
      "content-type": as === "csv" ? `${MEDIA_TYPES.csv}; charset=utf-8` : MEDIA_TYPES[as],
      "content-disposition": `attachment; filename="${name}"`,
    },
  });
}

/** The same read as a command, for who writes a program. */
export function restCommand(
  origin: string,
  tenantId: string,
  items: readonly ExploreItem[],
  view: Pick<View, "fromUs" | "toUs" | "tier">,
): string {
  const seriesNos = items.filter(isLine).flatMap((one) => one.mapped.map((m) => m.seriesNo));
  if (seriesNos.length === 0) return "";
  const { fromUs, toUs, tier } = view;
  const body = { seriesNos, fromUs: Math.round(fromUs), toUs: Math.round(toUs), tier };
  return (
    `curl -X POST '${origin}/api/v1/query/${tenantId}' ` +
    `-H 'Authorization: Bearer YOUR_TOKEN' -H 'Accept: text/csv' ` +
    `-H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`
  );
}
