import {
  type LateLedgerRow,
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
import type { DuckdbConnection } from "../connection.ts";
import { dayTable } from "../hot.ts";
import type { LakeView } from "../lake/source.ts";
import type { LakeVersion } from "../lake/versions.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import type { ClosedBefore, StoreState } from "../state.ts";
import { checkSeries, checkSpan, checkWhole } from "./limits.ts";

/** The newest reading of each series that has one. */
export async function readLatest(
  connection: DuckdbConnection,
  lake: LakeView,
  closedUs: ClosedBefore,
  { seriesNos }: LatestRequest,
): Promise<LatestReading[]> {
  checkSeries(seriesNos);
  // No series' newest reading is older than its newest closed bucket.
  const closed = seriesNos.map((no) => closedUs.get(no) ?? Number.NEGATIVE_INFINITY);
  const fromUs = closed.reduce((least, start) => Math.min(least, start), Number.POSITIVE_INFINITY);
  const since = Number.isFinite(fromUs) ? `time >= ${timeLiteral(fromUs)}` : "true";
  const wanted = { seriesNos, fromUs, toUs: Number.POSITIVE_INFINITY };
  const rows = await connection.rows(`
    with newest as (
      select series, max(time) as time, arg_max(value, time) as value from ${lake.readings(wanted)}
      where ${oneOf("series", seriesNos)} and ${since} group by series)
    select n.series, epoch_us(n.time)::double, n.value, (t.text is not null)::uinteger,
      coalesce(t.text, '')
    from newest n left join ${lake.texts(wanted)} t on t.series = n.series and t.time = n.time order by n.series`);
  const [atUs, value, hasText, text] = [rows.f64(1), rows.f64(2), rows.u32(3), rows.text(4)];
  return Array.from(rows.u32(0), (seriesNo, row) => ({
    seriesNo,
    atUs: atUs[row] ?? 0,
    value: value[row] ?? Number.NaN,
    text: hasText[row] === 1 ? text[row] : undefined,
  }));
}

/** The texts of state series over a span. */
export async function readStates(
  connection: DuckdbConnection,
  lake: LakeView,
  { seriesNos, fromUs, toUs }: StatesRequest,
): Promise<States> {
  checkSeries(seriesNos);
  checkSpan(fromUs, toUs);
  const rows = await connection.rows(`
    select series, epoch_us(time)::double, text from ${lake.texts({ seriesNos, fromUs, toUs })}
    where ${oneOf("series", seriesNos)} and time >= ${timeLiteral(fromUs)} and time < ${timeLiteral(toUs)}
    order by series, time limit ${READ_LIMITS.textsPerRead + 1}`);
  const [atUs, text] = [rows.f64(1), rows.text(2)];
  const texts = Array.from(rows.u32(0), (series, row) => ({
    series,
    atUs: atUs[row] ?? 0,
    text: text[row] ?? "",
  }));
  const truncated = texts.length > READ_LIMITS.textsPerRead;
  return { texts: truncated ? texts.slice(0, READ_LIMITS.textsPerRead) : texts, truncated };
}

/** Rows of the dictionary, by number. */
export async function readSeriesInfo(
  connection: DuckdbConnection,
  request: SeriesInfoRequest,
): Promise<SeriesInfo[]> {
  const { tenantNo, afterSeriesNo = 0, limit = READ_LIMITS.infoRows } = request;
  checkWhole("limit", limit, 1, READ_LIMITS.infoRows);
  checkSeries([afterSeriesNo, tenantNo ?? 0]);
  if (request.seriesNos) checkSeries(request.seriesNos);
  const rows = await connection.rows(`
    select series, tenant, measurement, tags, field, kind, source, device_key,
      epoch_us(first_at)::double, zone
    from series
    where series > ${afterSeriesNo} and ${tenantNo === undefined ? "true" : `tenant = ${tenantNo}`}
      and ${request.seriesNos ? oneOf("series", request.seriesNos) : "true"}
    order by series limit ${limit}`);
  const [tenant, measurement, tags] = [rows.u32(1), rows.text(2), rows.text(3)];
  const [field, kind, source] = [rows.text(4), rows.text(5), rows.u32(6)];
  const [deviceKey, firstAtUs, zone] = [rows.text(7), rows.f64(8), rows.text(9)];
  return Array.from(rows.u32(0), (seriesNo, row) => ({
    seriesNo,
    tenantNo: tenant[row] ?? 0,
    measurement: measurement[row] ?? "",
    // Both were written from these types by the dictionary.
    tags: JSON.parse(tags[row] ?? "[]") as Tags,
    kind: (kind[row] ?? "numeric") as SeriesKind,
    field: field[row] ?? "",
    sourceNo: source[row] ?? 0,
    deviceKey: deviceKey[row] ?? "",
    firstAtUs: firstAtUs[row] ?? 0,
    zone: zone[row] ?? "UTC",
  }));
}

const COUNTED = [
  ["series", "series", 1],
  ["buckets5m", "buckets_5m", 1],
  ["buckets1h", "buckets_1h", 1],
  ["buckets1d", "buckets_1d", 1],
] as const;

/** Readings outside the files; each row of `replaced` hides one sealed or frozen reading. */
const READINGS = [
  ["readings", "readings", 1],
  ["readings", "frozen_readings", 1],
  ["readings", "replaced", -1],
] as const;

/** Rows of every table, in all and by tenant, as of one moment. */
export async function readCounts(
  connection: DuckdbConnection,
  { segments, hotDays }: Pick<LakeVersion, "segments" | "hotDays">,
): Promise<StoreCounts> {
  const byTenantNo: Record<number, { -readonly [K in keyof TenantCounts]: number }> = {};
  const none = { readings: 0, series: 0, buckets5m: 0, buckets1h: 0, buckets1d: 0 };
  const total = { ...none };
  const add = (name: keyof TenantCounts, tenantNo: number, count: number) => {
    byTenantNo[tenantNo] ??= { ...none };
    byTenantNo[tenantNo][name] += count;
    total[name] += count;
  };
  const cursor = await connection.rows("select sequence from cursor");
  const days = hotDays.map((day) => ["readings", dayTable(day), 1] as const);
  for (const [name, table, sign] of [...READINGS, ...days, ...COUNTED]) {
    const rows = await connection.rows(
      `select s.tenant, sum(c.n)::double
       from (select series, count(*) as n from ${table} group by series) c
         join series s on s.series = c.series group by s.tenant`,
    );
    const count = rows.f64(1);
    rows.u32(0).forEach((tenantNo, row) => void add(name, tenantNo, sign * (count[row] ?? 0)));
  }
  for (const { tenantNo, kind, rows, defect } of segments)
    if (kind === "readings" && defect === "") add("readings", tenantNo, rows);
  return { ...total, sequence: cursor.f64(0)[0] ?? 0, byTenantNo };
}

/** The ledger of late readings, by source. */
export function lateLedgerOf(state: StoreState): LateLedgerRow[] {
  return [...state.ledger.values()].sort((a, b) => a.sourceNo - b.sourceNo);
}
