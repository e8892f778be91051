import type { Actor } from "../domain/actor.ts";
import type { Clock } from "../lib/clock.ts";
import type { Revisions } from "./database.ts";

/** Lists longer than this are read each time: keeping them would cost more memory than a plant has to give. */
const ROWS_MOST = 50_000;
/** Tenants whose list is kept; the one that was asked for longest ago makes place. */
const TENANTS_MOST = 50;
/** Changes of other processes are told, but a telling can be lost with its connection. */
const KEPT_US_MOST = 60_000_000;

type Kept<T> = {
  readonly revision: number;
  readonly untilUs: number;
  readonly rows: Promise<readonly T[]>;
};

/**
 * A tenant's whole list that nearly every page needs, read again only after something of the tenant was
 * written. Callers share the rows, so the list is frozen.
 * @param read reads the list from the database.
 */
export function keepList<T>(
  deps: { readonly revisions: Revisions; readonly clock: Clock },
  read: (who: Actor) => Promise<readonly T[]>,
): (who: Actor) => Promise<readonly T[]> {
  const kept = new Map<string, Kept<T>>();

  async function load(who: Actor, entry: () => Kept<T> | undefined): Promise<readonly T[]> {
    const forget = () => {
      if (kept.get(who.tenantId) === entry()) kept.delete(who.tenantId);
    };
    try {
      const rows = Object.freeze(await read(who));
      if (rows.length > ROWS_MOST) forget();
      return rows;
    } catch (error) {
      forget();
      throw error;
    }
  }

  return (who) => {
    // Taken before reading: what is written meanwhile makes this list old at once.
    const revision = deps.revisions.of(who.tenantId);
    const nowUs = deps.clock.nowUs();
    const known = kept.get(who.tenantId);
    kept.delete(who.tenantId);
    if (known !== undefined && known.revision === revision && nowUs < known.untilUs) {
      kept.set(who.tenantId, known);
      return known.rows;
    }
    let made: Kept<T> | undefined;
    const rows = load(who, () => made);
    made = { revision, untilUs: nowUs + KEPT_US_MOST, rows };
    kept.set(who.tenantId, made);
    if (kept.size > TENANTS_MOST) kept.delete(kept.keys().next().value ?? "");
    return rows;
  };
}
