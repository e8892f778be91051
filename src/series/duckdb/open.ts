import type { Database } from "@duckdb/node-bindings";
import { AppError, reasonOf } from "../../domain/error.ts";
import { connect, type Duckdb, type DuckdbConnection } from "./connection.ts";
import { CREATE_TABLES, literal, MIGRATIONS, SCHEMA_VERSION } from "./schema.ts";

export type DuckdbOptions = {
  /** The database's file; `<file>.wal` lies beside it. */
  readonly file: string;
  readonly memoryBytes: number;
  readonly threads: number;
  /** Where large sorts spill to. */
  readonly tempDir: string;
  /** DuckDB looks for extensions here instead of in the home folder; none is ever installed. */
  readonly extensionDir: string;
};

export type OpenDatabase = {
  connect(): Promise<DuckdbConnection>;
  close(): void;
};

const ATTACHED = "store_file";
/**
 * Rows of a series lie together in each commit, so that a read of one series decodes few row groups, and
 * the less the smaller they are. DuckDB's own size is 122,880; docs/benchmarks.md has what this one gains.
 */
const ROW_GROUP_ROWS = 30_720;

/**
 * Opens the file, making it and its tables when it is new.
 * @throws AppError("unavailable") when the file is damaged, held by another process, or of a later version.
 */
export async function openDatabase(duckdb: Duckdb, options: DuckdbOptions): Promise<OpenDatabase> {
  const database = await openEmpty(duckdb, options);
  try {
    const connection = await connect(duckdb, database);
    await attach(connection, options.file);
    await prepareTables(connection, options.file);
    connection.close();
  } catch (error) {
    duckdb.close_sync(database);
    throw error;
  }
  return {
    connect: async () => {
      const connection = await connect(duckdb, database);
      await connection.run(`use ${ATTACHED}; set timezone = 'UTC'`);
      return connection;
    },
    close: () => duckdb.close_sync(database),
  };
}

/** A database of its own in memory, which the file is attached to: only so can the size of row groups be said. */
async function openEmpty(duckdb: Duckdb, options: DuckdbOptions): Promise<Database> {
  const config = duckdb.create_config();
  const settings: Record<string, string> = {
    memory_limit: `${Math.ceil(options.memoryBytes / 1024)}KiB`,
    threads: String(options.threads),
    temp_directory: options.tempDir,
    max_temp_directory_size: `${Math.ceil((4 * options.memoryBytes) / 1024)}KiB`,
    extension_directory: options.extensionDir,
    checkpoint_threshold: "64MB",
    // Tables without statistics look small to the planner, and its loop over them is quadratic.
    asof_loop_join_threshold: "0",
    preserve_insertion_order: "false",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  };
  for (const [name, value] of Object.entries(settings)) duckdb.set_config(config, name, value);
  return duckdb.open(":memory:", config);
}

async function attach(connection: DuckdbConnection, file: string): Promise<void> {
  try {
    await connection.run(
      `attach ${literal(file)} as ${ATTACHED} (row_group_size ${ROW_GROUP_ROWS}); use ${ATTACHED}`,
    );
  } catch (error) {
    const reason = reasonOf(error).split("\n")[0];
    const message = /\block\b/i.test(String(reason))
      ? `the series store ${file} is open in another process; stop that one first`
      : `the series store ${file} cannot be opened (${reason}); restore it and ${file}.wal from a backup, or move both away to start with an empty one`;
    throw new AppError("unavailable", message, { cause: error });
  }
}

async function prepareTables(connection: DuckdbConnection, file: string): Promise<void> {
  const names = (await connection.rows("select table_name from duckdb_tables()")).text(0);
  if (names.length === 0) {
    await connection.run(`begin; ${CREATE_TABLES} commit;`);
    return;
  }
  const versions = names.includes("schema_version")
    ? (await connection.rows("select version from schema_version")).u32(0)
    : [];
  const [version = 0] = versions;
  if (version === SCHEMA_VERSION) return;
  if (version > 0 && version < SCHEMA_VERSION) return migrate(connection, version);
  throw new AppError(
    "unavailable",
    `the series store ${file} has tables of version ${version || "unknown"}, this program knows version ${SCHEMA_VERSION}; start the program that wrote it`,
  );
}

/** Brings the tables of an earlier version up to this one, all in one transaction. */
async function migrate(connection: DuckdbConnection, from: number): Promise<void> {
  const steps = [...MIGRATIONS].filter(([version]) => version > from).map(([, sql]) => sql);
  await connection.run(`begin; ${steps.join("")}
    update schema_version set version = ${SCHEMA_VERSION}; commit;`);
}
