import { sql as text } from "drizzle-orm";
import { run, type Tx } from "./database.ts";

/** The next number of the tenant; held until the transaction ends, so that none is given twice. */
export async function nextNumber(tx: Tx, tenantId: string): Promise<number> {
  await run(tx, text`select pg_advisory_xact_lock(hashtext('work number'), hashtext(${tenantId}))`);
  const [row] = await run<{ n: number }>(
    tx,
    text`select coalesce(max(number), 0) + 1 as n from work_orders where tenant_id = ${tenantId}`,
  );
  return row?.n ?? 1;
}
