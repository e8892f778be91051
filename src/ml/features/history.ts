import type { AssetHistory, MaintenanceEvent } from "../../domain/feature.ts";

/** Time of a step, µs. */
export function stepAtUs(history: AssetHistory, step: number): number {
  return history.firstStepAtUs + step * history.stepUs;
}

function mapSignals(
  history: AssetHistory,
  change: (values: Float64Array) => Float64Array,
): Map<string, Float64Array> {
  return new Map([...history.signals].map(([name, values]) => [name, change(values)]));
}

/** What was known when `steps` steps had passed: later readings and events are gone. */
export function cutAfter(history: AssetHistory, steps: number): AssetHistory {
  const kept = Math.max(0, Math.min(steps, history.steps));
  const untilUs = stepAtUs(history, kept - 1);
  return {
    ...history,
    steps: kept,
    signals: mapSignals(history, (values) => values.subarray(0, kept)),
    // An event at the very instant of the last step is known; features do not count it yet.
    maintenance: history.maintenance.filter((event) => event.atUs <= untilUs),
    errorsAtUs: history.errorsAtUs.filter((atUs) => atUs <= untilUs),
    alertsAtUs: history.alertsAtUs.filter((atUs) => atUs <= untilUs),
  };
}

/** The same asset as seen by somebody who began to record `steps` steps later. */
export function startLater(history: AssetHistory, steps: number): AssetHistory {
  const dropped = Math.max(0, Math.min(steps, history.steps));
  return {
    ...history,
    steps: history.steps - dropped,
    firstStepAtUs: stepAtUs(history, dropped),
    signals: mapSignals(history, (values) => values.subarray(dropped)),
  };
}

/** Index of the first event at or after a time, in events ordered by time. */
export function firstAtOrAfter(times: ArrayLike<number>, atUs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] ?? 0) < atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Maintenance in order of time, whatever order it came in. */
export function ordered(history: AssetHistory): MaintenanceEvent[] {
  return [...history.maintenance].sort((a, b) => a.atUs - b.atUs);
}
