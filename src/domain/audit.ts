import type { Actor, Page, PageRequest } from "./actor.ts";

/** One change: who, what, before and after, from where. Written with the change, never edited. */
export type AuditEntry = {
  readonly id: string;
  readonly atUs: number;
  readonly actorKind: Actor["kind"];
  readonly actorId: string;
  readonly actorName: string;
  readonly from: string;
  /** Such as "asset.update". */
  readonly action: string;
  readonly nounId: string;
  /** Undefined where something began or ended to exist. Never holds a secret. */
  readonly before: unknown;
  readonly after: unknown;
};

export type AuditFilter = PageRequest & {
  readonly action?: string | undefined;
  readonly nounId?: string | undefined;
  readonly actorId?: string | undefined;
  readonly fromUs?: number | undefined;
  readonly toUs?: number | undefined;
};

export type AuditStore = {
  /** Newest first. */
  list(who: Actor, filter?: AuditFilter): Promise<Page<AuditEntry>>;
  /** For what changes nothing in the relational store, such as signing in. */
  note(who: Actor, action: string, nounId: string, after?: unknown): Promise<void>;
};
