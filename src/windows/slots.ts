import { SLOT_LAST_AT_US, SLOT_LAST_VALUE, STATE_SLOTS } from "../domain/engine.ts";

/** Slots of a series in the state array, in doubles; the first two are what other threads read. */
export const SLOTS = STATE_SLOTS;
/** High-water mark: the newest event time taken. −Infinity before the first. */
export const MARK = SLOT_LAST_AT_US;
export const LAST = SLOT_LAST_VALUE;
/** Start of the open bucket; NaN when none is. */
export const BUCKET = 2;
export const COUNT = 3;
export const MIN = 4;
export const MAX = 5;
export const SUM = 6;
export const SUM_SQ = 7;
export const FIRST = 8;
export const NEWEST = 9;
export const FIRST_AT = 10;
export const NEWEST_AT = 11;
/** End of the last bucket that was closed. */
export const CLOSED_TO = 12;
/** 1 when the open bucket must be computed from its readings. */
export const DIRTY = 13;
/** Index of the device key. */
export const DEVICE = 14;
/** Index of the ring of recent readings, plus 1. */
export const RING = 15;

export const BUCKET_US = 300e6;

export const bucketOf = (atUs: number): number => Math.floor(atUs / BUCKET_US) * BUCKET_US;
