/** Four severities; info is recorded and listed, needs no acknowledgement and is not counted. */
export const SEVERITIES = ["info", "warning", "critical", "emergency"] as const;
export type Severity = (typeof SEVERITIES)[number];

/**
 * A threshold rule compiled for the fold, whole: the log frame that carries it is all the fold needs.
 * The condition holds when the value is above (or below) `threshold` for `holdUs` of event time; it
 * clears when the value is back at or beyond `clear` on the good side.
 */
export type CompiledRule = {
  readonly ruleId: string;
  /** Rises with each edit by a person; a new version closes alerts it does not hold. */
  readonly version: number;
  readonly tenantNo: number;
  readonly severity: Severity;
  readonly op: "above" | "below";
  readonly threshold: number;
  readonly clear: number;
  readonly holdUs: number;
  /** Every series it watches, whole: a frame with the same version replaces the list and keeps states. */
  readonly seriesNos: readonly number[];
};
