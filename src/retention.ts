import { type Actor, systemActor } from "./domain/actor.ts";
import { AppError, reasonOf } from "./domain/error.ts";
import type { SeriesFacts } from "./domain/lake.ts";
import type { ReadingStore } from "./domain/reading-store.ts";
import type { Stores } from "./domain/relational.ts";
import {
  byClassAndTier,
  checkPolicy,
  classOfSensor,
  DEFAULT_POLICY,
  KEEPS_NOTHING,
  type RetentionClass,
  type RetentionPolicy,
  type RetentionService,
} from "./domain/retention.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";

const SETTING = "retention";
const FIRST_MS = 60_000;

export type RetentionDeps = {
  readonly relational: Pick<
    Stores,
    "tenants" | "settings" | "series" | "sensors" | "assets" | "assetTypes"
  >;
  readonly readings: Pick<ReadingStore, "describe" | "retain" | "retentionLog" | "seal">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How often names, classes and what is too old are looked after; never when left out. */
  readonly everyMs?: number;
};

/**
 * Tells the store of readings what its series are called and which class each belongs to, and lets go
 * what is too old: every `everyMs`, and when asked.
 */
export function createRetention(
  deps: RetentionDeps,
): RetentionService & { stop(): Promise<void>; runAll(): Promise<void> } {
  const { relational, readings, logger } = deps;
  /** What was told last, by tenant, so that nothing is written when nothing changed. */
  const told = new Map<string, string>();
  let running: Promise<void> = Promise.resolve();
  let isStopping = false;

  async function policyOf(who: Actor): Promise<{ policy: RetentionPolicy; version: number }> {
    const setting = await relational.settings.get(who, SETTING);
    // Only `setPolicy` writes it, after checking.
    return setting === undefined
      ? { policy: DEFAULT_POLICY, version: 0 }
      : { policy: setting.value as RetentionPolicy, version: setting.version };
  }

  async function tenantNoOf(who: Actor): Promise<number> {
    const tenant = await relational.tenants.get(who.tenantId);
    if (!tenant) throw new AppError("not-found", `no tenant ${who.tenantId}`);
    return tenant.no;
  }

  async function describe(who: Actor): Promise<void> {
    const { policy } = await policyOf(who);
    const facts = await factsOf(relational, who, policy);
    const text = Bun.hash(JSON.stringify(facts)).toString();
    if (told.get(who.tenantId) === text) return;
    await readings.describe({ tenantNo: await tenantNoOf(who), facts });
    told.set(who.tenantId, text);
  }

  async function retain(who: Actor, dryRun: boolean, other?: readonly RetentionClass[]) {
    await describe(who);
    const classes = other ?? (await policyOf(who)).policy.classes;
    return readings.retain({ tenantNo: await tenantNoOf(who), classes, dryRun });
  }

  async function runAll(): Promise<void> {
    for (const { id } of await relational.tenants.list()) {
      if (isStopping) return;
      try {
        await retain(systemActor(id, "retention"), false);
      } catch (error) {
        if (!isStopping)
          logger.error("retention did not run; it is tried again", {
            ...{ tenant: id, reason: reasonOf(error) },
          });
      }
    }
  }

  const tick = () => {
    running = running.then(runAll).catch((error: unknown) => {
      if (!isStopping) logger.error("retention did not run", { reason: reasonOf(error) });
    });
  };
  // Soon after the start, so that days are sealed under the classes of today.
  const cancels =
    deps.everyMs === undefined
      ? []
      : [deps.clock.after(FIRST_MS, tick), deps.clock.every(deps.everyMs, tick)];
  return {
    policy: policyOf,
    async setPolicy(who, policy, change) {
      await checkIds(relational, who, checkPolicy(policy));
      const { version } = await relational.settings.set(who, SETTING, policy, change);
      await describe(who);
      return { version };
    },
    async preview(who, policy) {
      if (policy !== undefined) await checkIds(relational, who, checkPolicy(policy));
      return retain(who, true, policy?.classes);
    },
    held: async (who) => byClassAndTier(await retain(who, true, KEEPS_NOTHING)),
    run: (who) => retain(who, false),
    log: async (who) => readings.retentionLog(await tenantNoOf(who)),
    runAll,
    async stop() {
      isStopping = true;
      for (const cancel of cancels) cancel();
      await running;
    },
  };
}

/** Names and class of every series that feeds a sensor. */
async function factsOf(
  relational: RetentionDeps["relational"],
  who: Actor,
  policy: RetentionPolicy,
): Promise<SeriesFacts[]> {
  const [mapped, sensors, assets] = await Promise.all([
    relational.series.mapped(who),
    relational.sensors.all(who),
    relational.assets.all(who),
  ]);
  const unitOf = new Map(sensors.map(({ id, unit }) => [id, unit]));
  const keyOf = new Map(assets.map(({ id, key }) => [id, key]));
  return mapped.map((one) => ({
    seriesNo: one.seriesNo,
    asset: keyOf.get(one.assetId) ?? "",
    sensor: one.sensorName,
    unit: unitOf.get(one.sensorId) ?? "",
    className: classOfSensor(policy, one),
  }));
}

/** @throws AppError "not-found" for a sensor or an asset type that the tenant does not have. */
async function checkIds(
  { sensors, assetTypes }: RetentionDeps["relational"],
  who: Actor,
  { bySensor, byAssetType }: RetentionPolicy,
): Promise<void> {
  for (const id of Object.keys(bySensor))
    if ((await sensors.get(who, id)) === undefined)
      throw new AppError("not-found", `no sensor ${id}`);
  for (const id of Object.keys(byAssetType))
    if ((await assetTypes.get(who, id)) === undefined)
      throw new AppError("not-found", `no asset type ${id}`);
}
