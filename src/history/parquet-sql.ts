import { rolesOf } from "./csv-head.ts";

/** A column of a Parquet file, with its type as DuckDB calls it. */
export type Column = { readonly name: string; readonly type: string };

export type ParquetWishes = {
  readonly timeColumn?: string;
  readonly assetColumn?: string;
  readonly sensorColumn?: string;
  readonly valueColumn?: string;
  readonly map: Readonly<Record<string, string>>;
  /** The asset of every row, when no column names it. */
  readonly asset?: string;
  readonly measurement: string;
  readonly timeUnit?: string;
  /** IANA zone of times that carry none; without it they are UTC. */
  readonly zone?: string;
};

/** How a Parquet file becomes lines. */
export type ParquetPlan = {
  /** Statement over rows `n >= FROM and n < TO`: columns n, line, bad, missing. */
  readonly rowsSql: (file: string, fromRow: number, toRow: number) => string;
  readonly description: readonly string[];
  readonly fields: number;
};

const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A name as line protocol writes it. */
const escaped = (expression: string, signs: string): string =>
  [...signs].reduce((sql, sign) => `replace(${sql}, '${sign}', '\\${sign}')`, expression);
const escapedText = (text: string, signs: string): string =>
  [...signs].reduce((out, sign) => out.replaceAll(sign, `\\${sign}`), text);

const WHOLE = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;
const REAL = /^(FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** The value of a column as line protocol writes it, null when it has none; undefined for other types. */
export function valueSql({ name, type }: Column): string | undefined {
  const column = identifier(name);
  if (type === "BOOLEAN") return `case when ${column} then 't' when not ${column} then 'f' end`;
  if (type === "VARCHAR")
    return `'"' || replace(replace(${column}, '\\', '\\\\'), '"', '\\"') || '"'`;
  if (/^(DECIMAL)/.test(type)) return `${column}::varchar`;
  if (REAL.test(type)) return `if(isfinite(${column}), ${column}::varchar, null)`;
  if (!WHOLE.test(type)) return undefined;
  const wide = `${column}::hugeint`;
  return (
    `case when ${wide} between -9007199254740992 and 9007199254740992 then ${column}::varchar ` +
    `when ${wide} <= 9223372036854775807 then ${column}::varchar || 'i' ` +
    `else ${column}::varchar || 'u' end`
  );
}

const UNIT_SQL: Readonly<Record<string, (t: string) => string>> = {
  ns: (t) => `floor(${t} / 1000)`,
  us: (t) => t,
  ms: (t) => `${t} * 1000`,
  s: (t) => `${t} * 1000000`,
  m: (t) => `${t} * 60000000`,
  h: (t) => `${t} * 3600000000`,
};

/** The time of a column in µs; undefined for types that are no times. */
export function timeSql(
  { name, type }: Column,
  { timeUnit, zone }: Pick<ParquetWishes, "timeUnit" | "zone">,
): string | undefined {
  const column = identifier(name);
  const local = (t: string) =>
    zone === undefined ? `epoch_us(${t})` : `epoch_us(timezone(${literal(zone)}, ${t}))`;
  if (type === "TIMESTAMP WITH TIME ZONE") return `epoch_us(${column})`;
  if (/^(TIMESTAMP|DATE)/.test(type)) return local(`${column}::timestamp`);
  if (type === "VARCHAR") return `epoch_us(try_cast(${column} as timestamptz))`;
  if (!WHOLE.test(type) && !REAL.test(type)) return undefined;
  // Whole numbers stay whole: ns since 1970 are more than a double holds.
  const t = WHOLE.test(type) ? `${column}::hugeint` : `${column}::double`;
  const ns = WHOLE.test(type) ? `${t} // 1000` : `floor(${t} / 1000)`;
  const one = timeUnit === undefined ? undefined : UNIT_SQL[timeUnit];
  const sql =
    timeUnit === "ns"
      ? ns
      : (one?.(t) ??
        `case when abs(${t}) < 5e9 then ${t} * 1000000 when abs(${t}) < 5e12 then ${t} * 1000 ` +
          `when abs(${t}) < 5e15 then ${t} else ${ns} end`);
  return `try_cast(round(${sql}) as bigint)`;
}

/**
 * Decides how the rows of a Parquet file become lines: long when there are a sensor and a value column,
 * else each other column of numbers, booleans or texts is a sensor. Pure; a text says what is missing.
 */
export function planParquet(
  columns: readonly Column[],
  wishes: ParquetWishes,
): ParquetPlan | string {
  const roles = rolesOf(
    columns.map(({ name }) => name),
    wishes,
  );
  const columnOf = (role: string) => columns.find(({ name }) => name === roles[role]);
  const [time, asset, sensor, value] = ["time", "asset", "sensor", "value"].map(columnOf);
  const names = columns.map(({ name, type }) => `${name} (${type})`).join(", ");
  if (time === undefined) return `no column is the time; name it with --time-column: ${names}`;
  if (asset === undefined && wishes.asset === undefined)
    return `no column is the asset; use --asset-column or --asset: ${names}`;
  const at = timeSql(time, wishes);
  if (at === undefined) return `column ${time.name} is no time but ${time.type}`;
  const rest = columns.filter((one) => one !== time && one !== asset);
  const isLong = sensor !== undefined && value !== undefined;
  const taken = isLong ? [value] : rest.filter((one) => valueSql(one) !== undefined);
  const leftOut = isLong
    ? rest.filter((one) => one !== sensor && one !== value)
    : rest.filter((one) => valueSql(one) === undefined);
  if (taken.length === 0 || (isLong && valueSql(value) === undefined))
    return `no column holds values: ${names}`;
  const keyed = (column: Column) =>
    isLong && sensor !== undefined
      ? escaped(`${identifier(sensor.name)}::varchar`, ",= ")
      : literal(escapedText(wishes.map[column.name] ?? column.name, ",= "));
  const fields = taken.map((one) => `${keyed(one)} || '=' || ${valueSql(one)}`);
  const head = literal(`${escapedText(wishes.measurement, ", ")},asset=`);
  const who =
    asset === undefined ? literal(wishes.asset ?? "") : `${identifier(asset.name)}::varchar`;
  const named =
    isLong && sensor !== undefined ? [who, `${identifier(sensor.name)}::varchar`] : [who];
  const bad = [
    `when ${at} is null then 'it has no time'`,
    `when ${who} is null or ${who} = '' then 'it has no asset'`,
    ...(named.length > 1
      ? [`when ${named[1]} is null or ${named[1]} = '' then 'it has no sensor'`]
      : []),
    ...named.map(
      (one) => `when regexp_matches(${one}, '[\\n\\r]|\\\\$') then 'its name cannot be written'`,
    ),
  ].join(" ");
  const rowsSql = (file: string, fromRow: number, toRow: number) =>
    `select n, bad, if(bad is null, ${taken.length} - size, 0) as missing, ` +
    `if(bad is null and size > 0, head || ' ' || fields || ' ' || at_us || chr(10), null) as line from (` +
    `select file_row_number as n, case ${bad} end as bad, ${head} || ${escaped(who, ",= ")} as head, ` +
    `concat_ws(',', ${fields.join(", ")}) as fields, ${taken
      .map((one) => `(${valueSql(one)} is not null)::integer`)
      .join(" + ")} as size, ${at} as at_us ` +
    `from read_parquet(${literal(file)}, file_row_number = true) ` +
    `where file_row_number >= ${fromRow} and file_row_number < ${toRow})`;
  const said = (role: string, text: string | undefined) =>
    text === undefined ? [] : [`${role} ${text}`];
  const zoneSaid =
    wishes.zone === undefined ? ", without a zone: UTC" : `, without a zone: ${wishes.zone}`;
  return {
    rowsSql,
    fields: taken.length,
    description: [
      isLong ? "long: a row is one reading" : `wide: ${taken.length} sensors`,
      ...said(
        "time",
        `${time.name} (${time.type}${/^TIMESTAMP$|^DATE|_/.test(time.type) ? zoneSaid : ""})`,
      ),
      ...said("asset", asset?.name ?? `"${wishes.asset}" for all`),
      ...(isLong
        ? said("sensor", `${sensor?.name}, value ${value?.name}`)
        : said("sensors", taken.map(({ name }) => name).join(", "))),
      ...(leftOut.length > 0
        ? [`left out: ${leftOut.map(({ name, type }) => `${name} (${type})`).join(", ")}`]
        : []),
    ],
  };
}
