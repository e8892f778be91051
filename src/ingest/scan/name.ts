import { type Cursor, fail } from "./cursor.ts";

export type NameRole = "measurement" | "tag key" | "tag value" | "field";

const COMMA = 44;
const SPACE = 32;
const EQUALS = 61;
const BACKSLASH = 92;

const isEscapable = (byte: number | undefined, role: NameRole): boolean =>
  byte === COMMA || byte === SPACE || (byte === EQUALS && role !== "measurement");

/**
 * The byte after a name: at the first unescaped comma, space, equals sign (not in a measurement) or
 * line end. A backslash escapes the next byte: any in QuestDB's dialect, in InfluxDB's only a separator.
 */
export function nameEnd(c: Cursor, role: NameRole): number {
  const { bytes, end } = c;
  let p = c.p;
  for (; p < end; p++) {
    const byte = bytes[p] ?? 0;
    if (byte === BACKSLASH) {
      const next = p + 1 < end ? bytes[p + 1] : undefined;
      if (next !== undefined && (c.dialect === "questdb" || isEscapable(next, role))) p++;
    } else if (byte === COMMA || byte === SPACE || byte === 10 || byte === 13) break;
    else if (byte === EQUALS && role !== "measurement") break;
    else if (byte < 32 || byte === 127) {
      fail(c, `control character 0x${byte.toString(16)} in the ${role}`, p);
      break;
    }
  }
  return Math.min(p, end);
}

/** The name as text, escapes undone; the line fails when it is not UTF-8. */
export function nameText(
  c: Cursor,
  role: NameRole,
  start: number,
  end: number,
): string | undefined {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      c.bytes.subarray(start, end),
    );
  } catch {
    return fail(c, `the ${role} is not UTF-8`, start); // the decoder only says that it is not
  }
  if (!text.includes("\\")) return text;
  if (c.dialect === "questdb") return text.replace(/\\([\s\S])/g, "$1");
  return role === "measurement"
    ? text.replace(/\\([, ])/g, "$1")
    : text.replace(/\\([,= ])/g, "$1");
}
