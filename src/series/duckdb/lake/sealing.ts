import { AppError, reasonOf } from "../../../domain/error.ts";
import {
  dueDays,
  lakeDayName,
  type SealReport,
  type SealRequest,
  type SealSchedule,
} from "../../../domain/lake.ts";
import type { Clock } from "../../../lib/clock.ts";
import { freezeDay, openDays, type SealerDeps, sealFrozen } from "./sealer.ts";
import { sealWaveforms } from "./waveforms.ts";

export type Sealing = {
  /** One at a time; who asks meanwhile waits. */
  seal(request: SealRequest): Promise<SealReport>;
  /** Runs something on the sealing's connection while it seals nothing. */
  alone<T>(run: () => Promise<T>): Promise<T>;
  isRunning(): boolean;
  /** Ends after the statement that runs; what it was about is begun again at the next start. */
  stop(): Promise<void>;
};

/** Seals days when they are due, and when asked. */
export function createSealing(
  deps: Omit<SealerDeps, "isStopping"> & {
    readonly clock: Clock;
    readonly schedule: SealSchedule;
  },
): Sealing {
  const { connection, logger } = deps;
  let stopping = false;
  let running = 0;
  let tail: Promise<unknown> = Promise.resolve();
  const sealedAtUs = new Map<number, number>();
  const sealer = { ...deps, isStopping: () => stopping };

  async function sealAll(
    beforeUs: number,
    choose: (days: readonly number[]) => readonly number[],
  ): Promise<SealReport> {
    let total = await sealFrozen(sealer);
    for (const dayStartUs of total
      ? choose(await openDays(connection, deps.versions.current(), beforeUs))
      : []) {
      if (stopping || !total) break;
      await freezeDay(sealer, dayStartUs);
      const readings = await sealFrozen(sealer);
      const waveforms = readings && (await sealWaveforms(sealer, dayStartUs));
      const done = waveforms && addReports(readings, waveforms);
      sealedAtUs.set(dayStartUs, deps.clock.nowUs());
      if (done) logger.info("sealed a day", { day: lakeDayName(dayStartUs), ...done });
      total = done && addReports(total, done);
    }
    if (!total) throw new AppError("unavailable", "the series store is stopping");
    return total;
  }

  function queued<T>(run: () => Promise<T>): Promise<T> {
    const done = tail.then(run);
    running++;
    tail = done
      .catch(() => undefined)
      .finally(() => {
        running--;
      });
    return done;
  }

  /** What fails is tried again at the next look; it stays in the tables until then. */
  async function sealDue(): Promise<void> {
    const due = (days: readonly number[]) =>
      dueDays(days, sealedAtUs, deps.schedule, deps.clock.nowUs());
    try {
      await queued(() => sealAll(deps.clock.nowUs(), due));
    } catch (error) {
      if (!stopping)
        logger.error("days were not sealed; it is tried again", { reason: reasonOf(error) });
    }
  }

  let isLooking = false;
  const cancel = deps.clock.every(deps.schedule.everyMs, () => {
    if (isLooking) return;
    isLooking = true;
    void sealDue().finally(() => {
      isLooking = false;
    });
  });

  return {
    seal: ({ beforeUs }) => queued(() => sealAll(beforeUs, (days) => days)),
    alone: queued,
    isRunning: () => running > 0,
    async stop() {
      stopping = true;
      cancel();
      connection.interrupt();
      await tail;
    },
  };
}

function addReports(a: SealReport, b: SealReport): SealReport {
  return {
    days: a.days + b.days,
    files: a.files + b.files,
    rows: a.rows + b.rows,
    sizeBytes: a.sizeBytes + b.sizeBytes,
  };
}
