import { sql as text } from "drizzle-orm";
import type { RelationalCounts } from "../domain/relational.ts";
import { type Database, run } from "./database.ts";

/** Counts of every tenant, for `foresight inspect`. */
export function countAll(db: Database): Promise<readonly RelationalCounts[]> {
  return db.withSystem(async (tx) => {
    const rows = await run<RelationalCounts>(
      tx,
      text`
      select t.id as "tenantId", t.no as "tenantNo",
             (select count(*)::int from series x where x.tenant_id = t.id) as series,
             (select count(*)::int from assets x where x.tenant_id = t.id) as assets,
             (select count(*)::int from alerts x where x.tenant_id = t.id) as alerts,
             (select count(*)::int from alerts x
               where x.tenant_id = t.id and x.status <> 'closed') as "alertsActive",
             (select count(*)::int from work_orders x where x.tenant_id = t.id) as "workOrders",
             (select coalesce(sum(quarantined), 0)::float8 from sources x
               where x.tenant_id = t.id) as quarantined
        from tenants t order by t.no`,
    );
    return [...rows];
  });
}
