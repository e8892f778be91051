import { AppError } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";

/**
 * Waits for a body for so many seconds.
 * @throws AppError "too-slow" then; the reading is not ended by it, the closed connection does that.
 */
export async function inTime<T>(clock: Clock, seconds: number, reading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(seconds * 1_000, () =>
    late.reject(
      new AppError(
        "too-slow",
        `the body did not arrive within ${seconds} s; send smaller batches or raise FORESIGHT_BODY_SECONDS`,
      ),
    ),
  );
  return Promise.race([reading, late.promise]).finally(cancel);
}
