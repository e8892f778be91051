import type { Actor, Change, Page, PageRequest } from "./actor.ts";

export const WORK_STATUSES = ["requested", "planned", "in-progress", "done", "cancelled"] as const;
export type WorkStatus = (typeof WORK_STATUSES)[number];

/** What the work found; it is what models learn from. */
export const FINDINGS = ["failure", "nothing", "planned"] as const;
export type Finding = (typeof FINDINGS)[number];

export const WORK_PRIORITIES = ["low", "normal", "high", "urgent"] as const;
export type WorkPriority = (typeof WORK_PRIORITIES)[number];

export type CloseOut = {
  readonly finding: Finding;
  /** Needed for a failure, refused otherwise. */
  readonly failureModeId: string | undefined;
  /** When the asset failed or was found failing; the end of the work when left out. */
  readonly foundAtUs: number | undefined;
  readonly hours: number | undefined;
  readonly cost: number | undefined;
  readonly notes: string;
};

/** Work on an asset, planned or done; imported maintenance records are done work orders. */
export type WorkOrder = {
  readonly id: string;
  /** From 1 in each tenant, for people. */
  readonly number: number;
  readonly assetId: string;
  readonly title: string;
  readonly description: string;
  readonly status: WorkStatus;
  readonly priority: WorkPriority;
  readonly origin: "person" | "alert" | "prediction" | "import";
  readonly alertId: string | undefined;
  readonly predictionId: string | undefined;
  /** Its key in the system it was imported from; unique in the tenant. */
  readonly externalKey: string | undefined;
  readonly uploadId: string | undefined;
  readonly assignee: string | undefined;
  readonly plannedAtUs: number | undefined;
  readonly startedAtUs: number | undefined;
  readonly completedAtUs: number | undefined;
  readonly closeOut: CloseOut | undefined;
  readonly createdAtUs: number;
  readonly createdBy: string;
  readonly version: number;
};

export type NewWorkOrder = Pick<WorkOrder, "assetId" | "title"> & {
  readonly description?: string | undefined;
  readonly priority?: WorkPriority | undefined;
  readonly alertId?: string | undefined;
  readonly predictionId?: string | undefined;
  readonly assignee?: string | undefined;
  readonly plannedAtUs?: number | undefined;
};

export type WorkPatch = Partial<
  Pick<WorkOrder, "title" | "description" | "priority" | "assignee" | "plannedAtUs">
>;

/** A record of work already done, from another system. */
export type MaintenanceRecord = {
  readonly externalKey: string;
  readonly assetId: string;
  readonly title: string;
  readonly completedAtUs: number;
  readonly finding: Finding;
  /** By name; made for the asset's type when missing. */
  readonly failureMode?: string | undefined;
  readonly foundAtUs?: number | undefined;
  readonly hours?: number | undefined;
  readonly cost?: number | undefined;
  readonly notes?: string | undefined;
  readonly uploadId?: string | undefined;
};

export type WorkFilter = PageRequest & {
  readonly view?: "open" | "done" | "all" | undefined;
  readonly status?: WorkStatus | undefined;
  readonly assetId?: string | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
};

export type WorkOrderStore = {
  /** Open work by priority and plan, done work newest first. */
  list(who: Actor, filter?: WorkFilter): Promise<Page<WorkOrder>>;
  /** Every done order with a close-out, by asset and time: the labels. At most 1,000,000. */
  labels(who: Actor, assetId?: string): Promise<readonly WorkOrder[]>;
  get(who: Actor, id: string): Promise<WorkOrder | undefined>;
  create(who: Actor, input: NewWorkOrder, change?: Change): Promise<WorkOrder>;
  update(who: Actor, id: string, patch: WorkPatch, change?: Change): Promise<WorkOrder>;
  /** @throws AppError "conflict" when `mayMove` forbids it; "done" goes through `close`. */
  move(who: Actor, id: string, status: WorkStatus, change?: Change): Promise<WorkOrder>;
  close(who: Actor, id: string, closeOut: CloseOut, change?: Change): Promise<WorkOrder>;
  /** The same key twice changes the record; one transaction, counted. */
  importRecords(
    who: Actor,
    records: readonly MaintenanceRecord[],
  ): Promise<{ created: number; updated: number; unchanged: number }>;
  counts(who: Actor): Promise<Readonly<Record<WorkStatus, number>>>;
};

const MOVES: Readonly<Record<WorkStatus, readonly WorkStatus[]>> = {
  requested: ["planned", "in-progress", "done", "cancelled"],
  planned: ["requested", "in-progress", "done", "cancelled"],
  "in-progress": ["planned", "done", "cancelled"],
  done: [],
  cancelled: ["requested"],
};

/** Whether work may go from one status to another. Pure. */
export function mayMove(from: WorkStatus, to: WorkStatus): boolean {
  return MOVES[from].includes(to);
}

/** What is wrong with a close-out, for people; undefined when nothing is. Pure. */
export function closeOutFault(closeOut: CloseOut): string | undefined {
  if (closeOut.finding === "failure" && closeOut.failureModeId === undefined)
    return "a failure needs the failure mode that was found";
  if (closeOut.finding !== "failure" && closeOut.failureModeId !== undefined)
    return "only a failure has a failure mode";
  if (closeOut.hours !== undefined && !(closeOut.hours >= 0)) return "hours must be 0 or more";
  if (closeOut.cost !== undefined && !(closeOut.cost >= 0)) return "the cost must be 0 or more";
  return undefined;
}
