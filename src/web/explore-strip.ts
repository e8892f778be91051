/** A stretch of a strip in which one state held. */
export type StripRun = { readonly fromUs: number; readonly toUs: number; readonly text: string };

/** What a state series says over a span: runs in order of time, none overlapping. */
export type Strip = {
  readonly runs: readonly StripRun[];
  /** From here on it is not known, since there were too many readings to look at. */
  readonly cutAtUs: number | undefined;
};

export type StateReading = { readonly atUs: number; readonly text: string };

type Span = { readonly fromUs: number; readonly toUs: number };

/** A hole longer than so many usual distances between readings is a gap. */
const GAP_FACTOR = 6;
/** Fewer readings do not tell how often they come. */
const REGULAR_LEAST = 20;
/** More stretches than a wide chart has pixels are drawn as "several". */
const SLOTS = 800;
export const SEVERAL = "several";

/**
 * How often readings come, in µs, if they come regularly: then a hole is a gap. Undefined for states that
 * are sent when they change: those hold until the next. Pure.
 */
export function regularStepUs(atUs: readonly number[]): number | undefined {
  if (atUs.length < REGULAR_LEAST) return undefined;
  const steps = atUs.slice(1).map((at, i) => at - (atUs[i] ?? at));
  steps.sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 2)] ?? 0;
  const long = steps[Math.floor(steps.length * 0.9)] ?? 0;
  return usual > 0 && long <= 3 * usual ? usual : undefined;
}

/** States as stretches of the span; readings come in order of time and may begin before it. Pure. */
export function stripOf(
  readings: readonly StateReading[],
  span: Span,
  more: { readonly nowUs: number; readonly isCut: boolean },
): Strip {
  const last = readings.at(-1);
  const stepUs = regularStepUs(readings.map(({ atUs }) => atUs));
  const endUs = more.isCut && last ? last.atUs : Math.min(span.toUs, more.nowUs);
  const runs: { fromUs: number; toUs: number; text: string }[] = [];
  for (const [i, { atUs, text }] of readings.entries()) {
    const nextUs = readings[i + 1]?.atUs ?? endUs;
    const isHole = stepUs !== undefined && nextUs - atUs > GAP_FACTOR * stepUs;
    const untilUs = Math.min(isHole ? atUs + stepUs : nextUs, endUs);
    const fromUs = Math.max(atUs, span.fromUs);
    const before = runs.at(-1);
    if (untilUs <= fromUs) continue;
    if (before?.text === text && before.toUs === fromUs) before.toUs = untilUs;
    else runs.push({ fromUs, toUs: untilUs, text });
  }
  return {
    runs: runs.length > SLOTS ? coarse(runs, span) : runs,
    cutAtUs: more.isCut ? last?.atUs : undefined,
  };
}

/** At most one stretch for each slot of the span; where several states meet in one it says so. */
function coarse(runs: readonly StripRun[], { fromUs, toUs }: Span): StripRun[] {
  const slotUs = (toUs - fromUs) / SLOTS;
  const texts: (string | undefined)[] = new Array(SLOTS).fill(undefined);
  for (const run of runs) {
    const first = Math.floor((run.fromUs - fromUs) / slotUs);
    const end = Math.min(SLOTS, Math.ceil((run.toUs - fromUs) / slotUs));
    for (let slot = first; slot < end; slot++) {
      const there = texts[slot];
      texts[slot] = there === undefined || there === run.text ? run.text : SEVERAL;
    }
  }
  const out: { fromUs: number; toUs: number; text: string }[] = [];
  for (const [slot, text] of texts.entries()) {
    if (text === undefined) continue;
    const startUs = fromUs + slot * slotUs;
    const before = out.at(-1);
    const isNext = before !== undefined && Math.abs(before.toUs - startUs) < slotUs / 2;
    if (isNext && before.text === text) before.toUs = startUs + slotUs;
    else out.push({ fromUs: startUs, toUs: startUs + slotUs, text });
  }
  return out;
}
