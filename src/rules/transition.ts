/** An alert of one rule on one series. Muted: a person closed it while its condition still held. */
export type AlertState =
  | { readonly kind: "ok" }
  | { readonly kind: "pending"; readonly sinceUs: number }
  | { readonly kind: "firing"; readonly sinceUs: number; readonly firedAtUs: number }
  | { readonly kind: "muted" };

export type Step = { readonly next: AlertState; readonly event: "opened" | "cleared" | undefined };

export const OK: AlertState = { kind: "ok" };
export const MUTED: AlertState = { kind: "muted" };

/** What one value says of a rule's condition: past the threshold, and back at the clear threshold. */
export type Facts = { readonly isBreached: boolean; readonly isCleared: boolean };

/**
 * One evaluation of one rule for one series at event time `atUs`. Reads nothing, so that replaying a log
 * gives the same alerts. The hold is inclusive, and only a reading can complete it.
 */
export function step(state: AlertState, facts: Facts, atUs: number, holdUs: number): Step {
  switch (state.kind) {
    case "ok":
      return facts.isBreached ? enter(atUs, atUs, holdUs) : { next: state, event: undefined };
    case "pending":
      return facts.isBreached ? enter(state.sinceUs, atUs, holdUs) : { next: OK, event: undefined };
    case "firing":
      return facts.isCleared ? { next: OK, event: "cleared" } : { next: state, event: undefined };
    case "muted":
      return { next: facts.isBreached ? state : OK, event: undefined };
  }
}

function enter(sinceUs: number, atUs: number, holdUs: number): Step {
  if (atUs - sinceUs < holdUs) return { next: { kind: "pending", sinceUs }, event: undefined };
  return { next: { kind: "firing", sinceUs, firedAtUs: atUs }, event: "opened" };
}

/** NaN neither breaches nor clears. */
export function factsOf(
  rule: { readonly op: "above" | "below"; readonly threshold: number; readonly clear: number },
  value: number,
): Facts {
  return rule.op === "above"
    ? { isBreached: value > rule.threshold, isCleared: value <= rule.clear }
    : { isBreached: value < rule.threshold, isCleared: value >= rule.clear };
}
