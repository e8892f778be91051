/** What a person said of the files; what is missing is found out. */
export type CsvWishes = {
  readonly timeColumn?: string;
  readonly assetColumn?: string;
  readonly sensorColumn?: string;
  readonly valueColumn?: string;
  readonly decimal?: "." | ",";
  /** Unit of times that are numbers. */
  readonly timeUnit?: string;
  /** Names in the file and what they are called here. */
  readonly map: Readonly<Record<string, string>>;
};

/** How a delimited file is read, in the words of the files plugin. */
export type CsvWay = {
  readonly rename: Readonly<Record<string, string>>;
  readonly decimal: "." | ",";
  readonly timeUnit: string | undefined;
};

/** Names that columns of readings go by, the usual one first; compared in small letters. */
export const ROLES: Readonly<Record<string, readonly string[]>> = {
  time: ["time", "timestamp", "datetime", "date", "ts", "_time", "zeit", "zeitstempel"],
  asset: ["asset", "asset_id", "device_id", "device", "machine", "host", "series"],
  sensor: ["sensor", "sensor_id", "field", "_field", "metric", "signal", "channel"],
  value: ["value", "_value", "val", "wert"],
};

const canonical = (name: string): string => name.trim().toLowerCase().replaceAll(/[ -]/g, "_");

/**
 * Which column of a file plays which role: named by the person, or by the names that are usual. A sensor
 * column counts only together with a value column: without one, a column of that name is a sensor.
 */
export function rolesOf(
  names: readonly string[],
  wishes: Omit<CsvWishes, "decimal" | "timeUnit">,
): Record<string, string> {
  const wished: Readonly<Record<string, string | undefined>> = {
    time: wishes.timeColumn,
    asset: wishes.assetColumn,
    sensor: wishes.sensorColumn,
    value: wishes.valueColumn,
  };
  const found: Record<string, string> = {};
  for (const [role, usual] of Object.entries(ROLES)) {
    const mapped = names.find((name) => wishes.map[name] === role);
    const named = wished[role] ?? mapped;
    const one = usual
      .map((word) =>
        names.find((name) => canonical(name) === word && wishes.map[name] === undefined),
      )
      .find((name) => name !== undefined);
    const column = named ?? one;
    if (column !== undefined && !Object.values(found).includes(column)) found[role] = column;
  }
  if (found.value === undefined || found.sensor === undefined) {
    delete found.sensor;
    delete found.value;
  }
  return found;
}

/** The unit of a time that is a number, by its size, as InfluxDB 3 tells it; undefined when it is none. */
export function timeUnitOf(text: string): string | undefined {
  if (!/^[+-]?\d+(\.\d+)?$/.test(text.trim())) return undefined;
  const size = Math.abs(Number(text));
  return size < 5e9 ? "s" : size < 5e12 ? "ms" : size < 5e15 ? "us" : "ns";
}

/**
 * The decimal sign of some cells: a comma when some are numbers only so, and none is one with a point.
 * A file that is separated by commas keeps the point.
 */
export function decimalOf(cells: readonly string[], delimiter: string): "." | "," {
  if (delimiter === ",") return ".";
  const hasComma = cells.some((cell) => /^[+-]?\d*,\d+$/.test(cell.trim()));
  const hasPoint = cells.some((cell) => /^[+-]?\d*\.\d+$/.test(cell.trim()));
  return hasComma && !hasPoint ? "," : ".";
}

/** Settles how a file is read from the names of its columns and its first rows. Pure. */
export function csvWayOf(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  delimiter: string,
  wishes: CsvWishes,
): CsvWay {
  const roles = rolesOf(names, wishes);
  const rename: Record<string, string> = {};
  for (const [from, to] of Object.entries(wishes.map)) if (names.includes(from)) rename[from] = to;
  for (const [role, column] of Object.entries(roles)) if (column !== role) rename[column] = role;
  const cellsOf = (index: number) =>
    rows.flatMap((row) => row[index] ?? []).filter((c) => c !== "");
  const plain = new Set([roles.time, roles.asset, roles.sensor]);
  const values = names.flatMap((name, index) => (plain.has(name) ? [] : cellsOf(index)));
  const time = roles.time === undefined ? undefined : cellsOf(names.indexOf(roles.time))[0];
  return {
    rename,
    decimal: wishes.decimal ?? decimalOf(values, delimiter),
    timeUnit:
      time === undefined || timeUnitOf(time) === undefined
        ? undefined
        : (wishes.timeUnit ?? timeUnitOf(time)),
  };
}
