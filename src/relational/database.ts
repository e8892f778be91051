import type { SQL } from "drizzle-orm";
import { drizzle, type NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool, PoolClient, QueryResult } from "pg";
import type { Actor } from "../domain/actor.ts";
import type { Clock } from "../lib/clock.ts";
import { isAway, translateFailure } from "./failure.ts";
import { APP_ROLE, SYSTEM_ROLE } from "./migrate.ts";

/** One transaction in a role that the policies bind. */
export type Tx = Omit<NodePgDatabase, "transaction">;

/** Counts what was written of each tenant, so that what is kept of it can be told old from new. */
export type Revisions = {
  of(tenantId: string): number;
  bump(tenantId: string): void;
};

export type Database = {
  readonly clock: Clock;
  /** Moves with every transaction of a tenant that wrote; the system's transactions say so themselves. */
  readonly revisions: Revisions;
  /** A new UUID that sorts by time. */
  newId(): string;
  /** Bytes that nobody can guess. */
  randomBytes(count: number): Uint8Array;
  /** A transaction that sees the actor's tenant alone. */
  withTenant<T>(who: Pick<Actor, "tenantId">, work: (tx: Tx) => Promise<T>): Promise<T>;
  /** A transaction over all tenants: the log's consumer, sign-in by token, start and stop. */
  withSystem<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
};

/** All tenants begin at 0. */
export function createRevisions(): Revisions {
  const counts = new Map<string, number>();
  return {
    of: (tenantId) => counts.get(tenantId) ?? 0,
    bump: (tenantId) => void counts.set(tenantId, (counts.get(tenantId) ?? 0) + 1),
  };
}

/** How long a transaction waits to begin while the database is brought back. */
const WAIT_MS_MAX = 1_500;
const WAIT_MS = 50;

/**
 * Wraps a pool. Every method throws AppError "unavailable" while the database is away, and what
 * `translateFailure` makes of its refusals.
 */
export function createDatabase(deps: {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
}): Database {
  const revisions = createRevisions();
  const inRole = async <T>(role: string, tenantId: string, work: (tx: Tx) => Promise<T>) => {
    try {
      const client = await begin(deps.pool, deps.clock);
      const { result, hasWritten } = await transact(client, role, tenantId, work);
      if (hasWritten) revisions.bump(tenantId);
      return result;
    } catch (error) {
      throw translateFailure(error);
    }
  };
  return {
    clock: deps.clock,
    revisions,
    newId: deps.newId,
    randomBytes: deps.randomBytes,
    withTenant: (who, work) => inRole(APP_ROLE, who.tenantId, work),
    withSystem: (work) => inRole(SYSTEM_ROLE, "", work),
  };
}

/**
 * A connection in a new transaction. Nothing has been done yet, so waiting for a database that restarts,
 * and passing over a connection that died while nobody used it, is safe here and only here.
 */
async function begin(pool: Pool, clock: Clock): Promise<PoolClient> {
  const endUs = clock.nowUs() + WAIT_MS_MAX * 1000;
  for (;;) {
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
      await client.query("begin");
      return client;
    } catch (error) {
      client?.release(true);
      if (!isAway(error) || clock.nowUs() > endUs) throw error;
      await new Promise<void>((resolve) => void clock.after(WAIT_MS, resolve));
    }
  }
}

async function transact<T>(
  client: PoolClient,
  role: string,
  tenantId: string,
  work: (tx: Tx) => Promise<T>,
): Promise<{ result: T; hasWritten: boolean }> {
  let isClean = false;
  try {
    await client.query("select set_config('app.tenant', $1, true), set_config('role', $2, true)", [
      tenantId,
      role,
    ]);
    const result = await work(drizzle(client));
    const hasWritten = await commit(client);
    isClean = true;
    return { result, hasWritten };
  } catch (error) {
    isClean = await rollBack(client);
    throw error;
  } finally {
    // A connection that could not be rolled back is closed: nobody gets it with a role still set.
    client.release(!isClean);
  }
}

/** Only a transaction that wrote has an id; asked along with the commit, in one round trip. */
async function commit(client: PoolClient): Promise<boolean> {
  const sql = "select pg_current_xact_id_if_assigned() is not null as wrote; commit";
  // Two statements have two results, which the types of pg do not know.
  const results = (await client.query<{ wrote: boolean }>(sql)) as unknown as QueryResult<{
    wrote: boolean;
  }>[];
  return results[0]?.rows[0]?.wrote ?? true;
}

async function rollBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query("rollback");
    return true;
  } catch {
    return false; // it is gone; the error that is being thrown says why
  }
}

/** Runs a statement and gives its rows; `R` is what the statement selects. */
export async function run<R extends Record<string, unknown>>(tx: Tx, query: SQL): Promise<R[]> {
  // The caller writes the statement and the type of its rows side by side.
  return (await tx.execute(query)).rows as R[];
}
