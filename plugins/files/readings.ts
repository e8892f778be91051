import {
  AppError,
  BATCH_LIMITS,
  encodeValue,
  escapeKey,
  escapeMeasurement,
  type RowError,
  reasonOf,
} from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { type Row, textOf } from "./csv.ts";
import { createLineWriter } from "./line-writer.ts";
import { createNumberParser, isPlainNumber, MISSING } from "./numbers.ts";
import type { RowHandler } from "./row-handler.ts";
import { createTimeParser } from "./times.ts";

const BATCH_BYTES = 512 * 1_024;
const BATCH_ROWS = 50_000;
/** A line is ended past this, and the row goes on in another with the same time. */
const LINE_BYTES = 32 * 1_024;
const NAME_CHARS = 256;
const NAMES_CACHED = 20_000;

const encoder = new TextEncoder();
const [COMMA, SPACE] = [44, 32];

type Names = ReturnType<typeof createNames>;

/** Escaped names as bytes, by what stands in the file; or why a name cannot be. */
function createNames(toLine: (name: string) => string) {
  const cache = new Map<string, Uint8Array | string>();
  return (text: string): Uint8Array | string => {
    let found = cache.get(text);
    if (found === undefined) {
      found =
        text.length > NAME_CHARS ? `longer than ${NAME_CHARS} characters` : encoded(text, toLine);
      if (cache.size >= NAMES_CACHED) cache.clear();
      cache.set(text, found);
    }
    return found;
  };
}

function encoded(text: string, toLine: (name: string) => string): Uint8Array | string {
  try {
    return encoder.encode(toLine(text));
  } catch (error) {
    return reasonOf(error); // a name that line protocol cannot hold is a bad row, not a failure
  }
}

function sameBytes(row: Row, index: number, known: Uint8Array): boolean {
  const start = row.starts[index] ?? 0;
  const length = (row.ends[index] ?? 0) - start;
  if (length !== known.length || row.quoting[index] === 2) return false;
  for (let at = 0; at < length; at++) if (row.bytes[start + at] !== known[at]) return false;
  return true;
}

/**
 * Reads readings: long (a row is one reading: asset, sensor, time, value) or wide (a column is a
 * sensor). Each row becomes a line `measurement,asset=<asset> <sensor>=<value>,… <time in µs>`, so both
 * forms give the same series. A bad cell is left out and said; the rest of its row is kept.
 * @throws AppError("invalid") when a column's name cannot be a sensor's.
 */
export function createReadingsHandler(
  columns: readonly (string | undefined)[],
  config: FilesConfig,
): RowHandler {
  const writer = createLineWriter(BATCH_BYTES * 2);
  const times = createTimeParser(config);
  const parseNumber = createNumberParser(config.decimal);
  const states = new Set(config.states);
  const assetAt = columns.indexOf("asset");
  const timeAt = columns.indexOf("time");
  const sensorAt = columns.indexOf("sensor");
  const valueAt = columns.indexOf("value");
  const isLong = sensorAt >= 0 && valueAt >= 0;
  const prefix = `${escapeMeasurement(config.measurement)},asset=`;
  const assets = createNames((name) => `${prefix}${escapeKey(config.assetPrefix + name)}`);
  const sensors = createNames((name) => `${escapeKey(name)}=`);
  let errors: RowError[] = [];
  let errorCount = 0;
  let missing = 0;
  let seen = 0;

  const fail = (line: number, column: string | undefined, reason: string) => {
    errorCount++;
    if (errors.length >= BATCH_LIMITS.rowErrors) return;
    errors.push(column === undefined ? { line, reason } : { line, column, reason });
  };

  const wide = columns.flatMap((name, index) => {
    if (isLong || name === undefined || index === assetAt || index === timeAt) return [];
    const key = sensors(name);
    if (typeof key === "string") throw new AppError("invalid", `column ${name}: ${key}`);
    return [{ index, column: name, key, isState: states.has(name) }];
  });

  let lastTime: Uint8Array = new Uint8Array(0);
  let lastAtUs = Number.NaN;
  const timeOf = (row: Row): number | undefined => {
    if (lastTime.length > 0 && sameBytes(row, timeAt, lastTime)) return lastAtUs;
    const text = textOf(row, timeAt);
    const time = text === undefined ? { reason: "not UTF-8" } : times.parse(text, false);
    if ("reason" in time) {
      fail(row.line, "time", time.reason);
      return undefined;
    }
    lastTime = row.bytes.slice(row.starts[timeAt], row.ends[timeAt]);
    lastAtUs = time.atUs;
    return lastAtUs;
  };

  const nameAt = (row: Row, index: number, column: string, names: Names) => {
    const text = index < 0 ? (config.asset ?? "") : textOf(row, index);
    const found =
      text === undefined ? "not UTF-8" : text === "" ? `${column} is empty` : names(text);
    if (typeof found !== "string") return found;
    fail(row.line, column, found);
    return undefined;
  };
  let lastAsset: Uint8Array = new Uint8Array(0);
  let lastPrefix: Uint8Array | undefined;
  const assetOf = (row: Row): Uint8Array | undefined => {
    if (lastPrefix !== undefined && assetAt < 0) return lastPrefix;
    if (lastPrefix !== undefined && sameBytes(row, assetAt, lastAsset)) return lastPrefix;
    const found = nameAt(row, assetAt, "asset", assets);
    if (found === undefined) return undefined;
    if (assetAt >= 0 && row.quoting[assetAt] !== 2) {
      lastAsset = row.bytes.slice(row.starts[assetAt], row.ends[assetAt]);
    }
    if (assetAt < 0 || row.quoting[assetAt] !== 2) lastPrefix = found;
    return found;
  };

  /** The value of a cell that cannot be copied as it stands; undefined when there is none to keep. */
  const oddValue = (row: Row, index: number, column: string, isState: boolean) => {
    const text = textOf(row, index)?.trim();
    if (text === undefined) fail(row.line, column, "not UTF-8");
    else if (isState && text !== "") return encodeValue(text.slice(0, NAME_CHARS));
    else if (MISSING.has(text.toLowerCase())) missing++;
    else {
      const number = parseNumber(text);
      if (number !== undefined) return encodeValue(number);
      if (/^(true|false)$/i.test(text)) return encodeValue(text.toLowerCase() === "true");
      const hint = /^-?\d+,\d+$/.test(text)
        ? '; set decimal to ","'
        : "; list it in states if it is one";
      fail(row.line, column, `${JSON.stringify(text.slice(0, 80))} is not a number${hint}`);
    }
    return undefined;
  };

  /** Adds the cell's value to the row's line, which it begins when it is the first. */
  const putCell = (
    row: Row,
    index: number,
    sensor: { readonly column: string; readonly key: Uint8Array; readonly isState: boolean },
    asset: Uint8Array,
  ) => {
    const start = row.starts[index] ?? 0;
    const end = row.ends[index] ?? 0;
    const isPlain =
      !sensor.isState && config.decimal === "." && isPlainNumber(row.bytes, start, end);
    const odd = isPlain ? undefined : oddValue(row, index, sensor.column, sensor.isState);
    if (!isPlain && odd === undefined) return;
    if (writer.lineBytes() === 0) {
      writer.append(asset, 0, asset.length);
      writer.byte(SPACE);
    } else writer.byte(COMMA);
    writer.append(sensor.key, 0, sensor.key.length);
    if (odd === undefined) writer.append(row.bytes, start, end);
    else writer.text(odd);
  };

  const longRow = (row: Row, asset: Uint8Array, atUs: number) => {
    const key = nameAt(row, sensorAt, "sensor", sensors);
    if (key === undefined) return;
    const isState = states.size > 0 && states.has(textOf(row, sensorAt) ?? "");
    putCell(row, valueAt, { column: "value", key, isState }, asset);
    if (writer.lineBytes() > 0) writer.endLine(atUs, row.line);
  };

  const wideRow = (row: Row, asset: Uint8Array, atUs: number) => {
    for (const sensor of wide) {
      putCell(row, sensor.index, sensor, asset);
      if (writer.lineBytes() > LINE_BYTES) writer.endLine(atUs, row.line);
    }
    if (writer.lineBytes() > 0) writer.endLine(atUs, row.line);
  };

  return {
    row(row) {
      seen++;
      if (row.problem !== undefined) return fail(row.line, undefined, row.problem);
      if (row.count !== columns.length) {
        const reason = `${row.count} columns, where the header has ${columns.length}`;
        return fail(row.line, undefined, reason);
      }
      const atUs = timeOf(row);
      const asset = assetOf(row);
      if (atUs === undefined || asset === undefined) return;
      if (isLong) longRow(row, asset, atUs);
      else wideRow(row, asset, atUs);
    },
    isFull: () => writer.size() >= BATCH_BYTES || seen >= BATCH_ROWS,
    take() {
      const { bytes, origin } = writer.take();
      const counts = { rowErrors: errors, errorCount, rows: seen, missing };
      [errors, errorCount, seen, missing] = [[], 0, 0, 0];
      const lines = { bytes, origin, precision: "us" } as const;
      return { ...counts, kind: "readings", ...(bytes.length > 0 && { lines }) };
    },
  };
}
