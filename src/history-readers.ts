import { basename, join } from "node:path";
import { CsvScanner, textOf } from "../plugins/files/csv.ts";
import { guessDelimiter } from "../plugins/files/header.ts";
import { files } from "../plugins/files/index.ts";
import { openSource } from "../plugins/files/source.ts";
import type { HistoryRequest } from "./domain/history-import.ts";
import {
  csvWayOf,
  type FileReader,
  fileLineIn,
  formatByHead,
  formatByName,
  type LentFile,
  lendFile,
  openParquet,
  type Part,
  type Query,
} from "./history/index.ts";
import { loadDuckdb } from "./native/duckdb.ts";
import type { Batch, Context } from "./plugin-sdk/index.ts";
import { connect } from "./series/duckdb/connection.ts";

const HEAD_ROWS = 200;
const INFLATED_BYTES_MAX = 1024 * 2 ** 30;

export type ReadersDeps = {
  /** Where native parts are unpacked. */
  readonly runtimeFolder: string;
  readonly nowUs: () => number;
  readonly pause: (ms: number) => Promise<void>;
};

/** Opens files of readings of any format; DuckDB is started by the first Parquet file. */
export function createReaders(deps: ReadersDeps) {
  let query: Promise<Query> | undefined;
  return async (
    path: string,
    request: HistoryRequest,
    signal: AbortSignal,
  ): Promise<FileReader> => {
    const name = basename(path);
    const head = new Uint8Array(await Bun.file(path).slice(0, 65_536).arrayBuffer());
    const format = request.format ?? formatByName(name) ?? formatByHead(head);
    if (format === "parquet") {
      query ??= startDuckdb(deps.runtimeFolder, request.zone);
      return openParquet(await query, path, given(request));
    }
    const file = await lendFile(path, name);
    const context = (checkpoint: string | undefined): Context => ({
      checkpoint,
      signal,
      log: () => undefined,
      openFile: async () => file,
      nowUs: deps.nowUs,
      wait: deps.pause,
    });
    const { config, description } =
      format === "lp" ? linesConfig(request, file) : await csvConfig(request, file);
    files.check(config);
    return {
      description,
      dialect: format === "lp" ? request.dialect : "influx",
      async *read(checkpoint) {
        for await (const batch of files.read(config, context(checkpoint)))
          yield partOf(batch, format === "lp" ? linesPrecision(request) : "us");
      },
    };
  };
}

/** The request without what was not said. */
function given(request: HistoryRequest) {
  const { map, measurement, precision } = request;
  const { timeColumn, assetColumn, sensorColumn, valueColumn, asset, zone } = request;
  return {
    map,
    measurement,
    ...(precision === undefined ? {} : { timeUnit: precision }),
    ...(timeColumn === undefined ? {} : { timeColumn }),
    ...(assetColumn === undefined ? {} : { assetColumn }),
    ...(sensorColumn === undefined ? {} : { sensorColumn }),
    ...(valueColumn === undefined ? {} : { valueColumn }),
    ...(asset === undefined ? {} : { asset }),
    ...(zone === undefined ? {} : { zone }),
  };
}

async function startDuckdb(runtimeFolder: string, zone: string | undefined): Promise<Query> {
  const duckdb = await loadDuckdb(runtimeFolder);
  const connection = await connect(duckdb, await duckdb.open(":memory:"));
  // One thread: the server, often on the same machine, needs the others.
  await connection.run("set threads = 1; set memory_limit = '512MB'");
  await connection.run(`set TimeZone = '${(zone ?? "UTC").replaceAll("'", "''")}'`);
  return (sql) => connection.rows(sql);
}

/** Only InfluxDB 3's form tells units by their size. */
function linesPrecision({ precision, dialect }: HistoryRequest): string {
  return precision ?? (dialect === "questdb" ? "ns" : "auto");
}

function linesConfig(request: HistoryRequest, file: LentFile) {
  const precision = linesPrecision(request);
  const unit = precision === "auto" ? "by its size" : precision;
  return {
    config: { file: file.name, kind: "lines", inflatedBytesMax: INFLATED_BYTES_MAX },
    description: [`line protocol, ${request.dialect}'s dialect, times in ${unit}`],
  };
}

async function csvConfig(request: HistoryRequest, file: LentFile) {
  const source = await openSource(file, INFLATED_BYTES_MAX);
  const delimiter = request.delimiter?.charCodeAt(0) ?? guessDelimiter(source.head);
  const sign = String.fromCharCode(delimiter);
  const rows = headRows(source.head, delimiter);
  const names = request.columns ?? rows[0] ?? [];
  const way = csvWayOf(names, request.columns === undefined ? rows.slice(1) : rows, sign, {
    ...given(request),
    ...(request.decimal === undefined ? {} : { decimal: request.decimal }),
  });
  const { asset, columns, measurement, states, zone } = request;
  const config = {
    file: file.name,
    kind: "readings",
    delimiter: sign,
    measurement,
    inflatedBytesMax: INFLATED_BYTES_MAX,
    rename: way.rename,
    decimal: way.decimal,
    states: [...states],
    ...(way.timeUnit === undefined ? {} : { timeUnit: way.timeUnit }),
    ...(zone === undefined ? {} : { zone }),
    ...(asset === undefined ? {} : { asset }),
    ...(columns === undefined ? {} : { header: false, columns: [...columns] }),
  };
  const shown = ({ "\t": "tab", " ": "blanks" } as Record<string, string>)[sign] ?? `"${sign}"`;
  const called = names.map((one) => {
    const to = way.rename[one];
    return to === undefined ? one : `${one} as ${to}`;
  });
  return {
    config,
    description: [
      `CSV, columns separated by ${shown}, decimal sign "${way.decimal}"`,
      `times: ${way.timeUnit === undefined ? `as dates${zone === undefined ? "" : `, local to ${zone}`}` : `numbers in ${way.timeUnit}`}`,
      `columns: ${called.join(", ")}`,
    ],
  };
}

function headRows(head: Uint8Array, delimiter: number): string[][] {
  const scanner = new CsvScanner(delimiter, 0, 1);
  scanner.feed(head);
  scanner.end();
  const rows: string[][] = [];
  for (let row = scanner.next(); row !== undefined; row = scanner.next()) {
    rows.push(Array.from({ length: row.count }, (_, index) => textOf(row, index) ?? ""));
    if (rows.length > HEAD_ROWS) break;
  }
  return rows;
}

function partOf(batch: Batch, precision: string): Part {
  const { lines, rowErrors = [], errorCount, rows = 0, missing = 0, checkpoint } = batch;
  const origin = lines?.origin ?? [];
  return {
    bytes: lines?.bytes ?? new Uint8Array(0),
    precision,
    checkpoint,
    rows,
    missing,
    bad: rowErrors,
    badCount: errorCount ?? rowErrors.length,
    fileLineOf: (lineNo) => fileLineIn(origin, lineNo),
  };
}

/** Where a program of this user keeps what can be made again, and what cannot. */
export function userFolders(env: Readonly<Record<string, string | undefined>>, cwd: string) {
  const home = env.HOME || cwd;
  return {
    runtime: join(env.XDG_CACHE_HOME || join(home, ".cache"), "foresight", "runtime"),
    imports: join(env.XDG_STATE_HOME || join(home, ".local", "state"), "foresight", "imports"),
  };
}
