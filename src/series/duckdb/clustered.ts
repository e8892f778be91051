import type { ReadingColumns } from "../../domain/reading.ts";

/**
 * The readings of several batches in order of series, and of each series in the order they came. Rows of one
 * series then lie together in few row groups of a large commit, and reads of one series pass over the others
 * by their bounds. A counting sort, since series numbers are small and dense.
 */
export function clusteredBySeries(batches: readonly ReadingColumns[]): ReadingColumns {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const place = placesOf(batches);
  const out = {
    count,
    series: new Uint32Array(count),
    atUs: new Float64Array(count),
    value: new Float64Array(count),
  };
  for (const { count: rows, series, atUs, value } of batches)
    for (let row = 0; row < rows; row++) {
      const no = series[row] ?? 0;
      const at = place[no] ?? 0;
      place[no] = at + 1;
      out.series[at] = no;
      out.atUs[at] = atUs[row] ?? 0;
      out.value[at] = value[row] ?? 0;
    }
  return out;
}

/** Where the first row of each series goes. */
function placesOf(batches: readonly ReadingColumns[]): Uint32Array {
  let most = 0;
  for (const { count, series } of batches)
    for (let row = 0; row < count; row++) most = Math.max(most, series[row] ?? 0);
  const place = new Uint32Array(most + 2);
  for (const { count, series } of batches)
    for (let row = 0; row < count; row++) {
      const next = (series[row] ?? 0) + 1;
      place[next] = (place[next] ?? 0) + 1;
    }
  for (let no = 1; no < place.length; no++) place[no] = (place[no] ?? 0) + (place[no - 1] ?? 0);
  return place;
}
