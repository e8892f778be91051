import { systemActor } from "./domain/actor.ts";
import { AppError } from "./domain/error.ts";
import type { LineSource } from "./domain/line-key.ts";
import type { Relational } from "./domain/relational.ts";
import type { Clock } from "./lib/clock.ts";

export type LineSourceDeps = {
  readonly relational: Pick<Relational, "tenants" | "sources">;
  readonly clock: Clock;
  /** The environment variable that names it, for its error. */
  readonly env: string;
  /** `TENANT/SOURCE`. */
  readonly setting: string;
};

/** How long an answer that there is no such tenant holds, so that a flood does not ask the database. */
const AGAIN_US = 1_000_000;

/**
 * The source that a setting names. Its tenant may be made after the listener started, so it is looked for
 * until it is there; the source itself is made when missing.
 * @throws AppError "not-found" while there is no such tenant, "unavailable" while the database is away.
 */
export function createLineSource(deps: LineSourceDeps): () => Promise<LineSource> {
  let known: Promise<LineSource> | undefined;
  let failedAtUs: number | undefined;
  return () => {
    const nowUs = deps.clock.nowUs();
    if (failedAtUs !== undefined && nowUs - failedAtUs >= AGAIN_US) {
      known = undefined;
      failedAtUs = undefined;
    }
    // One question at a time, and none once it is answered.
    known ??= find(deps).catch((error: unknown) => {
      failedAtUs = deps.clock.nowUs();
      throw error;
    });
    return known;
  };
}

async function find({ relational, env, setting }: LineSourceDeps): Promise<LineSource> {
  const cut = setting.indexOf("/");
  const tenantId = setting.slice(0, cut);
  const tenant = await relational.tenants.get(tenantId);
  if (tenant === undefined)
    throw new AppError(
      "not-found",
      `${env}: there is no tenant ${tenantId}; foresight setup makes one`,
    );
  const who = systemActor(tenantId, "listener");
  const name = setting.slice(cut + 1);
  const source = await relational.sources.ensure(who, { name, kind: "line-protocol" });
  return { tenantId, tenantNo: tenant.no, sourceNo: source.no };
}
