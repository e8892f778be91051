import type { Dialect, Precision } from "../domain/engine.ts";
import type { LineRule } from "../domain/mapping-rule.ts";
import type { SeriesKind, Tags } from "../domain/series.ts";
import { lineStart, type ParsedLine, parseLine } from "./scan/line.ts";
import { applyRules } from "./scan/line-rules.ts";
import { microsOf, nanosOf } from "./scan/time.ts";
import { readingsOf } from "./scan/waveform-line.ts";

/** A line that was kept, with how it was sent. */
export type SentLine = {
  readonly bytes: Uint8Array;
  readonly dialect: Dialect;
  readonly precision: Precision;
  /** Time of a line that names none. */
  readonly defaultAtUs: number;
};

/** What the scanner would make of a line, as far as the line itself tells it. */
export type LineOutcome =
  | { readonly kind: "ignored" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "readings"; readonly readings: readonly PreviewedReading[] };

export type PreviewedReading = {
  readonly measurement: string;
  /** Sorted by key. */
  readonly tags: Tags;
  readonly field: string;
  readonly kind: SeriesKind;
  readonly value: number;
  readonly text: string | undefined;
  readonly atUs: number;
};

/** Reads one line as the scanner does and puts the rules to it, without keeping anything. */
export function previewLine(line: SentLine, rules: readonly LineRule[]): LineOutcome {
  const { bytes, dialect } = line;
  const start = lineStart(bytes, 0, bytes.length, dialect, () => {});
  if (start >= bytes.length) return { kind: "ignored" };
  const read = parseLine(bytes, start, bytes.length, dialect);
  const made = applyRules(rules, read, { bytes, dialect, start });
  if (made === undefined) return { kind: "ignored" };
  if ("reason" in made) return { kind: "refused", reason: made.reason };
  const atUs = timeOf(line, made);
  if (atUs === undefined) return { kind: "refused", reason: "timestamp out of range" };
  const { measurement } = made;
  const tags = [...made.tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const readings = readingsOf(made).map(({ name: field, kind, value, text }) => ({
    ...{ measurement, tags, field, kind: KINDS[kind] ?? "numeric", value, text, atUs },
  }));
  return { kind: "readings", readings };
}

const KINDS: Readonly<Record<string, SeriesKind>> = {
  bool: "boolean",
  string: "state",
  array: "waveform",
};

function timeOf(sent: SentLine, line: ParsedLine): number | undefined {
  if (line.time === undefined) return sent.defaultAtUs;
  return microsOf(nanosOf(line.time, line.precision ?? sent.precision, line.timeUnit));
}
