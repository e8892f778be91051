/** A number read from bytes: set by `readDecimal`, reused between calls. */
export type NumberSlot = { value: number; next: number };

const POW10 = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const TWO_53 = 2 ** 53;
const SPLIT = 134217729; // 2^27 + 1, Dekker's splitter

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** The bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let p = start; p < end; p += 4096)
    text += String.fromCharCode(...bytes.subarray(p, Math.min(end, p + 4096)));
  return text;
}

/**
 * Reads a plain decimal at `p` ([-+] digits [. digits]) exactly as `Number()` would, without a string.
 * The caller guarantees `end - p` readable bytes. Sets `slot.next` to the byte after it, or -1 when the
 * bytes are no plain decimal (an exponent, too many digits, no digit): the caller takes the slow way.
 *
 * Up to 15 digits are one IEEE division of two exact numbers (10^k is exact up to k = 22), hence exact.
 */
export function readDecimal(bytes: Uint8Array, p: number, end: number, slot: NumberSlot): void {
  let q = p;
  let byte = bytes[q] ?? 0;
  const isNegative = byte === 45;
  if (isNegative || byte === 43) byte = bytes[++q] ?? 0;
  const first = q;
  let high = 0;
  let digits = 0;
  let point = -1;
  // The first nine digits fit an int32.
  for (; q < end && digits < 9; q++) {
    byte = bytes[q] ?? 0;
    if (byte >= 48 && byte <= 57) {
      high = (Math.imul(high, 10) + byte - 48) | 0;
      digits++;
    } else if (byte === 46 && point < 0) point = q;
    else break;
  }
  if (digits === 9) {
    readLong(bytes, q, end, slot, isNegative, high, point);
    return;
  }
  if (digits === 0 || (q < end && (byte === 101 || byte === 69))) {
    slot.next = -1;
    return;
  }
  const fraction = point < 0 ? 0 : q - point - 1;
  const value = fraction === 0 ? high : high / (POW10[fraction] ?? 1);
  slot.value = isNegative ? -value : value;
  slot.next = q === first ? -1 : q;
}

function readLong(
  bytes: Uint8Array,
  from: number,
  end: number,
  slot: NumberSlot,
  isNegative: boolean,
  high: number,
  pointSoFar: number,
): void {
  let point = pointSoFar;
  let low = 0;
  let digits = 0;
  let q = from;
  let byte = 0;
  for (; q < end; q++) {
    byte = bytes[q] ?? 0;
    if (byte >= 48 && byte <= 57) {
      if (++digits > 9) break;
      low = (Math.imul(low, 10) + byte - 48) | 0;
    } else if (byte === 46 && point < 0) point = q;
    else break;
  }
  const fraction = point < 0 ? 0 : q - point - 1;
  if (digits > 9 || fraction > 22 || (q < end && (byte === 101 || byte === 69))) {
    slot.next = -1;
    return;
  }
  const scale = POW10[digits] ?? 1;
  const whole = high * scale + low;
  let value: number;
  if (whole < TWO_53) value = fraction === 0 ? whole : whole / (POW10[fraction] ?? 1);
  else {
    value = divideExactly(high * scale, low, POW10[fraction] ?? 1);
    if (Number.isNaN(value)) {
      slot.next = -1;
      return;
    }
  }
  slot.value = isNegative ? -value : value;
  slot.next = q;
}

/**
 * (a + b) / d to the nearest double, where a + b has up to 18 digits; NaN when too close to a tie.
 * Two-sum for the numerator and Dekker's product for the remainder (T. J. Dekker, 1971).
 */
function divideExactly(a: number, b: number, d: number): number {
  // `a` is exact: high·10^j = (high·5^j)·2^j, and high·5^j with high < 2^30 and j ≤ 9 is below 2^51.
  const sum = a + b;
  const back = sum - a;
  const rest = a - (sum - back) + (b - back);
  const quotient = sum / d;
  const product = quotient * d;
  const qs = SPLIT * quotient;
  const qh = qs - (qs - quotient);
  const ql = quotient - qh;
  const ds = SPLIT * d;
  const dh = ds - (ds - d);
  const dl = d - dh;
  const error = qh * dh - product + qh * dl + ql * dh + ql * dl;
  const correction = (sum - product - error + rest) / d;
  const result = quotient + correction;
  const lost = correction - (result - quotient);
  const half = ulpOf(result) / 2;
  return Math.abs(Math.abs(lost) - half) < half * 2 ** -20 ? Number.NaN : result;
}

function ulpOf(value: number): number {
  return 2 ** (Math.floor(Math.log2(value)) - 52);
}

/** Reads a float in any form that InfluxDB and QuestDB take; undefined when it is none. */
export function floatOf(text: string): number | undefined {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return undefined;
  return Number(text);
}

/** Whether every byte of the range is a digit and there is at least one. */
export function allDigits(bytes: Uint8Array, start: number, end: number): boolean {
  for (let p = start; p < end; p++) if (!isDigit(bytes[p] ?? 0)) return false;
  return end > start;
}
