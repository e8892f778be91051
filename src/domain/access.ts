/** Four roles, each with all rights of the one before it. */
export const ROLES = ["viewer", "operator", "analyst", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** What a route asks for. `open` needs nobody; `self` any signed-in person; `device` a key that may write. */
export type Permission =
  | "open"
  | "self"
  | "device"
  | "plant:read"
  | "alarm:act"
  | "work:write"
  | "rule:write"
  | "model:run"
  | "ingest:write"
  | "asset:write"
  | "admin";

/** The least role that holds each right. The one table that decides it. */
export const LEAST_ROLE: Readonly<Record<Exclude<Permission, "open" | "device">, Role>> = {
  self: "viewer",
  "plant:read": "viewer",
  "alarm:act": "operator",
  "work:write": "operator",
  "rule:write": "analyst",
  "model:run": "analyst",
  "ingest:write": "analyst",
  "asset:write": "analyst",
  admin: "admin",
};

/** What an API key may do; a key of scope `write` sends readings and nothing else. */
export const KEY_SCOPES = ["write", "read", "admin"] as const;
export type KeyScope = (typeof KEY_SCOPES)[number];

/** Who asks: a person in the pages or with a JWT, or a machine with an API key. */
export type Caller = {
  readonly tenantId: string;
  readonly tenantNo: number;
  readonly kind: "session" | "jwt" | "key";
  /** The user's or the key's id. */
  readonly id: string;
  readonly name: string;
  /** Role of a person; undefined for a key. */
  readonly role: Role | undefined;
  /** Scope of a key; undefined for a person. */
  readonly scope: KeyScope | undefined;
  readonly sessionId: string | undefined;
  /** The source a key is bound to; what it sends is counted in that source's ledger. */
  readonly sourceNo: number | undefined;
  /** Address it came from, for the audit log. */
  readonly from: string;
};

function rank(role: Role): number {
  return ROLES.indexOf(role);
}

/** Whether the caller may use a route that asks for `permission`. Pure; the tenant is checked elsewhere. */
export function mayUse(permission: Permission, caller: Caller | undefined): boolean {
  if (permission === "open") return true;
  if (caller === undefined) return false;
  if (permission === "device") {
    return caller.scope === "write" || caller.scope === "admin";
  }
  if (caller.scope !== undefined) {
    if (permission === "self") return false; // a key has no session or settings of its own
    return caller.scope === "admin" || (caller.scope === "read" && permission === "plant:read");
  }
  return caller.role !== undefined && rank(caller.role) >= rank(LEAST_ROLE[permission]);
}
