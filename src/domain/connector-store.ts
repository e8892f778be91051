import type { Actor, Change } from "./actor.ts";

/** A configured connector. Secrets in its settings are names in the secret store. */
export type ConnectorRow = {
  readonly id: string;
  readonly name: string;
  /** Folder of the plugin. */
  readonly plugin: string;
  readonly settings: unknown;
  readonly sourceId: string;
  readonly enabled: boolean;
  readonly version: number;
};

export type ConnectorStore = {
  list(who: Actor): Promise<readonly ConnectorRow[]>;
  get(who: Actor, id: string): Promise<ConnectorRow | undefined>;
  create(
    who: Actor,
    input: Pick<ConnectorRow, "name" | "plugin" | "settings"> & { enabled?: boolean | undefined },
    change?: Change,
  ): Promise<ConnectorRow>;
  update(
    who: Actor,
    id: string,
    patch: Partial<Pick<ConnectorRow, "name" | "settings" | "enabled">>,
    change?: Change,
  ): Promise<ConnectorRow>;
  remove(who: Actor, id: string, change?: Change): Promise<void>;
  /** Where reading goes on; save it only after the readings before it are durable. */
  checkpoint(who: Actor, id: string): Promise<string | undefined>;
  saveCheckpoint(who: Actor, id: string, checkpoint: string): Promise<void>;
};
