import { type Nouns, READ_AT_US } from "./nouns.ts";

/** How the isolation test uses one route of the table. */
export type RouteCase = {
  /** The noun that `:id` (or `:seriesNo`) names. */
  readonly id?: keyof Nouns;
  /** A body that the owner's request succeeds with; `own` may be foreign or invented ids as well. */
  readonly body?: (own: Nouns, unique: string) => unknown;
  /** Query of a list that filters by a noun. */
  readonly query?: (own: Nouns) => string;
  /**
   * Where the owner sees the effect: a path, relative to /api/v1, and what its text must hold (or, with
   * `gone`, must not hold).
   */
  readonly effect?: (
    own: Nouns,
    tenant: string,
    unique: string,
  ) => { readonly path: string; readonly shows: string; readonly gone?: boolean };
  /** True for what can be done only once, so that each role needs fresh things. */
  readonly once?: boolean;
  /** Other good answers than 2xx to a role that may, such as a refusal by the state of things. */
  readonly alsoFine?: readonly number[];
};

const rule = (own: Nouns, unique: string) => ({
  ...{ name: unique, severity: "info", op: "above", threshold: 1e9, clear: 1e9, holdMs: 0 },
  scope: { kind: "sensor", sensorId: own.sensor },
});

/** Where there are readings to see. */
const RANGE = { fromUs: READ_AT_US - 60_000_000, toUs: READ_AT_US + 60_000_000 };

const shownIn =
  (noun: string, id: keyof Nouns) => (own: Nouns, tenant: string, unique: string) => ({
    path: `/${noun}/${tenant}/${own[id]}`,
    shows: unique,
  });

const listed = (noun: string) => (_own: Nouns, tenant: string, unique: string) => ({
  path: `/${noun}/${tenant}?limit=1000`,
  shows: unique,
});

const inList = (noun: string, id: keyof Nouns) => (own: Nouns, tenant: string) => ({
  path: `/${noun}/${tenant}?limit=1000`,
  shows: String(own[id]),
});

/** Every route of the API below a tenant, by method and path without the version. */
export const ROUTE_CASES: Readonly<Record<string, RouteCase>> = {
  "GET /assets/:tenantId": { query: (own) => `branch=${own.asset}` },
  "POST /assets/:tenantId": {
    body: (own, unique) => ({ key: unique, typeId: own.type, siteId: own.site }),
    effect: listed("assets"),
  },
  "GET /assets/:tenantId/:id": { id: "asset" },
  "PATCH /assets/:tenantId/:id": {
    id: "asset",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("assets", "asset"),
  },
  "DELETE /assets/:tenantId/:id": { id: "asset", once: true, alsoFine: [409] },
  "GET /sensors/:tenantId": { query: (own) => `assetId=${own.asset}` },
  "POST /sensors/:tenantId": {
    body: (own, unique) => ({ assetId: own.asset, name: unique }),
    effect: listed("sensors"),
  },
  "GET /sensors/:tenantId/:id": { id: "sensor" },
  "GET /sensors/:tenantId/:id/readings": { id: "sensor" },
  "PATCH /sensors/:tenantId/:id": {
    id: "sensor",
    body: (_own, unique) => ({ label: unique }),
    effect: shownIn("sensors", "sensor"),
  },
  "GET /asset-types/:tenantId": {},
  "POST /asset-types/:tenantId": {
    body: (_own, unique) => ({ name: unique }),
    effect: listed("asset-types"),
  },
  "GET /asset-types/:tenantId/:id": { id: "type" },
  "PATCH /asset-types/:tenantId/:id": {
    id: "type",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("asset-types", "type"),
  },
  "GET /sites/:tenantId": {},
  "POST /sites/:tenantId": {
    body: (_own, unique) => ({ name: unique, zone: "Europe/Madrid" }),
    effect: listed("sites"),
  },
  "GET /sites/:tenantId/:id": { id: "site" },
  "PATCH /sites/:tenantId/:id": {
    id: "site",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("sites", "site"),
  },
  "DELETE /sites/:tenantId/:id": { id: "site", once: true, alsoFine: [409] },
  "GET /retention/:tenantId": {},
  "PUT /retention/:tenantId": {
    body: (_own, unique) => ({
      classes: ["default", unique].map((name) => ({
        name,
        keepDays: { raw: 90, "5m": 365, "1h": 1825, "1d": null },
      })),
      byAssetType: {},
      bySensor: {},
    }),
    effect: (_own, tenant, unique) => ({
      path: `/retention/${tenant}`,
      shows: unique,
    }),
  },
  "GET /retention/:tenantId/preview": {},
  "POST /retention/:tenantId/preview": {
    body: (own) => ({
      classes: [{ name: "default", keepDays: { raw: 1, "5m": 1, "1h": 1, "1d": null } }],
      byAssetType: { [own.type]: "default" },
      bySensor: { [own.sensor]: "default" },
    }),
  },
  "GET /retention/:tenantId/holdings": {},
  "POST /retention/:tenantId/runs": {},
  "GET /retention/:tenantId/log": {},
  "GET /rules/:tenantId": {},
  "POST /rules/:tenantId": { body: rule, effect: listed("rules") },
  "GET /rules/:tenantId/:id": { id: "rule" },
  "PATCH /rules/:tenantId/:id": {
    id: "rule",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("rules", "rule"),
  },
  "DELETE /rules/:tenantId/:id": {
    id: "rule",
    once: true,
    effect: (own, tenant) => ({
      path: `/rules/${tenant}`,
      shows: own.rule,
      gone: true,
    }),
  },
  "GET /alerts/:tenantId": { query: (own) => `assetId=${own.asset}&ruleId=${own.rule}` },
  "GET /alerts/:tenantId/:id": { id: "alert" },
  "POST /alerts/:tenantId/:id/acknowledgement": {
    id: "alert",
    once: true,
    body: () => ({}),
    effect: (own, tenant) => ({
      path: `/alerts/${tenant}/${own.alert}`,
      shows: '"acknowledged"',
    }),
  },
  "POST /alerts/:tenantId/:id/comments": {
    id: "alert",
    body: (_own, unique) => ({ text: unique }),
    effect: shownIn("alerts", "alert"),
  },
  "POST /alerts/:tenantId/:id/closure": {
    id: "alert",
    once: true,
    body: () => ({}),
    effect: (own, tenant) => ({
      path: `/alerts/${tenant}/${own.alert}`,
      shows: '"close-requested"',
    }),
  },
  "GET /work-orders/:tenantId": { query: (own) => `assetId=${own.asset}` },
  "POST /work-orders/:tenantId": {
    body: (own, unique) => ({ assetId: own.asset, title: unique }),
    effect: listed("work-orders"),
  },
  "GET /work-orders/:tenantId/:id": { id: "work" },
  "PATCH /work-orders/:tenantId/:id": {
    id: "work",
    body: (_own, unique) => ({ title: unique }),
    effect: shownIn("work-orders", "work"),
  },
  "POST /work-orders/:tenantId/:id/status": {
    id: "work",
    once: true,
    body: () => ({ status: "planned" }),
    effect: (own, tenant) => ({ path: `/work-orders/${tenant}/${own.work}`, shows: '"planned"' }),
  },
  "POST /work-orders/:tenantId/:id/close-out": {
    id: "work",
    once: true,
    body: (own, unique) => ({ finding: "failure", failureModeId: own.mode, notes: unique }),
    effect: shownIn("work-orders", "work"),
  },
  "GET /failure-modes/:tenantId": {},
  "POST /failure-modes/:tenantId": {
    body: (own, unique) => ({ name: unique, assetTypeId: own.type }),
    effect: (own, tenant, unique) => ({
      path: `/failure-modes/${tenant}?assetTypeId=${own.type}`,
      shows: unique,
    }),
  },
  "GET /predictions/:tenantId": { query: (own) => `assetId=${own.asset}` },
  "GET /predictions/:tenantId/:id": { id: "prediction" },
  "GET /health/:tenantId": { query: (own) => `assetId=${own.asset}` },
  "GET /models/:tenantId": {},
  "GET /models/:tenantId/:id": { id: "model" },
  "POST /models/:tenantId/:id/promotion": {
    id: "model",
    body: (_own, unique) => ({ reason: unique }),
  },
  "GET /job-runs/:tenantId": {},
  "GET /job-runs/:tenantId/:id": { id: "jobRun" },
  "POST /job-runs/:tenantId": { body: () => ({ job: "score" }) },
  "GET /sources/:tenantId": {},
  "GET /sources/:tenantId/:id": { id: "source" },
  "PATCH /sources/:tenantId/:id": {
    id: "source",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("sources", "source"),
  },
  "GET /inbox/:tenantId": {},
  "POST /inbox/:tenantId/adoptions": {
    body: (own) => ({
      adoptions: [{ seriesNo: own.series, sensorId: own.sensor, fromUs: READ_AT_US }],
    }),
    effect: (own, tenant) => ({
      path: `/inbox/${tenant}?status=adopted&limit=1000`,
      shows: `"seriesNo":${own.series}`,
    }),
  },
  "GET /inbox/:tenantId/placements": { query: () => "asset={asset}&sensor={sensor}" },
  // The query fits nothing, so that what waits stays for the other cases.
  "POST /inbox/:tenantId/placements": {
    body: (_own, unique) => ({ asset: "{asset}", sensor: "{sensor}", query: unique }),
  },
  "POST /inbox/:tenantId/ignored": {
    body: (own) => ({ seriesNos: [own.series] }),
    effect: (own, tenant) => ({
      path: `/inbox/${tenant}?status=ignored&limit=1000`,
      shows: `"seriesNo":${own.series}`,
    }),
  },
  "POST /inbox/:tenantId/released": {
    body: (own) => ({ seriesNos: [own.series] }),
    effect: (own, tenant) => ({
      path: `/inbox/${tenant}?limit=1000`,
      shows: `"seriesNo":${own.series}`,
    }),
  },
  "GET /series/:tenantId": { query: (own) => `assetId=${own.asset}` },
  "GET /series/:tenantId/:seriesNo/readings": {
    id: "series",
    query: () => `fromUs=${RANGE.fromUs}&toUs=${RANGE.toUs}`,
  },
  "POST /query/:tenantId/latest": { body: (own) => ({ seriesNos: [own.series] }) },
  "GET /series/:tenantId/:seriesNo/waveforms": {
    id: "waveform",
    query: () => `fromUs=${RANGE.fromUs}&toUs=${RANGE.toUs}`,
  },
  "GET /series/:tenantId/:seriesNo/waveforms/:atUs": { id: "waveform" },
  "POST /query/:tenantId": { body: (own) => ({ seriesNos: [own.series], ...RANGE }) },
  "GET /placement-rules/:tenantId": {},
  "POST /placement-rules/:tenantId": {
    // The query fits nothing, so that series of the other cases wait as before.
    body: (_own, unique) => ({ asset: `{${unique}}`, sensor: "{sensor}", query: unique }),
    effect: listed("placement-rules"),
  },
  "DELETE /placement-rules/:tenantId/:id": {
    id: "placementRule",
    once: true,
    effect: (own, tenant) => ({
      path: `/placement-rules/${tenant}`,
      shows: own.placementRule,
      gone: true,
    }),
  },
  "GET /mapping-rules/:tenantId": { query: (own) => `sourceId=${own.source}` },
  "POST /mapping-rules/:tenantId": {
    body: (own, unique) => ({
      sourceId: own.source,
      change: { kind: "drop", part: "field", name: unique },
    }),
    effect: listed("mapping-rules"),
  },
  "POST /mapping-rules/:tenantId/previews": {
    body: (own) => ({ sourceId: own.source, change: { kind: "precision", precision: "s" } }),
  },
  "DELETE /mapping-rules/:tenantId/:id": {
    id: "mappingRule",
    once: true,
    effect: (own, tenant) => ({
      path: `/mapping-rules/${tenant}`,
      shows: own.mappingRule,
      gone: true,
    }),
  },
  "GET /quarantine/:tenantId": { query: (own) => `sourceId=${own.source}` },
  "POST /quarantine/:tenantId/replays": {
    body: (own) => ({ ids: [own.quarantine] }),
  },
  "POST /quarantine/:tenantId/removals": {
    once: true,
    body: (own) => ({ ids: [own.quarantine] }),
    effect: (own, tenant) => ({
      path: `/quarantine/${tenant}?limit=1000`,
      shows: own.quarantine,
      gone: true,
    }),
  },
  "GET /api-keys/:tenantId": {},
  "POST /api-keys/:tenantId": {
    body: (own, unique) => ({ name: unique, scope: "write", sourceId: own.source }),
    effect: listed("api-keys"),
  },
  "POST /api-keys/:tenantId/:id/revocation": {
    id: "key",
    once: true,
    effect: inList("api-keys", "key"),
  },
  "GET /line-keys/:tenantId": {},
  "POST /line-keys/:tenantId": {
    body: (own, unique) => ({ name: unique, sourceId: own.source }),
    effect: listed("line-keys"),
  },
  "POST /line-keys/:tenantId/public": {
    // The generator of P-256 (SEC 2, 2.4.2), in base64url.
    body: (own, unique) => ({
      ...{ name: unique, sourceId: own.source },
      x: "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
      y: "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    }),
    effect: listed("line-keys"),
  },
  "POST /line-keys/:tenantId/:id/revocation": {
    id: "lineKey",
    once: true,
    effect: inList("line-keys", "lineKey"),
  },
  "GET /users/:tenantId": {},
  "POST /users/:tenantId": {
    body: (_own, unique) => ({
      ...{ email: `${unique}@example.com`, name: unique },
      ...{ role: "viewer", password: "a long enough password" },
    }),
    effect: listed("users"),
  },
  "GET /users/:tenantId/:id": { id: "user" },
  "PATCH /users/:tenantId/:id": {
    id: "user",
    body: (_own, unique) => ({ name: unique }),
    effect: shownIn("users", "user"),
  },
  "PUT /users/:tenantId/:id/password": {
    id: "user",
    body: () => ({ password: "another long password" }),
  },
  "GET /audit/:tenantId": {},
  "GET /system/:tenantId": {},
};
