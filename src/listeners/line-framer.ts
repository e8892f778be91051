import type { Dialect } from "../domain/engine.ts";

/** Why a connection cannot go on: nothing after this place can be told apart. */
export type FramingFailure = "line-too-long" | "broken-binary-field";

/** What became of a chunk: it is whole lines up to `wholeEnd`, and what failed after them. */
export type Framed = {
  /** Byte after the last newline that ends a line; 0 when none does. */
  readonly wholeEnd: number;
  readonly failure: FramingFailure | undefined;
};

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

/** 1 for bytes that can mean something in text. */
const MEANS = new Uint8Array(256);
for (const byte of [NEWLINE, RETURN, SPACE, QUOTE, COMMA, EQUALS, BACKSLASH]) MEANS[byte] = 1;

/** Where in a line the next byte lies. A type alias of numbers, since it is compared for every byte. */
const AT = {
  start: 0,
  head: 1,
  fieldName: 2,
  valueStart: 3,
  value: 4,
  string: 5,
  rest: 6,
  comment: 7,
  binaryType: 8,
  binaryHead: 9,
  binaryBody: 10,
  afterBinary: 11,
} as const;
type At = (typeof AT)[keyof typeof AT];

/** QuestDB's binary values of one size, by type byte: bytes after it. */
const FIXED_BYTES: Readonly<Record<number, number>> = {
  2: 4, // float32
  3: 4, // int32
  6: 1, // boolean
  13: 9, // timestamp: its unit, then 8
  15: 8, // int64
  16: 8, // float64
};
const ARRAY = 14;
const DECIMAL = 23;
const NO_ELEMENTS = 33;
const ELEMENT_BYTES = 8;
const DIMENSIONS_MAX = 32;

/**
 * Finds where lines end in a stream that arrives in pieces, in both dialects: a newline inside a string,
 * after QuestDB's backslash or inside a binary value is data. It judges nothing else, so bad lines pass
 * as lines. Its state is a few numbers: what waits for the rest of a line is kept by its owner.
 */
export class LineFramer {
  /** Bytes of the line that has begun; 0 between lines. */
  lineBytes = 0;
  private readonly isQuestdb: boolean;
  private readonly maxLineBytes: number;
  private at: At = AT.start;
  private isEscaped = false;
  private type = 0;
  /** Bytes of a binary value that are still to come, and those of its head that came. */
  private left = 0;
  private readonly head: number[] = [];
  private failure: FramingFailure | undefined;

  constructor(dialect: Dialect, maxLineBytes: number) {
    this.isQuestdb = dialect === "questdb";
    this.maxLineBytes = maxLineBytes;
  }

  /** Goes on with the next bytes; after a failure every further call repeats it. */
  feed(chunk: Uint8Array): Framed {
    let wholeEnd = this.failure === undefined ? this.skipPlainLines(chunk) : 0;
    let p = wholeEnd;
    while (p < chunk.length && this.failure === undefined) {
      if (this.at === AT.binaryBody) p = this.skipBody(chunk.length, p);
      else {
        p = this.skipPlain(chunk, p);
        if (p < chunk.length) {
          this.lineBytes++;
          // A line's newline belongs to its length.
          if (this.step(chunk[p++] ?? 0) && this.lineBytes <= this.maxLineBytes) {
            wholeEnd = p;
            this.begin();
          }
        }
      }
      if (this.lineBytes > this.maxLineBytes) this.failure ??= "line-too-long";
    }
    return { wholeEnd, failure: this.failure };
  }

  /**
   * Text without quotes, backslashes and binary values, which is most of it: every newline ends a line.
   * Returns the byte after the last one; 0 where the chunk must be walked.
   */
  private skipPlainLines(chunk: Uint8Array): number {
    if (this.isEscaped || this.at === AT.string || this.at >= AT.binaryType) return 0;
    if (chunk.includes(QUOTE) || chunk.includes(BACKSLASH)) return 0;
    if (this.isQuestdb && this.mayHoldBinary(chunk)) return 0;
    let end = 0;
    let reach = this.maxLineBytes - this.lineBytes;
    while (reach > end) {
      // As far as one line may reach: if none ends there, it is too long, which walking finds.
      const found = chunk.lastIndexOf(NEWLINE, reach - 1);
      if (found < end) break;
      end = found + 1;
      reach = end + this.maxLineBytes;
    }
    if (end > 0) this.begin();
    return end;
  }

  private mayHoldBinary(chunk: Uint8Array): boolean {
    // The `=` before the value's own may have come with the bytes before these.
    if (this.at === AT.valueStart && chunk[0] === EQUALS) return true;
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).includes("==");
  }

  /** Skips bytes that mean nothing where they stand. */
  private skipPlain(chunk: Uint8Array, from: number): number {
    const { at } = this;
    const isWalked =
      this.isEscaped || at === AT.start || at === AT.valueStart || at >= AT.binaryType;
    if (isWalked) return from;
    let p = from;
    while (p < chunk.length && MEANS[chunk[p] ?? 0] === 0) p++;
    this.lineBytes += p - from;
    return p;
  }

  private begin(): void {
    this.at = AT.start;
    this.isEscaped = false;
    this.lineBytes = 0;
  }

  private skipBody(end: number, from: number): number {
    const skipped = Math.min(this.left, end - from);
    this.left -= skipped;
    this.lineBytes += skipped;
    if (this.left === 0) this.at = AT.afterBinary;
    return from + skipped;
  }

  /** Takes one byte; true when it ends the line. */
  private step(byte: number): boolean {
    switch (this.at) {
      case AT.start:
        return this.first(byte);
      case AT.head:
      case AT.fieldName:
        return this.name(byte);
      case AT.valueStart:
        return this.valueStart(byte);
      case AT.value:
        return this.afterValue(byte, AT.value);
      case AT.string:
        return this.inString(byte);
      case AT.binaryType:
        return this.binaryType(byte);
      case AT.binaryHead:
        return this.binaryHead(byte);
      case AT.afterBinary:
        return this.afterBinary(byte);
      default:
        return this.eol(byte);
    }
  }

  private eol(byte: number): boolean {
    // QuestDB's lines end at a return, too: what follows it is a new one.
    if (byte === RETURN && this.isQuestdb) this.at = AT.start;
    return byte === NEWLINE;
  }

  private first(byte: number): boolean {
    if (byte === SPACE || byte === RETURN || byte === NEWLINE) return byte === NEWLINE;
    this.at = byte === HASH && !this.isQuestdb ? AT.comment : AT.head;
    return this.at === AT.head && this.name(byte);
  }

  /** The measurement and tags, or a field's name. */
  private name(byte: number): boolean {
    if (this.isEscaped) {
      this.isEscaped = false;
      // InfluxDB escapes separators alone; any other byte means what it always does.
      if (this.isQuestdb || byte === COMMA || byte === SPACE || byte === EQUALS) return false;
    }
    if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === SPACE && this.at === AT.head) this.at = AT.fieldName;
    else if (byte === EQUALS && this.at === AT.fieldName) this.at = AT.valueStart;
    else return this.eol(byte);
    return false;
  }

  private valueStart(byte: number): boolean {
    if (byte === QUOTE) this.at = AT.string;
    else if (byte === EQUALS && this.isQuestdb) this.at = AT.binaryType;
    else return this.afterValue(byte, AT.value);
    return false;
  }

  private afterValue(byte: number, otherwise: At): boolean {
    if (byte === COMMA) this.at = AT.fieldName;
    else if (byte === SPACE) this.at = AT.rest;
    else {
      this.at = otherwise;
      return this.eol(byte);
    }
    return false;
  }

  private inString(byte: number): boolean {
    if (this.isEscaped) this.isEscaped = false;
    else if (byte === BACKSLASH) this.isEscaped = true;
    else if (byte === QUOTE) this.at = AT.value;
    // A raw newline is data in InfluxDB's dialect; in QuestDB's the line is bad and ends there.
    else return byte === NEWLINE && this.isQuestdb;
    return false;
  }

  private binaryType(type: number): boolean {
    const fixed = FIXED_BYTES[type];
    this.type = type;
    this.head.length = 0;
    if (fixed !== undefined) this.body(fixed);
    else if (type === ARRAY || type === DECIMAL) this.at = AT.binaryHead;
    else this.failure = "broken-binary-field";
    return false;
  }

  private body(bytes: number): void {
    this.left = bytes;
    this.at = bytes === 0 ? AT.afterBinary : AT.binaryBody;
    if (this.lineBytes + bytes > this.maxLineBytes) this.failure = "line-too-long";
  }

  /** The bytes that say how long an array or a decimal is. */
  private binaryHead(byte: number): boolean {
    const { head } = this;
    head.push(byte);
    const [first = 0, second] = head;
    if (this.type === ARRAY && first === NO_ELEMENTS) this.body(0);
    else if (second === undefined) return false;
    else if (this.type === DECIMAL) {
      if (first > 76 || second > 32) this.failure = "broken-binary-field";
      else this.body(second);
    } else if (first !== 10 || second > DIMENSIONS_MAX) this.failure = "broken-binary-field";
    else if (head.length === 2 + second * 4) this.arrayBody(second);
    return false;
  }

  private arrayBody(dimensions: number): void {
    let count = dimensions === 0 ? 0 : 1;
    const view = new DataView(Uint8Array.from(this.head).buffer);
    for (let d = 0; d < dimensions; d++) {
      const size = view.getInt32(2 + d * 4, true);
      if (size < 0) this.failure = "broken-binary-field";
      count *= size;
    }
    if (this.failure === undefined) this.body(count * ELEMENT_BYTES);
  }

  private afterBinary(byte: number): boolean {
    if (byte === COMMA || byte === SPACE || byte === NEWLINE || byte === RETURN)
      return this.afterValue(byte, AT.rest);
    this.failure = "broken-binary-field";
    return false;
  }
}
