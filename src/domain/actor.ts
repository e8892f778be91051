/**
 * Who does something, for tenancy and the audit log. A `Caller` is an Actor; jobs and commands use
 * `systemActor`.
 */
export type Actor = {
  readonly tenantId: string;
  readonly kind: "session" | "jwt" | "key" | "system";
  /** The user's or key's id, or the name of the job or command. */
  readonly id: string;
  readonly name: string;
  /** Address it came from; empty inside the appliance. */
  readonly from: string;
};

/** The appliance itself acting for a tenant: `name` is the job or command, such as "train". */
export function systemActor(tenantId: string, name: string): Actor {
  return { tenantId, kind: "system", id: name, name, from: "" };
}

/**
 * What comes along with every change. A version that is not the newest is refused with "conflict" and
 * both versions in the details; a repeated idempotency key gives the first answer again and does nothing.
 */
export type Change = {
  readonly version?: number | undefined;
  readonly idempotencyKey?: string | undefined;
};

/** Where a list goes on: `after` is `next` of the part before. */
export type PageRequest = {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
};

export type Page<T> = { readonly items: readonly T[]; readonly next: string | undefined };

/** Rows of a list when no limit is given, and the most that one call returns. */
export const PAGE_ROWS = 50;
export const PAGE_ROWS_MAX = 1_000;

/** The limit of a list, within its bounds. */
export function pageLimit(page: PageRequest | undefined): number {
  return Math.max(1, Math.min(page?.limit ?? PAGE_ROWS, PAGE_ROWS_MAX));
}
