import { boolean, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { Actor } from "../../domain/actor.ts";
import type { UploadError, UploadKind, UploadStatus } from "../../domain/upload.ts";
import { bytea, tenantId, us } from "./columns.ts";

export const uploads = pgTable("uploads", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  kind: text("kind").$type<UploadKind>().notNull(),
  status: text("status").$type<UploadStatus>().notNull(),
  blobKey: text("blob_key").notNull(),
  sizeBytes: us("size_bytes").notNull(),
  sha256: text("sha256").notNull(),
  rows: us("rows").notNull().default(0),
  rowsTaken: us("rows_taken").notNull().default(0),
  rowsRefused: us("rows_refused").notNull().default(0),
  errors: jsonb("errors").$type<readonly UploadError[]>().notNull().default([]),
  failure: text("failure"),
  createdAtUs: us("created_at_us").notNull(),
  createdBy: text("created_by").notNull(),
  finishedAtUs: us("finished_at_us"),
});

export const connectors = pgTable("connectors", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  name: text("name").notNull(),
  plugin: text("plugin").notNull(),
  settings: jsonb("settings").$type<unknown>().notNull(),
  sourceId: uuid("source_id").notNull(),
  enabled: boolean("enabled").notNull().default(true),
  version: integer("version").notNull().default(1),
});

export const checkpoints = pgTable("checkpoints", {
  tenantId: tenantId(),
  key: text("key").notNull(),
  checkpoint: text("checkpoint").notNull(),
  savedAtUs: us("saved_at_us").notNull(),
});

export const settings = pgTable("settings", {
  tenantId: tenantId(),
  name: text("name").notNull(),
  value: jsonb("value").$type<unknown>().notNull(),
  version: integer("version").notNull().default(1),
});

export const secrets = pgTable("secrets", {
  tenantId: tenantId(),
  name: text("name").notNull(),
  box: bytea("box").notNull(),
  setAtUs: us("set_at_us").notNull(),
});

export const auditLog = pgTable("audit_log", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  atUs: us("at_us").notNull(),
  actorKind: text("actor_kind").$type<Actor["kind"]>().notNull(),
  actorId: text("actor_id").notNull(),
  actorName: text("actor_name").notNull(),
  cameFrom: text("came_from").notNull(),
  action: text("action").notNull(),
  nounId: text("noun_id").notNull(),
  before: jsonb("before").$type<unknown>(),
  after: jsonb("after").$type<unknown>(),
});

export const idempotencyKeys = pgTable("idempotency_keys", {
  tenantId: tenantId(),
  actorId: text("actor_id").notNull(),
  key: text("key").notNull(),
  requestHash: text("request_hash").notNull(),
  answer: jsonb("answer").$type<unknown>(),
  createdAtUs: us("created_at_us").notNull(),
});
