import type { Caller, KeyScope } from "./access.ts";
import type { Actor, Change } from "./actor.ts";

/** A key of a machine. Only its hash is kept: the token is shown once. */
export type ApiKey = {
  readonly id: string;
  readonly name: string;
  readonly scope: KeyScope;
  /** The source that readings sent with it count for; undefined for a key that only reads. */
  readonly sourceId: string | undefined;
  /** First characters of the token, so that people can tell keys apart. */
  readonly prefix: string;
  readonly createdAtUs: number;
  readonly expiresAtUs: number | undefined;
  readonly lastUsedAtUs: number | undefined;
  readonly revokedAtUs: number | undefined;
  readonly version: number;
};

export type NewApiKey = Pick<ApiKey, "name" | "scope"> & {
  /** Without it, a key that may write gets a source of its own, named like the key. */
  readonly sourceId?: string | undefined;
  readonly expiresAtUs?: number | undefined;
};

export type KeyFound = {
  readonly caller: Caller;
  /** 0 for a key without a source. */
  readonly sourceNo: number;
  readonly expiresAtUs: number | undefined;
};

export type ApiKeyStore = {
  list(who: Actor): Promise<readonly ApiKey[]>;
  get(who: Actor, id: string): Promise<ApiKey | undefined>;
  /** The token is nowhere kept; a repeated idempotency key is "conflict", since it cannot be shown again. */
  create(who: Actor, input: NewApiKey, change?: Change): Promise<{ key: ApiKey; token: string }>;
  revoke(who: Actor, id: string, change?: Change): Promise<ApiKey>;
  /** The key as a caller, unless unknown, expired or revoked; its last use is written once a minute. */
  find(token: string, from: string): Promise<KeyFound | undefined>;
};
