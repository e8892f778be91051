/**
 * What the command line can ask of an installation, whether its server runs (asked over loopback with
 * the folder's own secret) or not (the stores are opened for the moment).
 */
export type OperationName =
  | "setup"
  | "token-create"
  | "import"
  | "train"
  | "score"
  | "inspect"
  | "sign-in-link";

/** Arguments and results travel as JSON. */
export type OperationArguments = Readonly<Record<string, unknown>>;
export type Operation = (args: OperationArguments) => Promise<unknown>;
export type Operations = Readonly<Record<OperationName, Operation>>;

/** Counts of what is kept, as `foresight inspect` prints them. */
export type Counts = {
  readonly readings: number;
  readonly series: number;
  /** 5-minute buckets, closed and open. */
  readonly buckets: number;
  readonly alerts: number;
};

export type Inspection = Counts & {
  readonly tenants: Readonly<Record<string, Counts>>;
  /** Last sequence of the log; every count covers it. */
  readonly sequence: number;
};
