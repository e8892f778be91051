import { plugins } from "../plugins/index.ts";
import type { AppDeps } from "./app-deps.ts";
import type { Command } from "./cli/command.ts";
import { demoDevicesCommand } from "./cli/demo-devices.ts";
import type { InstallationDeps, OpenedInstallation } from "./cli/installation.ts";
import type { RunningServer, ServeOptions } from "./cli/serve.ts";
import { openCore } from "./core.ts";
import { isInstallation, openDataFolder } from "./data-folder.ts";
import { AppError } from "./domain/error.ts";
import { runPlugin } from "./plugin-host/index.ts";
import { runServer } from "./run-server.ts";

/** What `main.ts` hands to the commands. */
export type App = {
  /** Opens an installation for one command; its server must not run. */
  readonly open: InstallationDeps["open"];
  readonly serve: (options: ServeOptions) => Promise<RunningServer>;
  /** Started by the program itself: plugins, the demo's devices. */
  readonly internalCommands: readonly Command[];
};

/** Constructs the application. Nothing is opened before a command asks for it. */
export function createApp(deps: AppDeps): App {
  return {
    open: (root, mayCreate, seriesUrl = deps.config.seriesUrl) =>
      openForCommand({ ...deps, config: { ...deps.config, seriesUrl } }, root, mayCreate),
    serve: (options) => runServer(deps, options),
    internalCommands: internalCommands(deps),
  };
}

async function openForCommand(
  deps: AppDeps,
  root: string,
  mayCreate: boolean,
): Promise<OpenedInstallation> {
  if (!mayCreate && !isInstallation(root))
    throw new AppError(
      "not-found",
      `there is no installation in ${root}; foresight setup makes one, --data names another folder`,
    );
  const folder = openDataFolder(root);
  try {
    let failure: string | undefined;
    const core = await openCore({
      ...deps,
      folder,
      onStep: () => {},
      onFailure: (message) => {
        failure = message;
      },
    });
    return {
      operations: core.operations,
      async close() {
        await core.close();
        folder.release();
        if (failure !== undefined) throw new AppError("internal", failure);
      },
    };
  } catch (error) {
    folder.release();
    throw error;
  }
}

function internalCommands(deps: AppDeps): Command[] {
  return [
    {
      name: "plugin-run",
      sentence: "Runs one plugin for the server.",
      options: {},
      internal: true,
      run: () => {
        const output = Bun.stdout.writer();
        // Bun's stream iterates; the DOM type does not say so.
        const input = Bun.stdin.stream() as unknown as AsyncIterable<Uint8Array>;
        return runPlugin({ input, output, plugins, clock: deps.clock });
      },
    },
    demoDevicesCommand({ clock: deps.clock, stdin: Bun.stdin.stream() }),
  ];
}
