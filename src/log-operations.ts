import { systemActor } from "./domain/actor.ts";
import type { Engine } from "./domain/engine.ts";
import { AppError } from "./domain/error.ts";
import type { LogNames, OperationArguments } from "./domain/operation.ts";
import type { Relational } from "./domain/relational.ts";
import { SOURCE_KINDS } from "./domain/source.ts";
import type { Clock } from "./lib/clock.ts";

const BY = "the command line";

/** What the log calls by number. */
export async function logNames(relational: Relational): Promise<LogNames> {
  const tenants = await relational.tenants.list();
  const sources: LogNames["sources"][number][] = [];
  for (const { id, no: tenantNo } of tenants)
    for (const { no, name, kind, autoAdopt } of await relational.sources.list(systemActor(id, BY)))
      sources.push({ no, tenantNo, name, kind, autoAdopt });
  return { tenants: tenants.map(({ no, id, name, zone }) => ({ no, id, name, zone })), sources };
}

const textOf = (args: OperationArguments, name: string): string => {
  const value = args[name];
  if (typeof value !== "string" || value === "")
    throw new AppError("invalid", `${name} is missing; say what it is`);
  return value;
};

/**
 * Takes lines of a tenant's source, with times in µs; both are made when they are missing. Answers once
 * they are flushed.
 * @throws AppError "unavailable" when the log takes nothing now.
 */
export async function writeLines(
  deps: { readonly relational: Relational; readonly engine: Engine; readonly clock: Clock },
  args: OperationArguments,
): Promise<{ readings: number; rejected: number; reason: string | undefined }> {
  const { relational, engine } = deps;
  const id = textOf(args, "tenant");
  const who = systemActor(id, BY);
  const tenant =
    (await relational.tenants.get(id)) ??
    (await relational.tenants.create(
      { id, name: textOf(args, "tenantName"), zone: textOf(args, "zone") },
      who,
    ));
  const kind = SOURCE_KINDS.find((one) => one === args.kind) ?? "line-protocol";
  const { no: sourceNo } = await relational.sources.ensure(who, {
    name: textOf(args, "source"),
    kind,
    autoAdopt: args.autoAdopt === true,
  });
  const result = await engine.write({
    tenantNo: tenant.no,
    sourceNo,
    dialect: args.dialect === "questdb" ? "questdb" : "influx",
    precision: "us",
    receivedAtUs: deps.clock.nowUs(),
    body: new TextEncoder().encode(textOf(args, "lines")).slice().buffer,
  });
  const { readings, rejectedLines: rejected, errors } = result;
  return { readings, rejected, reason: errors[0]?.reason };
}
