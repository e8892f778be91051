import { boolean, doublePrecision, integer, jsonb, pgTable, text, uuid } from "drizzle-orm/pg-core";
import type { JobStatus, JobTrigger } from "../../domain/job.ts";
import type { ModelStage } from "../../domain/model-store.ts";
import { bytea, tenantId, us } from "./columns.ts";

export const featureSets = pgTable("feature_sets", {
  tenantId: tenantId(),
  id: text("id").notNull(),
  assetTypeId: uuid("asset_type_id").notNull(),
  names: text("names").array().$type<readonly string[]>().notNull(),
  createdAtUs: us("created_at_us").notNull(),
});

export const featureRows = pgTable("feature_rows", {
  tenantId: tenantId(),
  setId: text("set_id").notNull(),
  assetId: uuid("asset_id").notNull(),
  atUs: us("at_us").notNull(),
  step: doublePrecision("step").notNull(),
  values: bytea("values").notNull(),
  coverage: doublePrecision("coverage").notNull(),
  reconstructed: boolean("reconstructed").notNull(),
});

export const modelRegistry = pgTable("model_registry", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  assetTypeId: uuid("asset_type_id").notNull(),
  target: text("target").notNull(),
  learner: text("learner").notNull(),
  number: integer("number").notNull(),
  stage: text("stage").$type<ModelStage>().notNull(),
  metrics: jsonb("metrics").$type<unknown>().notNull(),
  importance: jsonb("importance").$type<unknown>().notNull(),
  settings: jsonb("settings").$type<unknown>().notNull(),
  featureSetId: text("feature_set_id"),
  hash: text("hash").notNull(),
  artifact: bytea("artifact").notNull(),
  sizeBytes: integer("size_bytes").notNull(),
  seed: us("seed").notNull(),
  trainedAtUs: us("trained_at_us").notNull(),
  promotedAtUs: us("promoted_at_us"),
  promotedBy: text("promoted_by"),
  reason: text("reason"),
  version: integer("version").notNull().default(1),
});

export const predictions = pgTable("predictions", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  assetId: uuid("asset_id").notNull(),
  atUs: us("at_us").notNull(),
  modelId: uuid("model_id"),
  fallback: boolean("fallback").notNull(),
  failureChance: doublePrecision("failure_chance"),
  horizonSteps: integer("horizon_steps").notNull(),
  remaining: doublePrecision("remaining"),
  remainingLow: doublePrecision("remaining_low"),
  remainingHigh: doublePrecision("remaining_high"),
  unit: text("unit").notNull(),
  coverage: doublePrecision("coverage").notNull(),
  explanation: jsonb("explanation").$type<unknown>().notNull(),
});

export const healthScores = pgTable("health_scores", {
  tenantId: tenantId(),
  assetId: uuid("asset_id").notNull(),
  atUs: us("at_us").notNull(),
  score: doublePrecision("score").notNull(),
  parts: jsonb("parts").$type<unknown>().notNull(),
});

export const jobRuns = pgTable("job_runs", {
  tenantId: tenantId(),
  id: uuid("id").notNull(),
  job: text("job").notNull(),
  trigger: text("trigger").$type<JobTrigger>().notNull(),
  status: text("status").$type<JobStatus>().notNull(),
  dueAtUs: us("due_at_us").notNull(),
  startedAtUs: us("started_at_us").notNull(),
  finishedAtUs: us("finished_at_us"),
  progress: doublePrecision("progress").notNull().default(0),
  step: text("step").notNull().default(""),
  counts: jsonb("counts").$type<Readonly<Record<string, number>>>().notNull().default({}),
  error: text("error"),
  startedBy: text("started_by").notNull(),
});
