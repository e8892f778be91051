const BUCKET_COLUMNS = `(
  series uinteger not null, start timestamp not null, n double not null,
  min double not null, max double not null, sum double not null, sum_sq double not null,
  first double not null, last double not null,
  first_at timestamp not null, last_at timestamp not null)`;

/** Raised when the tables change; a file of a later version is refused. */
export const SCHEMA_VERSION = 4;

/** The lake: its state, what is being sealed, sealed readings that newer ones hide, its files. */
const LAKE_TABLES = `
  create table lake (generation double not null, frozen_day double not null);
  insert into lake values (0, -1);
  create table frozen_readings (
    series uinteger not null, time timestamp not null, value double not null);
  create table frozen_texts (
    series uinteger not null, time timestamp not null, text varchar not null);
  create table replaced (series uinteger not null, time timestamp not null, layer uinteger not null);
  create table segments (
    file varchar not null, tenant uinteger not null, class varchar not null, day double not null,
    series_min uinteger not null, series_max uinteger not null,
    row_count double not null, text_count double not null,
    time_min double not null, time_max double not null,
    size_bytes double not null, crc32 double not null, has_tail uinteger not null,
    defect varchar not null, is_uploaded uinteger not null);
  create table remote_unwanted (file varchar not null);
  create table unwanted (file varchar not null);
  create table series_facts (
    series uinteger not null, tenant uinteger not null, asset varchar not null,
    sensor varchar not null, unit varchar not null, class varchar not null);
  create table arrived (tenant uinteger not null, day double not null, arrived_at double not null);
  create table gone (tier varchar not null, tenant uinteger not null, class varchar not null, day double not null);
  create table retention_log (
    gone_at double not null, tenant uinteger not null, class varchar not null, tier varchar not null,
    from_at double not null, to_at double not null, row_count double not null,
    size_bytes double not null, reason varchar not null);
  create table base_5m ${BUCKET_COLUMNS};
  create table base_1h ${BUCKET_COLUMNS};
  create table base_1d ${BUCKET_COLUMNS};
  create table newest_closed (series uinteger not null, start timestamp not null);`;

/** Samples as they came, little endian; a time of a series has one row. */
const WAVEFORM_TABLE = `
  create table waveforms (
    series uinteger not null, time timestamp not null, sample_rate_hz double not null,
    shape varchar not null, length uinteger not null, samples blob not null);`;

/** Waveforms are sealed: `sequence` is that of the batch that stored them, so that newer ones stay behind. */
const SEALED_WAVEFORMS = `
  alter table segments add column kind varchar default 'readings';
  alter table waveforms add column sequence double default 0;`;

/** What makes a file of the version before one of the version. */
export const MIGRATIONS: ReadonlyMap<number, string> = new Map([
  [2, LAKE_TABLES],
  [3, WAVEFORM_TABLE],
  [4, SEALED_WAVEFORMS],
]);

export const CREATE_TABLES = `
  create table schema_version (version uinteger not null);
  insert into schema_version values (${SCHEMA_VERSION});
  create table cursor (sequence double not null);
  insert into cursor values (0);
  create table series (
    series uinteger not null, tenant uinteger not null, measurement varchar not null,
    tags varchar not null, field varchar not null, kind varchar not null,
    source uinteger not null, device_key varchar not null, first_at timestamp not null,
    zone varchar not null);
  create table readings (series uinteger not null, time timestamp not null, value double not null);
  create table texts (series uinteger not null, time timestamp not null, text varchar not null);
  create table buckets_5m ${BUCKET_COLUMNS};
  create table buckets_1h ${BUCKET_COLUMNS};
  create table buckets_1d ${BUCKET_COLUMNS};
  create table late_pending (series uinteger not null, start timestamp not null);
  create table late_ledger (
    source uinteger not null, fresh double not null,
    duplicates double not null, overwrites double not null);
  ${LAKE_TABLES}
  ${WAVEFORM_TABLE}
  ${SEALED_WAVEFORMS}`;

/** Length of a bucket of the finest tier. */
export const FIVE_MINUTES_US = 300_000_000;
export const HOUR_US = 3_600_000_000;

/** A time as DuckDB reads it without rounding. */
export function timeLiteral(atUs: number): string {
  return `make_timestamp(${BigInt(Math.round(atUs))}::bigint)`;
}

/** A text as DuckDB reads it. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A condition that a column is one of these whole numbers. */
export function oneOf(column: string, numbers: readonly number[]): string {
  const list = numbers.map((number) => {
    if (!Number.isInteger(number) || number < 0) throw new Error(`not a series number: ${number}`);
    return String(number);
  });
  if (list.length === 0) return "false";
  // DuckDB skips more of a table for one number than for a list of one.
  return list.length === 1 ? `${column} = ${list[0]}` : `${column} in (${list.join(",")})`;
}
