import type { Waveform } from "../../domain/waveform.ts";
import { type Cursor, type FieldKind, fail } from "./cursor.ts";
import { decimal } from "./decimal.ts";
import { floatOf } from "./number.ts";

/** A field's value: its kind, its number, and its text where the number cannot hold it. */
export type ReadValue = {
  readonly kind: FieldKind;
  readonly value: number;
  readonly text: string | undefined;
  /** Of an array. */
  readonly array?: Pick<Waveform, "samples" | "shape">;
};

const QUOTE = 34;
const BACKSLASH = 92;
const TRUE = new Set(["t", "T", "true", "True", "TRUE"]);
const FALSE = new Set(["f", "F", "false", "False", "FALSE"]);
const MICROS: Readonly<Record<string, (n: bigint) => bigint>> = {
  t: (n) => n,
  n: (n) => n / 1000n,
  m: (n) => n * 1000n,
};

/** Reads a text value at the cursor: string, boolean, integer, float; QuestDB's further forms. */
export function readValue(c: Cursor): ReadValue | undefined {
  if (c.p < c.end && c.bytes[c.p] === QUOTE) return readString(c);
  const start = c.p;
  while (c.p < c.end) {
    const byte = c.bytes[c.p] ?? 0;
    if (byte === 44 || byte === 32 || byte === 10 || byte === 13) break;
    c.p++;
  }
  const text = new TextDecoder("latin1").decode(c.bytes.subarray(start, c.p));
  if (text === "")
    return c.dialect === "questdb"
      ? { kind: "null", value: Number.NaN, text: undefined }
      : fail(c, "missing field value");
  if (TRUE.has(text)) return { kind: "bool", value: 1, text: undefined };
  if (FALSE.has(text)) return { kind: "bool", value: 0, text: undefined };
  return numberOf(c, text) ?? fail(c, `invalid value ${text.slice(0, 40)}`, start);
}

function numberOf(c: Cursor, text: string): ReadValue | undefined {
  const last = text.at(-1) ?? "";
  const rest = text.slice(0, -1);
  if (last === "i" && /^[-+]?\d+$/.test(rest)) {
    const int = BigInt(rest.replace("+", ""));
    return BigInt.asIntN(64, int) === int ? integer("int", int) : undefined;
  }
  if (last === "u" && c.dialect === "influx" && /^\d+$/.test(rest)) {
    const int = BigInt(rest);
    return BigInt.asUintN(64, int) === int ? integer("uint", int) : undefined;
  }
  if (c.dialect === "questdb") {
    const extra = questdbNumber(text, last, rest);
    if (extra !== undefined) return extra;
  }
  const value = floatOf(text);
  if (value === undefined) return undefined;
  return Number.isFinite(value) ? float(value) : undefined;
}

const float = (value: number): ReadValue => ({ kind: "float", value, text: undefined });

/** Integers that a double holds need no text beside it. */
export function integer(kind: "int" | "uint", int: bigint): ReadValue {
  const value = Number(int);
  return { kind, value, text: Number.isSafeInteger(value) ? undefined : String(int) };
}

function questdbNumber(text: string, last: string, rest: string): ReadValue | undefined {
  const micros = MICROS[last];
  if (micros !== undefined && /^-?\d{1,19}$/.test(rest))
    return integer("int", micros(BigInt(rest)));
  if (last === "i" && /^0x[0-9a-fA-F]{1,64}$/.test(rest))
    return { kind: "string", value: Number.NaN, text: rest };
  if (last === "d") {
    if (floatOf(rest) !== undefined) return decimal(rest);
  }
  // QuestDB's words; it refuses others, and a number beyond the largest.
  if (/^[-+]?NaN$/.test(text)) return float(Number.NaN);
  if (/^\+?Infinity$/.test(text)) return float(Number.POSITIVE_INFINITY);
  if (text === "-Infinity") return float(Number.NEGATIVE_INFINITY);
  return undefined;
}

function readString(c: Cursor): ReadValue | undefined {
  const { bytes, end } = c;
  const open = c.p;
  let hasEscape = false;
  let p = open + 1;
  for (; p < end; p++) {
    const byte = bytes[p];
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      hasEscape = true;
      p++;
    } else if (byte === 10 && c.dialect === "questdb")
      return fail(c, "newline inside a string; write it as \\ and newline", p);
  }
  if (p >= end) return fail(c, "the string has no closing quote", open);
  c.p = p + 1;
  const after = bytes[c.p];
  if (c.p < end && after !== 44 && after !== 32 && after !== 10 && after !== 13)
    return fail(c, "unexpected character after the string");
  const raw = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(open + 1, p));
  return { kind: "string", value: Number.NaN, text: hasEscape ? withoutEscapes(c, raw) : raw };
}

const CONTROLS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function withoutEscapes(c: Cursor, raw: string): string {
  if (c.dialect === "questdb") return raw.replace(/\\([\s\S])/g, "$1");
  return raw.replace(/\\([\s\S])/g, (both, next: string) =>
    next === '"' || next === "\\" ? next : (CONTROLS[next] ?? both),
  );
}
