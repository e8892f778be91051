/** The part of node-postgres that is used here; the package brings no types of its own. */
declare module "pg" {
  import type { EventEmitter } from "node:events";

  export type QueryResultRow = Record<string, unknown>;
  export type QueryResult<R = QueryResultRow> = { rows: R[]; rowCount: number | null };
  export type Notification = { channel: string; payload?: string };
  export type PoolConfig = {
    connectionString?: string;
    host?: string;
    port?: number;
    user?: string;
    password?: string;
    database?: string;
    options?: string;
    application_name?: string;
    max?: number;
    idleTimeoutMillis?: number;
    connectionTimeoutMillis?: number;
    keepAlive?: boolean;
    query_timeout?: number;
  };

  export class Client extends EventEmitter {
    constructor(config: PoolConfig);
    connect(): Promise<void>;
    query<R = QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<R>>;
    end(): Promise<void>;
  }

  export class PoolClient extends Client {
    /** Gives the connection back; with `true` it is closed instead. */
    release(destroy?: boolean): void;
  }

  export class Pool extends EventEmitter {
    constructor(config: PoolConfig);
    /** Queries that wait for a connection. */
    readonly waitingCount: number;
    connect(): Promise<PoolClient>;
    query<R>(query: { text: string; rowMode: "array" }): Promise<QueryResult<R>>;
    query<R = QueryResultRow>(text: string, values?: readonly unknown[]): Promise<QueryResult<R>>;
    end(): Promise<void>;
  }

  export const types: { setTypeParser(oid: number, parse: (text: string) => unknown): void };
  const pg: { Client: typeof Client; Pool: typeof Pool; types: typeof types };
  export default pg;
}
