import type { Nouns } from "./nouns.ts";

/** How the isolation test of the pages uses one of them. */
export type PageCase = {
  readonly id?: keyof Nouns;
  /** Fields of the form; `own` may be foreign or invented ids as well. */
  readonly form?: (own: Nouns, unique: string) => Record<string, string>;
  readonly query?: (own: Nouns) => string;
  /** True for what can be done only once, so that it needs fresh things. */
  readonly once?: boolean;
  /** Other answers to the owner that are right. */
  readonly alsoFine?: readonly number[];
};

const rule = (own: Nouns, unique: string) => ({
  ...{ name: unique, scope: `sensor:${own.sensor}`, op: "above", threshold: "1000000" },
  ...{ hold_minutes: "1", severity: "info", clear: "1000000", enabled: "on" },
});

/** Pages that need somebody signed in, by method and path. */
export const PAGE_CASES: Readonly<Record<string, PageCase>> = {
  "GET /": {},
  "GET /assets": { query: (own) => `branch=${own.asset}` },
  "GET /assets/:id": { id: "asset" },
  "POST /assets/:id/costs": {
    id: "asset",
    form: () => ({ repair_cost: "100", criticality: "A", mode: "in-service" }),
  },
  "GET /sensors/:id": { id: "sensor" },
  "GET /explore": { query: (own) => `s=${own.sensor}&s=${own.series}&range=7d&view=table` },
  "GET /explore/found": { query: (own) => `s=${own.sensor}&q=${own.asset}` },
  "GET /explore/readings": { query: (own) => `s=${own.sensor}&range=7d&as=csv` },
  "GET /predictions": {},
  "GET /predictions/:id": { id: "prediction" },
  "GET /models": {},
  "GET /models/:id": { id: "model" },
  "GET /alarms": {},
  "GET /alarms/:id": { id: "alert" },
  "POST /alarms/:id/acknowledgement": { id: "alert", once: true, form: () => ({}) },
  "POST /alarms/:id/closure": { id: "alert", once: true, form: () => ({ comment: "done" }) },
  "POST /alarms/acknowledgement": { once: true, form: (own) => ({ alarm: own.alert }) },
  "GET /rules": {},
  "GET /rules/new": {},
  "GET /rules/:id": { id: "rule" },
  "POST /rules": { form: rule },
  "POST /rules/:id": { id: "rule", form: rule },
  "POST /rules/:id/removal": { id: "rule", once: true, form: () => ({}) },
  "GET /work": {},
  "GET /work/new": { query: (own) => `asset=${own.asset}&alert=${own.alert}` },
  "GET /work/:id": { id: "work" },
  "GET /work/:id/close": { id: "work" },
  "POST /work/:id/close": {
    id: "work",
    once: true,
    form: (own) => ({ finding: "failure", failure_mode_id: own.mode }),
  },
  "POST /work": { form: (own, unique) => ({ asset_id: own.asset, title: unique }) },
  "POST /work/:id": { id: "work", form: (_own, unique) => ({ title: unique, priority: "high" }) },
  "GET /jobs": {},
  "POST /jobs/:id/runs": {},
  "GET /ingest": {},
  "GET /ingest/sources/:id": { id: "source" },
  "POST /ingest/sources/:id/sample-rate": {
    id: "source",
    form: () => ({ sample_rate_hz: "25600" }),
  },
  "GET /ingest/inbox": { query: () => "asset={asset}&sensor={sensor}" },
  "GET /ingest/quarantine": { query: (own) => `source=${own.source}` },
  "POST /ingest/mapping-rules": {
    form: (own) => ({ source: own.source, act: "drop:field", name: "nobody sends it" }),
  },
  "POST /ingest/mapping-rules/:id/removal": { id: "mappingRule", once: true, form: () => ({}) },
  "POST /ingest/quarantine/replays": { form: (own) => ({ id: own.quarantine }) },
  "POST /ingest/quarantine/removals": { once: true, form: (own) => ({ id: own.quarantine }) },
  "POST /ingest/inbox/adoption": { form: (own) => ({ series: String(own.series) }) },
  "POST /ingest/inbox/ignored": { form: (own) => ({ series: String(own.series) }) },
  "POST /ingest/inbox/released": { form: (own) => ({ series: String(own.series) }) },
  // The pattern fits nothing, so that what waits stays for the other cases.
  "POST /ingest/inbox/placements": {
    form: (_own, unique) => ({ asset: `{${unique}}`, sensor: "{sensor}" }),
    alsoFine: [422],
  },
  "POST /ingest/placement-rules": {
    form: (_own, unique) => ({ asset: `{${unique}}`, sensor: "{sensor}" }),
  },
  "POST /ingest/placement-rules/:id/removal": {
    id: "placementRule",
    once: true,
    form: () => ({}),
  },
  "GET /ingest/uploads": {},
  "GET /ingest/tokens": {},
  "POST /ingest/tokens": { form: (_own, unique) => ({ name: unique, scope: "read" }) },
  "POST /ingest/tokens/:id/revocation": { id: "key", once: true, form: () => ({}) },
  "GET /admin/users": {},
  "POST /admin/users": {
    form: (_own, unique) => ({
      ...{ name: unique, email: `${unique}@pages.example` },
      ...{ role: "viewer", password: "a long enough password" },
    }),
  },
  "POST /admin/users/:id": { id: "user", form: () => ({ role: "operator" }) },
  "GET /admin/audit": {},
  "GET /admin/line-keys": {},
  "POST /admin/line-keys": { form: (_own, unique) => ({ name: unique }) },
  "POST /admin/line-keys/:id/revocation": { id: "lineKey", once: true, form: () => ({}) },
  "GET /admin/retention": { query: (own) => `sensor=${own.sensor}&q=${own.asset}` },
  "GET /admin/retention/held": { alsoFine: [303] },
  "POST /admin/retention": {
    form: (own) => ({
      ...{ "class-0-name": "default", "class-0-raw": "90", act: "look" },
      ...{ [`type-${own.type}`]: "default", [`sensor-${own.sensor}`]: "default" },
    }),
  },
  "POST /admin/retention/runs": {},
  "GET /admin/system": {},
  "GET /me": {},
  "GET /search": { query: (own) => `q=${own.asset}` },
};

/** Pages with a test of their own: the event stream, uploads, and what ends the session they are used in. */
export const PAGES_APART = ["GET /live", "POST /ingest/uploads", "POST /sign-out", "POST /me"];
