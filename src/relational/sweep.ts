import { lt } from "drizzle-orm";
import type { Database } from "./database.ts";
import { idempotencyKeys } from "./schema/records.ts";

/** How long a repeated request is answered from memory. */
const KEPT_US = 24 * 3_600_000_000;

/** Forgets the answers of idempotency keys that are over a day old; returns how many. */
export function sweepKeys(db: Database): Promise<number> {
  return db.withSystem(async (tx) => {
    const gone = await tx
      .delete(idempotencyKeys)
      .where(lt(idempotencyKeys.createdAtUs, db.clock.nowUs() - KEPT_US))
      .returning({ key: idempotencyKeys.key });
    return gone.length;
  });
}
