import type { Clock } from "./clock.ts";

/** A sink of one open page's event stream. */
export type LiveClient = { readonly send: (chunk: string) => void; readonly close: () => void };

/**
 * Sends named events to the open pages of a tenant. Events of one name that come close together are
 * sent once: at most two rounds a second per tenant.
 */
export type LiveHub = {
  /** Adds a page; undefined when there are too many. The returned function removes it. */
  join(tenantId: string, client: LiveClient): (() => void) | undefined;
  /** Says that something of this name changed; pages fetch what they show of it. */
  changed(tenantId: string, name: string): void;
  /** Sends data at once to every page of the tenant. */
  tell(tenantId: string, name: string, data: string): void;
  tenants(): readonly string[];
  readonly refused: () => number;
  close(): void;
};

const ROUND_MS = 500;

/** Makes an empty hub for at most `maxClients` pages. */
export function createLiveHub(deps: { clock: Clock; maxClients: number }): LiveHub {
  const clients = new Map<string, Set<LiveClient>>();
  const waiting = new Map<string, Set<string>>();
  let count = 0;
  let refused = 0;
  const tell = (tenantId: string, name: string, data: string) => {
    for (const client of clients.get(tenantId) ?? [])
      client.send(`event: ${name}\ndata: ${data}\n\n`);
  };
  const flush = () => {
    for (const [tenantId, names] of waiting)
      for (const name of names) tell(tenantId, name, "changed");
    waiting.clear();
  };
  const stop = deps.clock.every(ROUND_MS, flush);
  return {
    join(tenantId, client) {
      if (count >= deps.maxClients) {
        refused++;
        return undefined;
      }
      const set = clients.get(tenantId) ?? new Set();
      clients.set(tenantId, set.add(client));
      count++;
      return () => {
        if (!set.delete(client)) return;
        count--;
        if (set.size === 0 && clients.get(tenantId) === set) clients.delete(tenantId);
      };
    },
    changed(tenantId, name) {
      if (!clients.has(tenantId)) return;
      waiting.set(tenantId, (waiting.get(tenantId) ?? new Set()).add(name));
    },
    tell,
    tenants: () => [...clients.keys()],
    refused: () => refused,
    close() {
      stop();
      for (const set of clients.values()) for (const client of set) client.close();
      clients.clear();
    },
  };
}
