import type { BucketColumns } from "../../domain/reading.ts";
import type { SeriesEntry } from "../../domain/series.ts";
import type { Cell } from "../duckdb/late.ts";

/** Begins the text that stands for a number which QuestDB would read back as null. */
export const NUMBER_MARK = "\u0001";

/** A string between quotes; line ends and quotes are escaped. */
export function quotedText(text: string): string {
  return `"${text.replace(/["\\\n\r]/g, "\\$&")}"`;
}

const isKept = (value: number): boolean => !Number.isNaN(value);

/** The line of one reading. Without a value it is NaN; infinite ones are kept in its text. */
export function readingLine(
  table: string,
  series: number,
  atUs: number,
  { value, text }: Cell,
): string {
  const held = Number.isFinite(value) ? `,value=${value}` : "";
  const beside = isKept(value) && !Number.isFinite(value) ? `${NUMBER_MARK}${value}` : text;
  const texts = beside === undefined ? "" : `,text=${quotedText(beside)}`;
  return `${table} series=${series}i${held}${texts} ${atUs}t\n`;
}

/** What a row of value and text stands for. */
export function cellOf(value: unknown, text: unknown): Cell {
  if (typeof text === "string" && text.startsWith(NUMBER_MARK))
    return { value: Number(text.slice(1)), text: undefined };
  return {
    value: value === null ? Number.NaN : Number(value),
    text: text === null ? undefined : String(text),
  };
}

/** One bucket of any tier. One with n = 0 is gone: rows cannot be deleted. */
export type StoredBucket = {
  readonly n: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumSq: number;
  readonly first: number;
  readonly last: number;
  readonly firstAtUs: number;
  readonly lastAtUs: number;
};

export function bucketAt(buckets: BucketColumns, row: number): StoredBucket {
  const of = (column: Float64Array) => column[row] ?? 0;
  return {
    n: of(buckets.n),
    min: of(buckets.min),
    max: of(buckets.max),
    sum: of(buckets.sum),
    sumSq: of(buckets.sumSq),
    first: of(buckets.first),
    last: of(buckets.last),
    firstAtUs: of(buckets.firstAtUs),
    lastAtUs: of(buckets.lastAtUs),
  };
}

export function bucketLine(
  table: string,
  series: number,
  startUs: number,
  bucket: StoredBucket | undefined,
): string {
  const head = `${table} series=${series}i`;
  if (bucket === undefined) return `${head},n=0 ${startUs}t\n`;
  const { n, min, max, sum, sumSq, first, last, firstAtUs, lastAtUs } = bucket;
  const numbers = Object.entries({ n, min, max, sum, sum_sq: sumSq, first, last })
    .filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => `,${name}=${value}`);
  return `${head}${numbers.join("")},first_at=${firstAtUs}t,last_at=${lastAtUs}t ${startUs}t\n`;
}

/** A row of the dictionary; its number stands as its time, so that rows are appended. */
export function seriesLine(table: string, entry: SeriesEntry): string {
  const { seriesNo, tenantNo, measurement, tags, field, kind, sourceNo } = entry;
  const texts = Object.entries({
    measurement,
    tags: JSON.stringify(tags),
    field,
    kind,
    device_key: entry.deviceKey,
  }).map(([name, text]) => `,${name}=${quotedText(text)}`);
  return `${table} series=${seriesNo}i,tenant=${tenantNo}i,source=${sourceNo}i,first_at_us=${entry.firstAtUs}i${texts.join("")} ${seriesNo}t\n`;
}

export function zoneLine(table: string, seriesNo: number, zone: string): string {
  return `${table} series=${seriesNo}i,zone=${quotedText(zone)} ${seriesNo}t\n`;
}

export function metaLine(table: string, key: string, text: string): string {
  return `${table} key=${quotedText(key)},text=${quotedText(text)} 0t\n`;
}
