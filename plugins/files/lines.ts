import { AppError, BATCH_LIMITS, type Batch, type Context } from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { decodePosition, encodePosition } from "./position.ts";
import type { Source } from "./source.ts";

const BATCH_BYTES = 512 * 1_024;
const [LF, SPACE, BACKSLASH, QUOTE, HASH, EQUALS] = [10, 32, 92, 34, 35, 61];

/**
 * Where the last whole line of `bytes` ends, and how many lines that are: a line break within a quoted
 * text is part of its line.
 */
export function lastLineEnd(bytes: Uint8Array): { readonly end: number; readonly lines: number } {
  let end = 0;
  let lines = 0;
  if (bytes.indexOf(QUOTE) < 0) {
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
      end = at + 1;
      lines++;
    }
    return { end, lines };
  }
  let newlines = 0;
  for (let at = 0; at < bytes.length; ) {
    const next = lineEnd(bytes, at);
    if (next < 0) break;
    for (let i = bytes.indexOf(LF, at); i >= 0 && i < next; i = bytes.indexOf(LF, i + 1))
      newlines++;
    end = next;
    lines = newlines;
    at = next;
  }
  return { end, lines };
}

/** Index after the line that starts at `start`, or -1 when it is not all here. */
function lineEnd(bytes: Uint8Array, start: number): number {
  if (bytes[start] === HASH) return bytes.indexOf(LF, start) + 1 || -1;
  let isInFields = false;
  let isQuoted = false;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === LF && !isQuoted) return at + 1;
    if (byte === BACKSLASH && bytes[at + 1] !== LF) at++;
    else if (byte === SPACE && !isQuoted) isInFields = true;
    else if (byte === QUOTE && isQuoted) isQuoted = false;
    else if (byte === QUOTE && isInFields) isQuoted = bytes[at - 1] === EQUALS;
  }
  return -1;
}

/** Passes a line protocol file through in whole lines, as it is. */
export async function* readLines(
  source: Source,
  config: FilesConfig,
  context: Context,
): AsyncGenerator<Batch, void, void> {
  let { offset, line } = decodePosition(context.checkpoint) ?? {
    offset: source.textOffset,
    line: 1,
  };
  let rest: Uint8Array = new Uint8Array(0);
  const batchOf = (bytes: Uint8Array, lines: number): Batch => {
    const origin = [[1, line] as const];
    offset += bytes.length;
    line += lines;
    return {
      checkpoint: encodePosition({ offset, line }),
      kind: "lines",
      rows: lines,
      lines: { bytes: new Uint8Array(bytes), precision: config.precision, origin },
    };
  };
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of source.stream(offset)) {
    parts.push(part);
    size += part.length;
    if (rest.length + size < BATCH_BYTES) continue;
    const bytes = Buffer.concat([rest, ...parts]);
    [parts, size] = [[], 0];
    const { end, lines } = lastLineEnd(bytes);
    if (end > 0) yield batchOf(bytes.subarray(0, end), lines);
    rest = bytes.subarray(end);
    if (rest.length > BATCH_LIMITS.lineBytes / 2) {
      const limit = BATCH_LIMITS.lineBytes / 2;
      throw new AppError("invalid", `${source.name}, line ${line} is longer than ${limit} bytes`);
    }
    if (context.signal.aborted) return;
  }
  if (context.signal.aborted) return;
  const bytes = Buffer.concat([rest, ...parts]);
  if (bytes.length === 0) return;
  const ended = bytes.at(-1) === LF ? bytes : Buffer.concat([bytes, Buffer.from("\n")]);
  const { lines } = lastLineEnd(ended);
  // A text that is never closed hides the end of the last line: hand it over for its error.
  yield batchOf(ended, Math.max(lines, 1));
}
