import pg from "pg";
import { AppError, reasonOf } from "../../domain/error.ts";
import { type QuestdbAddress, shownAddress } from "./address.ts";

export type Row = readonly unknown[];

/** A QuestDB as the store speaks to it. Everything rejects with AppError("unavailable") that it refuses. */
export type Wire = {
  /** Sends lines of one table, all or none of them; resolves when the server's log holds them. */
  write(lines: string): Promise<void>;
  /** Rows of a statement; whole numbers of 64 bits come as text. */
  query(sql: string): Promise<Row[]>;
  /** Waits until what was written to these tables can be read. */
  settled(tables: Iterable<string>): Promise<void>;
  close(): Promise<void>;
};

export type WireLimits = {
  readonly connections: number;
  /** Queries that may wait for a connection. */
  readonly waiting: number;
  readonly queryMs: number;
  readonly writeMs: number;
};

/**
 * Connects when first asked.
 * @param on.refused is told of each query refused because too many waited.
 * @param on.resumed is told of each table that QuestDB had given up and that is to go on.
 */
export function createWire(
  address: QuestdbAddress,
  limits: WireLimits,
  on: { readonly refused: () => void; readonly resumed: (table: string) => void },
): Wire {
  const where = shownAddress(address);
  const pool = new pg.Pool({
    host: address.host,
    port: address.pgPort,
    user: address.user,
    password: address.password,
    database: "qdb",
    max: limits.connections,
    query_timeout: limits.queryMs,
    connectionTimeoutMillis: limits.queryMs,
  });
  // A connection that ends while nobody uses it: the next query opens another.
  pool.on("error", () => undefined);
  // One that ends in use, or while the pool closes, tells its own error; whoever uses it gets the query's.
  pool.on("connect", (client) => void client.on("error", () => undefined));
  const unavailable = (what: string, cause: unknown) =>
    new AppError("unavailable", `${where} ${what}: ${reasonOf(cause)}`, { cause });
  const authorization = `Basic ${btoa(`${address.user}:${address.password}`)}`;
  const url = `http://${address.host}:${address.httpPort}/write?precision=u`;

  async function query(sql: string): Promise<Row[]> {
    if (pool.waitingCount >= limits.waiting) {
      on.refused();
      throw new AppError(
        "unavailable",
        `${pool.waitingCount} reads of the series store are waiting; try again later`,
      );
    }
    try {
      const result = await pool.query<unknown[]>({ text: sql, rowMode: "array" });
      return result.rows;
    } catch (cause) {
      throw unavailable(`did not answer ${sql.slice(0, 60).replace(/\s+/g, " ")}…`, cause);
    }
  }

  async function settle(table: string): Promise<void> {
    const wait = `select wait_wal_table('${table}')`;
    try {
      await query(wait);
    } catch (error) {
      // QuestDB gives a table up when its disk is full or files run out; it must be told to go on.
      if (!reasonOf(error).includes("suspended")) throw error;
      on.resumed(table);
      await query(`alter table ${table} resume wal`);
      await query(wait);
    }
  }

  return {
    query,
    async write(lines) {
      if (lines === "") return;
      let answer: Response;
      let text: string;
      try {
        const signal = AbortSignal.timeout(limits.writeMs);
        const headers = { authorization };
        answer = await fetch(url, { method: "POST", headers, body: lines, signal });
        text = await answer.text();
      } catch (cause) {
        throw unavailable("did not take rows", cause);
      }
      if (answer.status !== 204)
        throw unavailable(`answered ${answer.status} to rows`, text.slice(0, 300));
    },
    settled: async (tables) => void (await Promise.all(Array.from(new Set(tables), settle))),
    close: () => pool.end(),
  };
}
