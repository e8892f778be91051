import pg, { type Pool, type PoolClient, type PoolConfig } from "pg";
import { AppError, reasonOf } from "../domain/error.ts";
import type { ConnectionSettings } from "../domain/relational.ts";
import type { Logger } from "../lib/logger.ts";
import { SOCKET_PORT } from "./embedded/socket-folder.ts";
import { SCHEMA } from "./migrate.ts";

/** Where the database is: in a folder of ours behind a socket, or on a server. */
export type Place =
  | { readonly kind: "socket"; readonly folder: string }
  | { readonly kind: "server"; readonly url: string };

const DATABASE = "foresight";
const CONNECTIONS_MAX = 8;
const CONNECT_MS_MAX = 10_000;
const SERVER_VERSION_MIN = 150_000;

/** What another driver needs to reach the same database. */
export function connectionSettings(place: Place): ConnectionSettings {
  return place.kind === "server"
    ? { connectionString: place.url }
    : { host: place.folder, port: SOCKET_PORT, user: "postgres", database: DATABASE };
}

/** Settings of a connection that finds our tables by their names alone. */
export function clientConfig(settings: ConnectionSettings): PoolConfig {
  return {
    ...settings,
    options: `-c search_path=${SCHEMA}`,
    application_name: "foresight",
    connectionTimeoutMillis: CONNECT_MS_MAX,
    keepAlive: true,
  };
}

/** Opens the pool; makes the embedded database when it is not there yet. */
export async function openPool(place: Place, logger: Logger): Promise<Pool> {
  const settings = connectionSettings(place);
  const pool = createPool(settings, logger);
  try {
    await checkServer(pool);
    return pool;
  } catch (error) {
    await pool.end();
    if (place.kind !== "socket" || !isMissing(error)) throw unusable(place, error);
  }
  const first = createPool({ ...settings, database: "postgres" }, logger);
  await first.query(`create database ${DATABASE}`);
  await first.end();
  return createPool(settings, logger);
}

function createPool(settings: ConnectionSettings, logger: Logger): Pool {
  const config = { ...clientConfig(settings), max: CONNECTIONS_MAX, idleTimeoutMillis: 0 };
  const pool = new pg.Pool(config);
  const onLost = (error: Error) =>
    logger.debug("a database connection is gone", { reason: error.message });
  pool.on("error", onLost);
  // One that is in use tells its own error too; whoever uses it gets it from the query.
  pool.on("connect", (client: PoolClient) => void client.on("error", onLost));
  return pool;
}

async function checkServer(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string }>(
    "select current_setting('server_version_num') as version",
  );
  const version = rows[0]?.version;
  if (Number(version) >= SERVER_VERSION_MIN) return;
  throw new AppError(
    "unavailable",
    `the database server is PostgreSQL ${version}; 15 or newer is needed`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "3D000";
}

function unusable(place: Place, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = place.kind === "server" ? serverName(place.url) : place.folder;
  const message = `cannot use the database at ${where}: ${reasonOf(cause)}`;
  return new AppError("unavailable", message, { cause });
}

/** Host and database of an address, without its password. */
export function serverName(url: string): string {
  if (!URL.canParse(url)) return "FORESIGHT_DATABASE_URL (it is not an address)";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
