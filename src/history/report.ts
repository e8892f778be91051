import type { Counts } from "./state.ts";

const number = (value: number): string => value.toLocaleString("en-US");

/** One line on a file that is being imported. Pure. */
export function progressText(
  file: string,
  counts: Counts,
  readingsPerS: number,
  share?: number,
): string {
  const part = share === undefined ? "" : `${Math.floor(share * 100)} %, `;
  return `${file}: ${part}${countsText(counts)}, ${number(Math.round(readingsPerS))}/s`;
}

/** What became of rows, in words; zeros that say nothing are left out. Pure. */
export function countsText({ rows, readings, missing, bad }: Counts): string {
  return [
    `${number(readings)} readings of ${number(rows)} rows`,
    ...(missing > 0 ? [`${number(missing)} empty cells`] : []),
    ...(bad > 0 ? [`${number(bad)} left out`] : []),
  ].join(", ");
}
