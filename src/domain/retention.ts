import type { Actor, Change } from "./actor.ts";
import { AppError } from "./error.ts";
import { DEFAULT_CLASS, LAKE_DAY_US } from "./lake.ts";
import { TIERS, type Tier } from "./reading-store.ts";

/** What is kept for a time of its own: the tiers of readings, and waveforms. */
export const RETENTION_TIERS = [...TIERS, "waveform"] as const;
export type RetentionTier = (typeof RETENTION_TIERS)[number];

/** How long each tier of a class is kept, in whole days; null is for ever. */
export type RetentionClass = {
  /** A folder's name in the lake: lower-case letters, digits, hyphens. */
  readonly name: string;
  readonly keepDays: Readonly<Record<Tier, number | null>> & {
    /** As long as raw readings when it is left out. */
    readonly waveform?: number | null;
  };
};

/** Days that a class keeps a tier; null is for ever. Pure. */
export function keptDays({ keepDays }: RetentionClass, tier: RetentionTier): number | null {
  const days = keepDays[tier];
  return days === undefined ? keepDays.raw : days;
}

/** A tenant's classes and what belongs to each. */
export type RetentionPolicy = {
  /** At least the one named "default", which takes every sensor that belongs to no other. */
  readonly classes: readonly RetentionClass[];
  /** Class by id of an asset type. */
  readonly byAssetType: Readonly<Record<string, string>>;
  /** Class by id of a sensor; it wins over the type's. */
  readonly bySensor: Readonly<Record<string, string>>;
};

export const DEFAULT_POLICY: RetentionPolicy = {
  classes: [
    { name: DEFAULT_CLASS, keepDays: { raw: 90, "5m": 365, "1h": 1825, "1d": null, waveform: 90 } },
  ],
  byAssetType: {},
  bySensor: {},
};

const CLASSES_MOST = 20;
const NAME = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * The policy, if it can be kept.
 * @throws AppError "invalid" saying what is wrong with it.
 */
export function checkPolicy(policy: RetentionPolicy): RetentionPolicy {
  const names = policy.classes.map(({ name }) => name);
  const refuse = (why: string) => {
    throw new AppError("invalid", `retention: ${why}`);
  };
  if (names.length > CLASSES_MOST) refuse(`${names.length} classes; at most ${CLASSES_MOST}`);
  if (!names.includes(DEFAULT_CLASS)) refuse(`there must be a class "${DEFAULT_CLASS}"`);
  if (new Set(names).size < names.length) refuse("two classes have the same name");
  for (const name of names)
    if (!NAME.test(name)) refuse(`"${name}" must be lower-case letters, digits and hyphens`);
  for (const one of policy.classes)
    for (const tier of RETENTION_TIERS) {
      const days = keptDays(one, tier);
      if (days !== null && !(Number.isInteger(days) && days >= 1 && days <= 36_500))
        refuse(`${tier} of ${one.name} must be 1 to 36500 whole days, or null for ever`);
    }
  for (const name of [...Object.values(policy.byAssetType), ...Object.values(policy.bySensor)])
    if (!names.includes(name)) refuse(`there is no class "${name}"`);
  return policy;
}

/** The class of a sensor: its own, its asset type's, or the default. Pure. */
export function classOfSensor(
  policy: RetentionPolicy,
  sensor: { readonly sensorId: string; readonly assetTypeId: string | undefined },
): string {
  const own = policy.bySensor[sensor.sensorId];
  const ofType =
    sensor.assetTypeId === undefined ? undefined : policy.byAssetType[sensor.assetTypeId];
  return own ?? ofType ?? DEFAULT_CLASS;
}

/** What is held of one class, tier and UTC day of a tenant. */
export type Holding = {
  readonly tenantNo: number;
  readonly className: string;
  readonly tier: RetentionTier;
  readonly dayStartUs: number;
  /** When it came, if it came long after its day; its age counts from then. */
  readonly arrivedAtUs: number | undefined;
  readonly rows: number;
  readonly sizeBytes: number;
};

/** Something that goes, and why. */
export type Leaving = Holding & { readonly reason: string };

/**
 * What is older than its class allows. Age counts from the end of the day or from arrival, whichever is
 * later. A class that no longer exists is kept like the default. Pure.
 */
export function leaving(
  holdings: readonly Holding[],
  classes: readonly RetentionClass[],
  nowUs: number,
): Leaving[] {
  const byName = new Map(classes.map((one) => [one.name, one]));
  const fallback = byName.get(DEFAULT_CLASS);
  return holdings.flatMap((holding) => {
    const kept = byName.get(holding.className) ?? fallback;
    const days = kept ? keptDays(kept, holding.tier) : null;
    if (days === null) return [];
    const fromUs = Math.max(holding.dayStartUs + LAKE_DAY_US, holding.arrivedAtUs ?? 0);
    if (fromUs + days * LAKE_DAY_US > nowUs) return [];
    return [{ ...holding, reason: `${holding.tier} of ${kept?.name} is kept ${days} days` }];
  });
}

/**
 * What yields when the disk is nearly full: the oldest readings and waveforms first, of one day the
 * waveforms before the readings; then the oldest 5-minute buckets;
 * hours and days never. Stops as soon as enough is freed. Pure.
 */
export function yielding(holdings: readonly Holding[], needBytes: number): Leaving[] {
  const order: readonly (readonly RetentionTier[])[] = [["waveform", "raw"], ["5m"]];
  const candidates = order.flatMap((tiers) =>
    holdings
      .filter((one) => tiers.includes(one.tier))
      .sort((a, b) => a.dayStartUs - b.dayStartUs || tiers.indexOf(a.tier) - tiers.indexOf(b.tier)),
  );
  const chosen: Leaving[] = [];
  let freed = 0;
  for (const one of candidates) {
    if (freed >= needBytes) break;
    chosen.push({ ...one, reason: "the disk is nearly full" });
    freed += one.sizeBytes;
  }
  return chosen;
}

/** Under it everything leaves, today's too: a dry run with it lists what is held. */
export const KEEPS_NOTHING: readonly RetentionClass[] = [
  { name: DEFAULT_CLASS, keepDays: { raw: -2, "5m": -2, "1h": -2, "1d": -2 } },
];

/** Days of one class and tier, taken together. */
export type DaysOfTier = {
  readonly className: string;
  readonly tier: RetentionTier;
  readonly days: number;
  readonly rows: number;
  readonly sizeBytes: number;
  /** Start of the first day and end of the last. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Why they go; that of the first. */
  readonly reason: string;
};

/** What is held or goes by class and tier, in the order of both. Pure. */
export function byClassAndTier(items: readonly Leaving[]): DaysOfTier[] {
  const groups = Map.groupBy(items, ({ className, tier }) => `${className} ${tier}`);
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const starts = group.map(({ dayStartUs }) => dayStartUs);
      return [
        {
          ...{ className: first.className, tier: first.tier, reason: first.reason },
          days: new Set(starts).size,
          rows: group.reduce((sum, { rows }) => sum + rows, 0),
          sizeBytes: group.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
          fromUs: starts.reduce((a, b) => Math.min(a, b)),
          toUs: starts.reduce((a, b) => Math.max(a, b)) + LAKE_DAY_US,
        },
      ];
    })
    .sort(
      (a, b) =>
        a.className.localeCompare(b.className) ||
        RETENTION_TIERS.indexOf(a.tier) - RETENTION_TIERS.indexOf(b.tier),
    );
}

/** One entry of the log of what went. */
export type RetentionEntry = {
  readonly atUs: number;
  readonly className: string;
  readonly tier: RetentionTier;
  readonly fromUs: number;
  readonly toUs: number;
  readonly rows: number;
  readonly sizeBytes: number;
  readonly reason: string;
};

export type RetentionRequest = {
  readonly tenantNo: number;
  readonly classes: readonly RetentionClass[];
  /** Only says what would go. */
  readonly dryRun: boolean;
};

/** Retention as pages, API and the schedule use it, one tenant at a time. */
export type RetentionService = {
  policy(who: Actor): Promise<{ readonly policy: RetentionPolicy; readonly version: number }>;
  /** @throws AppError "invalid" for a bad policy, "not-found" for a sensor or type that is not there. */
  setPolicy(who: Actor, policy: RetentionPolicy, change?: Change): Promise<{ version: number }>;
  /**
   * What would go now, or would under other classes.
   * @throws AppError as `setPolicy` does.
   */
  preview(who: Actor, policy?: RetentionPolicy): Promise<readonly Leaving[]>;
  /** Days that are held; of raw readings those that are sealed. */
  held(who: Actor): Promise<readonly DaysOfTier[]>;
  /** Lets go what is too old, and says what went. */
  run(who: Actor): Promise<readonly Leaving[]>;
  /** What went, newest first. */
  log(who: Actor): Promise<readonly RetentionEntry[]>;
};
