import type { Dialect } from "../domain/engine.ts";
import type { SeriesEntry, SeriesKind } from "../domain/series.ts";

/** A separator behind a backslash, or a backslash at the end: InfluxDB's dialect cannot say it. */
const UNSAYABLE = /\\([,= ]|$)/;

function name(text: string, dialect: Dialect, separators: RegExp): string | undefined {
  if (dialect === "questdb") return text.replace(/[\\,= \n\r]/g, "\\$&");
  if (UNSAYABLE.test(text) || /[\n\r]/.test(text)) return undefined;
  return text.replace(separators, "\\$&");
}

/**
 * What stands before a reading's value: `measurement,tag=value field=`. Undefined when the dialect has no
 * way to write one of its names.
 */
export function lineHead(
  { measurement, tags, field }: Pick<SeriesEntry, "measurement" | "tags" | "field">,
  dialect: Dialect,
): string | undefined {
  const first = name(measurement, dialect, /[, ]/g);
  if (first === undefined) return undefined;
  // A line that begins so is a comment.
  const isComment = first.startsWith("#");
  if (isComment && dialect === "influx") return undefined;
  let head = isComment ? `\\${first}` : first;
  for (const [key, value] of tags) {
    const written = [key, value].map((text) => name(text, dialect, /[,= ]/g));
    if (written.includes(undefined)) return undefined;
    head += `,${written.join("=")}`;
  }
  const last = name(field, dialect, /[,= ]/g);
  return last === undefined ? undefined : `${head} ${last}=`;
}

const INT64_MAX = 2n ** 63n - 1n;

/** A number that its double does not hold: its digits, with the sign that says so. */
function exactNumber(digits: string, dialect: Dialect): string | undefined {
  if (!/^-?\d+$/.test(digits)) return dialect === "questdb" ? `${digits}d` : undefined;
  if (BigInt(digits) <= INT64_MAX) return `${digits}i`;
  return dialect === "influx" ? `${digits}u` : undefined;
}

function quoted(text: string, dialect: Dialect): string {
  return dialect === "influx"
    ? `"${text.replace(/["\\]/g, "\\$&")}"`
    : `"${text.replace(/["\\\n]/g, "\\$&")}"`;
}

/**
 * A reading's value as its line holds it. Undefined when the dialect cannot write it: not a number and
 * infinities and long decimals in InfluxDB's, integers beyond 2^63 in QuestDB's.
 */
export function lineValue(
  kind: SeriesKind,
  value: number,
  text: string | undefined,
  dialect: Dialect,
): string | undefined {
  if (kind === "state") return quoted(text ?? "", dialect);
  if (kind === "boolean") return value === 1 ? "t" : "f";
  if (kind === "waveform") return undefined;
  if (text !== undefined) return exactNumber(text, dialect);
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return String(value);
  if (dialect === "influx") return undefined;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}
