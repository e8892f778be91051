/** Score, in multiples of the worst reference score, at which the chart turns on. */
export const LATCH_LIMIT = 2.5;
/** Share of the peak under which it turns off again. */
const CLEAR_SHARE = 0.5;
/** Rise over the lowest score since clearing that turns it on once more above the old limit. */
const REARM_RISE = 2;

export type LatchState =
  | { readonly kind: "off"; readonly reference: number; readonly lowest: number }
  | { readonly kind: "on"; readonly peak: number };

export const LATCH_START: LatchState = {
  kind: "off",
  reference: LATCH_LIMIT,
  lowest: Number.POSITIVE_INFINITY,
};

/**
 * Peak-relative latch: an alarm ends when the score has fallen to half its peak, so that a machine which
 * settles at a new level does not alarm for ever; from there only a clear rise turns it on again.
 */
export function stepLatch(state: LatchState, score: number): LatchState {
  if (state.kind === "on") {
    const peak = Math.max(state.peak, score);
    if (score >= Math.max(LATCH_LIMIT, CLEAR_SHARE * peak)) return { kind: "on", peak };
    return { kind: "off", reference: Math.max(LATCH_LIMIT, score), lowest: score };
  }
  const isFresh = state.reference === LATCH_LIMIT;
  if (score > state.reference && (isFresh || score > REARM_RISE * state.lowest)) {
    return { kind: "on", peak: score };
  }
  if (score < LATCH_LIMIT) return { kind: "off", reference: LATCH_LIMIT, lowest: score };
  return { ...state, lowest: Math.min(state.lowest, score) };
}
