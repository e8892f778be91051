import type { BucketColumns } from "../../domain/reading.ts";
import { addTime, hasTime, type SeriesTimes } from "./state.ts";

export type CleanRows = { readonly buckets: BucketColumns; readonly rows: readonly number[] };

/** What a run of batches does to the 5-minute buckets. */
export type BucketPlan = {
  /** Rows to take as the fold made them. */
  readonly clean: readonly CleanRows[];
  /** Buckets to compute from their readings. */
  readonly recompute: SeriesTimes;
  readonly pendingAdded: SeriesTimes;
  readonly pendingRemoved: SeriesTimes;
  /** New values of `newestClosedUs`. */
  readonly newest: Map<number, number>;
};

type Step = { readonly touched: SeriesTimes; readonly buckets: BucketColumns };
type Known = {
  readonly newestClosedUs: ReadonlyMap<number, number>;
  readonly pending: SeriesTimes;
};

/**
 * Walks the batches in order. A bucket that comes clean and beyond its series' newest is taken; one that
 * is dirty, comes again, comes out of order, or had a late reading is computed from its readings. A late
 * reading in a bucket that is not closed yet waits until its series has passed it. The end is the same
 * however the batches are grouped, since every step depends only on what came before it.
 */
export function planBuckets(steps: readonly Step[], known: Known): BucketPlan {
  const plan = {
    clean: [] as { buckets: BucketColumns; rows: number[] }[],
    recompute: new Map() as SeriesTimes,
    pendingAdded: new Map() as SeriesTimes,
    pendingRemoved: new Map() as SeriesTimes,
    newest: new Map<number, number>(),
  };
  const newestOf = (no: number) =>
    plan.newest.get(no) ?? known.newestClosedUs.get(no) ?? Number.NEGATIVE_INFINITY;
  for (const { touched, buckets } of steps) {
    for (const [no, starts] of touched)
      for (const start of starts)
        if (start <= newestOf(no)) addTime(plan.recompute, no, start);
        else addPending(plan, known, no, start);
    const rows: number[] = [];
    plan.clean.push({ buckets, rows });
    for (let row = 0; row < buckets.count; row++) {
      const no = buckets.series[row] ?? 0;
      const start = buckets.startUs[row] ?? 0;
      const newest = newestOf(no);
      if (buckets.dirty[row] !== 0 || start <= newest) addTime(plan.recompute, no, start);
      else rows.push(row);
      if (start <= newest) continue;
      plan.newest.set(no, start);
      for (const passed of passedPending(plan, known, no, start)) {
        addTime(plan.recompute, no, passed);
        plan.pendingAdded.get(no)?.delete(passed);
        if (hasTime(known.pending, no, passed)) addTime(plan.pendingRemoved, no, passed);
      }
    }
  }
  if (plan.recompute.size === 0) return plan;
  const clean = plan.clean.map(({ buckets, rows }) => ({
    buckets,
    rows: rows.filter(
      (row) => !hasTime(plan.recompute, buckets.series[row] ?? 0, buckets.startUs[row] ?? 0),
    ),
  }));
  return { ...plan, clean };
}

type Pending = { readonly pendingAdded: SeriesTimes; readonly pendingRemoved: SeriesTimes };

function addPending(plan: Pending, known: Known, seriesNo: number, startUs: number): void {
  // What was passed stays below the newest bucket, so a start is never both removed and added.
  if (!hasTime(known.pending, seriesNo, startUs)) addTime(plan.pendingAdded, seriesNo, startUs);
}

function passedPending(plan: Pending, known: Known, seriesNo: number, newestUs: number): number[] {
  const before = known.pending.get(seriesNo);
  const added = plan.pendingAdded.get(seriesNo);
  if (!before && !added) return [];
  const waiting = [...(before ?? []), ...(added ?? [])];
  return waiting.filter(
    (start) => start <= newestUs && !hasTime(plan.pendingRemoved, seriesNo, start),
  );
}
