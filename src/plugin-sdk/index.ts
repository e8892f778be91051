/**
 * All that a plugin may import, besides packages of its own. See docs/plugins.md. Tests of a plugin
 * also use conformance.ts.
 */
export { type Static, Type } from "@sinclair/typebox";
export type { Precision } from "../domain/engine.ts";
export { AppError, type ErrorCode, reasonOf } from "../domain/error.ts";
export {
  type AssetRow,
  type AssetTypeRow,
  IMPORT_KINDS,
  type ImportKind,
  MAINTENANCE_KINDS,
  type MaintenanceKind,
  type MaintenanceRow,
  type RowError,
  type SensorRow,
} from "../domain/import.ts";
export { checkConfig, isSecret, redact, secret } from "./config.ts";
export { encodeReadings, encodeValue, escapeKey, escapeMeasurement } from "./encode.ts";
export {
  type Context,
  defineInput,
  type InputPlugin,
  type InputSpec,
  type OpenFile,
} from "./plugin.ts";
export { BATCH_LIMITS, type Batch, type Lines, type Reading } from "./rows.ts";
