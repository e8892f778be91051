import { sql as text } from "drizzle-orm";
import type { Transition } from "../domain/alert.ts";
import type { AlertChange } from "../domain/relational.ts";
import type { Severity } from "../domain/rule.ts";
import { type Database, run, type Tx } from "./database.ts";
import { wholeUs } from "./keepable.ts";

type Changed = { readonly opened: AlertChange[]; readonly closed: AlertChange[] };
type Row = { tenantId: string; alertId: string; severity: Severity; assetId: string | null };

/** Opens and closes alerts in the order of the log. A rule and series has at most one that is open. */
export async function applyTransitions(
  db: Database,
  tx: Tx,
  transitions: readonly Transition[],
): Promise<Changed> {
  const changed: Changed = { opened: [], closed: [] };
  for (const sent of transitions) {
    const transition = { ...sent, atUs: wholeUs(sent.atUs), sinceUs: wholeUs(sent.sinceUs) };
    const isOpening = transition.kind === "opened";
    const [row] = isOpening ? await open(db, tx, transition) : await close(tx, transition);
    if (row === undefined) continue;
    const alert = { ...row, assetId: row.assetId ?? undefined };
    (isOpening ? changed.opened : changed.closed).push(alert);
    await run(
      tx,
      text`
      insert into alert_events (tenant_id, id, alert_id, kind, at_us, done_by, text)
      values (${row.tenantId}, ${db.newId()}, ${row.alertId}, ${transition.kind},
              ${transition.atUs}::bigint, '', ${transition.reason})`,
    );
  }
  return changed;
}

function open(db: Database, tx: Tx, t: Transition) {
  return run<Row>(
    tx,
    text`
    insert into alerts (tenant_id, id, rule_id, rule_version, rule_name, series_no, sensor_id, asset_id,
                        severity, status, op, threshold, value, opened_sequence, opened_index,
                        opened_at_us, since_us)
    select t.id, ${db.newId()}::uuid, r.id, ${t.ruleVersion}::int, coalesce(v.terms->>'name', r.name),
           s.series_no, s.sensor_id, sensors.asset_id, ${t.severity}, 'open',
           coalesce(v.terms->>'op', r.op), ${t.threshold}::float8, ${t.value}::float8,
           ${t.sequence}::bigint, ${t.index}::int, ${t.atUs}::bigint, ${t.sinceUs}::bigint
      from tenants t
      join alert_rules r on r.tenant_id = t.id and r.id = ${t.ruleId}::uuid
      join series s on s.tenant_id = t.id and s.series_no = ${t.seriesNo}::int
      left join sensors on sensors.tenant_id = t.id and sensors.id = s.sensor_id
      left join alert_rule_versions v
        on v.tenant_id = t.id and v.rule_id = r.id and v.version = ${t.ruleVersion}::int
     where t.no = ${t.tenantNo}::int
    on conflict do nothing
    returning tenant_id as "tenantId", id as "alertId", severity, asset_id as "assetId"`,
  );
}

function close(tx: Tx, t: Transition) {
  return run<Row>(
    tx,
    text`
    update alerts a set status = 'closed', closed_at_us = ${t.atUs}::bigint, close_reason = ${t.reason},
                        version = a.version + 1
      from tenants t
     where t.no = ${t.tenantNo}::int and a.tenant_id = t.id and a.rule_id = ${t.ruleId}::uuid
       and a.series_no = ${t.seriesNo}::int and a.status <> 'closed'
    returning a.tenant_id as "tenantId", a.id as "alertId", a.severity, a.asset_id as "assetId"`,
  );
}
