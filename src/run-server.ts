import type { AppDeps } from "./app.ts";
import type { RunningServer, ServeOptions } from "./cli/serve.ts";
import { type Core, openCore } from "./core.ts";
import { openDataFolder } from "./data-folder.ts";
import { type Demo, startDemo } from "./demo-plant.ts";
import { createGuessGuard } from "./http/guess-guard.ts";
import { createTokenSigner } from "./http/tokens.ts";
import { removeRunFile, writeRunFile } from "./lib/run-file.ts";
import { createPages, type Progress } from "./pages.ts";
import { apiRoutes, earlyRoutes, type RouteDeps } from "./routes.ts";
import { startServer, type WebServer } from "./server.ts";
import { VERSION } from "./version.ts";

/** Milliseconds between ticks of open pages. */
const TICK_MS = 5_000;

function randomText(bytes: number): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");
}

/**
 * Runs the server: takes the folder, listens at once (the page shows what is being opened), opens the
 * stores, and then answers everything. Stop: refuse writes, drain, snapshot, close, give the folder back.
 * @throws AppError when the folder, the port or a store cannot be used; everything is given back before.
 */
export async function runServer(deps: AppDeps, options: ServeOptions): Promise<RunningServer> {
  const folder = openDataFolder(options.folder);
  let core: Core | undefined;
  let isStopping = false;
  let fail: (message: string) => void = () => {};
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const progress: Progress = { current: "starting", failure: undefined };
  const routeDeps: RouteDeps = {
    clock: deps.clock,
    version: VERSION,
    startedAtUs: deps.clock.nowUs(),
    maxBodyBytes: deps.config.maxBodyBytes,
    localSecret: randomText(24),
    engine: () => (isStopping ? undefined : core?.engine),
    operations: () => (isStopping ? undefined : core?.operations),
  };
  const setupToken = randomText(9);
  const pages = createPages({ ...deps, instance: randomText(9), setupToken, progress });
  let server: WebServer;
  try {
    server = startServer({
      host: deps.config.host,
      port: options.port,
      maxBodyBytes: deps.config.maxBodyBytes,
      handle: pages.whileOpening(earlyRoutes(routeDeps)),
    });
  } catch (error) {
    folder.release();
    throw error;
  }
  options.terminal.say(`foresight ${VERSION} at ${server.url}`);
  let demo: Demo | undefined;
  let stopTicks = () => {};
  const closeAll = async () => {
    isStopping = true;
    stopTicks();
    await demo?.stop();
    await core?.close();
    await server.stop();
    removeRunFile(folder.root);
    folder.release();
  };
  try {
    core = await openCore({
      ...deps,
      folder,
      onStep: (step) => {
        progress.current = step;
      },
      onFailure: (message) => {
        deps.logger.error(message);
        fail(message);
      },
    });
    const open = core;
    const signer = createTokenSigner(open.tokenKey);
    const guard = createGuessGuard(deps.clock);
    server.use(
      pages.whenOpen({
        core: open,
        server,
        signer,
        guard,
        early: earlyRoutes(routeDeps),
        api: apiRoutes(open, { ...routeDeps, signer, guard }),
        demo: () => demo,
      }),
    );
    writeRunFile(folder.root, {
      pid: process.pid,
      port: server.port,
      secret: routeDeps.localSecret,
    });
    await open.jobs.start();
    await open.imports.resume();
    stopTicks = deps.clock.every(TICK_MS, () => pages.tick(open));
    await sayHowToBegin(open, server, options, setupToken);
    if (options.demo !== undefined)
      demo = startDemo({
        ...deps,
        core: open,
        folder,
        server,
        seed: options.demo.seed,
        terminal: options.terminal,
      });
  } catch (error) {
    await closeAll();
    throw error;
  }
  let stopping: Promise<void> | undefined;
  return {
    url: server.url,
    failed,
    stop() {
      stopping ??= closeAll();
      return stopping;
    },
  };
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
