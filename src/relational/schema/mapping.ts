import { integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { LineChange } from "../../domain/mapping-rule.ts";
import { tenantId, us } from "./columns.ts";

export const mappingRules = pgTable("mapping_rules", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  sourceId: uuid("source_id").notNull(),
  measurement: text("measurement"),
  change: jsonb("change").$type<LineChange>().notNull(),
  createdAtUs: us("created_at_us").notNull(),
  createdBy: text("created_by").notNull(),
  version: integer("version").notNull().default(1),
});

export const placementRules = pgTable("placement_rules", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  asset: text("asset").notNull(),
  sensor: text("sensor").notNull(),
  query: text("query"),
  createdAtUs: us("created_at_us").notNull(),
  createdBy: text("created_by").notNull(),
  version: integer("version").notNull().default(1),
});
