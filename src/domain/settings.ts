import type { Actor, Change } from "./actor.ts";

/** Settings of a tenant by name, each JSON with a version. */
export type SettingsStore = {
  get(who: Actor, name: string): Promise<{ value: unknown; version: number } | undefined>;
  set(who: Actor, name: string, value: unknown, change?: Change): Promise<{ version: number }>;
};

/** Secrets of a tenant, encrypted at rest; the audit log says that one was set, never what it is. */
export type SecretStore = {
  names(who: Actor): Promise<readonly { name: string; setAtUs: number }[]>;
  set(who: Actor, name: string, value: string, change?: Change): Promise<void>;
  /** @throws AppError "internal" when the key file is not the one it was sealed with. */
  reveal(who: Actor, name: string): Promise<string | undefined>;
  remove(who: Actor, name: string, change?: Change): Promise<void>;
};
