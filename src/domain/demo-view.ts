/** Phases of setting up the demo plant, in order. */
export const DEMO_PHASES = [
  "Setting up the plant",
  "Sending 180 days of history",
  "Checking what was found in the last 60 days",
  "Training",
  "Scoring",
] as const;

/** What a way of watching found of the faults that are known, and how often it was wrong. */
export type ProofNumbers = {
  readonly faults: number;
  readonly found: number;
  readonly missed: number;
  /** Over the faults found; undefined when there is none. */
  readonly medianNoticeDays: number | undefined;
  readonly falseAlarms: number;
  readonly assetMonths: number;
  readonly falseAlarmsPerAssetMonth: number;
};

/** One way of watching, scored on the part of the history that training did not see. */
export type ProofLine = {
  readonly name: "Foresight" | "3-sigma rule" | "Best single signal";
  readonly score: ProofNumbers;
};

export type Proof = {
  readonly lines: readonly ProofLine[];
  readonly heldOutDays: number;
  readonly assets: number;
};

/** What pages show of the demo. */
export type DemoView = {
  /** The demo's own tenant; no other is shown it. */
  readonly tenantId: string;
  readonly phase: (typeof DEMO_PHASES)[number] | undefined;
  /** 0 to 1 over all phases. */
  readonly share: number;
  readonly failure: string | undefined;
  readonly proof: Proof | undefined;
};
