import type { Dialect, Precision } from "../../domain/engine.ts";
import { readBinary } from "./binary.ts";
import { type Cursor, type FieldKind, fail } from "./cursor.ts";
import { type NameRole, nameEnd, nameText } from "./name.ts";
import { type ReadValue, readValue } from "./value.ts";

export type ParsedField = {
  readonly name: string;
  /** Where the name's bytes begin, and the byte after its `=`. */
  readonly from: number;
  readonly keyEnd: number;
  readonly kind: FieldKind;
  /** 0 or 1 for a boolean; NaN for a string. */
  readonly value: number;
  /** The string; or the digits of a number that a double cannot hold. */
  readonly text: string | undefined;
  readonly array?: ReadValue["array"];
};

export type ParsedLine = {
  readonly measurement: string;
  /** As sent, in order. */
  readonly tags: readonly (readonly [string, string])[];
  readonly fields: readonly ParsedField[];
  /** Digits of the time as sent, and its unit when QuestDB's suffix names one. */
  readonly time: bigint | undefined;
  readonly timeUnit: "n" | "t" | "m" | undefined;
  /** Unit of the time where a rule of the source says it. */
  readonly precision?: Precision;
  /** No field twice, none empty: its bytes up to each `=` name one series each. */
  readonly isPlain: boolean;
  /** Where the head begins; it ends at the first field's `keyEnd`. */
  readonly from: number;
  /** The byte after the line's end. */
  readonly next: number;
};

/** Why a line cannot be kept; `at` is the byte that shows it. */
export type BadLine = {
  readonly reason: string;
  readonly at: number;
  readonly next: number;
  /** Set when the damage is inside a binary field: what follows cannot be told apart. */
  readonly isLost: boolean;
};

export const LINE_BYTES_MAX = 1024 * 1024;
export const NAME_BYTES_MAX = 4096;
export const TAGS_MAX = 256;
export const FIELDS_MAX = 4096;

const isEol = (c: Cursor, p: number): boolean => {
  const byte = c.bytes[p];
  if (p >= c.end || byte === 10) return true;
  if (byte !== 13) return false;
  return c.dialect === "questdb" || p + 1 >= c.end || c.bytes[p + 1] === 10;
};

function skipSpaces(c: Cursor): void {
  while (c.p < c.end && c.bytes[c.p] === 32) c.p++;
}

/** The byte after the next newline. */
function afterNewline(bytes: Uint8Array, from: number, end: number): number {
  const found = bytes.indexOf(10, from);
  return found < 0 || found >= end ? end : found + 1;
}

/** Skips blank lines and, in InfluxDB's dialect, comments. Returns the first byte of a line, or `end`. */
export function lineStart(
  bytes: Uint8Array,
  from: number,
  end: number,
  dialect: Dialect,
  onLine: () => void,
): number {
  let p = from;
  while (p < end) {
    const byte = bytes[p];
    if (byte === 10) onLine();
    else if (byte === 35 && dialect === "influx") {
      p = afterNewline(bytes, p, end);
      onLine();
      continue;
    } else if (byte !== 13 && byte !== 32) return p;
    p++;
  }
  return end;
}

/**
 * Reads the line that begins at `from` (no blank, no comment), both dialects, every form of value.
 * The differences between the dialects are those of InfluxDB's own test corpus and QuestDB's parser.
 */
export function parseLine(
  bytes: Uint8Array,
  from: number,
  end: number,
  dialect: Dialect,
): ParsedLine | BadLine {
  const limit = Math.min(end, from + LINE_BYTES_MAX);
  const c: Cursor = {
    bytes,
    end: limit,
    bodyEnd: end,
    dialect,
    p: from,
    reason: undefined,
    at: from,
    isLost: false,
    isPlain: true,
  };
  const measurement = readName(c, "measurement");
  const tags: (readonly [string, string])[] = [];
  while (c.reason === undefined && bytes[c.p] === 44 && c.p < c.end) readTag(c, tags);
  const fields: ParsedField[] = [];
  if (c.reason === undefined) readFields(c, fields, tags.length > 0);
  const { time, timeUnit } = c.reason === undefined ? readTime(c) : NO_TIME;
  if (c.reason === undefined && !isEol(c, c.p)) fail(c, "expected the end of the line");
  const mayBeLong = c.end < end && (c.reason !== undefined || c.p >= c.end);
  if (mayBeLong && !c.isLost && bytes.subarray(from, c.end + 1).indexOf(10) < 0)
    Object.assign(c, {
      reason: `longer than ${LINE_BYTES_MAX} bytes; split it into lines of fewer fields`,
      at: from,
    });
  if (c.reason !== undefined) {
    const next = c.isLost ? end : afterNewline(bytes, Math.min(c.at, c.p, c.end), end);
    return { reason: c.reason, at: c.at, next, isLost: c.isLost };
  }
  if (bytes[c.p] === 13 && c.p < c.end) c.p++;
  if (bytes[c.p] === 10 && c.p < c.end) c.p++;
  const { isPlain } = c;
  return { measurement, tags, fields, time, timeUnit, isPlain, from, next: c.p };
}

const NO_TIME = { time: undefined, timeUnit: undefined } as const;

function readName(c: Cursor, role: NameRole): string {
  const start = c.p;
  c.p = nameEnd(c, role);
  if (c.reason !== undefined) return "";
  if (c.p === start) {
    fail(c, `the ${role} is empty`);
    return "";
  }
  if (c.p - start > NAME_BYTES_MAX) {
    fail(c, `the ${role} is longer than ${NAME_BYTES_MAX} bytes; shorten it`, start);
    return "";
  }
  return nameText(c, role, start, c.p) ?? "";
}

function readTag(c: Cursor, tags: (readonly [string, string])[]): undefined {
  const start = ++c.p;
  const key = readName(c, "tag key");
  if (c.reason !== undefined) return;
  if (c.bytes[c.p] !== 61 || c.p >= c.end) return fail(c, "expected = after the tag key");
  c.p++;
  const isEmpty = c.p >= c.end || c.bytes[c.p] === 44 || c.bytes[c.p] === 32 || isEol(c, c.p);
  if (isEmpty && c.dialect === "influx") return fail(c, "missing tag value");
  const value = isEmpty ? "" : readName(c, "tag value");
  if (c.reason !== undefined) return;
  if (tags.some(([known]) => known === key)) {
    if (c.dialect === "influx") fail(c, `duplicate tag ${key}`, start);
    return;
  }
  if (tags.length === TAGS_MAX) return fail(c, `more than ${TAGS_MAX} tags`, start);
  if (value !== "") tags.push([key, value]);
}

function readFields(c: Cursor, fields: ParsedField[], hasTags: boolean): undefined {
  if (c.p >= c.end || c.bytes[c.p] !== 32) {
    const isRowOfTags = c.dialect === "questdb" && hasTags && isEol(c, c.p);
    return isRowOfTags ? undefined : fail(c, "missing fields");
  }
  skipSpaces(c);
  if (isEol(c, c.p))
    return c.dialect === "questdb" && hasTags ? undefined : fail(c, "missing fields");
  // QuestDB: a row of tags and a time.
  if (c.dialect === "questdb" && hasTags && isBareTime(c)) return;
  const indices = new Map<string, number>();
  for (;;) {
    const from = c.p;
    const name = readName(c, "field");
    if (c.reason !== undefined) return;
    if (c.bytes[c.p] !== 61 || c.p >= c.end) return fail(c, "expected = after the field");
    const keyEnd = ++c.p;
    const read =
      c.dialect === "questdb" && c.bytes[c.p] === 61 && c.p < c.end ? readBinary(c) : readValue(c);
    if (read === undefined || c.reason !== undefined) return;
    if (fields.length === FIELDS_MAX) return fail(c, `more than ${FIELDS_MAX} fields`, from);
    addField(c, fields, indices, { name, from, keyEnd, ...read });
    if (c.p < c.end && c.bytes[c.p] === 44) c.p++;
    else return;
  }
}

function addField(
  c: Cursor,
  fields: ParsedField[],
  indices: Map<string, number>,
  field: ParsedField,
): void {
  const known = indices.get(field.name);
  if (known !== undefined || field.kind === "null") c.isPlain = false;
  if (known === undefined) {
    indices.set(field.name, fields.length);
    fields.push(field);
  } else if (c.dialect === "influx") fields[known] = field; // the last wins; QuestDB: the first
}

function isBareTime(c: Cursor): boolean {
  let p = c.p;
  if (c.bytes[p] === 45) p++;
  const from = p;
  while (p < c.end && (c.bytes[p] ?? 0) >= 48 && (c.bytes[p] ?? 0) <= 57) p++;
  const unit = c.bytes[p];
  // n, t (µs) or m.
  if (p > from && p < c.end && (unit === 110 || unit === 116 || unit === 109)) p++;
  return p > from && (isEol(c, p) || c.bytes[p] === 32);
}

function readTime(c: Cursor): Pick<ParsedLine, "time" | "timeUnit"> {
  skipSpaces(c);
  if (isEol(c, c.p)) return NO_TIME;
  const start = c.p;
  while (c.p < c.end && !isEol(c, c.p) && c.bytes[c.p] !== 32) c.p++;
  let text = new TextDecoder("latin1").decode(c.bytes.subarray(start, c.p));
  let timeUnit: ParsedLine["timeUnit"];
  const last = text.at(-1);
  if (c.dialect === "questdb" && (last === "n" || last === "t" || last === "m")) {
    timeUnit = last;
    text = text.slice(0, -1);
  }
  if (!/^-?\d{1,20}$/.test(text)) {
    fail(c, "invalid timestamp", start);
    return NO_TIME;
  }
  const time = BigInt(text);
  if (BigInt.asIntN(64, time) !== time) fail(c, "timestamp out of range", start);
  skipSpaces(c);
  return { time, timeUnit };
}
