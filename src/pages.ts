import { assetFiles, assetUrls } from "../views/assets/index.ts";
import { paths } from "../views/paths.ts";
import { deviceProblem } from "./api/line-protocol-answers.ts";
import type { Config } from "./config.ts";
import type { Core } from "./core.ts";
import type { Demo } from "./demo-plant.ts";
import type { Caller } from "./domain/access.ts";
import { systemActor } from "./domain/actor.ts";
import { reasonOf } from "./domain/error.ts";
import type { ListenerState } from "./domain/operation.ts";
import type { Route } from "./domain/route.ts";
import { createAuthenticate, SESSION_COOKIE } from "./http/authenticate.ts";
import type { GuessGuard } from "./http/guess-guard.ts";
import { inTime } from "./http/in-time.ts";
import { type Problem, problemJson } from "./http/problem.ts";
import { cookieOf, secure } from "./http/security.ts";
import type { TokenSigner } from "./http/tokens.ts";
import { createHttp } from "./http.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { RateMeter } from "./lib/rate-meter.ts";
import { setUpTenant } from "./operations.ts";
import { promProblem } from "./prom/index.ts";
import type { WebServer } from "./server.ts";
import { VERSION } from "./version.ts";
import {
  createSilence,
  demoPage,
  fileRoutes,
  openingPage,
  problemPage,
  webRoutes,
} from "./web/index.ts";

/** Largest file that people send by the page; the command line takes larger ones. */
export const UPLOAD_BYTES_MAX = 250_000_000;

/** How far opening the stores is, for the page that is shown meanwhile. */
export type Progress = { current: string; failure: string | undefined };

export type PagesDeps = {
  readonly config: Config;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this running server. */
  readonly instance: string;
  /** The code that the console shows while nobody is set up. */
  readonly setupToken: string;
  readonly progress: Progress;
  /** What each tenant's sources have sent, over time. */
  readonly rates: RateMeter;
  readonly listeners: () => readonly ListenerState[];
  /** Of the data folder's disk. */
  readonly freeBytes: () => Promise<number>;
  /** A number for a refusal that a client shows. */
  readonly errorId: () => string;
  /** What each source has sent, over time; apart, so that many sources crowd out no tenant. */
  readonly sourceRates: RateMeter;
};

export type OpenParts = {
  readonly core: Core;
  readonly server: WebServer;
  readonly signer: TokenSigner;
  readonly guard: GuessGuard;
  readonly early: readonly Route[];
  readonly api: readonly Route[];
  readonly demo: () => Demo | undefined;
};

export type Pages = {
  /** Answers before the stores are open. */
  whileOpening(early: readonly Route[]): (request: Request) => Promise<Response>;
  /** Answers while the stores close: writes are refused and everything else comes too late. */
  whileStopping(early: readonly Route[]): (request: Request) => Promise<Response>;
  whenOpen(parts: OpenParts): (request: Request) => Promise<Response>;
  /** Sends a tick to every open page. */
  tick(core: Core): void;
};

/** Everything people see, around the routes of the API. */
export function createPages(deps: PagesDeps): Pages {
  let isTicking = false;
  return {
    whileOpening: (early) => withoutStores(deps, early, "starting"),
    whileStopping: (early) => withoutStores(deps, early, "stopping"),
    whenOpen: (parts) => open(deps, parts),
    tick(core) {
      // A database that is slow or away is not asked again before it has answered.
      if (isTicking) return;
      isTicking = true;
      void Promise.all([sampleRates(deps, core), tellTicks(deps, core)]).then(() => {
        isTicking = false;
      });
    },
  };
}

async function tellTicks(deps: PagesDeps, core: Core): Promise<void> {
  const serverMs = deps.clock.nowUs() / 1000;
  for (const tenantId of core.live.tenants())
    try {
      const newest = await newestMs(core, tenantId);
      core.live.tell(tenantId, "tick", JSON.stringify({ serverMs, newestMs: newest }));
    } catch (error) {
      // A tick that cannot say how old readings are is not sent: pages then say "not live".
      deps.logger.warn("no tick", { tenant: tenantId, reason: reasonOf(error) });
    }
}

/** Takes what every tenant's sources have sent so far, for the chart of rates. */
async function sampleRates(deps: PagesDeps, core: Core): Promise<void> {
  const nowUs = deps.clock.nowUs();
  try {
    for (const { id } of await core.relational.tenants.list()) {
      const sources = await core.relational.sources.list(systemActor(id, "rates"));
      const total = sources.reduce((sum, source) => sum + source.ledger.received, 0);
      deps.rates.take(id, nowUs, total);
      for (const source of sources) deps.sourceRates.take(source.id, nowUs, source.ledger.received);
    }
  } catch (error) {
    deps.logger.warn("rates were not sampled", { reason: reasonOf(error) });
  }
}

/** Time of the newest reading of a tenant's sensors; undefined when there is none. */
async function newestMs(core: Core, tenantId: string): Promise<number | undefined> {
  const mapped = await core.relational.series.mapped(systemActor(tenantId, "tick"));
  const times = mapped.flatMap((one) => core.lastValue(one.seriesNo)?.atUs ?? []);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b)) / 1000;
}

function reporter(logger: Logger): (error: unknown) => string {
  return (error) => {
    const id = Bun.randomUUIDv7().slice(-8);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    logger.error(`internal error ${id}: ${text}`);
    return id;
  };
}

/** What is said of everything while the stores are not there. */
function awayAs(why: "starting" | "stopping"): Problem {
  const message = `the server is ${why}; try again in a moment`;
  return { status: 503, code: "unavailable", message, details: undefined };
}

/** A refusal as the program that asks understands it: a device that writes, or a client of Prometheus. */
function machineProblem(problem: Problem, request: Request, errorId: string): Response {
  const isProm = new URL(request.url).pathname.startsWith("/prom/");
  return isProm ? promProblem(problem) : deviceProblem(problem, request, errorId);
}

/** Answers while the stores open or close: routes that need none, and "not now" for the rest. */
function withoutStores(
  deps: PagesDeps,
  early: readonly Route[],
  why: "starting" | "stopping",
): (request: Request) => Promise<Response> {
  const away = awayAs(why);
  const page = () =>
    why === "starting" ? openingPage(deps.progress) : problemPage(away, undefined, false);
  const http = createHttp({
    routes: [...early, ...fileRoutes(assetFiles)],
    authenticate: async () => undefined,
    maxFieldsBytes: 64 * 1024,
    inTime: (reading) => inTime(deps.clock, deps.config.bodySeconds, reading),
    instance: deps.instance,
    report: reporter(deps.logger),
    // Nothing can be found now, so every address shows the same.
    errorPage: page,
    deviceProblem: (problem, request) =>
      // Whoever writes now is told to come again, since no key can be looked up.
      machineProblem(problem.status === 401 ? away : problem, request, deps.errorId()),
    signInPath: "",
  });
  return async (request) => {
    const isPage =
      request.method === "GET" && (request.headers.get("accept") ?? "").includes("text/html");
    if (isPage) return secure(await page(), deps.instance);
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/prom/")) return secure(promProblem(away), deps.instance);
    if (pathname.startsWith("/api/v1/")) return secure(problemJson(away), deps.instance);
    return http.handle(request);
  };
}

function open(deps: PagesDeps, parts: OpenParts): (request: Request) => Promise<Response> {
  const { core, server, signer, guard } = parts;
  const { relational } = core;
  const webDeps = {
    stores: relational,
    readings: core.readings,
    lastValue: core.lastValue,
    clock: deps.clock,
    live: core.live,
    assetUrls,
    tellLog: core.tellLog,
    runJob: core.jobs.runNow,
    nextRunUs: core.jobs.nextUs,
    importLater: (file: Parameters<typeof core.imports.importLater>[0]) =>
      core.imports.importLater(file),
    replayQuarantine: core.replayQuarantine,
    lineMapping: core.lineMapping,
    engineStats: () => core.engine.stats(),
    listeners: deps.listeners,
    retention: core.retention,
    disk: async () => ({
      freeBytes: await deps.freeBytes(),
      floorBytes: deps.config.diskFloorBytes,
    }),
    maxUploadBytes: UPLOAD_BYTES_MAX,
    rates: deps.rates.rates,
    sourceRates: deps.sourceRates.rates,
    silence: createSilence({ readings: core.readings, clock: deps.clock }),
    footLine: (tenantId: string) => parts.demo()?.footLine(tenantId) ?? `Foresight ${VERSION}`,
    randomKey: () => Bun.randomUUIDv7(),
    sessionCookie: SESSION_COOKIE,
    sessionIdleMs: deps.config.sessionHours * 3_600_000,
    guard,
    from: (request: Request) => server.from(request),
    setupToken: deps.setupToken,
    setUp: (input: Parameters<typeof setUpTenant>[1]) => setUpTenant(relational, input),
    demo: () => parts.demo()?.view(),
  };
  const routes = [...parts.early, ...parts.api, ...fileRoutes(assetFiles), ...webRoutes(webDeps)];
  const http = createHttp({
    routes,
    authenticate: createAuthenticate({
      stores: () => relational,
      signer,
      clock: deps.clock,
      from: (request) => server.from(request),
    }),
    maxFieldsBytes: 1024 * 1024,
    inTime: (reading) => inTime(deps.clock, deps.config.bodySeconds, reading),
    instance: deps.instance,
    report: reporter(deps.logger),
    errorPage: (problem: Problem, caller: Caller | undefined, isPart: boolean) =>
      problemPage(problem, caller, isPart),
    deviceProblem: (problem, request) => machineProblem(problem, request, deps.errorId()),
    signInPath: paths.signIn,
  });
  return async (request) => {
    const view = parts.demo()?.view();
    if (view?.phase !== undefined && isFirstLook(request))
      return secure(await demoPage(view), deps.instance);
    return http.handle(request);
  };
}

/** Somebody who is not signed in opens the front page. */
function isFirstLook(request: Request): boolean {
  if (request.method !== "GET" || cookieOf(request, SESSION_COOKIE) !== undefined) return false;
  return new URL(request.url).pathname === paths.now;
}
