import type { Caller } from "./access.ts";
import type { Actor } from "./actor.ts";

export type SessionFound = {
  readonly caller: Caller;
  /** Secret that every form of this session carries. */
  readonly csrf: string;
  readonly expiresAtUs: number;
};

export type SessionStore = {
  /** Opens a session that ends `idleMs` after its last use; the token is known to the browser alone. */
  open(input: {
    readonly tenantId: string;
    readonly userId: string;
    readonly from: string;
    readonly idleMs: number;
  }): Promise<{ readonly token: string; readonly csrf: string; readonly sessionId: string }>;
  /** Looks a token up and moves its end (written at most once a minute). */
  find(token: string, from: string): Promise<SessionFound | undefined>;
  close(token: string): Promise<void>;
  closeAll(who: Actor, userId: string): Promise<void>;
  /** A token that signs a user in once, within `validMs`. */
  createLink(tenantId: string, userId: string, validMs: number): Promise<string>;
  /** Uses it up. */
  redeemLink(token: string): Promise<{ tenantId: string; userId: string } | undefined>;
  /** Removes what has ended; returns how many. */
  sweep(): Promise<number>;
};
