import { type Command, portOf, type Terminal, textOf } from "./command.ts";
import { DATA, folderOf } from "./operate.ts";

/** A server to run until a signal; made by `app.ts`. */
export type RunningServer = {
  readonly url: string;
  /** Resolves when it has stopped by itself; the text says why. */
  readonly failed: Promise<string>;
  stop(): Promise<void>;
};

export type ServeDeps = {
  readonly serve: (options: ServeOptions) => Promise<RunningServer>;
  /** Resolves with the first signal that asks to stop. */
  readonly stopSignal: () => Promise<string>;
};

export type ServeOptions = {
  readonly folder: string;
  readonly port: number;
  /** With it the demo plant is set up and goes on; undefined for a plain server. */
  readonly demo: { readonly seed: number } | undefined;
  readonly terminal: Terminal;
};

const DEFAULT_PORT = 8080;
const DEMO_SEED = 7;

async function runServer(deps: ServeDeps, options: ServeOptions): Promise<number> {
  // Asked for first: a signal while it starts must stop it as cleanly as later.
  const signal = deps.stopSignal();
  const server = await deps.serve(options);
  const end = await Promise.race([signal.then(() => undefined), server.failed.then((why) => why)]);
  if (end === undefined) options.terminal.say("stopping");
  else options.terminal.say(end);
  await server.stop();
  if (end === undefined) options.terminal.say("stopped; nothing is lost");
  return end === undefined ? 0 : 1;
}

/** `foresight serve`. */
export function serveCommand(deps: ServeDeps): Command {
  return {
    name: "serve",
    sentence: "Runs the server until it is stopped.",
    options: {
      data: DATA,
      port: {
        value: "PORT",
        sentence: `Port of the web server (default: ${DEFAULT_PORT}; 0: any free).`,
      },
    },
    run: (args, terminal) =>
      runServer(deps, {
        folder: folderOf(args, terminal),
        port: portOf(args, DEFAULT_PORT),
        demo: undefined,
        terminal,
      }),
  };
}

/** `foresight demo`. */
export function demoCommand(deps: ServeDeps): Command {
  return {
    name: "demo",
    sentence: "Runs the server with the demo plant: 180 days of history, then live readings.",
    options: {
      data: DATA,
      port: {
        value: "PORT",
        sentence: `Port of the web server (default: ${DEFAULT_PORT}; 0: any free).`,
      },
      seed: {
        value: "SEED",
        sentence: `Which plant (default: ${DEMO_SEED}); fixed at the first start.`,
      },
    },
    run: (args, terminal) =>
      runServer(deps, {
        folder: folderOf(args, terminal),
        port: portOf(args, DEFAULT_PORT),
        demo: { seed: Number(textOf(args, "seed") || DEMO_SEED) },
        terminal,
      }),
  };
}
