import type { Dialect } from "../../domain/engine.ts";
import type { LineChange, LineRule } from "../../domain/mapping-rule.ts";
import { type BadLine, type ParsedField, type ParsedLine, parseLine } from "./line.ts";
import { floatOf, latin1 } from "./number.ts";

/** Why a rule cannot be followed; `at` is the byte that shows it. */
type Fault = { readonly reason: string; readonly at: number };
/** The line after a rule, undefined when it is ignored. */
type Changed = ParsedLine | Fault | undefined;

/** A line as it is scanned. */
export type LineBytes = {
  readonly bytes: Uint8Array;
  readonly dialect: Dialect;
  /** Where the line begins. */
  readonly start: number;
};

/**
 * Puts a source's rules to a line, in order. Undefined when they ignore it. The result is never learnt by
 * its bytes: what they mean depends on the rules.
 */
export function applyRules(
  rules: readonly LineRule[],
  parsed: ParsedLine | BadLine,
  of: LineBytes,
): ParsedLine | BadLine | undefined {
  const readable = "reason" in parsed ? mended(rules, parsed, of) : parsed;
  if (readable === undefined || "reason" in readable) return readable;
  const { next } = readable;
  let line: ParsedLine = { ...readable, isPlain: false };
  for (const { measurement, change } of rules) {
    if (measurement !== undefined && measurement !== line.measurement) continue;
    const changed = changedBy(change, line);
    if (changed === undefined) return undefined;
    if ("reason" in changed) return { ...changed, next, isLost: false };
    line = changed;
  }
  return line;
}

/** How many readings the rules have ignored of a line; one that cannot be read counts as one. */
export function ignoredOf(
  read: ParsedLine | BadLine,
  made: ParsedLine | BadLine | undefined,
): number {
  if (made === read) return 0;
  if (made === undefined) return "reason" in read ? 1 : Math.max(1, read.fields.length);
  if ("reason" in read || "reason" in made) return 0;
  return read.fields.length - made.fields.length;
}

/** A line that cannot be read: ignored, or read again with its texts replaced, or as bad as before. */
function mended(
  rules: readonly LineRule[],
  bad: BadLine,
  { bytes, dialect, start }: LineBytes,
): ParsedLine | BadLine | undefined {
  if (bad.isLost) return bad;
  const before = latin1(bytes, start, bad.next);
  let text = before;
  for (const { change } of rules) {
    if (change.kind === "replace")
      text = text.replaceAll(bytesText(change.name), bytesText(change.to));
    if (change.kind === "drop" && change.part === "line" && text.includes(bytesText(change.name)))
      return undefined;
  }
  if (text === before) return bad;
  const other = Uint8Array.from(text, (char) => char.charCodeAt(0));
  const read = parseLine(other, 0, other.length, dialect);
  // Places of the replaced text mean nothing in the line as it was sent.
  if ("reason" in read) return { ...bad, reason: read.reason };
  const fields = read.fields.map((field) => ({ ...field, from: start }));
  return { ...read, fields, from: start, next: bad.next };
}

function changedBy(change: LineChange, line: ParsedLine): Changed {
  switch (change.kind) {
    case "precision":
      return { ...line, precision: change.precision };
    case "rename":
      return renamed(change, line);
    case "drop":
      return dropped(change, line);
    case "convert":
      return converted(change, line);
    case "replace":
      return line;
  }
}

function renamed(change: Extract<LineChange, { kind: "rename" }>, line: ParsedLine): Changed {
  const { part, name, to } = change;
  if (part === "measurement")
    return line.measurement === name ? { ...line, measurement: to } : line;
  const names = part === "tag" ? line.tags.map(([key]) => key) : line.fields.map((one) => one.name);
  if (!names.includes(name)) return line;
  if (names.includes(to))
    return {
      reason: `a rule renames ${part} ${name} to ${to}, which the line has too`,
      at: line.from,
    };
  if (part === "tag")
    return { ...line, tags: line.tags.map(([key, value]) => [key === name ? to : key, value]) };
  const fields = line.fields.map((one) => (one.name === name ? { ...one, name: to } : one));
  return { ...line, fields };
}

function dropped(change: Extract<LineChange, { kind: "drop" }>, line: ParsedLine): Changed {
  const { part, name } = change;
  if (part === "measurement") return line.measurement === name ? undefined : line;
  if (part === "tag") return { ...line, tags: line.tags.filter(([key]) => key !== name) };
  if (part === "line") return line;
  const fields = line.fields.filter((one) => one.name !== name);
  return fields.length === 0 && line.fields.length > 0 ? undefined : { ...line, fields };
}

function converted(change: Extract<LineChange, { kind: "convert" }>, line: ParsedLine): Changed {
  const index = line.fields.findIndex((one) => one.name === change.name);
  const field = line.fields[index];
  if (field === undefined) return line;
  const made = fieldAs(field, change.to);
  if (made === undefined)
    return {
      reason: `field ${field.name}: a rule makes it ${change.to}, and ${shown(field)} is none`,
      at: field.from,
    };
  return { ...line, fields: line.fields.with(index, made) };
}

const NUMBER_KINDS = new Set(["float", "int", "uint"]);
const TRUE = new Set(["true", "t", "yes", "y", "on", "1"]);
const FALSE = new Set(["false", "f", "no", "n", "off", "0"]);

/** The field as another kind; undefined when its value is none of that kind. */
function fieldAs(
  field: ParsedField,
  to: Extract<LineChange, { kind: "convert" }>["to"],
): ParsedField | undefined {
  const { kind, value, text = "" } = field;
  if (kind === "null" || kind === "array") return field;
  if (to === "state")
    return kind === "string"
      ? field
      : { ...field, kind: "string", value: Number.NaN, text: shown(field) };
  const isNumber = NUMBER_KINDS.has(kind);
  if (to === "numeric") {
    if (isNumber) return field;
    if (kind === "bool") return { ...field, kind: "int" };
    const number = floatOf(text.trim().replace(/^([-+]?\d+),(\d+)$/, "$1.$2"));
    if (number === undefined || !Number.isFinite(number)) return undefined;
    return { ...field, kind: "float", value: number, text: undefined };
  }
  if (kind === "bool") return field;
  const word = isNumber ? String(value) : text.trim().toLowerCase();
  if (!TRUE.has(word) && !FALSE.has(word)) return undefined;
  return { ...field, kind: "bool", value: TRUE.has(word) ? 1 : 0, text: undefined };
}

/** A field's value as a text. */
function shown({ kind, value, text }: ParsedField): string {
  if (kind === "bool") return value === 1 ? "true" : "false";
  return text ?? String(value);
}

/** A rule's text as its UTF-8 bytes in latin1 text. */
function bytesText(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
