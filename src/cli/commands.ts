import { resolve } from "node:path";
import { AppError } from "../domain/error.ts";
import type { ImportReport } from "../domain/import.ts";
import type { LakeStatus } from "../domain/lake.ts";
import type { Inspection, ListenerState } from "../domain/operation.ts";
import { type Command, textOf } from "./command.ts";
import type { InstallationDeps } from "./installation.ts";
import { DATA, JSON_SWITCH, operate } from "./operate.ts";

const TENANT = { value: "TENANT", sentence: "The tenant's short name.", required: true } as const;

/** `foresight setup`: the first tenant and its administrator. */
export function setupCommand(deps: InstallationDeps): Command {
  return {
    name: "setup",
    sentence: "Creates a tenant and its administrator; the password is read from standard input.",
    options: {
      data: DATA,
      tenant: { ...TENANT, sentence: "The tenant's short name: small letters, digits, dashes." },
      name: { value: "NAME", sentence: "The tenant's name for people.", required: true },
      email: { value: "EMAIL", sentence: "The administrator's address.", required: true },
      zone: { value: "ZONE", sentence: "Time zone of the first site (default: UTC)." },
      "password-stdin": { sentence: "Read the password from standard input.", required: true },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      const password = (await terminal.readStdin()).replace(/\r?\n$/, "");
      const payload = {
        tenant: textOf(args, "tenant"),
        name: textOf(args, "name"),
        email: textOf(args, "email"),
        zone: textOf(args, "zone") || "UTC",
        password,
      };
      await operate(deps, args, terminal, "setup", payload);
      const done = { tenant: payload.tenant, email: payload.email };
      terminal.out(
        args.values.json
          ? JSON.stringify(done)
          : `tenant ${payload.tenant} is ready; ${payload.email} may sign in`,
      );
      return 0;
    },
  };
}

/** `foresight token create`: a key for a device or a program. Prints only the token. */
export function tokenCommand(deps: InstallationDeps): Command {
  return {
    name: "token",
    sentence: "token create: makes an API key and prints it; it is shown only this once.",
    rest: "create",
    options: {
      data: DATA,
      tenant: TENANT,
      name: { value: "NAME", sentence: "What uses the key.", required: true },
      scope: { value: "SCOPE", sentence: "write, read or admin.", required: true },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      if (args.rest.length !== 1 || args.rest[0] !== "create")
        throw new AppError("invalid", "foresight token: say what to do; see: foresight help token");
      const payload = {
        tenant: textOf(args, "tenant"),
        name: textOf(args, "name"),
        scope: textOf(args, "scope"),
      };
      const made = (await operate(deps, args, terminal, "token-create", payload)) as {
        token: string; // shape of the operation's result
      };
      terminal.out(args.values.json ? JSON.stringify(made) : made.token);
      return 0;
    },
  };
}

/** `foresight line-key create`: a key for a client of line protocol over TCP. Prints it as JSON. */
export function lineKeyCommand(deps: InstallationDeps): Command {
  return {
    name: "line-key",
    sentence:
      "line-key create: makes a key for line protocol over TCP and prints it, only this once.",
    rest: "create",
    options: {
      data: DATA,
      tenant: TENANT,
      name: {
        value: "NAME",
        sentence: "What uses the key; its source is named so.",
        required: true,
      },
    },
    run: async (args, terminal) => {
      if (args.rest.length !== 1 || args.rest[0] !== "create")
        throw new AppError(
          "invalid",
          "foresight line-key: say what to do; see: foresight help line-key",
        );
      const payload = { tenant: textOf(args, "tenant"), name: textOf(args, "name") };
      terminal.out(JSON.stringify(await operate(deps, args, terminal, "line-key-create", payload)));
      return 0;
    },
  };
}

/** `foresight listeners`: what the running server's listeners of line protocol count. */
export function listenersCommand(deps: InstallationDeps): Command {
  return {
    name: "listeners",
    sentence: "Shows the counters of line protocol over TCP and UDP since the server started.",
    options: { data: DATA, json: JSON_SWITCH },
    run: async (args, terminal) => {
      const found = (await operate(deps, args, terminal, "listeners", {})) as ListenerState[];
      if (args.values.json) terminal.out(JSON.stringify(found));
      else if (found.length === 0)
        terminal.out("no listener runs; FORESIGHT_TCP_LISTEN starts one");
      else for (const one of found) for (const line of listenerText(one)) terminal.out(line);
      return 0;
    },
  };
}

/** A listener for people: its name and port, then what it counted, without zeros. Pure. */
export function listenerText({ name, port, ended, ...counters }: ListenerState): string[] {
  const some = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).filter(([, count]) => count > 0);
  return [
    `${name}, port ${port}`,
    ...some(counters).map(([what, count]) => `  ${what} ${count}`),
    ...some(ended).map(([why, count]) => `  ended for ${why} ${count}`),
  ];
}

/** `foresight import`: files into the stores, by the same way as an upload page. */
export function importCommand(deps: InstallationDeps): Command {
  return {
    name: "import",
    sentence:
      "Imports CSV or line protocol files: assets, sensors, asset types, readings, maintenance.",
    rest: "FILE…",
    options: {
      data: DATA,
      tenant: TENANT,
      kind: {
        value: "KIND",
        sentence:
          "asset-types, assets, sensors, readings, maintenance or line-protocol (default: by the header).",
      },
      zone: { value: "ZONE", sentence: "Zone of local times in the file." },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      if (args.rest.length === 0)
        throw new AppError("invalid", "foresight import: name a file; see: foresight help import");
      let failed = 0;
      for (const file of args.rest) {
        const path = resolve(terminal.cwd, file);
        const payload = {
          tenant: textOf(args, "tenant"),
          path,
          kind: textOf(args, "kind") || undefined,
          zone: textOf(args, "zone") || undefined,
        };
        const report = (await operate(deps, args, terminal, "import", payload)) as ImportReport;
        if (args.values.json) terminal.out(JSON.stringify({ file, ...report }));
        else for (const line of importText(file, report)) terminal.out(line);
        failed += report.errorCount;
      }
      return failed === 0 ? 0 : 3;
    },
  };
}

/** What became of an imported file, line by line for people. Pure. */
export function importText(file: string, report: ImportReport): string[] {
  const { rows, stored, duplicates, errorCount, errors } = report;
  const kind = report.kind === undefined ? "rows" : `rows of ${report.kind}`;
  const more = errorCount - errors.length;
  return [
    `${file}: ${rows} ${kind}, ${stored} stored, ${duplicates} known already, ${errorCount} with errors`,
    ...errors.map(
      (e) => `  line ${e.line}${e.column === undefined ? "" : `, ${e.column}`}: ${e.reason}`,
    ),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

/** `foresight train` and `foresight score`: the jobs, now. */
export function jobCommand(
  deps: InstallationDeps,
  name: "train" | "score",
  sentence: string,
): Command {
  return {
    name,
    sentence,
    options: {
      data: DATA,
      tenant: { ...TENANT, sentence: "The tenant (default: all).", required: false },
      json: JSON_SWITCH,
    },
    run: async (args, terminal) => {
      const payload = { tenant: textOf(args, "tenant") || undefined };
      const report = (await operate(deps, args, terminal, name, payload)) as JobReport;
      if (args.values.json) terminal.out(JSON.stringify(report));
      else for (const line of report.lines) terminal.out(line);
      return report.failed ? 1 : 0;
    },
  };
}

type JobReport = { readonly failed: boolean; readonly lines: readonly string[] };

/** `foresight inspect`: what is kept, counted; waits until the counts cover all that was acknowledged. */
export function inspectCommand(deps: InstallationDeps): Command {
  return {
    name: "inspect",
    sentence: "Counts readings, series, buckets and alerts, in all and by tenant.",
    options: { data: DATA, json: JSON_SWITCH },
    run: async (args, terminal) => {
      const found = (await operate(deps, args, terminal, "inspect", {})) as Inspection;
      if (args.values.json) {
        terminal.out(JSON.stringify(found));
        return 0;
      }
      type Row = Omit<Inspection, "tenants" | "sequence" | "damagedParts" | "lake">;
      const row = (name: string, c: Row) =>
        `${name.padEnd(20)} ${String(c.readings).padStart(14)} readings ${String(c.series).padStart(8)} ` +
        `series ${String(c.buckets).padStart(10)} buckets ${String(c.alerts).padStart(7)} alerts`;
      terminal.out(row("all", found));
      for (const [tenant, counts] of Object.entries(found.tenants))
        terminal.out(row(tenant, counts));
      if (found.damagedParts > 0)
        terminal.out(
          `${found.damagedParts} damaged parts of the log are passed over; see foresight log verify`,
        );
      for (const line of lakeLines(found.lake)) terminal.out(line);
      return 0;
    },
  };
}

/** Sealed days, and each file of them that cannot be read. */
function lakeLines({ files, rows, sizeBytes, unreadable }: LakeStatus): string[] {
  if (files === 0) return [];
  const size = `${(sizeBytes / 2 ** 20).toFixed(1)} MiB`;
  return [
    `sealed days: ${rows} readings in ${files} files, ${size}`,
    ...unreadable.map(({ file, defect, ...lost }) => `lake: ${file} (${lost.rows} rows) ${defect}`),
  ];
}
