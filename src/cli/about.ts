import { AppError } from "../domain/error.ts";
import { type Command, usageOf } from "./command.ts";
import { JSON_SWITCH } from "./operate.ts";

/** `foresight version`. */
export function versionCommand(version: string, build: string): Command {
  return {
    name: "version",
    sentence: "Prints the version.",
    options: { json: JSON_SWITCH },
    run: async (args, terminal) => {
      const line = build === "" ? version : `${version} (${build})`;
      terminal.out(args.values.json ? JSON.stringify({ version, build }) : `foresight ${line}`);
      return 0;
    },
  };
}

/** `foresight help`. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return {
    name: "help",
    sentence: "Explains a command, or lists them.",
    rest: "[COMMAND]",
    options: {},
    run: async (args, terminal) => {
      const all = commands().filter((c) => !c.internal);
      const name = args.rest.length === 0 ? undefined : args.rest.join(" ");
      if (name === undefined) {
        const width = Math.max(...all.map((c) => c.name.length));
        terminal.out(
          "foresight watches a plant's machines and says which need you, when and why.\n",
        );
        for (const c of all) terminal.out(`  ${c.name.padEnd(width)}  ${c.sentence}`);
        terminal.out("\nforesight help COMMAND explains one.");
        return 0;
      }
      const found = all.find((c) => c.name === name);
      if (found === undefined)
        throw new AppError("invalid", `no command ${name}; foresight help lists them`);
      terminal.out(usageOf(found));
      return 0;
    },
  };
}

/** A setting as `foresight config` shows it. */
export type ShownSetting = {
  readonly env: string;
  readonly unit: string;
  readonly sentence: string;
  readonly fallback: unknown;
};

/** `foresight config`: every setting, its unit, default and what it does. */
export function configCommand(settings: readonly ShownSetting[]): Command {
  return {
    name: "config",
    sentence: "Lists the settings, which are environment variables.",
    options: { json: JSON_SWITCH },
    run: async (args, terminal) => {
      if (args.values.json) terminal.out(JSON.stringify(settings));
      else
        for (const s of settings)
          terminal.out(`${s.env} (${s.unit}, default ${s.fallback || "none"})\n  ${s.sentence}`);
      return 0;
    },
  };
}
