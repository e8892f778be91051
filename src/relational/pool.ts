import postgres, { type Sql } from "postgres";
import { AppError } from "../domain/error.ts";
import type { ConnectionSettings } from "../domain/relational.ts";
import type { Logger } from "../lib/logger.ts";
import { SOCKET_PORT, socketPath } from "./embedded/socket-folder.ts";
import { SCHEMA } from "./migrate.ts";

/** Where the database is: in a folder of ours behind a socket, or on a server. */
export type Place =
  | { readonly kind: "socket"; readonly folder: string }
  | { readonly kind: "server"; readonly url: string };

const DATABASE = "foresight";
const CONNECTIONS_MAX = 8;

/** What another driver needs to reach the same database. */
export function connectionSettings(place: Place): ConnectionSettings {
  return place.kind === "server"
    ? { connectionString: place.url }
    : { host: place.folder, port: SOCKET_PORT, user: "postgres", database: DATABASE };
}

/** Opens the pool; makes the embedded database when it is not there yet. */
export async function openPool(place: Place, logger: Logger): Promise<Sql> {
  const sql = connect(place, DATABASE, logger);
  try {
    await checkServer(sql);
    return sql;
  } catch (error) {
    await sql.end({ timeout: 1 });
    if (place.kind !== "socket" || !isMissing(error)) throw unreachable(place, error);
  }
  const first = connect(place, "postgres", logger);
  await first.unsafe(`create database ${DATABASE}`);
  await first.end({ timeout: 1 });
  return connect(place, DATABASE, logger);
}

function connect(place: Place, database: string, logger: Logger): Sql {
  const options = {
    max: CONNECTIONS_MAX,
    idle_timeout: 0,
    connect_timeout: 10,
    // A killed PostgreSQL is back within a second: try again soon, and not less often than each second.
    backoff: (attempt: number) => Math.min(0.05 * 2 ** attempt, 1),
    onnotice: (notice: { message?: string }) =>
      logger.debug("PostgreSQL says", { notice: notice.message }),
    connection: { search_path: SCHEMA, application_name: "foresight" },
    fetch_types: false,
  };
  if (place.kind === "server") return postgres(place.url, options);
  const socket = { host: place.folder, path: socketPath(place.folder) };
  return postgres({ ...options, ...socket, user: "postgres", database });
}

const SERVER_VERSION_MIN = 150_000;

async function checkServer(sql: Sql): Promise<void> {
  const [row] = await sql<{ version: string }[]>`
    select current_setting('server_version_num') as version`;
  if (Number(row?.version) >= SERVER_VERSION_MIN) return;
  throw new AppError(
    "unavailable",
    `the database server is PostgreSQL ${row?.version}; 15 or newer is needed`,
  );
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "3D000";
}

function unreachable(place: Place, cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  const where = place.kind === "server" ? serverName(place.url) : place.folder;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new AppError("unavailable", `cannot use the database at ${where}: ${reason}`, { cause });
}

/** Host and database of an address, without its password. */
export function serverName(url: string): string {
  if (!URL.canParse(url)) return "FORESIGHT_DATABASE_URL (it is not an address)";
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
