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
export class CsvScanner {
  readonly #delimiter: number;
  readonly #blanks: boolean;
  readonly #row: Row;
  #bytes: Uint8Array = new Uint8Array(0);
  #pos = 0;
  #ended = false;
  /** Why the line that is being dropped is; its end has not come yet. */
  #spoiling: string | undefined;

  /** @param offset and `line` are where in the file the first byte that is fed lies. */
  constructor(delimiter: number, offset: number, line: number) {
    this.#delimiter = delimiter;
    this.#blanks = delimiter === SPACE;
    this.#row = {
      bytes: this.#bytes,
      starts: new Int32Array(CSV_LIMITS.columns),
      ends: new Int32Array(CSV_LIMITS.columns),
      quoting: new Uint8Array(CSV_LIMITS.columns),
      count: 0,
      line,
      nextOffset: offset,
      nextLine: line,
      problem: undefined,
    };
  }

  /** Takes more bytes; they must not change until the rows in them are read. */
  feed(chunk: Uint8Array): void {
    const rest = this.#bytes.length - this.#pos;
    if (rest === 0) this.#bytes = chunk;
    else {
      const joined = new Uint8Array(rest + chunk.length);
      joined.set(this.#bytes.subarray(this.#pos));
      joined.set(chunk, rest);
      this.#bytes = joined;
    }
    this.#pos = 0;
  }

  /** No more bytes come: the last row may lack its line end. */
  end(): void {
    this.#ended = true;
  }

  /** The next row, or undefined until more is fed. */
  next(): Row | undefined {
    while (this.#pos < this.#bytes.length || (this.#ended && this.#spoiling !== undefined)) {
      const found = this.#spoiling === undefined ? this.#scanRow() : this.#spoil(this.#spoiling);
      if (found === undefined || found.problem !== undefined || !isEmpty(found)) return found;
    }
    return undefined;
  }

  /** The row at the position, or undefined when it is not all here. */
  #scanRow(): Row | undefined {
    const row = this.#row;
    const bytes = this.#bytes;
    let at = this.#pos;
    let lines = 1;
    row.count = 0;
    row.problem = undefined;
    for (;;) {
      at = this.#skipBlanks(at);
      if (bytes[at] === QUOTE) {
        const close = this.#quotedField(at);
        if (close < 0) return this.#unclosed();
        lines += newlinesIn(bytes, at, close);
        at = this.#afterQuote(close + 1);
      } else at = this.#plainField(at);
      if (at >= bytes.length) {
        if (this.#ended) return this.#finish(at, lines);
        return at - this.#pos > CSV_LIMITS.rowBytes ? this.#spoil(TOO_LONG) : undefined;
      }
      if (bytes[at] === LF) {
        const isLong = at - this.#pos > CSV_LIMITS.rowBytes;
        return isLong ? this.#spoil(TOO_LONG) : this.#finish(at, lines);
      }
      if (!this.#blanks) at++;
    }
  }

  #skipBlanks(from: number): number {
    let at = from;
    while (this.#isBlank(this.#bytes[at])) at++;
    return at;
  }

  #isBlank(byte: number | undefined): boolean {
    return byte === SPACE || (byte === TAB && this.#delimiter !== TAB);
  }

  #add(start: number, end: number, quoting: number): void {
    const row = this.#row;
    if (row.count === CSV_LIMITS.columns) {
      row.problem = `more than ${CSV_LIMITS.columns} columns`;
      return;
    }
    row.starts[row.count] = start;
    row.ends[row.count] = end;
    row.quoting[row.count++] = quoting;
  }

  /** Adds the plain field at `start`. @returns the index of the delimiter or LF after it, or the end. */
  #plainField(start: number): number {
    const bytes = this.#bytes;
    const delimiter = this.#delimiter;
    const { length } = bytes;
    let at = start;
    if (this.#blanks) {
      while (at < length && bytes[at] !== LF && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
    } else {
      while (at < length && bytes[at] !== delimiter && bytes[at] !== LF) at++;
    }
    let end = at;
    if (bytes[end - 1] === CR && end > start && (at === length || bytes[at] === LF)) end--;
    while (end > start && this.#isBlank(bytes[end - 1])) end--;
    // Blanks before the end of a line are no field of their own.
    if (!this.#blanks || end > start) this.#add(start, end, 0);
    return at;
  }

  /** Adds the quoted field whose quote is at `open`. @returns the index of its closing quote, or -1. */
  #quotedField(open: number): number {
    const bytes = this.#bytes;
    let quoting = 1;
    let at = open + 1;
    for (;;) {
      at = bytes.indexOf(QUOTE, at);
      // A quote at the end may be the first of two.
      if (at < 0 || (at + 1 === bytes.length && !this.#ended)) return -1;
      if (bytes[at + 1] !== QUOTE) break;
      quoting = 2;
      at += 2;
    }
    this.#add(open + 1, at, quoting);
    return at;
  }

  /** @returns the index of the delimiter, LF or end after a quoted field that ends before `from`. */
  #afterQuote(from: number): number {
    const bytes = this.#bytes;
    const at = this.#skipBlanks(from);
    if (bytes[at] === CR && (at + 1 === bytes.length || bytes[at + 1] === LF)) return at + 1;
    const isEnd = at >= bytes.length || bytes[at] === LF || bytes[at] === this.#delimiter;
    if (isEnd || (this.#blanks && at > from)) return at;
    this.#row.problem ??= "text follows a closing quote; write quotes inside a field twice";
    let end = at;
    while (end < bytes.length && bytes[end] !== this.#delimiter && bytes[end] !== LF) end++;
    return end;
  }

  #unclosed(): Row | undefined {
    const sizeBytes = this.#bytes.length - this.#pos;
    if (!this.#ended && sizeBytes <= CSV_LIMITS.rowBytes) return undefined;
    return this.#spoil("a quote is opened and never closed");
  }

  /** Gives up the row's first line. */
  #spoil(reason: string): Row | undefined {
    const newline = this.#bytes.indexOf(LF, this.#pos);
    if (newline < 0 && !this.#ended) {
      this.#row.nextOffset += this.#bytes.length - this.#pos;
      this.#pos = this.#bytes.length;
      this.#spoiling = reason;
      return undefined;
    }
    this.#spoiling = undefined;
    this.#row.count = 0;
    this.#row.problem = reason;
    return this.#finish(newline < 0 ? this.#bytes.length : newline, 1);
  }

  /** Ends the row at `at`, the index of its LF or of the end of the bytes. */
  #finish(at: number, lines: number): Row {
    const row = this.#row;
    const next = Math.min(at + 1, this.#bytes.length);
    row.bytes = this.#bytes;
    row.line = row.nextLine;
    row.nextLine += lines;
    row.nextOffset += next - this.#pos;
    this.#pos = next;
    return row;
  }
}

const TOO_LONG = `longer than ${CSV_LIMITS.rowBytes} bytes`;

function isEmpty(row: Row): boolean {
  if (row.count === 0) return true;
  return row.count === 1 && row.quoting[0] === 0 && row.starts[0] === row.ends[0];
}

function newlinesIn(bytes: Uint8Array, from: number, to: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LF, from); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) {
    lines++;
  }
  return lines;
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
