import { sql as text } from "drizzle-orm";
import type { RelationalBatch } from "../domain/reading.ts";
import type { AlertChange, BatchApplied, ChangeNotice } from "../domain/relational.ts";
import type { Logger } from "../lib/logger.ts";
import { applyNewSeries } from "./apply-series.ts";
import { applyTransitions } from "./apply-transitions.ts";
import { sendNotices } from "./change.ts";
import { type Database, run, type Tx } from "./database.ts";
import { keepableJson, wholeUs } from "./keepable.ts";
import { type KnownSource, ownSource } from "./known-source.ts";

export type BatchDeps = {
  readonly db: Database;
  readonly logger: Logger;
  /** Refused lines that are kept for each source. */
  readonly quarantineRows: number;
};

const CURSOR = "relational";

/** The sequence up to which batches have been applied. */
export function readCursor(db: Database): Promise<number> {
  return db.withSystem(async (tx) => {
    const [row] = await run<{ sequence: string }>(
      tx,
      text`select sequence from engine_cursors where name = ${CURSOR}`,
    );
    return Number(row?.sequence ?? 0);
  });
}

/**
 * Applies a batch of the fold and moves the cursor, in one transaction: after a crash none is skipped
 * and none is repeated.
 */
export async function applyBatch(deps: BatchDeps, batch: RelationalBatch): Promise<BatchApplied> {
  const applied = await transact(deps, batch);
  const found = [...applied.mapped, ...applied.inbox].map((one) => one.tenantId);
  for (const tenantId of new Set(found)) deps.db.revisions.bump(tenantId);
  return applied;
}

function transact(deps: BatchDeps, batch: RelationalBatch): Promise<BatchApplied> {
  return deps.db.withSystem(async (tx) => {
    const cursor = await lockCursor(tx);
    if (batch.sequence <= cursor)
      return { sequence: cursor, applied: false, opened: [], closed: [], mapped: [], inbox: [] };
    const sources = await sourcesOf(tx, batch);
    const { mapped, inbox } = await applyNewSeries(deps.db, tx, batch.newSeries, sources);
    await applyLedger(tx, batch);
    await applyQuarantine(deps, tx, batch, sources);
    const { opened, closed } = await applyTransitions(deps.db, tx, batch.transitions);
    await run(
      tx,
      text`update engine_cursors set sequence = ${batch.sequence} where name = ${CURSOR}`,
    );
    await sendNotices(tx, noticesOf({ opened, closed, mapped, inbox }, batch, sources));
    warnOfUnknown(deps.logger, batch, sources);
    return { sequence: batch.sequence, applied: true, opened, closed, mapped, inbox };
  });
}

async function lockCursor(tx: Tx): Promise<number> {
  await run(
    tx,
    text`insert into engine_cursors values (${CURSOR}, 0) on conflict (name) do nothing`,
  );
  const [row] = await run<{ sequence: string }>(
    tx,
    text`select sequence from engine_cursors where name = ${CURSOR} for update`,
  );
  return Number(row?.sequence ?? 0);
}

async function sourcesOf(tx: Tx, batch: RelationalBatch): Promise<Map<number, KnownSource>> {
  const numbers = new Set(
    [...batch.newSeries, ...batch.ledger, ...batch.quarantine].map((one) => one.sourceNo),
  );
  if (numbers.size === 0) return new Map();
  const rows = await run<KnownSource>(
    tx,
    text`
    select s.tenant_id as "tenantId", t.no as "tenantNo", s.id as "sourceId", s.no as "sourceNo",
           s.auto_adopt as "autoAdopt"
      from sources s join tenants t on t.id = s.tenant_id
     where s.no in (select value::int from jsonb_array_elements_text(${JSON.stringify([...numbers])}::jsonb))`,
  );
  return new Map(rows.map((row) => [row.sourceNo, row]));
}

async function applyLedger(tx: Tx, batch: RelationalBatch): Promise<void> {
  if (batch.ledger.length === 0) return;
  await run(
    tx,
    text`
    update sources s set
        received = s.received + d.received, fresh = s.fresh + d.fresh,
        duplicates = s.duplicates + d.duplicates, overwrites = s.overwrites + d.overwrites,
        late = s.late + d.late, rejected = s.rejected + d.rejected, ignored = s.ignored + d.ignored,
        last_received_at_us = greatest(s.last_received_at_us, d.last_received)
      from (
        select "sourceNo" as no, "tenantNo" as tenant_no, sum(received) as received,
               sum(fresh) as fresh, sum(duplicates) as duplicates, sum(overwrites) as overwrites,
               sum(late) as late, sum(rejected) as rejected,
               sum(coalesce(ignored, 0)) as ignored,
               max("lastReceivedAtUs")::bigint as last_received
          from jsonb_to_recordset(${JSON.stringify(batch.ledger)}::jsonb) as x (
            "sourceNo" int, "tenantNo" int, received bigint, fresh bigint, duplicates bigint,
            overwrites bigint, late bigint, rejected bigint, ignored bigint,
            "lastReceivedAtUs" float8)
         group by 1, 2
      ) d join tenants t on t.no = d.tenant_no
     where s.no = d.no and s.tenant_id = t.id`,
  );
}

async function applyQuarantine(
  deps: BatchDeps,
  tx: Tx,
  batch: RelationalBatch,
  sources: ReadonlyMap<number, KnownSource>,
): Promise<void> {
  const rows = batch.quarantine.flatMap((line) => {
    const source = ownSource(sources, line);
    return source
      ? [
          {
            ...line,
            receivedAtUs: wholeUs(line.receivedAtUs),
            // A zero byte cannot be kept, and without it the line is another one.
            isCut: line.isCut === true || line.line.includes("\0"),
            id: deps.db.newId(),
            tenant: source.tenantId,
            source: source.sourceId,
          },
        ]
      : [];
  });
  if (rows.length === 0) return;
  await run(
    tx,
    text`
    with lines as (
      select * from jsonb_to_recordset(${keepableJson(rows)}::jsonb) as x (
        tenant text, id uuid, source uuid, "receivedAtUs" bigint, "lineNo" int, "column" int,
        reason text, line text, dialect text, precision text, "isCut" boolean)
    ), counted as (
      update sources s set quarantined = s.quarantined + n.lines
        from (select tenant, source, count(*) as lines from lines group by 1, 2) n
       where s.tenant_id = n.tenant and s.id = n.source
    )
    insert into quarantine (tenant_id, id, source_id, received_at_us, line_no, column_no, reason, line,
                            dialect, precision, is_cut)
    select tenant, id, source, "receivedAtUs", "lineNo", "column", reason, line, dialect, precision,
           "isCut"
      from lines`,
  );
  for (const source of new Map(rows.map((row) => [row.source, row])).values())
    await run(
      tx,
      text`
      delete from quarantine where tenant_id = ${source.tenant} and source_id = ${source.source}
         and id <= (select id from quarantine
                     where tenant_id = ${source.tenant} and source_id = ${source.source}
                     order by id desc offset ${deps.quarantineRows} limit 1)`,
    );
}

function noticesOf(
  changes: Pick<BatchApplied, "opened" | "closed" | "mapped" | "inbox">,
  batch: RelationalBatch,
  sources: ReadonlyMap<number, KnownSource>,
): ChangeNotice[] {
  const alert = ({ tenantId, alertId }: AlertChange) => ({ tenantId, noun: "alert", id: alertId });
  const tenantsWith = (noun: string, tenantIds: readonly string[]) =>
    [...new Set(tenantIds)].map((tenantId) => ({ tenantId, noun, id: "" }));
  const refused = batch.quarantine.flatMap((line) => ownSource(sources, line)?.tenantId ?? []);
  const found = [...changes.mapped, ...changes.inbox].map((one) => one.tenantId);
  return [
    ...changes.opened.map(alert),
    ...changes.closed.map(alert),
    ...tenantsWith("series", found),
    ...tenantsWith("quarantine", refused),
  ];
}

function warnOfUnknown(
  logger: Logger,
  batch: RelationalBatch,
  sources: ReadonlyMap<number, KnownSource>,
): void {
  const unknown = batch.newSeries.filter((entry) => ownSource(sources, entry) === undefined).length;
  if (unknown > 0)
    logger.warn("series of a source that the database does not have; is it older than the log?", {
      series: unknown,
      sequence: batch.sequence,
    });
}
