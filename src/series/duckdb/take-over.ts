import type { ReadingStoreEngine } from "../../domain/reading-store.ts";
import type { DuckdbConnection } from "./connection.ts";

/** Sets cursor and ledger in one transaction. */
export async function takeOver(
  connection: DuckdbConnection,
  { sequence, lateLedger }: Parameters<ReadingStoreEngine["takeOver"]>[0],
): Promise<void> {
  const rows = lateLedger.map(
    (row) => `(${row.sourceNo}, ${row.fresh}, ${row.duplicates}, ${row.overwrites})`,
  );
  const insert = rows.length === 0 ? "" : `insert into late_ledger values ${rows.join(",")};`;
  await connection.run("begin");
  try {
    await connection.run(
      `update cursor set sequence = ${sequence}; update waveforms set sequence = 0;
        delete from late_ledger; ${insert}`,
    );
    await connection.run("commit");
  } catch (error) {
    // A commit that failed has rolled back already; then this has nothing to end.
    await connection.run("rollback").catch(() => undefined);
    throw error;
  }
}
