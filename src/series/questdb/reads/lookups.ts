import type { ReadingText } from "../../../domain/reading.ts";
import {
  type LatestReading,
  type LatestRequest,
  READ_LIMITS,
  type SeriesInfo,
  type SeriesInfoRequest,
  type States,
  type StatesRequest,
  type StoreCounts,
  type TenantCounts,
} from "../../../domain/reading-store.ts";
import type { SeriesKind, Tags } from "../../../domain/series.ts";
import { checkSeries, checkSpan, checkWhole } from "../../duckdb/reads/limits.ts";
import { cellOf } from "../lines.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { byTenant, type ReadDeps } from "./range.ts";

/** The newest reading of each series that has one. */
export async function readLatest(
  deps: ReadDeps,
  { seriesNos }: LatestRequest,
): Promise<LatestReading[]> {
  checkSeries(seriesNos);
  const found: LatestReading[] = [];
  for (const [tenantNo, own] of byTenant(deps, seriesNos)) {
    // No series' newest reading is older than its newest closed bucket.
    const least = own.reduce(
      (a, no) => Math.min(a, deps.state.newestClosedUs.get(no) ?? 0),
      Number.POSITIVE_INFINITY,
    );
    const rows = await deps.wire.query(
      `select series, ts::long, value, text from ${deps.tables.readings(tenantNo)}
       where ${oneOf("series", own)} and ts >= ${timeLiteral(least)} latest on ts partition by series`,
    );
    for (const [no, atUs, value, text] of rows)
      found.push({ seriesNo: Number(no), atUs: Number(atUs), ...cellOf(value, text) });
  }
  return found.sort((a, b) => a.seriesNo - b.seriesNo);
}

/** The texts of state series over a span. */
export async function readStates(
  deps: ReadDeps,
  { seriesNos, fromUs, toUs }: StatesRequest,
): Promise<States> {
  checkSeries(seriesNos);
  checkSpan(fromUs, toUs);
  const texts: ReadingText[] = [];
  for (const [tenantNo, own] of byTenant(deps, seriesNos)) {
    const rows = await deps.wire.query(
      `select series, ts::long, value, text from ${deps.tables.readings(tenantNo)}
       where ${oneOf("series", own)} and ts >= ${timeLiteral(fromUs)} and ts < ${timeLiteral(toUs)}
         and text is not null
       order by series, ts limit ${READ_LIMITS.textsPerRead + 1}`,
    );
    for (const [series, atUs, value, held] of rows) {
      const { text } = cellOf(value, held);
      if (text !== undefined) texts.push({ series: Number(series), atUs: Number(atUs), text });
    }
  }
  texts.sort((a, b) => a.series - b.series || a.atUs - b.atUs);
  const truncated = texts.length > READ_LIMITS.textsPerRead;
  return { texts: truncated ? texts.slice(0, READ_LIMITS.textsPerRead) : texts, truncated };
}

/** Rows of the dictionary, by number. */
export async function readSeriesInfo(
  { wire, tables, state }: ReadDeps,
  request: SeriesInfoRequest,
): Promise<SeriesInfo[]> {
  const { tenantNo, afterSeriesNo = 0, limit = READ_LIMITS.infoRows } = request;
  checkWhole("limit", limit, 1, READ_LIMITS.infoRows);
  checkSeries([afterSeriesNo, tenantNo ?? 0]);
  if (request.seriesNos) checkSeries(request.seriesNos);
  const rows = await wire.query(
    `select series, tenant, measurement, tags, field, kind, source, device_key, first_at_us
     from ${tables.series}
     where series > ${afterSeriesNo} and ${tenantNo === undefined ? "true" : `tenant = ${tenantNo}`}
       and ${request.seriesNos ? oneOf("series", request.seriesNos) : "true"}
     order by series limit ${limit}`,
  );
  return rows.map(([no, tenant, measurement, tags, field, kind, source, deviceKey, firstAtUs]) => ({
    seriesNo: Number(no),
    tenantNo: Number(tenant),
    measurement: String(measurement),
    // Both were written from these types by the dictionary.
    tags: JSON.parse(String(tags)) as Tags,
    kind: String(kind) as SeriesKind,
    field: String(field),
    sourceNo: Number(source),
    deviceKey: String(deviceKey),
    firstAtUs: Number(firstAtUs),
    zone: state.zoneOf.get(Number(no)) ?? "UTC",
  }));
}

/** Rows of every table, in all and by tenant. The caller sees to it that nothing is written meanwhile. */
export async function readCounts({ wire, tables, state }: ReadDeps): Promise<StoreCounts> {
  const byTenantNo: Record<number, TenantCounts> = {};
  const total = { readings: 0, series: 0, buckets5m: 0, buckets1h: 0, buckets1d: 0 };
  const series = new Map<number, number>();
  for (const tenantNo of state.tenantOf.values())
    series.set(tenantNo, (series.get(tenantNo) ?? 0) + 1);
  const count = async (table: string, where = "true") => {
    const [row] = await wire.query(`select count() from ${table} where ${where}`);
    return Number(row?.[0] ?? 0);
  };
  for (const tenantNo of state.tenants) {
    const own = {
      readings: await count(tables.readings(tenantNo)),
      series: series.get(tenantNo) ?? 0,
      buckets5m: await count(tables.buckets(tenantNo, "5m"), "n > 0"),
      buckets1h: await count(tables.buckets(tenantNo, "1h"), "n > 0"),
      buckets1d: await count(tables.buckets(tenantNo, "1d"), "n > 0"),
    };
    byTenantNo[tenantNo] = own;
    total.readings += own.readings;
    total.series += own.series;
    total.buckets5m += own.buckets5m;
    total.buckets1h += own.buckets1h;
    total.buckets1d += own.buckets1d;
  }
  return { ...total, sequence: state.sequence, byTenantNo };
}
