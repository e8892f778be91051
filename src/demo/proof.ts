import type { ProofNumbers } from "../domain/demo-view.ts";
import { DAY_US, type Fault } from "./truth.ts";

/** A time during which a detector held an alarm on one asset. */
export type AlarmSpan = {
  readonly assetKey: string;
  readonly raisedAtUs: number;
  /** When it cleared, or the end of what was looked at. */
  readonly clearedAtUs: number;
};

/** What counts, and where. */
export type ProofTerms = {
  /** Part of the history that no detector has learned from. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly assetKeys: readonly string[];
  /** An alarm must stand at some time between these two before the failure. */
  readonly horizonUs: number;
  readonly leastNoticeUs: number;
  /** Alarms of one asset with less between them are one. */
  readonly joinUs: number;
};

/** Fourteen days ahead, at least one day of notice, alarms less than three days apart are one. */
export const PROOF_TERMS = {
  horizonUs: 14 * DAY_US,
  leastNoticeUs: DAY_US,
  joinUs: 3 * DAY_US,
} as const;

export type FaultOutcome = {
  readonly assetKey: string;
  readonly mode: string;
  readonly failureUs: number;
  /** Days from the alarm to the failure; undefined = missed. */
  readonly noticeDays: number | undefined;
};

export type ProofScore = ProofNumbers & { readonly outcomes: readonly FaultOutcome[] };

/** Joins alarms of one asset that lie close together; by asset, then time. Pure. */
export function joinAlarms(spans: readonly AlarmSpan[], joinUs: number): AlarmSpan[] {
  const sorted = [...spans].sort(
    (a, b) => a.assetKey.localeCompare(b.assetKey) || a.raisedAtUs - b.raisedAtUs,
  );
  const joined: AlarmSpan[] = [];
  for (const span of sorted) {
    const last = joined.at(-1);
    if (last?.assetKey === span.assetKey && span.raisedAtUs - last.clearedAtUs < joinUs) {
      const clearedAtUs = Math.max(last.clearedAtUs, span.clearedAtUs);
      joined[joined.length - 1] = { ...last, clearedAtUs };
    } else joined.push(span);
  }
  return joined;
}

/**
 * Scores any detector's alarms against the truth. A fault is found by an alarm that was raised after
 * the fault began and stood between `horizonUs` and `leastNoticeUs` before the failure. An alarm is
 * false when it was raised while no fault of its asset was developing or being repaired; one that
 * stood already when the fault began tells nobody anything. Faults count that fail in the part looked
 * at, late enough in it to be found; a fault still developing at its end counts neither way. Pure.
 */
export function scoreAlarms(
  faults: readonly Fault[],
  spans: readonly AlarmSpan[],
  terms: ProofTerms,
): ProofScore {
  const alarms = joinAlarms(
    spans.filter((span) => span.raisedAtUs >= terms.fromUs && span.raisedAtUs < terms.toUs),
    terms.joinUs,
  );
  const counted = faults
    .filter((fault) => fault.failureUs >= terms.fromUs + 3 * terms.leastNoticeUs)
    .filter((fault) => fault.failureUs < terms.toUs && terms.assetKeys.includes(fault.assetKey));
  const outcomes = counted.map((fault): FaultOutcome => {
    const found = alarms.find(
      (alarm) =>
        alarm.assetKey === fault.assetKey &&
        alarm.raisedAtUs >= fault.onsetUs &&
        alarm.raisedAtUs <= fault.failureUs - terms.leastNoticeUs &&
        alarm.clearedAtUs >= fault.failureUs - terms.horizonUs,
    );
    const { assetKey, mode, failureUs } = fault;
    const noticeDays = found === undefined ? undefined : (failureUs - found.raisedAtUs) / DAY_US;
    return { assetKey, mode, failureUs, noticeDays };
  });
  const falseAlarms = alarms.filter((alarm) => !isDuringFault(faults, alarm)).length;
  const assetMonths = (terms.assetKeys.length * (terms.toUs - terms.fromUs)) / (30 * DAY_US);
  const notices = outcomes.flatMap((o) => (o.noticeDays === undefined ? [] : [o.noticeDays]));
  return {
    faults: outcomes.length,
    found: notices.length,
    missed: outcomes.length - notices.length,
    medianNoticeDays: median(notices),
    falseAlarms,
    assetMonths,
    falseAlarmsPerAssetMonth: falseAlarms / assetMonths,
    outcomes,
  };
}

function isDuringFault(faults: readonly Fault[], alarm: AlarmSpan): boolean {
  return faults.some(
    (fault) =>
      fault.assetKey === alarm.assetKey &&
      alarm.raisedAtUs >= fault.onsetUs &&
      alarm.raisedAtUs < fault.backUs + DAY_US,
  );
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1];
  const high = sorted[sorted.length >> 1];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}
