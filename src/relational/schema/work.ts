import { boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { TransitionReason } from "../../domain/alert.ts";
import type { AlertEventKind, AlertStatus } from "../../domain/alert-store.ts";
import type { Severity } from "../../domain/rule.ts";
import type { RuleTerms } from "../../domain/rule-store.ts";
import type { Finding, WorkOrder, WorkPriority, WorkStatus } from "../../domain/work-order.ts";
import { tenantId, us } from "./columns.ts";

export const alertRules = pgTable("alert_rules", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  enabled: boolean("enabled").notNull(),
  removed: boolean("removed").notNull().default(false),
  severity: text("severity").$type<Severity>().notNull(),
  op: text("op").$type<"above" | "below">().notNull(),
  threshold: doublePrecision("threshold").notNull(),
  clear: doublePrecision("clear").notNull(),
  holdMs: us("hold_ms").notNull(),
  scopeKind: text("scope_kind").$type<"sensor" | "type">().notNull(),
  scopeSensorId: uuid("scope_sensor_id"),
  scopeTypeId: uuid("scope_type_id"),
  scopeSensorName: text("scope_sensor_name"),
  sequence: us("sequence"),
  framedSeries: integer("framed_series").array(),
  updatedAtUs: us("updated_at_us").notNull(),
  version: integer("version").notNull().default(1),
});

export const alertRuleVersions = pgTable("alert_rule_versions", {
  tenantId: tenantId(),
  ruleId: uuid("rule_id").notNull(),
  version: integer("version").notNull(),
  terms: jsonb("terms").$type<RuleTerms & { name: string; enabled: boolean }>().notNull(),
  sequence: us("sequence"),
  createdAtUs: us("created_at_us").notNull(),
  createdBy: text("created_by").notNull(),
});

export const alerts = pgTable("alerts", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  ruleId: uuid("rule_id").notNull(),
  ruleVersion: integer("rule_version").notNull(),
  ruleName: text("rule_name").notNull(),
  seriesNo: integer("series_no").notNull(),
  sensorId: uuid("sensor_id"),
  assetId: uuid("asset_id"),
  severity: text("severity").$type<Severity>().notNull(),
  status: text("status").$type<AlertStatus>().notNull(),
  op: text("op").$type<"above" | "below">().notNull(),
  threshold: doublePrecision("threshold").notNull(),
  value: doublePrecision("value").notNull(),
  openedSequence: us("opened_sequence").notNull(),
  openedIndex: integer("opened_index").notNull(),
  openedAtUs: us("opened_at_us").notNull(),
  sinceUs: us("since_us").notNull(),
  closedAtUs: us("closed_at_us"),
  closeReason: text("close_reason").$type<TransitionReason>(),
  acknowledgedAtUs: us("acknowledged_at_us"),
  acknowledgedBy: text("acknowledged_by"),
  closeRequestedAtUs: us("close_requested_at_us"),
  version: integer("version").notNull().default(1),
});

export const alertEvents = pgTable("alert_events", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  alertId: uuid("alert_id").notNull(),
  kind: text("kind").$type<AlertEventKind>().notNull(),
  atUs: us("at_us").notNull(),
  by: text("done_by").notNull(),
  text: text("text").notNull(),
});

export const failureModes = pgTable("failure_modes", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  assetTypeId: uuid("asset_type_id"),
  version: integer("version").notNull().default(1),
});

export const workOrders = pgTable("work_orders", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  number: integer("number").notNull(),
  assetId: uuid("asset_id").notNull(),
  title: text("title").notNull(),
  description: text("description").notNull().default(""),
  status: text("status").$type<WorkStatus>().notNull(),
  priority: text("priority").$type<WorkPriority>().notNull().default("normal"),
  origin: text("origin").$type<WorkOrder["origin"]>().notNull(),
  alertId: uuid("alert_id"),
  predictionId: uuid("prediction_id"),
  externalKey: text("external_key"),
  uploadId: uuid("upload_id"),
  assignee: text("assignee"),
  plannedAtUs: us("planned_at_us"),
  startedAtUs: us("started_at_us"),
  completedAtUs: us("completed_at_us"),
  finding: text("finding").$type<Finding>(),
  failureModeId: uuid("failure_mode_id"),
  foundAtUs: us("found_at_us"),
  hours: doublePrecision("hours"),
  cost: doublePrecision("cost"),
  notes: text("notes").notNull().default(""),
  createdAtUs: us("created_at_us").notNull(),
  createdBy: text("created_by").notNull(),
  version: integer("version").notNull().default(1),
});
