import { adminRoutes } from "./api/admin.ts";
import { alertsRoutes } from "./api/alerts.ts";
import { assetsRoutes } from "./api/assets.ts";
import { ingestRoutes } from "./api/ingest.ts";
import { lineKeyRoutes } from "./api/line-keys.ts";
import { lineProtocolRoutes } from "./api/line-protocol.ts";
import { localRoutes } from "./api/local.ts";
import { mappingRuleRoutes } from "./api/mapping-rules.ts";
import { openApiRoute } from "./api/openapi.ts";
import { placementRuleRoutes } from "./api/placement-rules.ts";
import { predictionsRoutes } from "./api/predictions.ts";
import { quarantineRoutes } from "./api/quarantine.ts";
import { readingsRoutes } from "./api/readings.ts";
import { retentionRoutes } from "./api/retention.ts";
import { rulesRoutes } from "./api/rules.ts";
import { sensorReadingsRoute } from "./api/sensor-readings.ts";
import { systemRoutes } from "./api/system.ts";
import { workRoutes } from "./api/work.ts";
import type { WriteRefusals } from "./api/write-refusals.ts";
import type { Core } from "./core.ts";
import type { Engine } from "./domain/engine.ts";
import type { ListenerState, Operations } from "./domain/operation.ts";
import type { Route } from "./domain/route.ts";
import type { GuessGuard } from "./http/guess-guard.ts";
import type { TokenSigner } from "./http/tokens.ts";
import type { Clock } from "./lib/clock.ts";
import type { RateMeter } from "./lib/rate-meter.ts";
import { prometheusRoutes } from "./prom/index.ts";
import { createSeriesCatalogue } from "./series-catalogue.ts";

/** What routes need that is there before the stores are open. */
export type RouteDeps = {
  readonly clock: Clock;
  readonly version: string;
  readonly startedAtUs: number;
  /** Reads and inflates what a source sends, within the bounds for bodies under way. */
  readonly readBody: (request: Request, sourceNo: number) => Promise<Uint8Array<ArrayBuffer>>;
  /** A number for a refusal. */
  readonly errorId: () => string;
  /** Writes that were answered with 503. */
  readonly refusals: WriteRefusals;
  /** True when a header holds the data folder's secret: the command line's door. */
  readonly knowsSecret: (header: string | null) => boolean;
  /** True when the text is the token of who collects metrics. */
  readonly knowsMetricsToken: (token: string) => boolean;
  /** Readings a second that a source sent over time. */
  readonly sourceRates: RateMeter["rates"];
  /** Line protocol beside HTTP: its listeners with their counters. */
  readonly listeners: () => readonly ListenerState[];
  readonly engine: () => Engine | undefined;
  readonly operations: () => Operations | undefined;
};

/** Routes that answer, if only with "not yet", from the first moment on. */
export function earlyRoutes(deps: RouteDeps): Route[] {
  return [
    ...lineProtocolRoutes({
      engine: deps.engine,
      clock: deps.clock,
      version: deps.version,
      startedAtUs: deps.startedAtUs,
      readBody: deps.readBody,
      errorId: deps.errorId,
      refusals: deps.refusals,
    }),
    ...localRoutes({
      operations: deps.operations,
      knowsSecret: deps.knowsSecret,
    }),
  ];
}

/** The REST API over the open stores. */
export function apiRoutes(
  core: Core,
  deps: RouteDeps & { readonly signer: TokenSigner; readonly guard: GuessGuard },
): Route[] {
  const { relational, readings, tellLog, consumer, engine } = core;
  const catalogue = createSeriesCatalogue(readings);
  const sequence = async () => {
    const { logSequence } = await engine.stats();
    return Math.min(logSequence, consumer.applied());
  };
  const reads = {
    ...{ readings, mapping: relational.series, catalogue, lastValue: core.lastValue },
    ...{ clock: deps.clock, sequence },
  };
  const routes: Route[] = [
    ...assetsRoutes(relational),
    ...alertsRoutes({ alerts: relational.alerts, tellLog }),
    ...rulesRoutes({ rules: relational.rules, tellLog }),
    ...workRoutes(relational),
    ...lineKeyRoutes(relational),
    ...ingestRoutes({
      ...relational,
      mapping: relational.series,
      lateLedger: () => readings.lateLedger(),
      tellLog,
      sourceRates: deps.sourceRates,
    }),
    ...quarantineRoutes({ quarantine: relational.quarantine, replay: core.replayQuarantine }),
    ...placementRuleRoutes(relational),
    ...mappingRuleRoutes({
      mappingRules: relational.mappingRules,
      lineMapping: core.lineMapping,
    }),
    ...predictionsRoutes({ ...relational, runJob: core.jobs.runNow }),
    ...readingsRoutes(reads),
    sensorReadingsRoute({ ...reads, sensors: relational.sensors }),
    ...systemRoutes({
      stats: () => engine.stats(),
      listeners: deps.listeners,
      isShared: async () => (await relational.tenants.list()).length > 1,
      refusals: deps.refusals,
      knowsMetricsToken: deps.knowsMetricsToken,
    }),
    ...prometheusRoutes({
      ...{ readings, catalogue, lastValue: core.lastValue, clock: deps.clock, sequence },
    }),
    ...retentionRoutes(core.retention),
    ...adminRoutes({
      users: relational.users,
      audit: relational.audit,
      guard: deps.guard,
      sign: (tenantId, userId, lifetimeS) => deps.signer.sign({ tenantId, userId }, lifetimeS),
    }),
    openApiRoute(() => [...earlyRoutes(deps), ...routes], deps.version),
  ];
  return routes;
}
