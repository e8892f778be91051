/** One row of a delimited file. The scanner reuses it: take what you need before the next call. */
export type Row = {
  /** What the fields lie in. */
  bytes: Uint8Array;
  /** Where each field starts and ends in `bytes`, without its quotes or outer spaces. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 0 plain, 1 quoted, 2 quoted with doubled quotes inside. */
  readonly quoting: Uint8Array;
  count: number;
  /** Line of the file, from 1, on which the row starts. */
  line: number;
  /** Where the row after it starts. */
  nextOffset: number;
  nextLine: number;
  /** Why the row cannot be used; undefined when it can. */
  problem: string | undefined;
};

export const CSV_LIMITS = { rowBytes: 1 << 20, columns: 4_096 } as const;

const [LF, CR, SPACE, TAB, QUOTE] = [10, 13, 32, 9, 34];

/**
 * Splits bytes into rows and fields after RFC 4180, in one pass, without making strings. Also takes
 * lone LF, empty lines (skipped), spaces around plain fields (dropped), and, with a space as delimiter,
 * runs of blanks as one. A quote that is never closed spoils its own line only: the scan goes on at the next.
 */
export function createCsvScanner(delimiter: number, offset: number, line: number) {
  const row: Row = {
    bytes: new Uint8Array(0),
    starts: new Int32Array(CSV_LIMITS.columns),
    ends: new Int32Array(CSV_LIMITS.columns),
    quoting: new Uint8Array(CSV_LIMITS.columns),
    count: 0,
    line,
    nextOffset: offset,
    nextLine: line,
    problem: undefined,
  };
  const blanks = delimiter === SPACE;
  let bytes: Uint8Array = row.bytes;
  let pos = 0;
  let ended = false;
  /** Why the line that is being dropped is; its end has not come yet. */
  let spoiling: string | undefined;

  const isBlank = (byte: number | undefined) =>
    byte === SPACE || (byte === TAB && delimiter !== TAB);

  /** Ends the row at `at`, the index of its LF or of the end of the bytes. */
  const finish = (at: number, lines: number): Row => {
    const next = Math.min(at + 1, bytes.length);
    row.bytes = bytes;
    row.line = row.nextLine;
    row.nextLine += lines;
    row.nextOffset += next - pos;
    pos = next;
    return row;
  };

  /** Gives up the row's first line, for want of a closing quote or for its size. */
  const spoiled = (reason: string): Row | undefined => {
    const newline = bytes.indexOf(LF, pos);
    if (newline < 0 && !ended) {
      row.nextOffset += bytes.length - pos;
      pos = bytes.length;
      spoiling = reason;
      return undefined;
    }
    spoiling = undefined;
    row.count = 0;
    row.problem = reason;
    return finish(newline < 0 ? bytes.length : newline, 1);
  };

  const add = (start: number, end: number, quoting: number) => {
    if (row.count === CSV_LIMITS.columns) {
      row.problem = `more than ${CSV_LIMITS.columns} columns`;
      return;
    }
    row.starts[row.count] = start;
    row.ends[row.count] = end;
    row.quoting[row.count++] = quoting;
  };

  /** Adds the plain field at `start`. @returns the index of the delimiter or LF after it, or the end. */
  const plainField = (start: number): number => {
    let at = start;
    const { length } = bytes;
    if (blanks) {
      while (at < length && bytes[at] !== LF && !isBlank(bytes[at])) at++;
    } else {
      while (at < length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
    }
    let end = at;
    if (bytes[end - 1] === CR && end > start && (at === length || bytes[at] === LF)) end--;
    while (end > start && isBlank(bytes[end - 1])) end--;
    // Blanks before the end of a line are no field of their own.
    if (!blanks || end > start) add(start, end, 0);
    return at;
  };

  /** Adds the quoted field whose quote is at `open`. @returns the index of its closing quote, or -1. */
  const quotedField = (open: number): number => {
    let quoting = 1;
    let at = open + 1;
    for (;;) {
      at = bytes.indexOf(QUOTE, at);
      if (at < 0) return -1;
      if (bytes[at + 1] !== QUOTE) break;
      quoting = 2;
      at += 2;
    }
    add(open + 1, at, quoting);
    return at;
  };

  const newlinesIn = (from: number, to: number): number => {
    let lines = 0;
    for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1))
      lines++;
    return lines;
  };

  /** The row at `pos`, or undefined when it is not all here. */
  const scanRow = (): Row | undefined => {
    let at = pos;
    let lines = 1;
    row.count = 0;
    row.problem = undefined;
    for (;;) {
      while (isBlank(bytes[at])) at++;
      if (bytes[at] === QUOTE) {
        const close = quotedField(at);
        if (close < 0 && (ended || bytes.length - pos > CSV_LIMITS.rowBytes)) {
          return spoiled("a quote is opened and never closed");
        }
        if (close < 0 || (close + 1 === bytes.length && !ended)) return undefined;
        lines += newlinesIn(at, close);
        at = close + 1;
        while (isBlank(bytes[at])) at++;
        const end =
          bytes[at] === CR && (at + 1 === bytes.length || bytes[at + 1] === LF) ? at + 1 : at;
        const byte = bytes[end];
        if (
          end < bytes.length &&
          byte !== LF &&
          byte !== delimiter &&
          !(blanks && end > close + 1)
        ) {
          row.problem ??= "text follows a closing quote; write quotes inside a field twice";
          while (at < bytes.length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
        } else if (byte === LF || end === bytes.length) at = end;
      } else at = plainField(at);
      if (at >= bytes.length) {
        if (ended) return finish(at, lines);
        return bytes.length - pos > CSV_LIMITS.rowBytes ? tooLong() : undefined;
      }
      if (bytes[at] === LF) {
        return at - pos > CSV_LIMITS.rowBytes ? tooLong() : finish(at, lines);
      }
      if (!blanks) at++;
    }
  };

  const tooLong = () => spoiled(`longer than ${CSV_LIMITS.rowBytes} bytes`);

  return {
    feed(chunk: Uint8Array) {
      if (pos === bytes.length) bytes = chunk;
      else {
        const joined = new Uint8Array(bytes.length - pos + chunk.length);
        joined.set(bytes.subarray(pos));
        joined.set(chunk, bytes.length - pos);
        bytes = joined;
      }
      pos = 0;
    },
    /** No more bytes come: the last row may lack its line end. */
    end() {
      ended = true;
    },
    /** The next row, or undefined until more is fed. */
    next(): Row | undefined {
      while (pos < bytes.length || (ended && spoiling !== undefined)) {
        const found = spoiling === undefined ? scanRow() : spoiled(spoiling);
        if (found === undefined) return undefined;
        const isEmpty =
          found.count === 0 ||
          (found.count === 1 && found.quoting[0] === 0 && found.starts[0] === found.ends[0]);
        if (!isEmpty || found.problem !== undefined) return found;
      }
      return undefined;
    },
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The text of field `index`; undefined when it is not UTF-8. */
export function textOf(row: Row, index: number): string | undefined {
  const start = row.starts[index] ?? 0;
  const end = row.ends[index] ?? 0;
  try {
    const text = utf8.decode(row.bytes.subarray(start, end));
    return row.quoting[index] === 2 ? text.replaceAll('""', '"') : text;
  } catch {
    return undefined; // fatal decoding: the bytes are of another encoding
  }
}
