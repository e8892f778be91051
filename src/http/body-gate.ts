import { AppError } from "../domain/error.ts";
import type { Clock } from "../lib/clock.ts";
import { FairShare } from "../lib/fair-share.ts";
import { readBytes } from "./body.ts";
import { inTime } from "./in-time.ts";

export type BodyLimits = {
  readonly clock: Clock;
  /** Of one body, inflated. */
  readonly maxBodyBytes: number;
  /** Of all bodies that are being received at once. */
  readonly receivingBytes: number;
  /** Seconds in which a body must have arrived whole. */
  readonly bodySeconds: number;
};

/**
 * Reads the bodies that sources send, bounded in all and each in its time, so that neither many nor slow ones
 * use up the memory. A body of declared length counts whole from its start, others as they come.
 * @throws AppError "unavailable" when too much is under way, "too-slow" when the time is over, and what
 * `readBytes` throws.
 */
export function createBodyGate(limits: BodyLimits) {
  const { clock, maxBodyBytes, receivingBytes, bodySeconds } = limits;
  const share = new FairShare(receivingBytes);
  return async (request: Request, sourceNo: number): Promise<Uint8Array<ArrayBuffer>> => {
    let heldBytes = 0;
    let isOver = false;
    const take = (bytes: number) => {
      if (isOver) throw new AppError("too-slow", "the body came too late");
      if (!share.take(sourceNo, bytes))
        throw new AppError(
          "unavailable",
          "as many bytes of this source, or of all, are being received as may; send it again",
        );
      heldBytes += bytes;
    };
    try {
      const reading = readBytes(request, maxBodyBytes, take);
      return await inTime(clock, bodySeconds, reading);
    } finally {
      isOver = true;
      share.give(sourceNo, heldBytes);
    }
  };
}
