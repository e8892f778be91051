import { escapeKey, escapeMeasurement, reasonOf } from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { type Row, textOf } from "./csv.ts";
import type { Tally } from "./tally.ts";
import { createTimeParser } from "./times.ts";

const NAME_CHARS = 256;
const NAMES_CACHED = 20_000;

const encoder = new TextEncoder();

/** A name as bytes of line protocol, or why it cannot be one. */
export type Names = (text: string) => Uint8Array | string;

/** @param toLine escapes a name and adds what stands around it. */
export function createNames(toLine: (name: string) => string): Names {
  const cache = new Map<string, Uint8Array | string>();
  return (text) => {
    let found = cache.get(text);
    if (found === undefined) {
      found = encoded(text, toLine);
      if (cache.size >= NAMES_CACHED) cache.clear();
      cache.set(text, found);
    }
    return found;
  };
}

function encoded(text: string, toLine: (name: string) => string): Uint8Array | string {
  if (text.length > NAME_CHARS) return `longer than ${NAME_CHARS} characters`;
  try {
    return encoder.encode(toLine(text));
  } catch (error) {
    return reasonOf(error); // a name that line protocol cannot hold is a bad row, not a failure
  }
}

/** Names of sensors, as they begin a field. */
export const createSensorNames = () => createNames((name) => `${escapeKey(name)}=`);

/** The name in a cell; undefined, and told to the tally, when it cannot be one. */
export function nameIn(
  row: Row,
  index: number,
  column: string,
  names: Names,
  tally: Tally,
): Uint8Array | undefined {
  const text = textOf(row, index);
  const found = text === undefined ? "not UTF-8" : text === "" ? `${column} is empty` : names(text);
  if (typeof found !== "string") return found;
  tally.fail(row.line, column, found);
  return undefined;
}

/** Answers at once for a cell that holds the same as the row's before: most do. */
function remembering<T>(index: number, read: (row: Row) => T | undefined) {
  let bytes: Uint8Array = new Uint8Array(0);
  let value: T | undefined;
  return (row: Row): T | undefined => {
    const start = row.starts[index] ?? 0;
    const end = row.ends[index] ?? 0;
    if (value !== undefined && row.quoting[index] !== 2 && isSame(row.bytes, start, end, bytes)) {
      return value;
    }
    const found = read(row);
    if (found === undefined || row.quoting[index] === 2) return found;
    bytes = row.bytes.slice(start, end);
    value = found;
    return found;
  };
}

function isSame(bytes: Uint8Array, start: number, end: number, known: Uint8Array): boolean {
  if (end - start !== known.length) return false;
  // Names and times differ in their last characters most.
  for (let at = known.length - 1; at >= 0; at--) if (bytes[start + at] !== known[at]) return false;
  return true;
}

/** Gives `measurement,asset=<asset>` of a row; undefined when its asset cannot be one, which is told. */
export function createAssetReader(index: number, config: FilesConfig, tally: Tally) {
  const start = `${escapeMeasurement(config.measurement)},asset=`;
  const names = createNames((name) => `${start}${escapeKey(config.assetPrefix + name)}`);
  if (index >= 0) return remembering(index, (row) => nameIn(row, index, "asset", names, tally));
  const one = names(config.asset ?? "");
  return (row: Row) => {
    if (typeof one !== "string") return one;
    tally.fail(row.line, "asset", one);
    return undefined;
  };
}

/** Gives the time of a row in µs; undefined when it has none, which is told. */
export function createTimeReader(index: number, config: FilesConfig, tally: Tally) {
  const times = createTimeParser(config);
  return remembering(index, (row) => {
    const text = textOf(row, index);
    const time = text === undefined ? { reason: "not UTF-8" } : times.parse(text, false);
    if ("atUs" in time) return time.atUs;
    tally.fail(row.line, "time", time.reason);
    return undefined;
  });
}
