import type { AlertStore } from "./alert-store.ts";
import type { ApiKeyStore } from "./api-key.ts";
import type { AssetStore } from "./asset.ts";
import type { AssetTypeStore } from "./asset-type.ts";
import type { AuditStore } from "./audit.ts";
import type { ConnectorStore } from "./connector-store.ts";
import type { FailureModeStore } from "./failure-mode.ts";
import type { FeatureStore } from "./feature-store.ts";
import type { JobRunStore } from "./job.ts";
import type { LineKeyStore } from "./line-key.ts";
import type { MappingRuleStore } from "./mapping-rule.ts";
import type { ModelStore } from "./model-store.ts";
import type { PlacementRuleStore } from "./placement-rule.ts";
import type { PredictionStore } from "./prediction-store.ts";
import type { QuarantineStore } from "./quarantine.ts";
import type { RelationalBatch } from "./reading.ts";
import type { Severity } from "./rule.ts";
import type { RuleStore } from "./rule-store.ts";
import type { SensorStore } from "./sensor.ts";
import type { SeriesStore } from "./series-store.ts";
import type { SessionStore } from "./session.ts";
import type { SecretStore, SettingsStore } from "./settings.ts";
import type { SiteStore } from "./site.ts";
import type { SourceStore } from "./source.ts";
import type { TenantStore } from "./tenant.ts";
import type { UploadStore } from "./upload.ts";
import type { UserStore } from "./user.ts";
import type { WorkOrderStore } from "./work-order.ts";

/** Every store of the relational database. */
export type Stores = {
  readonly tenants: TenantStore;
  readonly users: UserStore;
  readonly sessions: SessionStore;
  readonly apiKeys: ApiKeyStore;
  readonly lineKeys: LineKeyStore;
  readonly sites: SiteStore;
  readonly assetTypes: AssetTypeStore;
  readonly assets: AssetStore;
  readonly sensors: SensorStore;
  readonly sources: SourceStore;
  readonly quarantine: QuarantineStore;
  readonly mappingRules: MappingRuleStore;
  readonly placementRules: PlacementRuleStore;
  readonly series: SeriesStore;
  readonly rules: RuleStore;
  readonly alerts: AlertStore;
  readonly work: WorkOrderStore;
  readonly failureModes: FailureModeStore;
  readonly features: FeatureStore;
  readonly predictions: PredictionStore;
  readonly models: ModelStore;
  readonly jobRuns: JobRunStore;
  readonly uploads: UploadStore;
  readonly connectors: ConnectorStore;
  readonly audit: AuditStore;
  readonly settings: SettingsStore;
  readonly secrets: SecretStore;
};

export type AlertChange = {
  readonly tenantId: string;
  readonly alertId: string;
  readonly severity: Severity;
  readonly assetId: string | undefined;
};

/** What applying a batch changed, for frames and live pages. */
export type BatchApplied = {
  /** The cursor now. */
  readonly sequence: number;
  /** False when the batch lay at or before the cursor: nothing was done. */
  readonly applied: boolean;
  readonly opened: readonly AlertChange[];
  readonly closed: readonly AlertChange[];
  /** New series that feed a sensor now; then ask for unframed zones and rules. */
  readonly mapped: readonly { tenantId: string; seriesNo: number; assetId: string }[];
  /** New series that wait in the inbox. */
  readonly inbox: readonly { tenantId: string; seriesNo: number }[];
};

/** Something that other nodes or open pages may want to show anew. */
export type ChangeNotice = {
  readonly tenantId: string;
  /** Noun: "alert", "asset", "series", "work", "rule", … */
  readonly noun: string;
  readonly id: string;
};

/** Counts for `foresight inspect`. */
export type RelationalCounts = {
  readonly tenantId: string;
  readonly tenantNo: number;
  readonly series: number;
  readonly assets: number;
  readonly alerts: number;
  readonly alertsActive: number;
  readonly workOrders: number;
  readonly quarantined: number;
};

/** Connection settings for a driver that takes host, port, user, password and database, or a URL. */
export type ConnectionSettings =
  | {
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly database: string;
    }
  | { readonly connectionString: string };

/** Runs SQL as the owner of the tables, for the job queue, which keeps tables of its own. */
export type SqlRunner = {
  // biome-ignore lint/suspicious/noExplicitAny: rows are what the queue's own statements select
  executeSql(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
};

export type Relational = Stores & {
  readonly connectionSettings: ConnectionSettings;
  readonly sql: SqlRunner;
  /** The sequence that has been applied. */
  cursor(): Promise<number>;
  /** Applies what the fold handed over, whole or not at all; see `BatchApplied`. */
  applyBatch(batch: RelationalBatch): Promise<BatchApplied>;
  counts(): Promise<readonly RelationalCounts[]>;
  /** Removes ended sessions, links and idempotency keys; returns how many. For once an hour. */
  sweep(): Promise<number>;
  /** Calls back for every committed change, of this process or another. Returns how to end it. */
  onChange(listener: (notice: ChangeNotice) => void): Promise<() => Promise<void>>;
  /** "up", or "down" while the database is away and is being brought back. */
  state(): "up" | "down";
  close(): Promise<void>;
};
