import { resolve } from "node:path";
import type { OperationArguments, OperationName } from "../domain/operation.ts";
import { type Arguments, type Terminal, textOf } from "./command.ts";
import { type InstallationDeps, runOperation } from "./installation.ts";

/** The option every command has that works on an installation. */
export const DATA = { value: "DIR", sentence: "The data folder (default: data)." } as const;
export const JSON_SWITCH = { sentence: "Print JSON, for a program." } as const;

/** The data folder a command works on, absolute. */
export function folderOf(args: Arguments, terminal: Terminal): string {
  return resolve(terminal.cwd, textOf(args, "data") || "data");
}

/** Runs one operation on the folder that the arguments name. */
export function operate(
  deps: InstallationDeps,
  args: Arguments,
  terminal: Terminal,
  name: OperationName,
  payload: OperationArguments,
): Promise<unknown> {
  return runOperation(deps, folderOf(args, terminal), name, payload);
}
