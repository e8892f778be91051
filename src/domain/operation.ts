import type { LakeStatus } from "./lake.ts";

/**
 * What the command line can ask of an installation, whether its server runs (asked over loopback with
 * the folder's own secret) or not (the stores are opened for the moment).
 */
export type OperationName =
  | "setup"
  | "token-create"
  | "line-key-create"
  | "listeners"
  | "import"
  | "train"
  | "score"
  | "inspect"
  | "sign-in-link"
  | "log-state"
  | "log-names"
  | "write-lines";

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
  /** Sealed days, and which of their files cannot be read. */
  readonly lake: LakeStatus;
  /** Parts of the log that cannot be read. */
  readonly damagedParts: number;
};

/** A listener of line protocol beside HTTP, with its counters since it started. */
export type ListenerState = {
  readonly name: string;
  readonly port: number;
  readonly connections: number;
  readonly heldBytes: number;
  readonly opened: number;
  readonly bytes: number;
  readonly datagrams: number;
  readonly readings: number;
  readonly rejectedLines: number;
  readonly partialLines: number;
  readonly droppedLines: number;
  readonly droppedDatagrams: number;
  readonly refusals: number;
  readonly pauses: number;
  /** Connections that the server ended, by reason. */
  readonly ended: Readonly<Record<string, number>>;
};

/** What the log calls by number, as `log-names` answers it. */
export type LogNames = {
  readonly tenants: readonly {
    readonly no: number;
    readonly id: string;
    readonly name: string;
    readonly zone: string;
  }[];
  readonly sources: readonly {
    readonly no: number;
    readonly tenantNo: number;
    readonly name: string;
    readonly kind: string;
    readonly autoAdopt: boolean;
  }[];
};
