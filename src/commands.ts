import { createApp } from "./app.ts";
import { configCommand, helpCommand, versionCommand } from "./cli/about.ts";
import { type Command, readArguments, type Terminal } from "./cli/command.ts";
import {
  importCommand,
  inspectCommand,
  jobCommand,
  lineKeyCommand,
  listenersCommand,
  setupCommand,
  tokenCommand,
} from "./cli/commands.ts";
import { importReadingsCommand } from "./cli/import-readings.ts";
import { logCommand } from "./cli/log.ts";
import { seriesCommand } from "./cli/series.ts";
import { demoCommand, serveCommand } from "./cli/serve.ts";
import { readConfig, SETTINGS } from "./config.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import { historyImporter } from "./history-import.ts";
import { userFolders } from "./history-readers.ts";
import { systemClock } from "./lib/clock.ts";
import { createLogger } from "./lib/logger.ts";
import { systemDisk } from "./log/index.ts";
import { createLogTools } from "./log-tools.ts";
import { seriesCopier } from "./series-copy.ts";
import { BUILD, VERSION } from "./version.ts";

const terminal: Terminal = {
  out: (line) => void process.stdout.write(`${line}\n`),
  say: (line) => void process.stderr.write(`${line}\n`),
  readStdin: () => Bun.stdin.text(),
  env: process.env,
  cwd: process.cwd(),
};

/** How this program starts itself again: alone when compiled, with its entry file otherwise. */
const self = Bun.main.startsWith("/$bunfs/") ? [process.execPath] : [process.execPath, Bun.main];

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.once(name, () => resolve(name));
  });
}

function commandsOf(): Command[] {
  const config = readConfig(process.env);
  const logger = createLogger({
    clock: systemClock,
    write: (line) => terminal.say(line.trimEnd()),
    level: config.logLevel,
  });
  const app = createApp({ config, clock: systemClock, logger, self });
  const pause = (ms: number) => new Promise<void>((done) => void systemClock.after(ms, done));
  const installation = { open: app.open, pause };
  const print = (text: string) =>
    new Promise<void>((taken) => void process.stdout.write(text, () => taken()));
  const server = { serve: app.serve, stopSignal };
  const commands: Command[] = [
    serveCommand(server),
    demoCommand(server),
    setupCommand(installation),
    tokenCommand(installation),
    importCommand(installation),
    importReadingsCommand({
      importer: (env, cwd) =>
        historyImporter({
          nowUs: () => systemClock.nowUs(),
          pause,
          runtimeFolder: userFolders(env, cwd).runtime,
        }),
      stateFolder: (env, cwd) => userFolders(env, cwd).imports,
      stopSignal,
      showProgress: process.stderr.isTTY
        ? (line) => void process.stderr.write(`\r\x1b[K${line}`)
        : undefined,
      nowUs: () => systemClock.nowUs(),
    }),
    jobCommand(installation, "train", "Trains the models now, as the weekly job does."),
    jobCommand(installation, "score", "Scores every asset now, as the hourly job does."),
    inspectCommand(installation),
    lineKeyCommand(installation),
    listenersCommand(installation),
    logCommand(createLogTools({ disk: systemDisk, installation, print })),
    seriesCommand(seriesCopier({ config, clock: systemClock, logger, self })),
    configCommand(Object.values(SETTINGS)),
    versionCommand(VERSION, BUILD),
    helpCommand(() => commands),
    ...app.internalCommands,
  ];
  return commands;
}

/** Runs one command of the command line; resolves with the exit code. */
export async function runCommand(argv: readonly string[]): Promise<number> {
  const [first = "help", ...rest] = argv;
  const name =
    { "--version": "version", "-v": "version", "--help": "help", "-h": "help" }[first] ?? first;
  try {
    const all = commandsOf();
    // A command of two words goes before the one that its first word names.
    const long = all.find((c) => c.name === `${name} ${rest[0]}`);
    const command = long ?? all.find((c) => c.name === name);
    if (command === undefined)
      throw new AppError("invalid", `no command ${name}; foresight help lists them`);
    const own = long === undefined ? rest : rest.slice(1);
    return await command.run(readArguments(command, own), terminal);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    terminal.say(`foresight: ${reasonOf(error)}`);
    return error.code === "invalid" ? 2 : 1;
  }
}
