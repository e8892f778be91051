import type { RingMemory } from "./rings.ts";
import type { WindowFold } from "./window-fold.ts";

/** All that the windows remember beyond the dictionary: plain values and columns. */
export type WindowMemory = {
  readonly future: readonly (readonly [number, { readonly from: number; readonly to: number }])[];
  readonly lastTexts: readonly (readonly [number, string])[];
  readonly openBuckets: number;
  readonly rings: RingMemory;
  readonly state: Float64Array;
  readonly newestUs: Float64Array;
  readonly arrivedAtUs: Float64Array;
  readonly nextCloseUs: Float64Array;
};

/** A copy of the fold's state. What waits to be taken is not part of it. */
export function saveWindows(fold: WindowFold): WindowMemory {
  const { devices } = fold;
  return {
    future: [...fold.future].map(([series, range]) => [series, { ...range }] as const),
    lastTexts: [...fold.lastTexts],
    openBuckets: fold.openBuckets,
    rings: fold.rings.save(),
    state: new Float64Array(fold.state),
    newestUs: devices.newestUs.slice(0, devices.count),
    arrivedAtUs: devices.arrivedAtUs.slice(0, devices.count),
    nextCloseUs: devices.nextCloseUs.slice(0, devices.count),
  };
}

/** Takes the state over; the fold has been given the same dictionary, in the same order, and nothing else. */
export function loadWindows(fold: WindowFold, memory: WindowMemory): void {
  const { devices } = fold;
  for (const [series, range] of memory.future) fold.future.set(series, { ...range });
  for (const [series, text] of memory.lastTexts) fold.lastTexts.set(series, text);
  fold.openBuckets = memory.openBuckets;
  fold.rings.load(memory.rings);
  fold.state.set(memory.state.subarray(0, fold.state.length));
  devices.newestUs.set(memory.newestUs);
  devices.arrivedAtUs.set(memory.arrivedAtUs);
  devices.nextCloseUs.set(memory.nextCloseUs);
}
