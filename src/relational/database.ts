import { sql as text } from "drizzle-orm";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import type { Sql } from "postgres";
import type { Actor } from "../domain/actor.ts";
import type { Clock } from "../lib/clock.ts";
import { translateFailure } from "./failure.ts";
import { APP_ROLE, SYSTEM_ROLE } from "./migrate.ts";

/** One transaction in a role that the policies bind. */
export type Tx = Parameters<Parameters<PostgresJsDatabase["transaction"]>[0]>[0];

export type Database = {
  readonly clock: Clock;
  /** A new UUID that sorts by time. */
  newId(): string;
  /** Bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array;
  /** A transaction that sees the actor's tenant alone. */
  withTenant<T>(who: Pick<Actor, "tenantId">, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A transaction over all tenants: the log's consumer, sign-in by token, start and stop. */
  withSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
};

/**
 * Wraps a pool. Every method throws AppError "unavailable" while the database is away, and what
 * `translateFailure` makes of its refusals.
 */
export function createDatabase(deps: {
  readonly pool: Sql;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
}): Database {
  const db = drizzle(deps.pool);
  const inRole = async <T>(role: string, tenantId: string, work: (tx: Tx) => Promise<T>) => {
    try {
      return await db.transaction(async (tx) => {
        await tx.execute(
          text`select set_config('app.tenant', ${tenantId}, true), set_config('role', ${role}, true)`,
        );
        return work(tx);
      });
    } catch (error) {
      throw translateFailure(error);
    }
  };
  return {
    clock: deps.clock,
    newId: deps.newId,
    randomBytes: deps.randomBytes,
    withTenant: (who, work) => inRole(APP_ROLE, who.tenantId, work),
    withSystem: (work) => inRole(SYSTEM_ROLE, "", work),
  };
}
