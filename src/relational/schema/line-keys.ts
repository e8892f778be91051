import { integer, pgTable, text, uuid } from "drizzle-orm/pg-core";
import { tenantId, us } from "./columns.ts";

export const lineKeys = pgTable("line_keys", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  keyId: text("key_id").notNull(),
  name: text("name").notNull(),
  sourceId: uuid("source_id").notNull(),
  x: text("x").notNull(),
  y: text("y").notNull(),
  createdAtUs: us("created_at_us").notNull(),
  lastUsedAtUs: us("last_used_at_us"),
  revokedAtUs: us("revoked_at_us"),
  version: integer("version").notNull().default(1),
});
