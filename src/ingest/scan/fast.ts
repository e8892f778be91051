import { type Dictionary, KIND } from "../dictionary.ts";
import { type KeyTable, SLACK } from "./keys.ts";
import { type NumberSlot, readDecimal } from "./number.ts";
import type { Rows } from "./rows.ts";
import { realmOf, type ScanJob } from "./scanner.ts";
import { autoUnit, readNanos19, US_PER_UNIT } from "./time.ts";

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const QUOTE = 34;
const HASH = 35;
const COMMA = 44;
const EQUALS = 61;
const BACKSLASH = 92;

/** Guessing stops for a while when so many of the last lines were guessed wrong. */
const WINDOW_LINES = 128;
const WINDOW_MISSES = 64;
const REST_LINES = 1_000;
const NAME_BYTES_MAX = 4_096;

/**
 * Lines of known series, without a string: the head is compared with the one that followed last time,
 * then with a few others that often come, then looked up by hash. Whatever is unusual in a line (an
 * escape in a string, an exponent, a new name, the body's last bytes) is left to the slow way, and the
 * line's rows with it.
 */
export class FastScan {
  private readonly dictionary: Dictionary;
  private readonly keys: KeyTable;
  private readonly slot: NumberSlot = { value: 0, next: 0 };
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  private bytes: Uint8Array = new Uint8Array(0);
  private view: DataView = new DataView(new ArrayBuffer(0));
  private kinds = new Uint8Array(0);
  private defaultAtUs = 0;
  private usPerUnit = 0;
  private isQuestdb = false;
  private isAuto = false;
  private previous = -1;
  /** The head that was expected when another came. */
  private expected = -1;
  private missed = 0;
  private misses = 0;
  private guesses = 0;
  private resting = 0;

  constructor(dictionary: Dictionary, keys: KeyTable) {
    this.dictionary = dictionary;
    this.keys = keys;
  }

  /** Begins a request: nothing is known of what comes first. */
  reset(job: ScanJob): void {
    this.bytes = job.bytes;
    this.view = job.view;
    this.defaultAtUs = job.defaultAtUs;
    this.usPerUnit = US_PER_UNIT[job.precision];
    this.isQuestdb = job.dialect === "questdb";
    this.isAuto = job.precision === "auto";
    this.previous = -1;
    this.expected = -1;
  }

  /** Takes lines as long as they are the guessed ones. Returns the first byte of the one that is not. */
  run(job: ScanJob, rows: Rows, stop: number): number {
    const { keys, view } = this;
    if (this.bytes !== job.bytes) this.reset(job);
    this.kinds = this.dictionary.kinds;
    let p = job.p;
    let lines = 0;
    while (p < stop && this.resting === 0) {
      const previous = this.previous;
      let head = previous < 0 ? -1 : (keys.next[previous] ?? 0) - 1;
      if (head < 0 || !keys.matches(view, p, head)) {
        head = this.guessAgain(p, head);
        if (head < 0) break;
      } else this.guesses++;
      const next = this.line(rows, head, p + (keys.length[head] ?? 0));
      if (next < 0) break;
      this.previous = head;
      p = next;
      lines++;
    }
    job.lines += lines;
    return p;
  }

  /** Takes the line at `job.p` by hash; false when it needs the slow way. */
  one(job: ScanJob, rows: Rows): boolean {
    if (this.bytes !== job.bytes) this.reset(job);
    this.kinds = this.dictionary.kinds;
    if (this.resting > 0) this.resting--;
    const p = job.p;
    const length = this.headLength(p);
    if (length < 0) return false;
    const head = this.keys.find(this.view, p, length, realmOf(job));
    if (head < 0) return false;
    const next = this.line(rows, head, p + length);
    if (next < 0) return false;
    this.follow(head);
    job.p = next;
    job.lines++;
    return true;
  }

  /** The head came after the previous one; believed at the second time that another did not. */
  follow(head: number): void {
    const { keys, previous } = this;
    if (previous >= 0) {
      const known = (keys.next[previous] ?? 0) - 1;
      if (known < 0 || this.missed >= 1) {
        keys.next[previous] = head + 1;
        this.missed = 0;
      } else if (known !== head) {
        this.missed++;
        this.expected = known;
      }
    }
    this.previous = head;
  }

  /** The line is not the one expected: tries the others that are likely. -1 when none of them is. */
  private guessAgain(p: number, wrong: number): number {
    const { keys, view, expected, previous } = this;
    if (this.guesses + this.misses >= WINDOW_LINES) {
      if (this.misses > WINDOW_MISSES) this.resting = REST_LINES;
      this.guesses = 0;
      this.misses = 0;
    }
    this.misses++;
    if (expected >= 0 && keys.matches(view, p, expected)) {
      this.expected = wrong;
      return expected;
    }
    const second = wrong < 0 ? -1 : (keys.next[wrong] ?? 0) - 1;
    if (second >= 0 && keys.matches(view, p, second)) {
      this.expected = wrong;
      return second;
    }
    if (previous >= 0 && keys.matches(view, p, previous)) {
      this.expected = wrong;
      return previous;
    }
    return -1;
  }

  /** Bytes up to and with the first field's `=`; -1 when the line does not look like a usual one. */
  private headLength(p: number): number {
    const { bytes } = this;
    const end = Math.min(bytes.length - SLACK, p + NAME_BYTES_MAX);
    if (bytes[p] === HASH) return -1;
    let q = p;
    for (; q < end; q++) {
      const byte = bytes[q];
      if (byte === SPACE) break;
      if (byte === BACKSLASH) q++;
      else if (byte === NEWLINE || byte === RETURN) return -1;
    }
    for (; q < end; q++) {
      const byte = bytes[q];
      if (byte === EQUALS) return q + 1 - p;
      if (byte === BACKSLASH) q++;
      else if (byte === NEWLINE || byte === RETURN) return -1;
    }
    return -1;
  }

  /**
   * Values and time of a line whose head has been found, from the first value's byte on.
   * Returns the next line's first byte, or -1 with the line's rows taken back.
   */
  private line(rows: Rows, head: number, from: number): number {
    const { bytes, keys } = this;
    const firstRow = rows.count;
    let key = head;
    let p = from;
    for (;;) {
      p = this.value(rows, keys.series[key] ?? 0, p);
      if (p < 0) break;
      const byte = bytes[p];
      if (byte === COMMA) {
        const field = this.field(rows, head, key, p + 1, firstRow);
        if (field < 0) break;
        p += 1 + (keys.length[field] ?? 0);
        key = field;
        continue;
      }
      if (byte === SPACE) {
        const next = this.time(rows, firstRow, p + 1);
        if (next < 0) break;
        return next;
      }
      if (byte !== NEWLINE) break;
      this.stamp(rows, firstRow, this.defaultAtUs);
      return p + 1;
    }
    if (rows.count > firstRow) rows.cutTo(firstRow);
    return -1;
  }

  /** The line's next field: the one that came here last time, or any of the head's by hash. */
  private field(rows: Rows, head: number, before: number, p: number, firstRow: number): number {
    const { keys, view, bytes } = this;
    const links = before === head ? keys.child : keys.next;
    const guess = (links[before] ?? 0) - 1;
    if (guess >= 0 && keys.matches(view, p, guess)) return guess;
    const end = Math.min(bytes.length - SLACK, p + NAME_BYTES_MAX);
    let q = p;
    for (; q < end && bytes[q] !== EQUALS; q++) {
      const byte = bytes[q];
      if (byte === BACKSLASH) q++;
      else if (byte === NEWLINE || byte === COMMA || byte === SPACE) return -1;
    }
    if (q >= end) return -1;
    const found = keys.find(view, p, q + 1 - p, -(head + 1));
    if (found < 0) return -1;
    // The same field twice in a line is the slow way's to judge.
    const series = keys.series[found] ?? 0;
    for (let row = firstRow; row < rows.count; row++) if (rows.series[row] === series) return -1;
    links[before] = found + 1;
    return found;
  }

  /** Reads one value into a row without its time. Returns the byte after it, or -1. */
  private value(rows: Rows, series: number, p: number): number {
    const { bytes, slot } = this;
    const kind = this.kinds[series] ?? 0;
    if (p + SLACK > bytes.length) return -1;
    if (kind === KIND.numeric) {
      if (bytes[p] === EQUALS) return this.double(rows, series, p);
      readDecimal(bytes, p, p + 24, slot);
      let next = slot.next;
      if (next < 0 || next >= p + 24) return -1;
      if (bytes[next] === 105) {
        // `i`: up to 15 digits are exact; a point before it is the slow way's to refuse.
        if (next - p > 15) return -1;
        for (let q = p; q < next; q++) if (bytes[q] === 46) return -1;
        if (slot.value === 0) slot.value = 0; // there is no integer -0
        next++;
      }
      if (rows.count === rows.capacity) rows.grow();
      const row = rows.count++;
      rows.series[row] = series;
      rows.value[row] = slot.value;
      return next;
    }
    if (kind === KIND.boolean) return this.boolean(rows, series, p);
    return kind === KIND.state ? this.text(rows, series, p) : -1;
  }

  /** QuestDB's binary double, as its clients send it since protocol 2. */
  private double(rows: Rows, series: number, p: number): number {
    if (!this.isQuestdb || this.bytes[p + 1] !== 0x10) return -1;
    rows.add(series, 0, this.view.getFloat64(p + 2, true), undefined);
    return p + 10;
  }

  private boolean(rows: Rows, series: number, p: number): number {
    const { bytes } = this;
    const letter = (bytes[p] ?? 0) | 32;
    if (letter !== 116 && letter !== 102) return -1;
    const after = bytes[p + 1];
    let next = p + 1;
    if (after !== COMMA && after !== SPACE && after !== NEWLINE) {
      next = p + (letter === 116 ? 4 : 5);
      const word = String.fromCharCode(...bytes.subarray(p, next));
      if (!/^(true|True|TRUE|false|False|FALSE)$/.test(word)) return -1;
    }
    rows.add(series, 0, letter === 116 ? 1 : 0, undefined);
    return next;
  }

  private text(rows: Rows, series: number, p: number): number {
    const { bytes } = this;
    if (bytes[p] !== QUOTE) return -1;
    const end = Math.min(bytes.length - SLACK, p + NAME_BYTES_MAX);
    let q = p + 1;
    for (; q < end && bytes[q] !== QUOTE; q++)
      if (bytes[q] === BACKSLASH || bytes[q] === NEWLINE) return -1;
    if (q >= end) return -1;
    rows.add(series, 0, Number.NaN, this.decoder.decode(bytes.subarray(p + 1, q)));
    return q + 1;
  }

  /** Reads the time that ends a line and gives it to the line's rows. Returns the next line, or -1. */
  private time(rows: Rows, firstRow: number, p: number): number {
    const { bytes } = this;
    if (p + SLACK > bytes.length) return -1;
    let micros = -1;
    let q = p + 19;
    // 19 digits can be nothing but ns where the size tells the unit.
    if (this.usPerUnit === 0 || this.isAuto) micros = readNanos19(bytes, this.view, p);
    if (micros < 0) {
      let units = 0;
      for (q = p; q < p + 16; q++) {
        const byte = bytes[q] ?? 0;
        if (byte < 48 || byte > 57) break;
        units = units * 10 + byte - 48;
      }
      if (q === p || units > Number.MAX_SAFE_INTEGER) return -1;
      // QuestDB's clients name µs by a `t` since protocol 2; other units are the slow way's.
      const isMicros = this.isQuestdb && bytes[q] === 116;
      if (isMicros) q++;
      const own = this.isAuto ? US_PER_UNIT[autoUnit(units)] : this.usPerUnit;
      const usPerUnit = isMicros ? 1 : own;
      micros = usPerUnit === 0 ? Math.floor(units / 1000) : units * usPerUnit;
      if (micros > Number.MAX_SAFE_INTEGER) return -1;
    }
    if (bytes[q] === RETURN) q++;
    if (bytes[q] !== NEWLINE) return -1;
    this.stamp(rows, firstRow, micros);
    return q + 1;
  }

  private stamp(rows: Rows, firstRow: number, atUs: number): void {
    const { atUs: column } = rows;
    for (let row = firstRow; row < rows.count; row++) column[row] = atUs;
  }
}
