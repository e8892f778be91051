import type { Finding, WorkStatus } from "../../src/domain/work-order.ts";
import type { Shell } from "../shell.ts";
import type { AssetRef, Fact, FormState, Link, Option, TimelineEntry } from "../ui/model.ts";

/**
 * One order. POST /work/:id with: title, description, priority, assignee, planned_at; or with `status`
 * alone to move it (planned, in-progress, cancelled).
 */
export type WorkOrderProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly title: string;
  readonly description: string;
  readonly status: WorkStatus;
  readonly statusText: string;
  readonly late: boolean;
  readonly asset: AssetRef;
  readonly facts: readonly Fact[];
  readonly cause: Link | undefined;
  /** Statuses it may move to; done goes through the close-out. */
  readonly moves: readonly WorkStatus[];
  readonly form: FormState;
  readonly priorities: readonly Option[];
  readonly closeOut: readonly Fact[] | undefined;
  readonly timeline: readonly TimelineEntry[];
  readonly mayWrite: boolean;
};

/** POST /work with: asset_id, title, description, priority, assignee, planned_at, alert_id, prediction_id. */
export type WorkNewProps = {
  readonly shell: Shell;
  readonly form: FormState;
  readonly assets: readonly Option[];
  readonly priorities: readonly Option[];
  /** Where it comes from, in words. */
  readonly cause: string | undefined;
};

/**
 * Close-out in two taps. POST /work/:id/close with: finding, failure_mode_id, hours, cost, notes. Without
 * scripts the first tap is a link (`?finding=failure`) and the second the button that closes.
 */
export type WorkCloseProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly title: string;
  readonly asset: AssetRef;
  /** Undefined until the first tap. */
  readonly finding: Finding | undefined;
  /** Most common on this type first. */
  readonly modes: readonly Option[];
  readonly typeName: string;
  readonly form: FormState;
  readonly currency: string;
};
