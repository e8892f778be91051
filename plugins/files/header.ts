import { AppError, type ImportKind } from "../../src/plugin-sdk/index.ts";
import type { FilesConfig } from "./config.ts";
import { CsvScanner, textOf } from "./csv.ts";
import type { Source } from "./source.ts";
import { columnsOf, TABLES } from "./tables.ts";

/** How a delimited file is read. */
export type Layout = {
  readonly kind: ImportKind;
  readonly delimiter: number;
  /** What each column is called here; undefined for one that is left out. */
  readonly columns: readonly (string | undefined)[];
  /** Where its rows start. */
  readonly offset: number;
  readonly line: number;
};

/** Other names of columns that a readings file may use. */
const ALIASES: Readonly<Record<string, string>> = {
  asset_id: "asset",
  device_id: "asset",
  timestamp: "time",
  datetime: "time",
  date: "time",
  sensor_id: "sensor",
};

/** The delimiter that the first line has most of, outside quotes; blanks when it has no other. */
export function guessDelimiter(head: Uint8Array): number {
  const counts = new Map<number, number>([..."\t;,"].map((text) => [text.charCodeAt(0), 0]));
  let isQuoted = false;
  let hasText = false;
  for (const byte of head) {
    if (byte === 10 && hasText && !isQuoted) break;
    if (byte > 32) hasText = true;
    if (byte === 34) isQuoted = !isQuoted;
    const count = isQuoted ? undefined : counts.get(byte);
    if (count !== undefined) counts.set(byte, count + 1);
  }
  let best = 32;
  for (const [byte, count] of counts) if (count > (counts.get(best) ?? 0)) best = byte;
  return best;
}

function namesOf(source: Source, delimiter: number) {
  const scanner = new CsvScanner(delimiter, source.textOffset, 1);
  scanner.feed(source.head);
  scanner.end();
  const row = scanner.next();
  if (row === undefined) throw new AppError("invalid", `${source.name} holds empty lines only`);
  if (row.problem !== undefined) {
    throw new AppError("invalid", `${source.name}, line ${row.line}: ${row.problem}`);
  }
  const found = Array.from({ length: row.count }, (_, index) => textOf(row, index));
  if (found.includes(undefined)) {
    throw new AppError("invalid", `${source.name} is not UTF-8; save it as UTF-8`);
  }
  const names = found.map((name) => name ?? "");
  return { names, offset: row.nextOffset, line: row.nextLine };
}

/** What the column is called here: known names in lower case, names of sensors as they are. */
function canonical(name: string, config: FilesConfig, known: ReadonlySet<string>): string {
  const renamed = config.rename[name] ?? name;
  const lower = renamed.trim().toLowerCase().replaceAll(/[ -]/g, "_");
  if (known.has(lower)) return lower;
  const alias = ALIASES[lower];
  return alias !== undefined && config.rename[name] === undefined ? alias : renamed.trim();
}

const READING_COLUMNS = ["asset", "sensor", "time", "value"];
const KNOWN = new Set([
  ...READING_COLUMNS,
  ...Object.values(TABLES).flatMap((table) => table.map((column) => column.name)),
]);

/** What the columns say the file is; undefined when they fit nothing. */
export function guessKind(columns: readonly string[], hasAsset: boolean): ImportKind | undefined {
  const has = (name: string) => columns.includes(name) || (name === "asset" && hasAsset);
  if (has("asset") && has("started_at") && has("kind")) return "maintenance";
  if (has("asset") && has("time") && columns.length >= (hasAsset ? 2 : 3)) return "readings";
  if (has("asset") && has("name")) return "sensors";
  if (has("key")) return "assets";
  if (has("name")) return "asset-types";
  return undefined;
}

const NEEDS =
  "readings need asset, time and sensor, value (or a column per sensor); assets need key; " +
  "sensors need asset, name; maintenance needs asset, started_at, kind; asset types need name";

function requiredOf(kind: ImportKind, config: FilesConfig): readonly string[] {
  if (kind === "lines") return [];
  const required =
    kind === "readings"
      ? ["asset", "time"]
      : columnsOf(kind)
          .filter((column) => column.isRequired)
          .map((column) => column.name);
  return required.filter((name) => name !== "asset" || config.asset === undefined);
}

/**
 * Reads the header and settles what the file is.
 * @throws AppError("invalid") that names missing columns and those that were found.
 */
export function layoutOf(source: Source, config: FilesConfig): Layout {
  const delimiter =
    config.delimiter === "auto" ? guessDelimiter(source.head) : config.delimiter.charCodeAt(0);
  if (!config.header && config.columns === undefined) {
    throw new AppError("invalid", "columns must name the columns of a file without a header");
  }
  const first = namesOf(source, delimiter);
  const ignored = new Set(config.ignore);
  const named = (known: ReadonlySet<string>) =>
    (config.columns ?? first.names).map((name) =>
      ignored.has(name) || name === "" ? undefined : canonical(name, config, known),
    );
  const used = named(KNOWN).filter((name) => name !== undefined);
  const found = `${source.name} has the columns ${used.join(", ")}`;
  const twice = used.find((name, index) => used.indexOf(name) !== index);
  if (twice !== undefined) throw new AppError("invalid", `${found}: ${twice} occurs twice`);
  const kind = config.kind === "auto" ? guessKind(used, config.asset !== undefined) : config.kind;
  if (kind === undefined) {
    throw new AppError("invalid", `${found}, which fits no kind of file: ${NEEDS}; use rename`);
  }
  const missing = requiredOf(kind, config).filter((name) => !used.includes(name));
  if (missing.length > 0) {
    const message = `${found}; ${kind} also need ${missing.join(", ")}: add or rename them`;
    throw new AppError("invalid", message);
  }
  const start = config.header ? first : { offset: source.textOffset, line: 1 };
  // Sensors keep their names as they are: a sensor may well be called "Hours".
  const columns = kind === "readings" ? named(new Set(READING_COLUMNS)) : named(KNOWN);
  return { kind, delimiter, columns, offset: start.offset, line: start.line };
}
