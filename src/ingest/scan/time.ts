import type { Precision } from "../../domain/engine.ts";

const NS: Readonly<Record<Exclude<Precision, "auto">, bigint>> = {
  ns: 1n,
  us: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const NS_OF_SUFFIX = { n: 1n, t: 1_000n, m: 1_000_000n } as const;

/** µs that one unit of the precision holds; 0 for ns, which is divided; NaN for auto, see `autoUnit`. */
export const US_PER_UNIT: Readonly<Record<Precision, number>> = {
  ns: 0,
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  auto: Number.NaN,
};

/** The unit of a time whose size must tell it: the bounds are those of InfluxDB 3's `auto`. */
export function autoUnit(time: number): "s" | "ms" | "us" | "ns" {
  const size = Math.abs(time);
  return size < 5e9 ? "s" : size < 5e12 ? "ms" : size < 5e15 ? "us" : "ns";
}

/** A line's time in ns since epoch; QuestDB's suffix overrides the request's precision. */
export function nanosOf(
  time: bigint,
  precision: Precision,
  suffix: keyof typeof NS_OF_SUFFIX | undefined,
): bigint {
  if (suffix !== undefined) return time * NS_OF_SUFFIX[suffix];
  return time * NS[precision === "auto" ? autoUnit(Number(time)) : precision];
}

/** ns to whole µs, rounded down; undefined when a double cannot hold them exactly. */
export function microsOf(nanos: bigint): number | undefined {
  const micros = nanos >= 0n ? nanos / 1000n : -((-nanos + 999n) / 1000n);
  const value = Number(micros);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Whether the four bytes of a little-endian word are all digits. */
function areDigits(word: number): boolean {
  return (
    ((word ^ 0x30303030) & 0xf0f0f0f0) === 0 &&
    (((word + 0x06060606) ^ 0x30303030) & 0xf0f0f0f0) === 0
  );
}

/** Four digits of a little-endian word as a number, two multiplications for all. */
function fourDigits(word: number): number {
  const digits = word ^ 0x30303030;
  const pairs = Math.imul(digits, 10) + (digits >>> 8);
  return Math.imul(pairs & 0xff, 100) + ((pairs >>> 16) & 0xff);
}

/** The µs of a 19-digit ns time at `p`, or -1 when it is not 19 digits. Needs 20 readable bytes. */
export function readNanos19(bytes: Uint8Array, view: DataView, p: number): number {
  const a = view.getInt32(p, true);
  const b = view.getInt32(p + 4, true);
  const c = view.getInt32(p + 8, true);
  const d = view.getInt32(p + 12, true);
  if (!areDigits(a) || !areDigits(b) || !areDigits(c) || !areDigits(d)) return -1;
  for (let q = p + 16; q < p + 19; q++) {
    const byte = bytes[q] ?? 0;
    if (byte < 48 || byte > 57) return -1;
  }
  // Above 9.007e15 µs a double is no longer exact: the caller's slow way refuses it.
  const micros =
    (fourDigits(a) * 10_000 + fourDigits(b)) * 1e8 + fourDigits(c) * 1e4 + fourDigits(d);
  return micros <= Number.MAX_SAFE_INTEGER ? micros : -1;
}
