import type { AssetUrls } from "../../views/shell.ts";
import type { Caller } from "../domain/access.ts";
import type { DemoView } from "../domain/demo-view.ts";
import type { EngineStats } from "../domain/engine.ts";
import type { ImportKind } from "../domain/import.ts";
import type { JobName } from "../domain/job-work.ts";
import type { LineMapping } from "../domain/mapping-rule.ts";
import type { ListenerState } from "../domain/operation.ts";
import type { ReplayQuarantine } from "../domain/quarantine.ts";
import type { ReadingReads } from "../domain/reading-store.ts";
import type { Relational } from "../domain/relational.ts";
import type { RetentionService } from "../domain/retention.ts";
import type { Upload } from "../domain/upload.ts";
import type { Clock } from "../lib/clock.ts";
import type { LiveHub } from "../lib/live-hub.ts";
import type { SilentAfter } from "./silence.ts";

/** Newest reading of a series, from shared memory; undefined when it has none. */
export type LastValues = (
  seriesNo: number,
) => { readonly atUs: number; readonly value: number } | undefined;

/** What the pages are given; `app.ts` fills it. */
export type WebDeps = {
  readonly stores: Relational;
  readonly readings: ReadingReads;
  readonly lastValue: LastValues;
  readonly clock: Clock;
  readonly live: LiveHub;
  readonly assetUrls: AssetUrls;
  /** Tells the log what it has not been told of; resolves once it took effect. */
  readonly tellLog: () => Promise<void>;
  readonly runJob: (tenantId: string, job: JobName, by: string) => Promise<string>;
  readonly nextRunUs: (job: JobName, zone: string) => number;
  /** Keeps an uploaded file and imports it. */
  readonly importLater: (request: {
    readonly tenantId: string;
    readonly name: string;
    readonly bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
    readonly kind: ImportKind | undefined;
    readonly zone: string | undefined;
    readonly by: Caller;
  }) => Promise<Upload>;
  readonly replayQuarantine: ReplayQuarantine;
  readonly lineMapping: LineMapping;
  readonly engineStats: () => Promise<EngineStats>;
  /** Line protocol beside HTTP: its listeners with their counters. */
  readonly listeners: () => readonly ListenerState[];
  readonly retention: RetentionService;
  /** Free bytes of the data folder's disk, and the floor below which writes are refused. */
  readonly disk: () => Promise<{ readonly freeBytes: number; readonly floorBytes: number }>;
  readonly maxUploadBytes: number;
  /** How long each series of a tenant may send nothing before it counts as silent. */
  readonly silence: (tenantId: string, seriesNos: readonly number[]) => Promise<SilentAfter>;
  /** Readings a second that a tenant's sources sent over the last two hours. */
  readonly rates: (tenantId: string) => {
    readonly atUs: readonly number[];
    readonly perS: readonly number[];
  };
  /** The same of one source. */
  readonly sourceRates: (sourceId: string) => {
    readonly atUs: readonly number[];
    readonly perS: readonly number[];
  };
  /** Line at the foot of the navigation: version, or the demo plant. */
  readonly footLine: (tenantId: string) => string;
  /** The demo plant that this server keeps, if it does; it shows how far it is and its proof. */
  readonly demo: () => DemoView | undefined;
  /** Random text for form keys. */
  readonly randomKey: () => string;
};
