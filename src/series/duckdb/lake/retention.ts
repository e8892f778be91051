import { LAKE_DAY_US, type LakeSegment, lakeDayName } from "../../../domain/lake.ts";
import type { Tier } from "../../../domain/reading-store.ts";
import {
  type Holding,
  type Leaving,
  leaving,
  type RetentionEntry,
  type RetentionRequest,
  type RetentionTier,
} from "../../../domain/retention.ts";
import type { Logger } from "../../../lib/logger.ts";
import { forgetBases } from "../bucket-bases.ts";
import type { DuckdbConnection } from "../connection.ts";
import { literal, timeLiteral } from "../schema.ts";
import { changeLake, noteUnwanted, openDays } from "./sealer.ts";
import { inDay, inTransaction } from "./tables.ts";
import type { LakeVersions } from "./versions.ts";

export type RetentionDeps = {
  readonly connection: DuckdbConnection;
  readonly versions: LakeVersions;
  readonly logger: Logger;
  readonly exclusively: <T>(run: () => Promise<T>) => Promise<T>;
};

const BUCKET_TIERS = ["5m", "1h", "1d"] as const;
/** What a bucket takes in DuckDB's file, about; its size is not known by day. */
const BUCKET_BYTES = 40;
const LOG_ROWS = 1000;

/** What is older than the tenant's classes allow. */
export async function expired(
  deps: Pick<RetentionDeps, "connection" | "versions">,
  request: RetentionRequest,
  nowUs: number,
): Promise<Leaving[]> {
  const holdings = await holdingsOf(deps, nowUs, (tier) => {
    const days = request.classes.map(({ keepDays }) => keepDays[tier] ?? Number.POSITIVE_INFINITY);
    return Math.min(...days);
  });
  const own = holdings.filter(({ tenantNo }) => tenantNo === request.tenantNo);
  return leaving(own, request.classes, nowUs);
}

/** Everything held that is at least so many days old, by tier. */
export async function holdingsOf(
  { connection, versions }: Pick<RetentionDeps, "connection" | "versions">,
  nowUs: number,
  leastDays: (tier: Tier) => number,
): Promise<Holding[]> {
  const arrived = await loadArrived(connection);
  // What came for an old day and is not sealed yet has arrived just now: when is written down by sealing.
  const open = new Set(await openDays(connection, versions.current(), nowUs));
  const arrivedAtUs = (tenantNo: number, day: number) =>
    open.has(day) ? nowUs : arrived.get(`${tenantNo} ${day}`);
  const groups = Map.groupBy(
    versions.current().segments,
    (one) => `${one.kind} ${one.tenantNo} ${one.className} ${one.dayStartUs}`,
  );
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  const files = [...groups.values()].flatMap((group): Holding[] => {
    const [one] = group;
    if (!one) return [];
    const { tenantNo, className, dayStartUs, kind } = one;
    return [
      {
        ...{ tenantNo, className, dayStartUs, tier: kind === "readings" ? "raw" : "waveform" },
        arrivedAtUs: arrivedAtUs(tenantNo, dayStartUs),
        rows: sum(group.map(({ rows }) => rows)),
        sizeBytes: sum(group.map(({ sizeBytes }) => sizeBytes)),
      },
    ];
  });
  const all = [...files];
  for (const tier of BUCKET_TIERS) {
    const days = leastDays(tier);
    if (!Number.isFinite(days)) continue;
    const buckets = await bucketHoldings(connection, tier, nowUs - days * LAKE_DAY_US);
    for (const one of buckets)
      all.push({ ...one, arrivedAtUs: arrivedAtUs(one.tenantNo, one.dayStartUs) });
  }
  return all;
}

async function loadArrived(connection: DuckdbConnection): Promise<Map<string, number>> {
  const rows = await connection.rows("select tenant, day, arrived_at from arrived");
  const [day, at] = [rows.f64(1), rows.f64(2)];
  return new Map(Array.from(rows.u32(0), (no, row) => [`${no} ${day[row]}`, at[row] ?? 0]));
}

async function bucketHoldings(
  connection: DuckdbConnection,
  tier: Tier,
  beforeUs: number,
): Promise<Omit<Holding, "arrivedAtUs">[]> {
  const rows = await connection.rows(`
    select s.tenant, coalesce(f.class, 'default'), b.day, sum(b.n)::double from (
      select series, floor(epoch_us(start) / ${LAKE_DAY_US}::double) * ${LAKE_DAY_US} as day,
        count(*) as n
      from buckets_${tier} where start < ${timeLiteral(beforeUs)} group by series, day) b
    join series s on s.series = b.series left join series_facts f on f.series = b.series
    group by all`);
  const [tenant, className, day, n] = [rows.u32(0), rows.text(1), rows.f64(2), rows.f64(3)];
  return Array.from(tenant, (tenantNo, row) => ({
    ...{ tenantNo, tier, className: className[row] ?? "", dayStartUs: day[row] ?? 0 },
    rows: n[row] ?? 0,
    sizeBytes: (n[row] ?? 0) * BUCKET_BYTES,
  }));
}

/** Removes what is to go and logs it, each day and tier in a transaction of its own. */
export async function drop(
  deps: RetentionDeps,
  items: readonly Leaving[],
  nowUs: number,
): Promise<void> {
  for (const item of items) {
    if (item.tier === "raw" || item.tier === "waveform")
      await deps.exclusively(() => dropFiles(deps, item, nowUs));
    else await deps.exclusively(() => dropBuckets(deps, item, nowUs));
    deps.logger.info("retention removed a day", {
      ...{ tenant: item.tenantNo, class: item.className, tier: item.tier },
      ...{ day: lakeDayName(item.dayStartUs), rows: item.rows, reason: item.reason },
    });
  }
}

async function dropFiles(deps: RetentionDeps, item: Leaving, nowUs: number): Promise<void> {
  const kind = item.tier === "raw" ? "readings" : "waveforms";
  const isOfDay = (one: LakeSegment) =>
    one.kind === kind && one.tenantNo === item.tenantNo && one.dayStartUs === item.dayStartUs;
  const goes = (one: LakeSegment) => isOfDay(one) && one.className === item.className;
  const { segments: held } = deps.versions.current();
  const files = held.filter(goes);
  const othersStay = held.some((one) => isOfDay(one) && !goes(one));
  await changeLake(
    deps,
    ({ segments }) => ({ segments: segments.filter((one) => !goes(one)) }),
    async (connection) => {
      await noteUnwanted(
        connection,
        files.map(({ file }) => file),
      );
      if (kind === "waveforms") await dropWaveforms(connection, item, othersStay);
      else await forgetReplaced(connection, item, files);
      await noteGone(connection, item, nowUs);
    },
  );
}

/** Nothing of these files has to be hidden any more, nor is anything kept of what they held. */
async function forgetReplaced(
  connection: DuckdbConnection,
  { dayStartUs }: Leaving,
  files: readonly LakeSegment[],
): Promise<void> {
  for (const { seriesMin, seriesMax } of files)
    await connection.run(`delete from replaced where layer = 0
      and ${inDay("time", dayStartUs)} and series between ${seriesMin} and ${seriesMax}`);
  await connection.run(forgetBases("5m", dayStartUs));
}

/** What is not sealed yet goes with the files; that of series that changed their class with the last. */
async function dropWaveforms(
  connection: DuckdbConnection,
  item: Leaving,
  othersStay: boolean,
): Promise<void> {
  const own = othersStay ? ofClass(item) : `series in (${seriesOf(item)})`;
  await connection.run(`delete from waveforms where ${inDay("time", item.dayStartUs)} and ${own}`);
}

const seriesOf = ({ tenantNo }: Leaving) => `select series from series where tenant = ${tenantNo}`;

/** A condition that a row's series is of the tenant and, by now, of the class. */
const ofClass = (item: Leaving): string =>
  `series in (select s.series from (${seriesOf(item)}) s left join series_facts f on f.series = s.series
    where coalesce(f.class, 'default') = ${literal(item.className)})`;

async function dropBuckets(deps: RetentionDeps, item: Leaving, nowUs: number): Promise<void> {
  const table = `buckets_${item.tier}`;
  const where = `${inDay("start", item.dayStartUs)} and ${ofClass(item)}`;
  await inTransaction(deps.connection, async () => {
    // What was closed stays closed, though its buckets are gone.
    if (item.tier === "5m")
      await deps.connection.run(`
        create or replace temp table closing as
          select series, max(start) as start from ${table} where ${where} group by series;
        delete from newest_closed using closing c
          where newest_closed.series = c.series and newest_closed.start <= c.start;
        insert into newest_closed select series, start from closing c
          where not exists (select 1 from newest_closed n where n.series = c.series)`);
    await deps.connection.run(`delete from ${table} where ${where};
      delete from base_${item.tier} where ${where};
      ${item.tier === "5m" ? forgetBases("1h", item.dayStartUs) + forgetBases("1d", item.dayStartUs) : ""}`);
    await noteGone(deps.connection, item, nowUs);
  });
}

async function noteGone(connection: DuckdbConnection, item: Leaving, nowUs: number): Promise<void> {
  const { tenantNo, dayStartUs, tier, rows, sizeBytes } = item;
  const [className, tierName] = [literal(item.className), literal(tier)];
  await connection.run(`
    insert into gone values (${tierName}, ${tenantNo}, ${className}, ${dayStartUs});
    insert into retention_log values (${nowUs}, ${tenantNo}, ${className}, ${tierName}, ${dayStartUs},
      ${dayStartUs + LAKE_DAY_US}, ${rows}, ${sizeBytes}, ${literal(item.reason)})`);
}

/** The newest entries of a tenant's log of what went, newest first. */
export async function readRetentionLog(
  connection: DuckdbConnection,
  tenantNo: number,
): Promise<RetentionEntry[]> {
  const rows = await connection.rows(`
    select gone_at, class, tier, from_at, to_at, row_count, size_bytes, reason from retention_log
    where tenant = ${Math.trunc(tenantNo)} order by gone_at desc, from_at desc, tier limit ${LOG_ROWS}`);
  const [className, tier, reason] = [rows.text(1), rows.text(2), rows.text(7)];
  const [fromUs, toUs, count, size] = [rows.f64(3), rows.f64(4), rows.f64(5), rows.f64(6)];
  return Array.from(rows.f64(0), (atUs, row) => ({
    atUs,
    className: className[row] ?? "",
    // Written from such a tier.
    tier: (tier[row] ?? "raw") as RetentionTier,
    fromUs: fromUs[row] ?? 0,
    toUs: toUs[row] ?? 0,
    rows: count[row] ?? 0,
    sizeBytes: size[row] ?? 0,
    reason: reason[row] ?? "",
  }));
}
