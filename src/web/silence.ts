import type { ReadingReads } from "../domain/reading-store.ts";
import type { Clock } from "../lib/clock.ts";

/** Without a reading for so long any sensor counts as silent, however often it is read. */
const LEAST_US = 15 * 60_000_000;
/** A sensor that is read seldom is silent after so many of its usual intervals. */
const INTERVALS = 3;
const DAY_US = 86_400_000_000;
const LOOK_BACK_US = 30 * DAY_US;
/** What was learned of a tenant is learned anew after so long. */
const FRESH_US = 10 * 60_000_000;
const SERIES_A_READ = 5_000;
const TENANTS_MAX = 1_000;

/** How long a series may send nothing before it counts as silent, in µs. */
export type SilentAfter = (seriesNo: number) => number;

/** From the most readings on one day: a sensor read hourly is silent after three hours. Pure. */
export function silentAfterUs(mostReadingsADay: number): number {
  if (mostReadingsADay <= 0) return LEAST_US;
  return Math.max(LEAST_US, (INTERVALS * DAY_US) / mostReadingsADay);
}

/**
 * Learns from the last thirty days how often each series is read, and keeps it for ten minutes a tenant.
 */
export function createSilence(deps: { readings: Pick<ReadingReads, "range">; clock: Clock }) {
  const kept = new Map<string, { readonly untilUs: number; readonly after: SilentAfter }>();

  async function learn(seriesNos: readonly number[]): Promise<SilentAfter> {
    const toUs = deps.clock.nowUs() + DAY_US;
    const most = new Map<number, number>();
    for (let at = 0; at < seriesNos.length; at += SERIES_A_READ) {
      const days = await deps.readings.range({
        seriesNos: seriesNos.slice(at, at + SERIES_A_READ),
        fromUs: toUs - LOOK_BACK_US,
        toUs,
        tier: "1d",
        maxPoints: 40,
      });
      for (const { seriesNo, n } of days) most.set(seriesNo, Math.max(0, ...n));
    }
    return (seriesNo) => silentAfterUs(most.get(seriesNo) ?? 0);
  }

  return async function of(tenantId: string, seriesNos: readonly number[]): Promise<SilentAfter> {
    const nowUs = deps.clock.nowUs();
    const known = kept.get(tenantId);
    if (known !== undefined && known.untilUs > nowUs) return known.after;
    const after = await learn(seriesNos);
    if (kept.size >= TENANTS_MAX) kept.clear();
    kept.set(tenantId, { untilUs: nowUs + FRESH_US, after });
    return after;
  };
}
