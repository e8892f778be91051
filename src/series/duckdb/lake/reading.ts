import { AppError, reasonOf } from "../../../domain/error.ts";
import type { LakeSegment } from "../../../domain/lake.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { ClosedBefore } from "../state.ts";
import { type LakeView, viewLake } from "./source.ts";
import { storeVersion } from "./tables.ts";
import type { LakeVersion, LakeVersions } from "./versions.ts";

/** The lake as one transaction of the writer has it. */
export type WriterLake = {
  readonly version: LakeVersion;
  /** What holds readings once these days have tables, hidden ones left out. */
  view(newDays: readonly number[]): LakeView;
  /** Called once at the end of the transaction: what it changed for reads. */
  changed(change: { readonly hidAny: boolean; readonly newDays: readonly number[] }): Promise<void>;
  /** Files that views named. */
  readonly used: ReadonlySet<LakeSegment>;
};

/** Runs a transaction of the writer; what it changes for reads comes in force with it. */
export async function asWriter(
  versions: LakeVersions,
  root: string,
  connection: DuckdbConnection,
  run: (lake: WriterLake) => Promise<void>,
): Promise<void> {
  const before = versions.current();
  const used = new Set<LakeSegment>();
  let next: ReturnType<LakeVersions["propose"]> | undefined;
  const lake: WriterLake = {
    version: before,
    // Its own rows may hide readings before its transaction ends, so it always looks for them.
    view: (newDays) =>
      viewLake(
        { ...before, hasReplaced: true, hotDays: [...before.hotDays, ...newDays] },
        root,
        used,
      ),
    async changed({ hidAny, newDays }) {
      if (newDays.length === 0 && (before.hasReplaced || !hidAny)) return;
      next = versions.propose({
        hasReplaced: before.hasReplaced || hidAny,
        hotDays: [...before.hotDays, ...newDays],
      });
      await storeVersion(connection, before, next.version);
    },
    used,
  };
  try {
    await run(lake);
  } catch (cause) {
    next?.abort();
    throw mayBeDamage(cause, lake) ? new DamagedRead([...used], cause) : cause;
  }
  next?.commit();
}

/** A transaction that failed while files were in use; its cause is DuckDB's error. */
export class DamagedRead extends Error {
  readonly used: readonly LakeSegment[];
  constructor(used: readonly LakeSegment[], cause: unknown) {
    super("a transaction over files of the lake failed", { cause });
    this.used = used;
  }
}

export async function inSnapshot<T>(
  connection: DuckdbConnection,
  lake: {
    readonly versions: LakeVersions;
    readonly root: string;
    readonly closed: () => ClosedBefore;
  },
  run: (view: LakeView, closedUs: ClosedBefore) => Promise<T>,
): Promise<T> {
  // Before the snapshot, and right before it: a sealing that comes between would need longer.
  const closedUs = lake.closed();
  const rows = await connection.rows("begin; select generation from lake");
  let lease: ReturnType<LakeVersions["lease"]> | undefined;
  let view: LakeView | undefined;
  try {
    lease = lake.versions.lease(rows.f64(0)[0] ?? 0);
    view = viewLake(lease.version, lake.root);
    return await run(view, closedUs);
  } catch (cause) {
    if (cause instanceof AppError || !view || !mayBeDamage(cause, view)) throw cause;
    throw new DamagedRead([...view.used], cause);
  } finally {
    lease?.release();
    await connection.run("rollback");
  }
}

/** Whether a statement may have failed for a file: not when it was ended or had too little memory. */
function mayBeDamage(error: unknown, { used }: Pick<LakeView, "used">): boolean {
  return used.size > 0 && !/INTERRUPT|Out of Memory/i.test(reasonOf(error));
}
