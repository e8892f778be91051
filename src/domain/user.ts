import type { Caller, Role } from "./access.ts";
import type { Actor, Change } from "./actor.ts";

export type User = {
  readonly id: string;
  /** Lower case; unique in its tenant. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAtUs: number;
  readonly lastSeenAtUs: number | undefined;
  readonly version: number;
};

export type NewUser = Pick<User, "email" | "name" | "role"> & { readonly password: string };
export type UserPatch = Partial<Pick<User, "name" | "role" | "disabled">>;

/** Shortest password that is taken. */
export const PASSWORD_LENGTH_MIN = 10;

export type UserStore = {
  list(who: Actor): Promise<readonly User[]>;
  get(who: Actor, id: string): Promise<User | undefined>;
  /** @throws AppError "conflict" when the tenant has that address, "invalid" for a short password. */
  create(who: Actor, input: NewUser, change?: Change): Promise<User>;
  /** Disabling ends the user's sessions. The last enabled admin stays one ("conflict"). */
  update(who: Actor, id: string, patch: UserPatch, change?: Change): Promise<User>;
  /** Ends every session of the user. */
  setPassword(who: Actor, id: string, password: string, change?: Change): Promise<void>;
  /**
   * Every enabled user with this address and password, in any tenant or only in `tenantId`. Takes as
   * long for an unknown address as for a wrong password.
   */
  check(email: string, password: string, tenantId?: string): Promise<readonly SignedIn[]>;
  /** The user as a caller, with today's role; undefined when gone or disabled. For JWTs. */
  caller(tenantId: string, userId: string, from: string): Promise<Caller | undefined>;
};

export type SignedIn = {
  readonly tenantId: string;
  readonly tenantName: string;
  readonly user: User;
};

/** The form in which addresses are kept and compared. */
export function normalEmail(email: string): string {
  return email.trim().toLowerCase();
}

/** Whether a text looks like a mail address; whether it is one, only mail can tell. */
export function isEmail(email: string): boolean {
  return email.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(email);
}
