import { AppError, encodeValue } from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { type Row, textOf } from "./csv.ts";
import { createAssetReader, createSensorNames, createTimeReader, nameIn } from "./keys.ts";
import { createLineWriter } from "./line-writer.ts";
import { createNumberParser, isPlainNumber, MISSING } from "./numbers.ts";
import type { RowHandler } from "./row-handler.ts";
import { createTally, type Tally } from "./tally.ts";

const BATCH_BYTES = 512 * 1_024;
const BATCH_ROWS = 50_000;
/** A line is ended past this, and the row goes on in another with the same time. */
const LINE_BYTES = 32 * 1_024;
const STATE_CHARS = 256;
const [COMMA, SPACE] = [44, 32];

type LineWriter = ReturnType<typeof createLineWriter>;
/** A sensor's column: its name for messages, and `name=` as bytes. */
type Sensor = { readonly column: string; readonly key: Uint8Array; readonly isState: boolean };

/** Writes cells into lines: a number as it stands in the file, all else after a closer look. */
function createCellWriter(config: FilesConfig, writer: LineWriter, tally: Tally) {
  const parseNumber = createNumberParser(config.decimal);
  const hasPoint = config.decimal === ".";

  /** The value of a cell that cannot be copied as it stands; undefined when there is none to keep. */
  const oddValue = (row: Row, index: number, column: string, isState: boolean) => {
    const text = textOf(row, index)?.trim();
    if (text === undefined) {
      tally.fail(row.line, column, "not UTF-8");
      return undefined;
    }
    if (isState && text !== "") return encodeValue(text.slice(0, STATE_CHARS));
    if (MISSING.has(text.toLowerCase())) {
      tally.missing();
      return undefined;
    }
    const number = parseNumber(text);
    if (number !== undefined) return encodeValue(number);
    if (/^(true|false)$/i.test(text)) return encodeValue(text.toLowerCase() === "true");
    const isComma = /^-?\d+,\d+$/.test(text);
    const hint = isComma ? '; set decimal to ","' : "; if it is a state, list its sensor in states";
    tally.fail(row.line, column, `${JSON.stringify(text.slice(0, 80))} is not a number${hint}`);
    return undefined;
  };

  /** Adds the cell's value to the row's line, which it begins when it is the first. */
  return (row: Row, index: number, sensor: Sensor, asset: Uint8Array) => {
    const start = row.starts[index] ?? 0;
    const end = row.ends[index] ?? 0;
    const isPlain = hasPoint && !sensor.isState && isPlainNumber(row.bytes, start, end);
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
}

/** The columns of a wide file that are sensors. */
function sensorColumns(columns: readonly (string | undefined)[], states: ReadonlySet<string>) {
  const names = createSensorNames();
  return columns.flatMap((name, index) => {
    if (name === undefined || name === "asset" || name === "time") return [];
    const key = names(name);
    if (typeof key === "string") throw new AppError("invalid", `column ${name}: ${key}`);
    return [{ index, column: name, key, isState: states.has(name) }];
  });
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
  const tally = createTally();
  const writer = createLineWriter(BATCH_BYTES * 2);
  const states = new Set(config.states);
  const assetOf = createAssetReader(columns.indexOf("asset"), config, tally);
  const timeOf = createTimeReader(columns.indexOf("time"), config, tally);
  const putCell = createCellWriter(config, writer, tally);
  const sensorAt = columns.indexOf("sensor");
  const valueAt = columns.indexOf("value");
  const isLong = sensorAt >= 0 && valueAt >= 0;
  const wide = isLong ? [] : sensorColumns(columns, states);
  const names = createSensorNames();

  const putCells = (row: Row, asset: Uint8Array, atUs: number) => {
    if (isLong) {
      const key = nameIn(row, sensorAt, "sensor", names, tally);
      if (key === undefined) return;
      const isState = states.size > 0 && states.has(textOf(row, sensorAt) ?? "");
      putCell(row, valueAt, { column: "value", key, isState }, asset);
    }
    for (const sensor of wide) {
      putCell(row, sensor.index, sensor, asset);
      if (writer.lineBytes() > LINE_BYTES) writer.endLine(atUs, row.line);
    }
  };

  return {
    row(row) {
      tally.row();
      if (row.problem !== undefined) return tally.fail(row.line, undefined, row.problem);
      if (row.count !== columns.length) {
        const reason = `${row.count} columns, where the header has ${columns.length}`;
        return tally.fail(row.line, undefined, reason);
      }
      const atUs = timeOf(row);
      const asset = assetOf(row);
      if (atUs === undefined || asset === undefined) return;
      putCells(row, asset, atUs);
      if (writer.lineBytes() > 0) writer.endLine(atUs, row.line);
    },
    isFull: () => writer.size() >= BATCH_BYTES || tally.rows() >= BATCH_ROWS,
    take() {
      const { bytes, origin } = writer.take();
      const lines = { bytes, origin, precision: "us" } as const;
      return { ...tally.take(), kind: "readings", ...(bytes.length > 0 && { lines }) };
    },
  };
}
