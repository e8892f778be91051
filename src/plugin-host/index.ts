export {
  type Connector,
  type ConnectorOptions,
  HOST_LIMITS,
  type HostLimits,
  startConnector,
} from "./connector.ts";
export { type ImportDeps, type ImportRequest, runImport, storeUpload } from "./import-job.ts";
export type { ConnectorBatch } from "./pipeline.ts";
export { type Output, type RunPluginDeps, runPlugin } from "./run-plugin.ts";
