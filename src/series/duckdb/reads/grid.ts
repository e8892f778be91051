import { AppError } from "../../../domain/error.ts";
import {
  type GriddedSeries,
  type GridRequest,
  READ_LIMITS,
} from "../../../domain/reading-store.ts";
import type { DuckdbConnection, Rows } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { FIVE_MINUTES_US, oneOf, timeLiteral } from "../schema.ts";
import type { ClosedBefore } from "../state.ts";
import { checkSeries, checkSpan, checkWhole } from "./limits.ts";

/** Up to so many rows a result is gathered before it is read. */
const ROWS_HELD = 2_000_000;

/** Sums and counts of every (series, step), filled from rows in any order. */
type Grid = {
  readonly fromUs: number;
  readonly stepUs: number;
  readonly steps: number;
  readonly slotOf: Map<number, number>;
  readonly sum: Float64Array[];
  readonly count: Uint32Array[];
};

/**
 * Means per step. Steps of whole 5-minute buckets are made from the buckets, and from readings only
 * behind each series' newest closed one; other steps from readings.
 */
export async function readGrid(
  connection: DuckdbConnection,
  lake: LakeView,
  closedUs: ClosedBefore,
  request: GridRequest,
): Promise<GriddedSeries[]> {
  const { seriesNos, fromUs, toUs, stepUs } = request;
  checkSeries(seriesNos);
  checkSpan(fromUs, toUs);
  checkWhole("stepUs", stepUs, 1, Number.MAX_SAFE_INTEGER);
  const steps = Math.ceil((toUs - fromUs) / stepUs);
  if (steps * seriesNos.length > READ_LIMITS.gridCells)
    throw new AppError(
      "invalid",
      `${steps} steps of ${seriesNos.length} series; at most ${READ_LIMITS.gridCells} cells in one read`,
    );
  const grid: Grid = {
    fromUs,
    stepUs,
    steps,
    slotOf: new Map(seriesNos.map((no, slot) => [no, slot])),
    sum: seriesNos.map(() => new Float64Array(steps)),
    count: seriesNos.map(() => new Uint32Array(steps)),
  };
  const span = (column: string, from: number) =>
    `${oneOf("series", seriesNos)} and ${column} >= ${timeLiteral(from)} and ${column} < ${timeLiteral(toUs)}`;
  const aligned = stepUs % FIVE_MINUTES_US === 0 && fromUs % FIVE_MINUTES_US === 0;
  // Taken before the snapshot: a bucket closed meanwhile is counted by its readings, once.
  const rawFromUs = seriesNos.map((no) => {
    const newest = aligned ? closedUs.get(no) : undefined;
    return newest === undefined ? fromUs : Math.max(fromUs, newest + FIVE_MINUTES_US);
  });
  const bucketsMost = (steps * seriesNos.length * stepUs) / FIVE_MINUTES_US;
  const readBuckets = bucketsMost <= ROWS_HELD ? connection.chunks : connection.stream;
  if (aligned)
    await readBuckets(
      `select series, epoch_us(start)::double, sum, n from buckets_5m where ${span("start", fromUs)}`,
      (rows) => addRows(grid, rows, (slot, atUs) => atUs < (rawFromUs[slot] ?? fromUs)),
    );
  const least = rawFromUs.reduce((a, b) => Math.min(a, b), toUs);
  const wanted = { seriesNos, fromUs: least, toUs, tailsOnly: aligned };
  const readReadings = aligned ? connection.chunks : connection.stream;
  if (least < toUs)
    await readReadings(
      `select series, epoch_us(time)::double, value, 1::double from ${lake.readings(wanted)}
       where ${span("time", least)} and not isnan(value)`,
      (rows) => addRows(grid, rows, (slot, atUs) => atUs >= (rawFromUs[slot] ?? fromUs)),
    );
  return seriesNos.map((seriesNo) => finish(grid, seriesNo));
}

function addRows(grid: Grid, rows: Rows, wanted: (slot: number, atUs: number) => boolean): void {
  const [series, atUs, sums, counts] = [rows.u32(0), rows.f64(1), rows.f64(2), rows.f64(3)];
  for (let row = 0; row < rows.count; row++) {
    const slot = grid.slotOf.get(series[row] ?? 0);
    const at = atUs[row] ?? 0;
    if (slot === undefined || !wanted(slot, at)) continue;
    const sum = grid.sum[slot];
    const count = grid.count[slot];
    if (!sum || !count) continue;
    const step = Math.floor((at - grid.fromUs) / grid.stepUs);
    sum[step] = (sum[step] ?? 0) + (sums[row] ?? 0);
    count[step] = (count[step] ?? 0) + (counts[row] ?? 0);
  }
}

function finish(grid: Grid, seriesNo: number): GriddedSeries {
  const slot = grid.slotOf.get(seriesNo) ?? 0;
  const count = grid.count[slot]?.slice() ?? new Uint32Array(grid.steps);
  // Zero readings make 0 / 0, which is NaN: missing.
  const mean = (grid.sum[slot] ?? new Float64Array(grid.steps)).map(
    (sum, step) => sum / (count[step] ?? 0),
  );
  return { seriesNo, mean, count };
}
