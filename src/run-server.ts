import { statfs } from "node:fs/promises";
import { createErrorIds } from "./api/line-protocol-answers.ts";
import { newWriteRefusals } from "./api/write-refusals.ts";
import type { AppDeps } from "./app-deps.ts";
import type { RunningServer, ServeOptions } from "./cli/serve.ts";
import { type Core, openCore } from "./core.ts";
import { type DataFolder, openDataFolder } from "./data-folder.ts";
import { type Demo, startDemo } from "./demo-plant.ts";
import { reasonOf } from "./domain/error.ts";
import type { Operations } from "./domain/operation.ts";
import { createBodyGate } from "./http/body-gate.ts";
import { createGuessGuard } from "./http/guess-guard.ts";
import { sameText } from "./http/security.ts";
import { createTokenSigner } from "./http/tokens.ts";
import type { Logger } from "./lib/logger.ts";
import { createRateMeter, type RateMeter } from "./lib/rate-meter.ts";
import { removeRunFile, writeRunFile } from "./lib/run-file.ts";
import { checkListenerSettings, type LineListeners, startLineListeners } from "./line-listeners.ts";
import { createPages, type Pages, type Progress, UPLOAD_BYTES_MAX } from "./pages.ts";
import { apiRoutes, earlyRoutes, type RouteDeps } from "./routes.ts";
import { startServer, type WebServer } from "./server.ts";
import { VERSION } from "./version.ts";

/** Milliseconds between ticks of open pages. */
const TICK_MS = 5_000;
const SWEEP_MS = 3_600_000;
/** Milliseconds until what the log once refused is told again. */
const TELL_MS = 30_000;
/** Two hours of samples, 30 s apart. */
const RATES = { samples: 241, spacingUs: 30e6, maxKeys: 1_000 } as const;

function randomText(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}

/** What lives as long as the server does. */
type Running = {
  readonly deps: AppDeps;
  readonly options: ServeOptions;
  readonly folder: DataFolder;
  readonly progress: Progress;
  readonly routeDeps: RouteDeps;
  readonly setupToken: string;
  /** What the command line shows at its door. */
  readonly localSecret: string;
  readonly fail: (message: string) => void;
  core: Core | undefined;
  demo: Demo | undefined;
  listeners: LineListeners | undefined;
  readonly sourceRates: RateMeter;
  isStopping: boolean;
  stopTicks: () => void;
};

/**
 * Runs the server: takes the folder, listens at once (the page shows what is being opened), opens the
 * stores, and then answers everything. Stop: refuse writes, drain, snapshot, close, give the folder back.
 * @throws AppError when the folder, the port or a store cannot be used; everything is given back before.
 */
export async function runServer(deps: AppDeps, options: ServeOptions): Promise<RunningServer> {
  checkListenerSettings(deps.config);
  const { promise: failed, resolve: fail } = Promise.withResolvers<string>();
  const running = prepare(deps, options, fail);
  const pages = createPages({
    ...deps,
    instance: randomText(9),
    setupToken: running.setupToken,
    progress: running.progress,
    rates: createRateMeter(RATES),
    errorId: running.routeDeps.errorId,
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(running.folder.root);
      return bavail * bsize;
    },
    sourceRates: running.sourceRates,
    listeners: running.routeDeps.listeners,
  });
  const server = listen(running, pages);
  options.terminal.say(`foresight ${VERSION} at ${server.url}`);
  try {
    await openBehind(running, pages, server);
  } catch (error) {
    await closeAll(running, pages, server);
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    url: server.url,
    failed,
    stop() {
      stopping ??= closeAll(running, pages, server);
      return stopping;
    },
  };
}

function prepare(deps: AppDeps, options: ServeOptions, fail: (message: string) => void): Running {
  const localSecret = randomText(24);
  const sourceRates = createRateMeter(RATES);
  const running: Running = {
    deps,
    sourceRates,
    options,
    fail,
    folder: openDataFolder(options.folder),
    progress: { current: "starting", failure: undefined },
    setupToken: randomText(9),
    localSecret,
    core: undefined,
    demo: undefined,
    listeners: undefined,
    isStopping: false,
    stopTicks: () => {},
    routeDeps: {
      clock: deps.clock,
      version: VERSION,
      startedAtUs: deps.clock.nowUs(),
      readBody: createBodyGate({ clock: deps.clock, ...deps.config }),
      errorId: createErrorIds(deps.clock),
      refusals: newWriteRefusals(),
      knowsSecret: (header) => header !== null && sameText(header, localSecret),
      knowsMetricsToken: (token) =>
        deps.config.metricsToken !== "" && sameText(token, deps.config.metricsToken),
      sourceRates: sourceRates.rates,
      listeners: () => running.listeners?.states() ?? [],
      engine: () => (running.isStopping ? undefined : running.core?.engine),
      operations: () => (running.isStopping ? undefined : operationsOf(running)),
    },
  };
  return running;
}

/** What the command line may ask, and what only a running server can answer. */
function operationsOf({ core, listeners }: Running): Operations | undefined {
  return core && { ...core.operations, listeners: async () => listeners?.states() ?? [] };
}

function listen({ deps, options, folder, routeDeps }: Running, pages: Pages): WebServer {
  try {
    return startServer({
      host: deps.config.host,
      port: options.port,
      maxRequestBytes: 2 * Math.max(deps.config.maxBodyBytes, UPLOAD_BYTES_MAX),
      // The command line's operations may train for an hour before they answer.
      mayTakeLong: ({ headers }) => routeDeps.knowsSecret(headers.get("x-foresight-local")),
      handle: pages.whileOpening(earlyRoutes(routeDeps)),
    });
  } catch (error) {
    folder.release();
    throw error;
  }
}

async function openBehind(running: Running, pages: Pages, server: WebServer): Promise<void> {
  const { deps, options, folder, routeDeps } = running;
  const core = await openCore({
    ...deps,
    folder,
    onStep: (step) => {
      running.progress.current = step;
    },
    onFailure: (message) => {
      deps.logger.error(message);
      running.fail(message);
    },
  });
  running.core = core;
  const signer = createTokenSigner(core.tokenKey);
  const guard = createGuessGuard(deps.clock);
  const early = earlyRoutes(routeDeps);
  const api = apiRoutes(core, { ...routeDeps, signer, guard });
  server.use(pages.whenOpen({ core, server, signer, guard, early, api, demo: () => running.demo }));
  writeRunFile(folder.root, {
    pid: process.pid,
    host: server.ownHost,
    port: server.port,
    secret: running.localSecret,
  });
  await core.jobs.start();
  await core.imports.resume();
  running.listeners = await startLineListeners({
    ...{ ...deps, relational: core.relational, engine: core.engine },
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  });
  const stopTicks = deps.clock.every(TICK_MS, () => pages.tick(core));
  const stopSweeps = deps.clock.every(SWEEP_MS, () => sweep(core, deps.logger));
  const stopTelling = deps.clock.every(TELL_MS, () => tellAgain(core, deps.logger));
  running.stopTicks = () => {
    stopTicks();
    stopSweeps();
    stopTelling();
  };
  await sayHowToBegin(core, server, options, running.setupToken);
  if (options.demo === undefined) return;
  const { seed } = options.demo;
  running.demo = startDemo({ ...deps, core, folder, server, seed, terminal: options.terminal });
}

/** A change whose frame the log refused is kept and pending: it must not wait for the next change. */
function tellAgain(core: Core, logger: Logger): void {
  core
    .tellLog()
    .catch((error: unknown) =>
      logger.warn("changes wait for the log; tried again", { reason: reasonOf(error) }),
    );
}

/** Removes sessions, links and idempotency keys that have ended. */
function sweep(core: Core, logger: Logger): void {
  core.relational
    .sweep()
    .catch((error: unknown) =>
      logger.warn("what has ended was not removed; tried again", { reason: reasonOf(error) }),
    );
}

async function closeAll(running: Running, pages: Pages, server: WebServer): Promise<void> {
  const { core, demo, folder, routeDeps } = running;
  running.isStopping = true;
  running.stopTicks();
  try {
    server.use(pages.whileStopping(earlyRoutes(routeDeps)));
    await running.listeners?.stop();
    await demo?.stop();
    await core?.close();
    await server.stop();
  } finally {
    removeRunFile(folder.root);
    folder.release();
  }
}

async function sayHowToBegin(
  core: Core,
  server: WebServer,
  { terminal, demo }: ServeOptions,
  setupToken: string,
): Promise<void> {
  const tenants = await core.relational.tenants.list();
  if (tenants.length === 0 && demo === undefined)
    terminal.say(`nobody is set up yet: open ${server.url}/setup and enter the code ${setupToken}`);
  else terminal.say("ready");
}
