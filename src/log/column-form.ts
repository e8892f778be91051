import type { Header } from "./frame.ts";

/**
 * Frames that stand one behind the other, as bytes that compress well, and back again byte for byte.
 *
 * Headers lie together, then the columns of all readings: series and time as differences from the row
 * before, values as whole numbers of a power of ten where that is exact, as differences from the value
 * that came last under the same slot of a small table. Each column of words is stored byte plane by byte
 * plane. Values that no power of ten holds are kept as doubles, mixed with the one before by exclusive or.
 */
export const FORM = { plain: 0, columns: 1 } as const;
export const PREFIX_BYTES = 32;
/** Slots of the table of last values; series that share one only predict each other badly. */
export const SLOTS = 65_536;
export const POWERS = [1, 10, 100, 1e3, 1e4, 1e5, 1e6] as const;
export const NO_POWER = 255;
/** Stands for a value that is in the column of doubles. */
export const ESCAPE = -2147483648;

/** What the last value of a slot says the next one is, as a whole number of the power's fraction. */
export function predicted(last: number, power: number): number {
  const scaled = Math.round(last * power);
  return scaled > -2147483648 && scaled < 2147483648 ? scaled : 0;
}

/** Bytes of a frame's payload that are columns. */
export const columnBytes = ({ kind, count, isWide }: Header): number =>
  kind === "readings" ? count * (isWide ? 20 : 16) : 0;
