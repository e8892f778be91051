import { AppError, reasonOf } from "../../../domain/error.ts";
import type { LakeSegment } from "../../../domain/lake.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { ClosedBefore } from "../state.ts";
import { type LakeView, viewLake } from "./source.ts";
import { storeVersion } from "./tables.ts";
import type { LakeVersions } from "./versions.ts";

/** The writer's own rows may hide readings before its transaction ends, so it always looks for them. */
export function viewForWriter(versions: LakeVersions, root: string): LakeView {
  return viewLake({ ...versions.current(), hasReplaced: true }, root);
}

/** Runs a transaction of the writer; when it is the first to hide readings, reads are told with it. */
export async function hidingOnce(
  versions: LakeVersions,
  connection: DuckdbConnection,
  run: (onHide: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const before = versions.current();
  let next: ReturnType<LakeVersions["propose"]> | undefined;
  try {
    await run(async () => {
      if (before.hasReplaced) return;
      next = versions.propose({ hasReplaced: true });
      await storeVersion(connection, before, next.version);
    });
  } catch (error) {
    next?.abort();
    throw error;
  }
  next?.commit();
}

/** A read that failed while files were in use; its cause is DuckDB's error. */
export class DamagedRead extends Error {
  readonly used: readonly LakeSegment[];
  constructor(used: readonly LakeSegment[], cause: unknown) {
    super("a read over files of the lake failed", { cause });
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
export function mayBeDamage(error: unknown, view: LakeView): boolean {
  return view.used.size > 0 && !/INTERRUPT|Out of Memory/i.test(reasonOf(error));
}
