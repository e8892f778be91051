import { type Random, sampleSorted } from "../random.ts";

/** `take` of the given columns, ascending, without repeats. */
export function sampleColumns(columns: Int32Array, take: number, random: Random): Int32Array {
  if (take >= columns.length) return columns;
  return sampleSorted(columns.length, take, random).map((i) => columns[i] ?? 0);
}

/** `rows.length` of the rows with replacement, ascending, so that memory is read in order. */
export function bootstrap(rows: Int32Array, random: Random): Int32Array {
  const times = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const at = random.int(rows.length);
    times[at] = (times[at] ?? 0) + 1;
  }
  const out = new Int32Array(rows.length);
  let at = 0;
  for (let i = 0; i < rows.length; i++) {
    for (let k = times[i] ?? 0; k > 0; k--) out[at++] = rows[i] ?? 0;
  }
  return out;
}
