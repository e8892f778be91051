import { AppError } from "../../../domain/error.ts";
import {
  type GriddedSeries,
  type GridRequest,
  READ_LIMITS,
} from "../../../domain/reading-store.ts";
import { checkSeries, checkSpan, checkWhole } from "../../duckdb/reads/limits.ts";
import { FIVE_MINUTES_US } from "../../duckdb/schema.ts";
import { scanRows } from "../scan.ts";
import { byTenant, type ReadDeps } from "./range.ts";

/** Means per step: from buckets where the steps are whole buckets, behind them and else from readings. */
export async function readGrid(deps: ReadDeps, request: GridRequest): Promise<GriddedSeries[]> {
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
  const cells = new Map(
    seriesNos.map((no) => [no, { sum: new Float64Array(steps), count: new Uint32Array(steps) }]),
  );
  const add = (no: number, atUs: number, sum: unknown, n: unknown) => {
    const one = cells.get(no);
    if (!one) return;
    const step = Math.floor((atUs - fromUs) / stepUs);
    one.sum[step] = (one.sum[step] ?? 0) + Number(sum);
    one.count[step] = (one.count[step] ?? 0) + Number(n);
  };
  const isAligned = stepUs % FIVE_MINUTES_US === 0 && fromUs % FIVE_MINUTES_US === 0;
  // Taken before the queries: a bucket that closes meanwhile is counted by its readings, once.
  const rawFromUs = new Map(
    seriesNos.map((no) => {
      const newest = isAligned ? deps.state.newestClosedUs.get(no) : undefined;
      return [no, newest === undefined ? fromUs : Math.max(fromUs, newest + FIVE_MINUTES_US)];
    }),
  );
  const since = (no: number) => rawFromUs.get(no) ?? fromUs;
  for (const [tenantNo, own] of byTenant(deps, seriesNos)) {
    if (isAligned)
      await scanRows(
        deps.wire,
        {
          table: deps.tables.buckets(tenantNo, "5m"),
          columns: "sum, n",
          where: "n > 0",
          seriesNos: own,
          fromUs,
          toUs,
        },
        ([, , sum, n], atUs, no) => {
          if (atUs < since(no)) add(no, atUs, sum, n);
        },
      );
    const open = own.filter((no) => since(no) < toUs);
    await scanRows(
      deps.wire,
      {
        table: deps.tables.readings(tenantNo),
        columns: "value",
        where: "value is not null",
        seriesNos: open,
        fromUs: open.reduce((least, no) => Math.min(least, since(no)), toUs),
        toUs,
      },
      ([, , value], atUs, no) => {
        if (atUs >= since(no)) add(no, atUs, value, 1);
      },
    );
  }
  return seriesNos.map((seriesNo) => {
    const { sum = new Float64Array(steps), count = new Uint32Array(steps) } =
      cells.get(seriesNo) ?? {};
    // Zero readings make 0 / 0, which is NaN: missing.
    return { seriesNo, mean: sum.map((one, step) => one / (count[step] ?? 0)), count };
  });
}
