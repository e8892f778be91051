import { KEY_SCOPES } from "./domain/access.ts";
import { systemActor } from "./domain/actor.ts";
import type { Engine } from "./domain/engine.ts";
import { AppError } from "./domain/error.ts";
import { IMPORT_KINDS, type ImportKind, type ImportReport } from "./domain/import.ts";
import { JOB_NAMES, type JobName } from "./domain/job-work.ts";
import type { Counts, Inspection, OperationArguments, Operations } from "./domain/operation.ts";
import type { ReadingReads } from "./domain/reading-store.ts";
import type { Relational } from "./domain/relational.ts";
import { isEmail, PASSWORD_LENGTH_MIN } from "./domain/user.ts";
import type { Clock } from "./lib/clock.ts";
import { logNames, writeLines } from "./log-operations.ts";

export type OperationsDeps = {
  readonly relational: Relational;
  readonly engine: Engine;
  readonly readings: ReadingReads;
  readonly clock: Clock;
  /** Resolves when the relational store has applied this sequence. */
  readonly reached: (sequence: number) => Promise<void>;
  readonly runJob: (
    tenantId: string,
    job: JobName,
    by: string,
  ) => Promise<{ failed: boolean; text: string }>;
  readonly importFile: (request: {
    readonly tenantId: string;
    readonly path: string;
    readonly kind: ImportKind | undefined;
    readonly zone: string | undefined;
    readonly by: string;
  }) => Promise<ImportReport>;
};

function textOf(args: OperationArguments, name: string): string {
  const value = args[name];
  if (typeof value !== "string" || value === "")
    throw new AppError("invalid", `${name} is missing; say what it is`);
  return value;
}

function optionalText(args: OperationArguments, name: string): string | undefined {
  const value = args[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** What the command line can ask; see `OperationName`. */
export function createOperations(deps: OperationsDeps): Operations {
  const by = "the command line";
  return {
    setup: (args) =>
      setUpTenant(deps.relational, {
        tenant: textOf(args, "tenant"),
        name: textOf(args, "name"),
        email: textOf(args, "email"),
        zone: optionalText(args, "zone") ?? "UTC",
        password: textOf(args, "password"),
      }),
    "token-create": (args) => createToken(deps.relational, args),
    "line-key-create": async (args) => {
      const tenant = await tenantOf(deps.relational, textOf(args, "tenant"));
      const who = systemActor(tenant.id, "line-key create");
      return (await deps.relational.lineKeys.create(who, { name: textOf(args, "name") })).secret;
    },
    // Nothing listens unless a server runs; it answers in its place.
    listeners: async () => [],
    import: async (args) => {
      const kind = optionalText(args, "kind");
      const known = kind === "line-protocol" ? "lines" : IMPORT_KINDS.find((one) => one === kind);
      if (kind !== undefined && known === undefined)
        throw new AppError("invalid", `kind ${kind} is not known; use ${IMPORT_KINDS.join(", ")}`);
      const tenantId = textOf(args, "tenant");
      await tenantOf(deps.relational, tenantId);
      return deps.importFile({
        tenantId,
        path: textOf(args, "path"),
        kind: known,
        zone: optionalText(args, "zone"),
        by,
      });
    },
    train: (args) => runJobs(deps, ["features", "train", "score"], args, by),
    score: (args) => runJobs(deps, ["score"], args, by),
    inspect: () => inspect(deps),
    "log-state": () => deps.engine.stats(),
    "log-names": () => logNames(deps.relational),
    "write-lines": (args) => writeLines(deps, args),
    "sign-in-link": async (args) => {
      const tenantId = textOf(args, "tenant");
      const users = await deps.relational.users.list(systemActor(tenantId, by));
      const user = users.find((one) => one.role === "admin" && !one.disabled);
      if (user === undefined) throw new AppError("not-found", `${tenantId} has no administrator`);
      const token = await deps.relational.sessions.createLink(tenantId, user.id, LINK_MS);
      return { path: `/sign-in/link?token=${token}` };
    },
  };
}

const LINK_MS = 15 * 60_000;

/** Makes a tenant with its first site and administrator, whole or not at all as far as people see. */
export async function setUpTenant(
  relational: Relational,
  input: { tenant: string; name: string; email: string; zone: string; password: string },
): Promise<{ tenant: string; userId: string }> {
  if (input.password.length < PASSWORD_LENGTH_MIN)
    throw new AppError(
      "invalid",
      `the password is shorter than ${PASSWORD_LENGTH_MIN} characters; choose a longer one`,
    );
  if (!isEmail(input.email))
    throw new AppError(
      "invalid",
      `${input.email} is no mail address; write one like a@example.com`,
    );
  const who = systemActor(input.tenant, "setup");
  const existing = await relational.tenants.get(input.tenant);
  // A set-up that was cut off after the tenant was made goes on; one that was done is refused.
  if (existing !== undefined && (await relational.users.list(who)).length > 0)
    throw new AppError("conflict", `tenant ${input.tenant} is set up already`);
  if (existing === undefined)
    await relational.tenants.create(
      { id: input.tenant, name: input.name, zone: input.zone },
      systemActor(input.tenant, "setup"),
    );
  if ((await relational.sites.list(who)).length === 0)
    await relational.sites.create(who, { name: input.name, zone: input.zone });
  const user = await relational.users.create(who, {
    email: input.email,
    name: input.email.split("@")[0] ?? input.email,
    role: "admin",
    password: input.password,
  });
  return { tenant: input.tenant, userId: user.id };
}

async function tenantOf(relational: Relational, id: string) {
  const tenant = await relational.tenants.get(id);
  if (tenant === undefined)
    throw new AppError("not-found", `no tenant ${id}; foresight setup makes one`);
  return tenant;
}

async function createToken(
  relational: Relational,
  args: OperationArguments,
): Promise<{ token: string }> {
  const tenant = await tenantOf(relational, textOf(args, "tenant"));
  const scope = KEY_SCOPES.find((one) => one === args.scope);
  if (scope === undefined)
    throw new AppError("invalid", `scope is not known; use ${KEY_SCOPES.join(", ")}`);
  const who = systemActor(tenant.id, "token create");
  const { token } = await relational.apiKeys.create(who, { name: textOf(args, "name"), scope });
  return { token };
}

async function runJobs(
  deps: OperationsDeps,
  jobs: readonly JobName[],
  args: OperationArguments,
  by: string,
): Promise<{ failed: boolean; lines: string[] }> {
  const only = optionalText(args, "tenant");
  const tenants = only
    ? [await tenantOf(deps.relational, only)]
    : await deps.relational.tenants.list();
  const drained = await deps.engine.drain();
  await deps.reached(drained.logSequence);
  const lines = tenants.length === 0 ? ["there is no tenant yet; foresight setup makes one"] : [];
  let failed = false;
  for (const tenant of tenants) {
    for (const job of JOB_NAMES.filter((name) => jobs.includes(name))) {
      const result = await deps.runJob(tenant.id, job, by);
      failed ||= result.failed;
      lines.push(`${tenant.id} ${job}: ${result.failed ? "failed: " : ""}${result.text}`);
    }
  }
  return { failed, lines };
}

/** Counts that cover everything acknowledged: waits until both stores have passed the log's end. */
async function inspect(deps: OperationsDeps): Promise<Inspection> {
  const stats = await deps.engine.drain();
  await deps.reached(stats.logSequence);
  const stored = await deps.readings.counts({ atLeastSequence: stats.logSequence });
  const tenants: Record<string, Counts> = {};
  let alerts = 0;
  for (const row of await deps.relational.counts()) {
    const own = stored.byTenantNo[row.tenantNo];
    const open = stats.openBucketsByTenant[row.tenantNo] ?? 0;
    tenants[row.tenantId] = {
      readings: own?.readings ?? 0,
      series: own?.series ?? 0,
      buckets: (own?.buckets5m ?? 0) + open,
      alerts: row.alerts,
    };
    alerts += row.alerts;
  }
  return {
    readings: stored.readings,
    series: stored.series,
    buckets: stored.buckets5m + stats.openBuckets,
    alerts,
    sequence: stats.logSequence,
    damagedParts: stats.damage.length,
    lake: (await deps.readings.status()).lake,
    tenants,
  };
}
