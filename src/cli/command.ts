import { parseArgs } from "node:util";
import { AppError } from "../domain/error.ts";

/** What a command may use of the outside. */
export type Terminal = {
  /** A line for a program or a person that asked for this output. */
  readonly out: (line: string) => void;
  /** A line for a person: progress, reasons. */
  readonly say: (line: string) => void;
  readonly readStdin: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/** An option of a command: `--name VALUE`, or a switch when `value` is missing. */
export type Option = {
  readonly value?: string;
  readonly sentence: string;
  readonly required?: boolean;
};

export type Arguments = {
  readonly values: Readonly<Record<string, string | boolean | undefined>>;
  readonly rest: readonly string[];
};

/** One command: its help and docs are made from this. */
export type Command = {
  readonly name: string;
  readonly sentence: string;
  readonly rest?: string;
  readonly options: Readonly<Record<string, Option>>;
  /** @returns the process's exit code. */
  readonly run: (args: Arguments, terminal: Terminal) => Promise<number>;
  /** Started by the program itself; not listed in the help. */
  readonly internal?: boolean;
};

/**
 * Reads a command's arguments.
 * @throws AppError "invalid" naming the argument that is wrong or missing.
 */
export function readArguments(command: Command, argv: readonly string[]): Arguments {
  const options = Object.fromEntries(
    Object.entries(command.options).map(([name, option]) => [
      name,
      { type: option.value === undefined ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options,
      allowPositionals: command.rest !== undefined,
    });
    for (const [name, option] of Object.entries(command.options)) {
      if (option.required && values[name] === undefined) throw new Error(`--${name} is missing`);
    }
    return { values, rest: positionals };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const help = `see: foresight help ${command.name}`;
    throw new AppError("invalid", `foresight ${command.name}: ${why}; ${help}`, { cause });
  }
}

/** The value of a text option; "" when it was not given. */
export function textOf(args: Arguments, name: string): string {
  const value = args.values[name];
  return typeof value === "string" ? value : "";
}

/**
 * The value of `--port`.
 * @throws AppError "invalid" when it is no port.
 */
export function portOf(args: Arguments, fallback: number): number {
  const raw = textOf(args, "port");
  if (raw === "") return fallback;
  const port = Number(raw);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new AppError("invalid", `--port ${raw} is not a port; use a number from 0 to 65535`);
  return port;
}

/** Usage of one command, as `foresight help NAME` prints it. */
export function usageOf(command: Command): string {
  const options = Object.entries(command.options);
  const line = [
    `foresight ${command.name}`,
    ...(command.rest === undefined ? [] : [command.rest]),
    ...options.map(([name, o]) => {
      const shown = o.value === undefined ? `--${name}` : `--${name} ${o.value}`;
      return o.required ? shown : `[${shown}]`;
    }),
  ].join(" ");
  const width = Math.max(0, ...options.map(([n, o]) => `--${n} ${o.value ?? ""}`.length));
  const rows = options.map(
    ([name, o]) => `  ${`--${name} ${o.value ?? ""}`.padEnd(width)}  ${o.sentence}`,
  );
  return [line, "", command.sentence, ...(rows.length === 0 ? [] : ["", ...rows])].join("\n");
}
