import type { Actor, Change, Page, PageRequest } from "./actor.ts";
import type { TransitionReason } from "./alert.ts";
import type { Severity } from "./rule.ts";

export type AlertStatus = "open" | "acknowledged" | "closed";

export type Alert = {
  readonly id: string;
  readonly ruleId: string;
  readonly ruleVersion: number;
  readonly ruleName: string;
  readonly seriesNo: number;
  /** As mapped when it opened; undefined while the series is in the inbox. */
  readonly sensorId: string | undefined;
  readonly assetId: string | undefined;
  readonly severity: Severity;
  readonly status: AlertStatus;
  readonly op: "above" | "below";
  readonly threshold: number;
  readonly value: number;
  readonly openedAtUs: number;
  /** Since when the condition held. */
  readonly sinceUs: number;
  readonly closedAtUs: number | undefined;
  readonly closeReason: TransitionReason | undefined;
  readonly acknowledgedAtUs: number | undefined;
  readonly acknowledgedBy: string | undefined;
  /** A person closed it; the log has the last word within moments. */
  readonly closeRequestedAtUs: number | undefined;
  readonly version: number;
};

export type AlertEventKind = "opened" | "acknowledged" | "commented" | "close-requested" | "closed";

export type AlertEvent = {
  readonly id: string;
  readonly alertId: string;
  readonly kind: AlertEventKind;
  readonly atUs: number;
  /** A person's or key's name; empty for the appliance. */
  readonly by: string;
  readonly text: string;
};

export type AlertFilter = PageRequest & {
  /** active = not closed; unacknowledged = open and above info. */
  readonly view?: "active" | "unacknowledged" | "closed" | "all" | undefined;
  readonly severity?: Severity | undefined;
  readonly assetId?: string | undefined;
  readonly sensorId?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
  readonly query?: string | undefined;
};

/** Active alerts; info is not among them. */
export type AlertCounts = {
  readonly active: number;
  readonly unacknowledged: number;
  readonly bySeverity: Readonly<Record<Severity, number>>;
};

/** An alert a person closed, which the log has not been told of yet. */
export type PendingClose = {
  readonly tenantId: string;
  readonly alertId: string;
  readonly ruleId: string;
  readonly seriesNo: number;
  readonly atUs: number;
};

export type AlertStore = {
  /** Unacknowledged first, then the most severe, then the newest; closed ones newest first. */
  list(who: Actor, filter?: AlertFilter): Promise<Page<Alert>>;
  get(who: Actor, id: string): Promise<Alert | undefined>;
  /** Oldest first. */
  events(who: Actor, id: string): Promise<readonly AlertEvent[]>;
  counts(who: Actor): Promise<AlertCounts>;
  /** Worst active severity per asset, info left out. */
  worstByAsset(who: Actor): Promise<ReadonlyMap<string, { severity: Severity; count: number }>>;
  /** Acknowledging twice changes nothing. @throws AppError "conflict" when it is closed or info. */
  acknowledge(who: Actor, id: string, comment?: string, change?: Change): Promise<Alert>;
  comment(who: Actor, id: string, text: string, change?: Change): Promise<AlertEvent>;
  /** Asks for closing; main tells the log, whose transition closes it. @throws "conflict" when closed. */
  requestClose(who: Actor, id: string, comment?: string, change?: Change): Promise<Alert>;
  /** In every tenant; for main at start and after each `requestClose`. */
  pendingCloses(): Promise<readonly PendingClose[]>;
  /** In every tenant: open alerts, for a fold that is rebuilt from nothing. */
  openForFold(): Promise<readonly { ruleId: string; seriesNo: number; sinceUs: number }[]>;
};

/** What a person may do to an alert. Pure. */
export function alertActs(alert: Pick<Alert, "status" | "severity" | "closeRequestedAtUs">): {
  acknowledge: boolean;
  close: boolean;
} {
  return {
    acknowledge: alert.status === "open" && alert.severity !== "info",
    close: alert.status !== "closed" && alert.closeRequestedAtUs === undefined,
  };
}
