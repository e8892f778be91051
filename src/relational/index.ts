import { existsSync } from "node:fs";
import { AppError } from "../domain/error.ts";
import type { Relational, Stores } from "../domain/relational.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { SecretBox } from "../lib/secret-box.ts";
import { createAlertStore } from "./alert-store.ts";
import { createApiKeyStore } from "./api-key-store.ts";
import { applyBatch, readCursor } from "./apply-batch.ts";
import { createAssetStore } from "./asset-store.ts";
import { createAssetTypeStore } from "./asset-type-store.ts";
import { createAuditStore } from "./audit-store.ts";
import { listenForChanges } from "./change-listener.ts";
import { createConnectorStore } from "./connector-store.ts";
import { countAll } from "./counts.ts";
import { createDatabase, type Database } from "./database.ts";
import { readPostmaster, whoHas } from "./embedded/postmaster-file.ts";
import { type EmbeddedDeps, pgDataOf, startEmbedded } from "./embedded/server.ts";
import { socketFolder, socketPath } from "./embedded/socket-folder.ts";
import { createFailureModeStore } from "./failure-mode-store.ts";
import { createFeatureStore } from "./feature-store.ts";
import { createJobRunStore } from "./job-run-store.ts";
import { keepList } from "./kept-list.ts";
import { createLineKeyStore } from "./line-key-store.ts";
import { createMappingRuleStore } from "./mapping-rule-store.ts";
import { migrate } from "./migrate.ts";
import { createModelStore } from "./model-store.ts";
import { createPlacementRuleStore } from "./placement-rule-store.ts";
import { connectionSettings, openPool, type Place } from "./pool.ts";
import { createPredictionStore } from "./prediction-store.ts";
import { createQuarantineStore } from "./quarantine-store.ts";
import { createRuleStore } from "./rule-store.ts";
import { createSensorStore } from "./sensor-store.ts";
import { createSeriesStore } from "./series-store.ts";
import { createSessionStore } from "./session-store.ts";
import { createSecretStore, createSettingsStore } from "./settings-store.ts";
import { createSiteStore } from "./site-store.ts";
import { createSourceStore } from "./source-store.ts";
import { sweepKeys } from "./sweep.ts";
import { createTenantStore } from "./tenant-store.ts";
import { createUploadStore } from "./upload-store.ts";
import { createUserStore } from "./user-store.ts";
import { createWorkOrderStore } from "./work-order-store.ts";

export { runPgGuard } from "./embedded/guard.ts";

export type RelationalDeps = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  readonly randomBytes: (count: number) => Uint8Array;
  readonly secretBox: SecretBox;
  /** Refused lines that are kept for each source. */
  readonly quarantineRows: number;
  readonly place:
    | { readonly kind: "server"; readonly url: string }
    /** A PostgreSQL of our own, started here. The caller holds the data folder's lock. */
    | ({ readonly kind: "embedded" } & Omit<EmbeddedDeps, "clock" | "logger">)
    /** The one that a running server of this data folder has started. */
    | { readonly kind: "attached"; readonly dataFolder: string; readonly tempFolder: string };
};

/**
 * Opens the relational store: starts PostgreSQL where it is ours, brings the schema up to date, and gives
 * all stores.
 * @throws AppError "unavailable" with the reason when the database cannot be used.
 */
export async function openRelational(deps: RelationalDeps): Promise<Relational> {
  const server =
    deps.place.kind === "embedded"
      ? await startEmbedded({ ...deps.place, clock: deps.clock, logger: deps.logger })
      : undefined;
  try {
    const place = placeOf(deps.place, server?.socketFolder);
    const settings = connectionSettings(place);
    const pool = await openPool(place, deps.logger);
    const ran = deps.place.kind === "attached" ? [] : await migrate(pool);
    if (ran.length > 0) deps.logger.info("database schema is up to date", { ran: ran.join(" ") });
    const db = createDatabase({ ...deps, pool });
    const stores = createStores(db, deps.secretBox);
    let closing: Promise<void> | undefined;
    const listeners = new Set<() => Promise<void>>();
    const close = async () => {
      for (const end of listeners) await end();
      await pool.end();
      await server?.stop();
    };
    return {
      ...stores,
      connectionSettings: settings,
      sql: { executeSql: (text, values) => pool.query(text, values) },
      cursor: () => readCursor(db),
      applyBatch: (batch) => applyBatch({ ...deps, db }, batch),
      counts: () => countAll(db),
      sweep: async () => (await stores.sessions.sweep()) + (await sweepKeys(db)),
      onChange: async (listener) => {
        const end = await listenForChanges({ ...deps, settings }, (notice) => {
          db.revisions.bump(notice.tenantId); // another process may have made the change
          listener(notice);
        });
        listeners.add(end);
        return end;
      },
      state: () => server?.state() ?? "up",
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

function placeOf(place: RelationalDeps["place"], ownSocket: string | undefined): Place {
  switch (place.kind) {
    case "server":
      return place;
    case "embedded":
      return { kind: "socket", folder: ownSocket ?? "" };
    case "attached": {
      const folder = socketFolder(place.dataFolder, place.tempFolder);
      if (existsSync(socketPath(folder))) return { kind: "socket", folder };
      throw new AppError(
        "unavailable",
        `${place.dataFolder}: its database is not running; try again when the server is up`,
      );
    }
  }
}

/** Whether a PostgreSQL runs on the data folder, of this or another process. */
export function isEmbeddedRunning(dataFolder: string): boolean {
  const pgData = pgDataOf(dataFolder);
  const found = readPostmaster(pgData);
  return found !== undefined && whoHas(found.pid, pgData) === "postgres";
}

function createStores(db: Database, box: SecretBox): Stores {
  const [assets, sensors, series] = [
    createAssetStore(db),
    createSensorStore(db),
    createSeriesStore(db),
  ];
  const mapped = keepList(db, (who) => series.mapped(who));
  return {
    tenants: createTenantStore(db),
    users: createUserStore(db),
    sessions: createSessionStore(db),
    apiKeys: createApiKeyStore(db),
    lineKeys: createLineKeyStore(db),
    sites: createSiteStore(db),
    assetTypes: createAssetTypeStore(db),
    assets: { ...assets, all: keepList(db, assets.all) },
    sensors: { ...sensors, all: keepList(db, sensors.all) },
    sources: createSourceStore(db),
    quarantine: createQuarantineStore(db),
    mappingRules: createMappingRuleStore(db),
    placementRules: createPlacementRuleStore(db),
    series: {
      ...series,
      mapped: (who, of) => (of === undefined ? mapped(who) : series.mapped(who, of)),
    },
    rules: createRuleStore(db),
    alerts: createAlertStore(db),
    work: createWorkOrderStore(db),
    failureModes: createFailureModeStore(db),
    features: createFeatureStore(db),
    predictions: createPredictionStore(db),
    models: createModelStore(db),
    jobRuns: createJobRunStore(db),
    uploads: createUploadStore(db),
    connectors: createConnectorStore(db),
    audit: createAuditStore(db),
    settings: createSettingsStore(db),
    secrets: createSecretStore(db, box),
  };
}
