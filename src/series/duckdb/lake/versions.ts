import type { LakeSegment } from "../../../domain/lake.ts";

/** Which tables and files hold readings, as of one generation. */
export type LakeVersion = {
  readonly generation: number;
  /** Starts of the days that are written to in a table of their own. */
  readonly hotDays: readonly number[];
  /** Start of the day whose readings lie in the frozen tables while they are being sealed. */
  readonly frozenDayUs: number | undefined;
  readonly segments: readonly LakeSegment[];
  /** Whether the table `replaced` may hold anything. */
  readonly hasReplaced: boolean;
};

export type LakeVersions = {
  current(): LakeVersion;
  /**
   * Makes the next version known, before the transaction that brings it in force commits: a read may see
   * that commit before whoever made it is told.
   */
  propose(change: Partial<Omit<LakeVersion, "generation">>): {
    readonly version: LakeVersion;
    commit(): void;
    abort(): void;
  };
  /**
   * The version of a generation, kept until it is released.
   * @throws Error when it is not known.
   */
  lease(generation: number): { readonly version: LakeVersion; release(): void };
  /** Calls back once no lease of a version older than the current one is left. */
  whenOldUnused(call: () => void): void;
};

/** Versions of the lake that are in force or that a read still uses. */
export function createLakeVersions(first: LakeVersion): LakeVersions {
  let current = first;
  const known = new Map<number, { readonly version: LakeVersion; leases: number }>([
    [first.generation, { version: first, leases: 0 }],
  ]);
  const waiting: { readonly generation: number; readonly call: () => void }[] = [];

  function settle(): void {
    for (const [generation, { leases }] of known)
      if (leases === 0 && generation < current.generation) known.delete(generation);
    const oldest = Math.min(...known.keys());
    for (const one of waiting.splice(0))
      if (oldest >= one.generation) one.call();
      else waiting.push(one);
  }

  return {
    current: () => current,
    propose(change) {
      const version = { ...current, ...change, generation: current.generation + 1 };
      known.set(version.generation, { version, leases: 0 });
      return {
        version,
        commit() {
          current = version;
          settle();
        },
        abort() {
          known.delete(version.generation);
        },
      };
    },
    lease(generation) {
      const entry = known.get(generation);
      if (!entry) throw new Error(`generation ${generation} of the lake is not known`);
      entry.leases++;
      return {
        version: entry.version,
        release() {
          entry.leases--;
          settle();
        },
      };
    },
    whenOldUnused(call) {
      waiting.push({ generation: current.generation, call });
      settle();
    },
  };
}
