import { and, eq, sql as text } from "drizzle-orm";
import { AppError } from "../domain/error.ts";
import type { FeatureStore, StoredFeatureRow } from "../domain/feature-store.ts";
import { type Database, run, type Tx } from "./database.ts";
import { columnsOf, isId } from "./rows.ts";
import { featureSets } from "./schema/prediction.ts";

/** Rows written by one statement, which bounds the size of its text. */
const ROWS_PER_STATEMENT = 500;

type Row = {
  assetId: string;
  atUs: string;
  step: number;
  values: Uint8Array;
  coverage: number;
  reconstructed: boolean;
};

export function createFeatureStore(db: Database): FeatureStore {
  return {
    ensureSet: (who, set) =>
      db.withTenant(who, async (tx) => {
        const row = { ...set, tenantId: who.tenantId, createdAtUs: db.clock.nowUs() };
        await tx.insert(featureSets).values(row).onConflictDoNothing();
      }),
    sets: (who, assetTypeId) =>
      db.withTenant(who, async (tx) => {
        if (assetTypeId !== undefined && !isId(assetTypeId)) return [];
        const { createdAtUs: _, ...columns } = columnsOf(featureSets);
        const where =
          assetTypeId === undefined ? undefined : eq(featureSets.assetTypeId, assetTypeId);
        return tx.select(columns).from(featureSets).where(where).orderBy(featureSets.createdAtUs);
      }),
    put: (who, setId, rows) =>
      db.withTenant(who, async (tx) => {
        const width = await widthOf(tx, setId);
        let written = 0;
        for (let start = 0; start < rows.length; start += ROWS_PER_STATEMENT) {
          const part = rows.slice(start, start + ROWS_PER_STATEMENT);
          written += await putRows(tx, who.tenantId, setId, part, width);
        }
        return written;
      }),
    read: (who, setId, filter = {}) =>
      db.withTenant(who, async (tx) => {
        const { fromUs = Number.MIN_SAFE_INTEGER, toUs = Number.MAX_SAFE_INTEGER } = filter;
        const ids = JSON.stringify(filter.assetIds ?? []);
        const rows = await run<Row>(
          tx,
          text`
          select asset_id as "assetId", at_us as "atUs", step, "values", coverage, reconstructed
            from feature_rows
           where set_id = ${setId} and at_us >= ${fromUs}::bigint and at_us < ${toUs}::bigint
             and (${filter.assetIds === undefined}::boolean or asset_id in
                  (select value::uuid from jsonb_array_elements_text(${ids}::jsonb)))
           order by asset_id, feature_rows.at_us`,
        );
        return rows.map(toFeatures);
      }),
    latest: (who, setId) =>
      db.withTenant(who, async (tx) => {
        const rows = await run<Row>(
          tx,
          text`
          select f.asset_id as "assetId", f.at_us as "atUs", f.step, f."values", f.coverage,
                 f.reconstructed
            from assets a
            cross join lateral (
              select * from feature_rows
               where tenant_id = a.tenant_id and set_id = ${setId} and asset_id = a.id
               order by at_us desc limit 1) f
           order by f.asset_id`,
        );
        return rows.map(toFeatures);
      }),
  };
}

async function widthOf(tx: Tx, setId: string): Promise<number> {
  const [set] = await tx
    .select()
    .from(featureSets)
    .where(and(eq(featureSets.id, setId)));
  if (set === undefined)
    throw new AppError("not-found", `feature set ${setId}: there is none; make it before its rows`);
  return set.names.length;
}

async function putRows(
  tx: Tx,
  tenantId: string,
  setId: string,
  rows: readonly StoredFeatureRow[],
  width: number,
): Promise<number> {
  const list = rows.map(({ values, ...row }) => {
    if (values.length !== width)
      throw new Error(`feature set ${setId} has ${width} columns, a row ${values.length}`);
    const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
    return { ...row, hex: bytes.toString("hex") };
  });
  const written = await run(
    tx,
    text`
    insert into feature_rows (tenant_id, set_id, asset_id, at_us, step, "values", coverage, reconstructed)
    select distinct on ("assetId", "atUs") ${tenantId}, ${setId}, "assetId", "atUs", step,
           decode(hex, 'hex'), coverage, reconstructed
      from jsonb_to_recordset(${JSON.stringify(list)}::jsonb) as x (
        "assetId" uuid, "atUs" bigint, step float8, hex text, coverage float8, reconstructed boolean)
    on conflict (tenant_id, set_id, asset_id, at_us) do update
      set step = excluded.step, "values" = excluded."values", coverage = excluded.coverage
      where feature_rows.reconstructed and excluded.reconstructed
    returning 1`,
  );
  return written.length;
}

function toFeatures(row: Row): StoredFeatureRow {
  // A copy of its own: the driver's bytes need not begin where a double may.
  const values = new Float64Array(new Uint8Array(row.values).buffer);
  return { ...row, atUs: Number(row.atUs), values };
}
