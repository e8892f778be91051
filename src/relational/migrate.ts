import { createHash } from "node:crypto";
import type { Client, Pool } from "pg";
import { AppError } from "../domain/error.ts";
import plant from "./migrations/001-plant.sql" with { type: "text" };
import work from "./migrations/002-work.sql" with { type: "text" };
import prediction from "./migrations/003-prediction.sql" with { type: "text" };
import tenancy from "./migrations/004-tenancy.sql" with { type: "text" };
import lineKeys from "./migrations/009-line-keys.sql" with { type: "text" };
import mappingRules from "./migrations/015-mapping-rules.sql" with { type: "text" };
import placementRules from "./migrations/015-placement-rules.sql" with { type: "text" };
import quarantine from "./migrations/015-quarantine.sql" with { type: "text" };
import sourceSampleRate from "./migrations/017-source-sample-rate.sql" with { type: "text" };

export type Migration = { readonly name: string; readonly sql: string };

/** In order; one that has been released is never edited, since its hash is kept in every database. */
export const MIGRATIONS: readonly Migration[] = [
  { name: "001-plant", sql: plant },
  { name: "002-work", sql: work },
  { name: "003-prediction", sql: prediction },
  { name: "004-tenancy", sql: tenancy },
  { name: "009-line-keys", sql: lineKeys },
  { name: "015-quarantine", sql: quarantine },
  { name: "015-mapping-rules", sql: mappingRules },
  { name: "015-placement-rules", sql: placementRules },
  { name: "017-source-sample-rate", sql: sourceSampleRate },
];

/** Schema that holds everything of ours. */
export const SCHEMA = "foresight";
/** Acts for one tenant; see migrations/004-tenancy.sql. */
export const APP_ROLE = "foresight_app";
/** Acts for the whole installation. */
export const SYSTEM_ROLE = "foresight_system";

const LOCK = 7_306_541_920;

/**
 * Brings the database to the newest schema: one query when it is there already. Several processes may
 * try at the same time.
 * @throws AppError "unavailable" when a migration was changed after it ran, the database is newer than
 *   this program, or its user may not make roles.
 */
export async function migrate(
  pool: Pool,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly string[]> {
  if (pendingOf(await recorded(pool), migrations).length === 0) return [];
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("select pg_advisory_xact_lock($1)", [LOCK]);
    await prepare(client);
    const pending = pendingOf(await rowsOf(client), migrations);
    for (const { name, sql } of pending) {
      await client.query(sql);
      const row = [name, hashOf(sql)];
      await client.query("insert into schema_migrations (name, hash) values ($1, $2)", row);
    }
    await client.query("commit");
    client.release();
    return pending.map((migration) => migration.name);
  } catch (error) {
    client.release(true); // closing it rolls back
    throw error;
  }
}

type Recorded = { readonly name: string; readonly hash: string };

async function rowsOf(from: Pick<Client, "query">): Promise<Recorded[]> {
  const { rows } = await from.query<Recorded>(
    "select name, hash from schema_migrations order by name",
  );
  return rows;
}

async function recorded(pool: Pool): Promise<Recorded[]> {
  try {
    return await rowsOf(pool);
  } catch (error) {
    if (codeOf(error) === "42P01") return []; // the table is not there: nothing has run
    throw error;
  }
}

function pendingOf(done: readonly Recorded[], migrations: readonly Migration[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.name, hashOf(migration.sql)]));
  for (const { name, hash } of done) {
    const ours = known.get(name);
    if (ours === undefined)
      throw new AppError(
        "unavailable",
        `the database has migration ${name}, which this program does not know: it was upgraded by a newer one; start that`,
      );
    if (ours !== hash)
      throw new AppError(
        "unavailable",
        `migration ${name} is not the one that ran on this database; start the program that wrote it`,
      );
  }
  const names = new Set(done.map((migration) => migration.name));
  return migrations.filter((migration) => !names.has(migration.name));
}

async function prepare(client: Client): Promise<void> {
  await client.query(`create schema if not exists ${SCHEMA}`);
  for (const role of [APP_ROLE, SYSTEM_ROLE]) await makeRole(client, role);
  await client.query(`grant usage on schema ${SCHEMA} to ${APP_ROLE}, ${SYSTEM_ROLE}`);
  await client.query(
    "create table if not exists schema_migrations (name text primary key, hash text not null, ran_at timestamptz not null default now())",
  );
}

/** Roles belong to the whole server: another database of ours may have made them, even right now. */
async function makeRole(client: Client, role: string): Promise<void> {
  try {
    await client.query(`do $$ begin
      if not exists (select from pg_roles where rolname = '${role}') then
        create role ${role} nologin nosuperuser nobypassrls nocreatedb nocreaterole noinherit;
      end if;
    exception when duplicate_object or unique_violation then null;
    end $$`);
    await client.query(`do $$ begin
      if not pg_has_role(current_user, '${role}', 'usage') or
         current_setting('server_version_num')::int >= 160000 then
        execute 'grant ${role} to current_user';
      end if;
    end $$`);
  } catch (cause) {
    throw new AppError(
      "unavailable",
      `the database's user may not make or use the role ${role}; let an administrator run: create role ${role} nologin noinherit; grant ${role} to <that user>`,
      { cause },
    );
  }
}

function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
