import { Type } from "@sinclair/typebox";
import { ASSET_MODES, type AssetStore, CRITICALITIES } from "../domain/asset.ts";
import type { AssetTypeStore } from "../domain/asset-type.ts";
import { type Route, route } from "../domain/route.ts";
import type { SensorStore } from "../domain/sensor.ts";
import type { SiteStore } from "../domain/site.ts";
import { empty, json } from "../lib/reply.ts";
import {
  changeOf,
  found,
  one,
  oneOf,
  optional,
  PAGING,
  partial,
  TENANT,
  TENANT_AND_ID,
  text,
} from "./api-route.ts";

export type AssetsDeps = {
  readonly assets: AssetStore;
  readonly assetTypes: AssetTypeStore;
  readonly sensors: SensorStore;
  readonly sites: SiteStore;
};

const LIMITS = Type.Object({
  lowCritical: optional(Type.Number()),
  lowWarning: optional(Type.Number()),
  highWarning: optional(Type.Number()),
  highCritical: optional(Type.Number()),
});

const ASSET_FIELDS = {
  name: optional(text()),
  typeId: optional(Type.String()),
  siteId: optional(Type.String()),
  parentId: optional(Type.String()),
  criticality: optional(oneOf(CRITICALITIES)),
  mode: optional(oneOf(ASSET_MODES)),
  modeUntilUs: optional(Type.Number()),
  installedAtUs: optional(Type.Number()),
  downtimeCostPerHour: optional(Type.Number({ minimum: 0 })),
  repairCost: optional(Type.Number({ minimum: 0 })),
  failureCost: optional(Type.Number({ minimum: 0 })),
};

const TYPE_FIELDS = {
  clockUnit: optional(text(20)),
  clockStepUs: optional(Type.Number({ minimum: 1_000_000 })),
  horizonSteps: optional(Type.Integer({ minimum: 1 })),
  settingsSignals: optional(Type.Array(text())),
  defaultLimits: optional(Type.Record(Type.String(), LIMITS)),
};

const SENSOR_FIELDS = {
  label: optional(text()),
  unit: optional(Type.String({ maxLength: 20 })),
  decimals: optional(Type.Integer({ minimum: 0, maximum: 12 })),
  limits: optional(LIMITS),
};

const read = { surface: "api", permission: "plant:read" } as const;
const write = { surface: "api", permission: "asset:write" } as const;

/** Sites, asset types, assets and sensors. */
export function assetsRoutes(deps: AssetsDeps): Route[] {
  return [...assets(deps), ...sensors(deps), ...types(deps), ...sites(deps)];
}

function assets(deps: AssetsDeps): Route[] {
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/assets/:tenantId",
      summary: "Assets by name; `branch` names an asset with everything below it.",
      params: TENANT,
      query: Type.Object({
        ...PAGING,
        query: optional(text()),
        typeId: optional(Type.String()),
        siteId: optional(Type.String()),
        criticality: optional(oneOf(CRITICALITIES)),
        branch: optional(Type.String()),
      }),
      handle: async ({ caller, query }) => json(await deps.assets.list(caller, query)),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/assets/:tenantId",
      summary: "Makes an asset.",
      params: TENANT,
      body: Type.Object({ key: text(), ...ASSET_FIELDS }),
      handle: async (c) => one(await deps.assets.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/assets/:tenantId/:id",
      summary: "One asset.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await deps.assets.get(caller, params.id), "asset", params.id)),
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/assets/:tenantId/:id",
      summary: "Changes an asset; fields left out stay.",
      params: TENANT_AND_ID,
      body: partial(Type.Object({ key: text(), ...ASSET_FIELDS })),
      handle: async (c) =>
        one(await deps.assets.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
    route({
      ...write,
      method: "DELETE",
      path: "/api/v1/assets/:tenantId/:id",
      summary: "Removes an asset that has no sensors, work or assets below it.",
      params: TENANT_AND_ID,
      handle: async (c) => {
        await deps.assets.remove(c.caller, c.params.id, changeOf(c));
        return empty();
      },
    }),
  ];
}

function sensors(deps: AssetsDeps): Route[] {
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/sensors/:tenantId",
      summary: "Sensors of one asset, or of all.",
      params: TENANT,
      query: Type.Object({ assetId: optional(Type.String()) }),
      handle: async ({ caller, query }) => {
        const items = query.assetId
          ? await deps.sensors.ofAsset(caller, query.assetId)
          : await deps.sensors.all(caller);
        return json({ items });
      },
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/sensors/:tenantId",
      summary: "Makes a sensor.",
      params: TENANT,
      body: Type.Object({ assetId: Type.String(), name: text(), ...SENSOR_FIELDS }),
      handle: async (c) => one(await deps.sensors.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/sensors/:tenantId/:id",
      summary: "One sensor.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await deps.sensors.get(caller, params.id), "sensor", params.id)),
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/sensors/:tenantId/:id",
      summary: "Changes a sensor's words, unit or limits.",
      params: TENANT_AND_ID,
      body: Type.Object({ name: optional(text()), ...SENSOR_FIELDS }),
      handle: async (c) =>
        one(await deps.sensors.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
  ];
}

function types(deps: AssetsDeps): Route[] {
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/asset-types/:tenantId",
      summary: "Asset types.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await deps.assetTypes.list(caller) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/asset-types/:tenantId",
      summary: "Makes an asset type.",
      params: TENANT,
      body: Type.Object({ name: text(), ...TYPE_FIELDS }),
      handle: async (c) => one(await deps.assetTypes.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/asset-types/:tenantId/:id",
      summary: "One asset type.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await deps.assetTypes.get(caller, params.id), "asset type", params.id)),
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/asset-types/:tenantId/:id",
      summary: "Changes an asset type.",
      params: TENANT_AND_ID,
      body: Type.Object({ name: optional(text()), ...TYPE_FIELDS }),
      handle: async (c) =>
        one(await deps.assetTypes.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
  ];
}

function sites(deps: AssetsDeps): Route[] {
  const body = { name: text(), zone: text(64) };
  return [
    route({
      ...read,
      method: "GET",
      path: "/api/v1/sites/:tenantId",
      summary: "Sites, each with its time zone.",
      params: TENANT,
      handle: async ({ caller }) => json({ items: await deps.sites.list(caller) }),
    }),
    route({
      ...write,
      method: "POST",
      path: "/api/v1/sites/:tenantId",
      summary: "Makes a site.",
      params: TENANT,
      body: Type.Object(body),
      handle: async (c) => one(await deps.sites.create(c.caller, c.body, changeOf(c)), 201),
    }),
    route({
      ...read,
      method: "GET",
      path: "/api/v1/sites/:tenantId/:id",
      summary: "One site.",
      params: TENANT_AND_ID,
      handle: async ({ caller, params }) =>
        one(found(await deps.sites.get(caller, params.id), "site", params.id)),
    }),
    route({
      ...write,
      method: "PATCH",
      path: "/api/v1/sites/:tenantId/:id",
      summary: "Changes a site; another zone makes its day buckets anew.",
      params: TENANT_AND_ID,
      body: partial(Type.Object(body)),
      handle: async (c) => one(await deps.sites.update(c.caller, c.params.id, c.body, changeOf(c))),
    }),
    route({
      ...write,
      method: "DELETE",
      path: "/api/v1/sites/:tenantId/:id",
      summary: "Removes a site where no asset stands.",
      params: TENANT_AND_ID,
      handle: async (c) => {
        await deps.sites.remove(c.caller, c.params.id, changeOf(c));
        return empty();
      },
    }),
  ];
}
