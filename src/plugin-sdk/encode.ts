import { AppError } from "../domain/error.ts";
import type { Reading } from "./rows.ts";

/** Escapes a measurement for line protocol. @throws AppError("invalid") for text that it cannot hold. */
export function escapeMeasurement(text: string): string {
  if (text.startsWith("#")) {
    throw new AppError("invalid", "a measurement starts with #, which makes its line a comment");
  }
  return checked(text, "measurement").replace(/[, ]/g, "\\$&");
}

/** Escapes a tag key, a tag value or a field key. @throws AppError("invalid") likewise. */
export function escapeKey(text: string): string {
  return checked(text, "name").replace(/[,= ]/g, "\\$&");
}

function checked(text: string, what: string): string {
  if (text === "") throw new AppError("invalid", `a ${what} is empty`);
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 32 || code === 127) {
      const which = code === 10 || code === 13 ? "a line break" : "a control character";
      throw new AppError("invalid", `a ${what} holds ${which}`);
    }
  }
  // A backslash at the end would escape what follows it, and line protocol has no way to write it.
  if (text.endsWith("\\")) throw new AppError("invalid", `a ${what} ends in a backslash`);
  return text;
}

/** A value as a line protocol field. @throws AppError("invalid") when a number is not finite. */
export function encodeValue(value: number | string | boolean): string {
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new AppError("invalid", `a reading is ${value}: skip it`);
    return String(value);
  }
  if (typeof value === "boolean") return value ? "true" : "false";
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Readings as line protocol in µs, one line each, in their order.
 * @throws AppError("invalid") naming the reading that cannot be written.
 */
export function encodeReadings(readings: readonly Reading[]): Uint8Array<ArrayBuffer> {
  const lines: string[] = [];
  const prefixes = new Map<string, string>();
  for (const reading of readings) {
    if (!Number.isSafeInteger(reading.atUs)) {
      throw new AppError("invalid", `time ${reading.atUs} of ${reading.field} is not whole µs`);
    }
    const tags = Object.entries(reading.tags).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = JSON.stringify([reading.measurement, tags]);
    let prefix = prefixes.get(key);
    if (prefix === undefined) {
      const pairs = tags.map(([k, v]) => `,${escapeKey(k)}=${escapeKey(v)}`);
      prefix = escapeMeasurement(reading.measurement) + pairs.join("");
      prefixes.set(key, prefix);
    }
    const field = `${escapeKey(reading.field)}=${encodeValue(reading.value)}`;
    lines.push(`${prefix} ${field} ${reading.atUs}\n`);
  }
  return new TextEncoder().encode(lines.join(""));
}
