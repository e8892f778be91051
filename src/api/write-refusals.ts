/** Where a write was when it was answered with 503. */
export type RefusalPlace = (typeof REFUSAL_PLACES)[number];

/**
 * starting: the server starts or stops. body: it did not arrive in time, or too many bodies are under way.
 * log: no room in the queue before the log, or the log or its disk is full.
 */
export const REFUSAL_PLACES = ["starting", "body", "log"] as const;

/** Writes that were answered with 503 since the start, by where they were. */
export type WriteRefusals = Record<RefusalPlace, number>;

export function newWriteRefusals(): WriteRefusals {
  return { starting: 0, body: 0, log: 0 };
}
