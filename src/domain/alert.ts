import type { Severity } from "./rule.ts";

export type TransitionReason =
  | "condition" // the rule's condition held for its hold time
  | "cleared" // the value came back over the clear threshold
  | "rule changed" // a new version of the rule does not hold here
  | "rule removed"
  | "closed by a person";

/**
 * One change of one alert, as the fold decides it. Unique by (sequence, index); the relational store
 * applies it once, in the transaction that moves its cursor.
 */
export type Transition = {
  readonly sequence: number;
  readonly index: number;
  readonly tenantNo: number;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly seriesNo: number;
  readonly severity: Severity;
  readonly kind: "opened" | "closed";
  readonly reason: TransitionReason;
  /** Event time at which it happened. */
  readonly atUs: number;
  /** Event time since which the condition held (opened), or the alert was open (closed). */
  readonly sinceUs: number;
  readonly value: number;
  readonly threshold: number;
};
