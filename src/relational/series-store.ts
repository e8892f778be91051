import { and, asc, count, eq, gt, ilike, inArray, or, sql as text } from "drizzle-orm";
import { pageLimit } from "../domain/actor.ts";
import type { SeriesKind } from "../domain/series.ts";
import type {
  MappedSeries,
  SeriesRow,
  SeriesStatus,
  SeriesStore,
  ZoneChange,
} from "../domain/series-store.ts";
import { adoptSeries, seriesColumns as columns } from "./adoption.ts";
import { type Changing, makeChange } from "./change.ts";
import { type Database, run, type Tx } from "./database.ts";
import { keepableJson } from "./keepable.ts";
import { isId, pageOf, plain } from "./rows.ts";
import { assets, sensors, series } from "./schema/plant.ts";

export function createSeriesStore(db: Database): SeriesStore {
  const away = (status: "ignored" | "inbox") => (x: Changing, seriesNos: readonly number[]) =>
    unmap(x, seriesNos, status);
  return {
    list: (who, filter) =>
      db.withTenant(who, async (tx) => {
        const limit = pageLimit(filter);
        const { assetId } = filter;
        if (assetId !== undefined && !isId(assetId)) return { items: [], next: undefined };
        const ofAsset = tx
          .select({ id: sensors.id })
          .from(sensors)
          .where(eq(sensors.assetId, assetId ?? ""));
        const pattern = `%${(filter.query ?? "").replace(/[\\%_]/g, "\\$&")}%`;
        const rows = await tx
          .select(columns)
          .from(series)
          .where(
            and(
              filter.status === undefined ? undefined : eq(series.status, filter.status),
              filter.after === undefined ? undefined : gt(series.seriesNo, Number(filter.after)),
              filter.kind === undefined ? undefined : eq(series.kind, filter.kind),
              assetId === undefined ? undefined : inArray(series.sensorId, ofAsset),
              filter.query
                ? or(ilike(series.deviceKey, pattern), ilike(series.sensorName, pattern))
                : undefined,
            ),
          )
          .orderBy(series.seriesNo)
          .limit(limit + 1);
        return pageOf<SeriesRow>(rows.map(plain), limit, (row) => String(row.seriesNo));
      }),
    get: (who, seriesNo) =>
      db.withTenant(who, async (tx) => {
        if (!Number.isInteger(seriesNo) || seriesNo < 1 || seriesNo >= 2 ** 31) return undefined;
        const [row] = await tx.select(columns).from(series).where(eq(series.seriesNo, seriesNo));
        return row && plain(row);
      }),
    kindsOf: (who, identities) => db.withTenant(who, (tx) => kindsOf(tx, identities)),
    counts: (who) =>
      db.withTenant(who, async (tx) => {
        const rows = await tx
          .select({ status: series.status, n: count() })
          .from(series)
          .groupBy(series.status);
        const counts: Record<SeriesStatus, number> = { inbox: 0, adopted: 0, ignored: 0 };
        for (const row of rows) counts[row.status] = row.n;
        return counts;
      }),
    mapped: (who, of = {}) => db.withTenant(who, (tx) => mappedSeries(tx, of)),
    adopt: (who, adoptions, change, request = adoptions) =>
      makeChange(db, who, { action: "series.adopt", change, request }, (x) =>
        adoptSeries(x, who, adoptions),
      ),
    ignore: (who, seriesNos, change) =>
      makeChange(db, who, { action: "series.ignore", change, request: seriesNos }, (x) =>
        away("ignored")(x, seriesNos),
      ),
    release: (who, seriesNos, change) =>
      makeChange(db, who, { action: "series.release", change, request: seriesNos }, (x) =>
        away("inbox")(x, seriesNos),
      ),
    unframedZones: () => db.withSystem(unframedZones),
    zonesFramed: (changes) =>
      db.withSystem(async (tx) => {
        for (const { zone, seriesNos } of changes) {
          const numbers = JSON.stringify(seriesNos);
          await run(
            tx,
            text`
            update series set framed_zone = ${zone} where series_no in
              (select value::int from jsonb_array_elements_text(${numbers}::jsonb))`,
          );
        }
      }),
  };
}

async function kindsOf(
  tx: Tx,
  identities: Parameters<SeriesStore["kindsOf"]>[1],
): Promise<(SeriesKind | undefined)[]> {
  if (identities.length === 0) return [];
  const asked = identities.map(({ measurement, tags, field }, i) => ({
    ...{ i, measurement, tags, field },
  }));
  const rows = await run<{ i: number; kind: SeriesKind }>(
    tx,
    text`
    select x.i, s.kind from jsonb_to_recordset(${keepableJson(asked)}::jsonb) as x (
      i int, measurement text, tags jsonb, field text)
      join series s on s.measurement = x.measurement and s.field = x.field and s.tags = x.tags`,
  );
  const kinds: (SeriesKind | undefined)[] = identities.map(() => undefined);
  for (const { i, kind } of rows) kinds[i] = kind;
  return kinds;
}

/** Mapped series with what rules, charts and reads need to know of them. */
export async function mappedSeries(
  tx: Tx,
  of: { assetId?: string | undefined; sensorId?: string | undefined },
): Promise<MappedSeries[]> {
  const wrong = [of.assetId, of.sensorId].some((id) => id !== undefined && !isId(id));
  if (wrong) return [];
  const rows = await tx
    .select({
      seriesNo: series.seriesNo,
      kind: series.kind,
      sensorId: sensors.id,
      sensorName: sensors.name,
      assetId: assets.id,
      assetTypeId: assets.typeId,
      mappedFromUs: series.mappedFromUs,
    })
    .from(series)
    .innerJoin(sensors, and(eq(sensors.tenantId, series.tenantId), eq(sensors.id, series.sensorId)))
    .innerJoin(assets, and(eq(assets.tenantId, sensors.tenantId), eq(assets.id, sensors.assetId)))
    .where(
      and(
        of.assetId === undefined ? undefined : eq(assets.id, of.assetId),
        of.sensorId === undefined ? undefined : eq(sensors.id, of.sensorId),
      ),
    )
    .orderBy(asc(series.seriesNo));
  return rows.map((row) => ({ ...plain(row), mappedFromUs: row.mappedFromUs ?? 0 }));
}

async function unmap(
  x: Changing,
  seriesNos: readonly number[],
  status: "ignored" | "inbox",
): Promise<number> {
  if (seriesNos.length === 0) return 0;
  const changed = await x.tx
    .update(series)
    .set({ status, sensorId: null, mappedFromUs: null, version: text`${series.version} + 1` })
    .where(inArray(series.seriesNo, [...seriesNos]))
    .returning({ seriesNo: series.seriesNo });
  for (const { seriesNo } of changed) {
    x.audit(`series.${status === "inbox" ? "release" : "ignore"}`, String(seriesNo), undefined, {
      status,
    });
    x.notify("series", String(seriesNo));
  }
  return changed.length;
}

async function unframedZones(tx: Tx): Promise<readonly ZoneChange[]> {
  const rows = await run<{ zone: string; numbers: number[] }>(
    tx,
    text`
    select coalesce(sites.zone, tenants.zone) as zone,
           json_agg(series.series_no order by series.series_no) as numbers
      from series
      join tenants on tenants.id = series.tenant_id
      left join sensors on sensors.tenant_id = series.tenant_id and sensors.id = series.sensor_id
      left join assets on assets.tenant_id = sensors.tenant_id and assets.id = sensors.asset_id
      left join sites on sites.tenant_id = assets.tenant_id and sites.id = assets.site_id
     where series.framed_zone is distinct from coalesce(sites.zone, tenants.zone)
       and (series.framed_zone is not null or coalesce(sites.zone, tenants.zone) <> 'UTC')
     group by 1 order by 1`,
  );
  return rows.map((row) => ({ zone: row.zone, seriesNos: row.numbers }));
}
