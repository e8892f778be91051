import type { Dialect, Precision } from "../../domain/engine.ts";
import { lineStart, type ParsedField, parseLine } from "./line.ts";
import { nanosOf } from "./time.ts";

/** One line as its sender meant it, before it becomes readings. */
export type Point = {
  readonly measurement: string;
  readonly tags: readonly (readonly [string, string])[];
  readonly fields: readonly Pick<ParsedField, "name" | "kind" | "value" | "text">[];
  readonly timeNs: bigint;
};

export type PointError = {
  readonly lineNo: number;
  readonly column: number;
  readonly reason: string;
};

/**
 * Decodes a whole body by the scanner's own rules, slowly and with all that was sent: for tools that
 * show lines, and for conformance tests. A line without a time has `defaultNs`.
 */
export function decodePoints(
  bytes: Uint8Array,
  options: { dialect: Dialect; precision: Precision; defaultNs: bigint },
): { points: Point[]; errors: PointError[] } {
  const { dialect, precision, defaultNs } = options;
  const points: Point[] = [];
  const errors: PointError[] = [];
  let lineNo = 0;
  let p = 0;
  for (;;) {
    p = lineStart(bytes, p, bytes.length, dialect, () => void lineNo++);
    if (p >= bytes.length) return { points, errors };
    lineNo++;
    const line = parseLine(bytes, p, bytes.length, dialect);
    if ("reason" in line) errors.push({ lineNo, column: line.at - p + 1, reason: line.reason });
    else {
      const { measurement, tags, fields, time, timeUnit } = line;
      const timeNs = time === undefined ? defaultNs : nanosOf(time, precision, timeUnit);
      points.push({ measurement, tags, fields, timeNs });
    }
    p = line.next;
  }
}
