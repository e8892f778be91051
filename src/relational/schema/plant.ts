import { boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { KeyScope, Role } from "../../domain/access.ts";
import type { AssetMode, Criticality } from "../../domain/asset.ts";
import type { Dialect, Precision } from "../../domain/engine.ts";
import type { Limits } from "../../domain/sensor.ts";
import type { SeriesKind, Tags } from "../../domain/series.ts";
import type { SeriesStatus } from "../../domain/series-store.ts";
import type { SourceKind } from "../../domain/source.ts";
import { bytea, tenantId, us } from "./columns.ts";

export const tenants = pgTable("tenants", {
  id: text("id").notNull(),
  no: integer("no").notNull().generatedAlwaysAsIdentity(),
  name: text("name").notNull(),
  zone: text("zone").notNull(),
  currency: text("currency").notNull(),
  createdAtUs: us("created_at_us").notNull(),
  version: integer("version").notNull().default(1),
});

export const sites = pgTable("sites", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  zone: text("zone").notNull(),
  version: integer("version").notNull().default(1),
});

export const users = pgTable("users", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  email: text("email").notNull(),
  name: text("name").notNull(),
  passwordHash: text("password_hash").notNull(),
  role: text("role").$type<Role>().notNull(),
  disabled: boolean("disabled").notNull().default(false),
  createdAtUs: us("created_at_us").notNull(),
  lastSeenAtUs: us("last_seen_at_us"),
  version: integer("version").notNull().default(1),
});

export const sessions = pgTable("sessions", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  userId: uuid("user_id").notNull(),
  tokenHash: bytea("token_hash").notNull(),
  csrf: text("csrf").notNull(),
  cameFrom: text("came_from").notNull(),
  idleMs: us("idle_ms").notNull(),
  createdAtUs: us("created_at_us").notNull(),
  lastSeenAtUs: us("last_seen_at_us").notNull(),
  expiresAtUs: us("expires_at_us").notNull(),
});

export const signInLinks = pgTable("sign_in_links", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  userId: uuid("user_id").notNull(),
  tokenHash: bytea("token_hash").notNull(),
  expiresAtUs: us("expires_at_us").notNull(),
});

export const sources = pgTable("sources", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  no: integer("no").notNull().generatedAlwaysAsIdentity(),
  name: text("name").notNull(),
  kind: text("kind").$type<SourceKind>().notNull(),
  autoAdopt: boolean("auto_adopt").notNull().default(false),
  sampleRateHz: doublePrecision("sample_rate_hz"),
  received: us("received").notNull().default(0),
  fresh: us("fresh").notNull().default(0),
  duplicates: us("duplicates").notNull().default(0),
  overwrites: us("overwrites").notNull().default(0),
  late: us("late").notNull().default(0),
  rejected: us("rejected").notNull().default(0),
  ignored: us("ignored").notNull().default(0),
  quarantined: us("quarantined").notNull().default(0),
  replayed: us("replayed").notNull().default(0),
  removed: us("removed").notNull().default(0),
  lastReceivedAtUs: us("last_received_at_us"),
  createdAtUs: us("created_at_us").notNull(),
  version: integer("version").notNull().default(1),
});

export const apiKeys = pgTable("api_keys", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  scope: text("scope").$type<KeyScope>().notNull(),
  sourceId: uuid("source_id"),
  prefix: text("prefix").notNull(),
  tokenHash: bytea("token_hash").notNull(),
  createdAtUs: us("created_at_us").notNull(),
  expiresAtUs: us("expires_at_us"),
  lastUsedAtUs: us("last_used_at_us"),
  revokedAtUs: us("revoked_at_us"),
  version: integer("version").notNull().default(1),
});

export const assetTypes = pgTable("asset_types", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  clockUnit: text("clock_unit").notNull(),
  clockStepUs: us("clock_step_us").notNull(),
  horizonSteps: integer("horizon_steps").notNull(),
  settingsSignals: text("settings_signals").array().$type<readonly string[]>().notNull(),
  defaultLimits: jsonb("default_limits").$type<Readonly<Record<string, Limits>>>().notNull(),
  version: integer("version").notNull().default(1),
});

export const assets = pgTable("assets", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  key: text("key").notNull(),
  name: text("name").notNull(),
  typeId: uuid("type_id"),
  siteId: uuid("site_id"),
  parentId: uuid("parent_id"),
  criticality: text("criticality").$type<Criticality>().notNull().default("B"),
  mode: text("mode").$type<AssetMode>().notNull().default("in-service"),
  modeUntilUs: us("mode_until_us"),
  installedAtUs: us("installed_at_us"),
  downtimeCostPerHour: doublePrecision("downtime_cost_per_hour"),
  repairCost: doublePrecision("repair_cost"),
  failureCost: doublePrecision("failure_cost"),
  createdAtUs: us("created_at_us").notNull(),
  version: integer("version").notNull().default(1),
});

export const sensors = pgTable("sensors", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  assetId: uuid("asset_id").notNull(),
  name: text("name").notNull(),
  label: text("label").notNull(),
  unit: text("unit").notNull().default(""),
  kind: text("kind").$type<SeriesKind>().notNull().default("numeric"),
  decimals: integer("decimals").notNull().default(2),
  lowCritical: doublePrecision("low_critical"),
  lowWarning: doublePrecision("low_warning"),
  highWarning: doublePrecision("high_warning"),
  highCritical: doublePrecision("high_critical"),
  version: integer("version").notNull().default(1),
});

export const series = pgTable("series", {
  tenantId: tenantId(),
  seriesNo: integer("series_no").notNull(),
  measurement: text("measurement").notNull(),
  tags: jsonb("tags").$type<Tags>().notNull(),
  field: text("field").notNull(),
  kind: text("kind").$type<SeriesKind>().notNull(),
  sourceId: uuid("source_id").notNull(),
  deviceKey: text("device_key").notNull(),
  assetKey: text("asset_key"),
  sensorName: text("sensor_name").notNull(),
  firstAtUs: us("first_at_us").notNull(),
  status: text("status").$type<SeriesStatus>().notNull().default("inbox"),
  sensorId: uuid("sensor_id"),
  mappedFromUs: us("mapped_from_us"),
  framedZone: text("framed_zone"),
  version: integer("version").notNull().default(1),
});

export const quarantine = pgTable("quarantine", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  sourceId: uuid("source_id").notNull(),
  receivedAtUs: us("received_at_us").notNull(),
  lineNo: integer("line_no").notNull(),
  column: integer("column_no").notNull(),
  reason: text("reason").notNull(),
  line: text("line").notNull(),
  dialect: text("dialect").$type<Dialect>(),
  precision: text("precision").$type<Precision>(),
  isCut: boolean("is_cut").notNull().default(false),
});
