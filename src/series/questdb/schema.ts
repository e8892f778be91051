import { AppError } from "../../domain/error.ts";
import type { QuestdbAddress } from "./address.ts";
import { shownAddress } from "./address.ts";
import type { Wire } from "./wire.ts";

/** Raised when the tables change; those of a later version are refused. */
export const SCHEMA_VERSION = 1;

export type BucketTier = "5m" | "1h" | "1d";
export const BUCKET_TIERS: readonly BucketTier[] = ["5m", "1h", "1d"];

/** Names of the tables: three for all, four or five for each tenant, so that a tenant's can be dropped. */
export type Tables = {
  readonly meta: string;
  readonly series: string;
  readonly zones: string;
  readings(tenantNo: number): string;
  buckets(tenantNo: number, tier: BucketTier): string;
  /** Made with the tenant's first waveform. */
  waveforms(tenantNo: number): string;
};

export function tablesOf(prefix: string): Tables {
  return {
    meta: `${prefix}_meta`,
    series: `${prefix}_series`,
    zones: `${prefix}_zones`,
    readings: (tenantNo) => `${prefix}_t${tenantNo}_readings`,
    buckets: (tenantNo, tier) => `${prefix}_t${tenantNo}_buckets_${tier}`,
    waveforms: (tenantNo) => `${prefix}_t${tenantNo}_waveforms`,
  };
}

const READINGS = "ts TIMESTAMP, series INT, value DOUBLE, text VARCHAR";
const BUCKETS = `ts TIMESTAMP, series INT, n DOUBLE, min DOUBLE, max DOUBLE, sum DOUBLE,
  sum_sq DOUBLE, first DOUBLE, last DOUBLE, first_at TIMESTAMP, last_at TIMESTAMP`;

function create(table: string, columns: string, partition: string, keys: string): string {
  return `CREATE TABLE IF NOT EXISTS ${table} (${columns}) TIMESTAMP(ts)
    PARTITION BY ${partition} WAL DEDUP UPSERT KEYS(ts, ${keys})`;
}

/** Makes the tables for all. A row of theirs is found by a number that stands as its time. */
export async function createTables(wire: Wire, tables: Tables): Promise<void> {
  const series = `ts TIMESTAMP, series INT, tenant INT, measurement VARCHAR, tags VARCHAR,
    field VARCHAR, kind VARCHAR, source INT, device_key VARCHAR, first_at_us LONG`;
  await Promise.all([
    wire.query(create(tables.meta, "ts TIMESTAMP, key VARCHAR, text VARCHAR", "YEAR", "key")),
    wire.query(create(tables.series, series, "DAY", "series")),
    wire.query(create(tables.zones, "ts TIMESTAMP, series INT, zone VARCHAR", "DAY", "series")),
  ]);
}

export async function createTenantTables(
  wire: Wire,
  tables: Tables,
  tenantNo: number,
): Promise<void> {
  await Promise.all([
    wire.query(create(tables.readings(tenantNo), READINGS, "DAY", "series")),
    wire.query(create(tables.buckets(tenantNo, "5m"), BUCKETS, "DAY", "series")),
    wire.query(create(tables.buckets(tenantNo, "1h"), BUCKETS, "MONTH", "series")),
    wire.query(create(tables.buckets(tenantNo, "1d"), BUCKETS, "YEAR", "series")),
  ]);
}

/** Rows of up to `SAMPLES_PER_ROW` samples each, as base64 of their bytes, little endian. */
export async function createWaveformTable(
  wire: Wire,
  tables: Tables,
  tenantNo: number,
): Promise<void> {
  const columns =
    "ts TIMESTAMP, series INT, part INT, length INT, sample_rate_hz DOUBLE, shape VARCHAR, samples VARCHAR";
  await wire.query(create(tables.waveforms(tenantNo), columns, "DAY", "series, part"));
}

/**
 * Checks that what the server says it holds survives a power cut.
 * @returns a warning, when the address puts up with less.
 * @throws AppError("unavailable") that names the setting.
 */
export async function checkDurability(
  wire: Wire,
  address: QuestdbAddress,
): Promise<string | undefined> {
  const [row] = await wire.query(
    "select value from (show parameters) where property_path = 'cairo.commit.mode'",
  );
  const mode = String(row?.[0] ?? "unknown");
  if (mode === "sync") return undefined;
  const what = `${shownAddress(address)} answers before its disk holds the rows (cairo.commit.mode=${mode})`;
  if (address.isRelaxed)
    return `${what}: a power cut may lose readings that the log has given up already`;
  throw new AppError(
    "unavailable",
    `${what}; set cairo.commit.mode=sync in its server.conf and restart it, ` +
      "or add durability=relaxed to the address to put up with losses at a power cut",
  );
}

/** A condition that a column is one of these whole numbers. */
export function oneOf(column: string, numbers: readonly number[]): string {
  for (const number of numbers)
    if (!Number.isInteger(number) || number < 0) throw new Error(`not a series number: ${number}`);
  return numbers.length === 0 ? "false" : `${column} in (${numbers.join(",")})`;
}

/** A time as QuestDB compares it: µs since epoch; it has none before 1970. */
export function timeLiteral(atUs: number): string {
  return String(Math.max(0, Math.round(atUs)));
}
