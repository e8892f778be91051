import { reasonOf } from "../../../domain/error.ts";
import { LAKE_DAY_US } from "../../../domain/lake.ts";
import { yielding } from "../../../domain/retention.ts";
import type { Clock } from "../../../lib/clock.ts";
import type { Logger } from "../../../lib/logger.ts";
import { drop, holdingsOf, type RetentionDeps } from "./retention.ts";

export type DiskGuardSettings = {
  /** Free bytes of the lake's disk below which the oldest readings yield; 0 for never. */
  readonly leastBytes: number;
  readonly everyMs: number;
};

/** 5-minute buckets younger than this never yield, and a run takes at most so many of the others. */
const BUCKETS_KEPT_DAYS = 7;
const BUCKET_DAYS_MOST = 30;

/**
 * Looks after the disk: when it is nearly full the oldest sealed readings and waveforms go, then the oldest 5-minute
 * buckets, until a quarter more than the least is free. What went is in the log of retention.
 */
export function createDiskGuard(
  deps: RetentionDeps & {
    readonly clock: Clock;
    readonly settings: DiskGuardSettings;
    readonly freeBytes: () => Promise<number>;
    /** Runs it while nothing is sealed. */
    readonly alone: <T>(run: () => Promise<T>) => Promise<T>;
    readonly afterDrop: () => Promise<void>;
  },
): { stop(): void } {
  const { clock, settings } = deps;
  const logger: Logger = deps.logger;
  let isRunning = false;

  async function look(): Promise<void> {
    const free = await deps.freeBytes();
    if (free >= settings.leastBytes) return;
    const nowUs = clock.nowUs();
    const holdings = await holdingsOf(deps, nowUs, (tier) =>
      tier === "5m" ? BUCKETS_KEPT_DAYS : Number.POSITIVE_INFINITY,
    );
    const items = yielding(holdings, settings.leastBytes * 1.25 - free);
    const fine = items.filter(({ tier }) => tier === "5m").slice(0, BUCKET_DAYS_MOST);
    const going = [...items.filter(({ tier }) => tier !== "5m"), ...fine];
    logger.error(`the disk has ${free} bytes free; the oldest readings yield`, {
      ...{ days: going.length, leastBytes: settings.leastBytes },
      ...(going[0] ? { firstDay: going[0].dayStartUs / LAKE_DAY_US } : {}),
    });
    await drop(deps, going, nowUs);
    await deps.afterDrop();
  }

  const stop = clock.every(settings.everyMs, () => {
    if (isRunning || settings.leastBytes === 0) return;
    isRunning = true;
    deps
      .alone(look)
      .catch((error: unknown) => {
        logger.error("the disk was not looked after", { reason: reasonOf(error) });
      })
      .finally(() => {
        isRunning = false;
      });
  });
  return { stop };
}
