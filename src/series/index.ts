export { createDuckdbStore, DUCKDB_DEFAULTS, type DuckdbStoreOptions } from "./duckdb/index.ts";
export { createRemoteStore, type StoreWorkerPort } from "./remote.ts";
export {
  type FromWorker,
  type StartStore,
  type StoreWorkerOptions,
  serveStore,
} from "./serve.ts";
