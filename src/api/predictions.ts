import { Type } from "@sinclair/typebox";
import type { JobRunStore } from "../domain/job.ts";
import { JOB_NAMES, type JobName } from "../domain/job-work.ts";
import type { ModelStore } from "../domain/model-store.ts";
import type { PredictionStore } from "../domain/prediction-store.ts";
import { type Route, route } from "../domain/route.ts";
import { json } from "../lib/reply.ts";
import { changeOf, found, one, oneOf, optional, TENANT, TENANT_AND_ID, text } from "./api-route.ts";

export type PredictionsDeps = {
  readonly predictions: PredictionStore;
  readonly models: ModelStore;
  readonly jobRuns: JobRunStore;
  /** Starts a job for the caller's tenant; resolves with the run's id. */
  readonly runJob: (tenantId: string, job: JobName, by: string) => Promise<string>;
};

const read = { surface: "api", permission: "plant:read", method: "GET" } as const;
const run = { surface: "api", permission: "model:run", method: "POST" } as const;

/** Predictions, health, the model registry and the jobs that make them. */
export function predictionsRoutes(deps: PredictionsDeps): Route[] {
  return [...predictions(deps), ...models(deps), ...jobs(deps)];
}

function predictions({ predictions }: PredictionsDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/predictions/:tenantId",
      summary: "The newest prediction of every asset, or one asset's history.",
      params: TENANT,
      query: Type.Object({ assetId: optional(Type.String()) }),
      handle: async ({ caller, query }) => {
        const items = query.assetId
          ? await predictions.history(caller, query.assetId)
          : await predictions.latest(caller);
        return json({ items });
      },
    }),
    route({
      ...read,
      path: "/api/v1/predictions/:tenantId/:id",
      summary: "One prediction with its evidence.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        json(found(await predictions.get(caller, params.id), "prediction", params.id)),
    }),
    route({
      ...read,
      path: "/api/v1/health/:tenantId",
      summary: "Health of every asset with the parts that were taken off, or one asset's history.",
      params: TENANT,
      query: Type.Object({ assetId: optional(Type.String()) }),
      handle: async ({ caller, query }) => {
        const items = query.assetId
          ? await predictions.healthHistory(caller, query.assetId)
          : await predictions.latestHealth(caller);
        return json({ items });
      },
    }),
  ];
}

function models({ models }: PredictionsDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/models/:tenantId",
      summary: "The registry, newest first.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await models.list(caller) }),
    }),
    route({
      ...read,
      path: "/api/v1/models/:tenantId/:id",
      summary: "One model with metrics, importance and hash.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await models.get(caller, params.id), "model", params.id)),
    }),
    route({
      ...run,
      path: "/api/v1/models/:tenantId/:id/promotion",
      summary: "Makes a model champion; says why.",
      params: TENANT_AND_ID,
      body: Type.Object({ reason: text(1000) }),
      handle: async (c) =>
        one(await models.promote(c.caller, c.params.id, c.body.reason, changeOf(c))),
    }),
  ];
}

function jobs({ jobRuns, runJob }: PredictionsDeps): Route[] {
  return [
    route({
      ...read,
      path: "/api/v1/job-runs/:tenantId",
      summary: "Runs of jobs, newest first.",
      params: TENANT,
      query: Type.Object({
        job: optional(text()),
        limit: optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      }),
      handle: async ({ caller, query }) => json({ items: await jobRuns.list(caller, query) }),
    }),
    route({
      ...read,
      path: "/api/v1/job-runs/:tenantId/:id",
      summary: "One run.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        json(found(await jobRuns.get(caller, params.id), "job run", params.id)),
    }),
    route({
      ...run,
      path: "/api/v1/job-runs/:tenantId",
      summary: "Runs a job now.",
      params: TENANT,
      body: Type.Object({ job: oneOf(JOB_NAMES) }),
      handle: async ({ caller, body }) =>
        json({ id: await runJob(caller.tenantId, body.job, caller.name) }, 202),
    }),
  ];
}
