import { resolve } from "node:path";
import { AppError } from "../domain/error.ts";
import type { HistoryImporter, HistoryReport, HistoryRequest } from "../domain/history-import.ts";
import { type Arguments, type Command, type Option, type Terminal, textOf } from "./command.ts";
import { JSON_SWITCH } from "./operate.ts";

export type ImportReadingsDeps = {
  readonly importer: (env: Terminal["env"], cwd: string) => HistoryImporter;
  /** Where states are kept unless the person says. */
  readonly stateFolder: (env: Terminal["env"], cwd: string) => string;
  /** Resolves when the person wants it to stop. */
  readonly stopSignal: () => Promise<string>;
  /** Shows a line that the next one replaces; undefined when nobody looks at a terminal. */
  readonly showProgress: ((line: string) => void) | undefined;
  readonly nowUs: () => number;
};

const OPTIONS: Readonly<Record<string, Option>> = {
  url: {
    value: "URL",
    sentence: "The running server, such as http://127.0.0.1:8080.",
  },
  token: {
    value: "TOKEN",
    sentence: "A token with scope write; its source is theirs (default: $FORESIGHT_TOKEN).",
  },
  format: { value: "FORMAT", sentence: "csv, lp or parquet (default: auto, by name or content)." },
  "time-column": { value: "NAME", sentence: "The column that is the time." },
  "asset-column": { value: "NAME", sentence: "The column that names the asset." },
  "sensor-column": { value: "NAME", sentence: "The column that names the sensor, of long files." },
  "value-column": { value: "NAME", sentence: "The column that is the value, of long files." },
  asset: { value: "KEY", sentence: "The asset of all rows, when no column names it." },
  measurement: { value: "NAME", sentence: "Measurement of the series (default: readings)." },
  columns: { value: "NAMES", sentence: "Names of the columns, of CSV without a header: a,b,c." },
  map: { value: "NAMES", sentence: "Columns and what they are called here: a=b,c=d." },
  states: { value: "NAMES", sentence: "Sensors whose values are texts, of CSV: a,b." },
  delimiter: { value: "SIGN", sentence: "Between the columns: , or ; or tab (default: auto)." },
  decimal: { value: "SIGN", sentence: "The decimal sign: . or , (default: auto)." },
  precision: {
    value: "UNIT",
    sentence: "Unit of times that are numbers: ns, us, ms, s, m, h (default: by their size).",
  },
  "time-zone": { value: "ZONE", sentence: "Zone of times that carry none, such as Europe/Berlin." },
  dialect: { value: "DIALECT", sentence: "Of line protocol: influx (default) or questdb." },
  rate: {
    value: "N",
    sentence: "Readings a second at most (default: what the server takes beside live data).",
  },
  state: {
    value: "DIR",
    sentence: "Where it is kept how far each file is (default: in your home folder).",
  },
  rejects: { value: "FILE", sentence: "List of rows left out (default: import-rejects.csv)." },
  "dry-run": { sentence: "Show how files are read and their first lines; send nothing." },
  again: { sentence: "Send files once more that were imported already." },
  json: JSON_SWITCH,
};

/** `foresight import readings`: history from files, through the running server. */
export function importReadingsCommand(deps: ImportReadingsDeps): Command {
  return {
    name: "import readings",
    sentence:
      "Imports readings of the past from CSV, line protocol and Parquet files: raises no alarm, and goes on where it was.",
    rest: "FOLDER|FILE…",
    options: OPTIONS,
    run: async (args, terminal) => {
      const request = requestOf(args, terminal, deps);
      const stop = new AbortController();
      void deps.stopSignal().then(() => stop.abort());
      let toldUs = deps.nowUs();
      const progress = (line: string) => {
        if (deps.showProgress !== undefined) return deps.showProgress(line);
        if (deps.nowUs() - toldUs < PLAIN_PROGRESS_US) return;
        toldUs = deps.nowUs();
        terminal.say(line);
      };
      const say = (line: string) => {
        deps.showProgress?.(""); // what stands on the terminal's last line goes first
        terminal.say(line);
      };
      const importer = deps.importer(terminal.env, terminal.cwd);
      const report = await importer(request, { say, progress }, stop.signal);
      deps.showProgress?.("");
      if (args.values.json) terminal.out(JSON.stringify(report));
      else for (const line of reportText(report, request)) terminal.out(line);
      return exitCodeOf(report);
    },
  };
}

const PLAIN_PROGRESS_US = 5e6;

const number = (value: number): string => value.toLocaleString("en-US");

/** What became of all files, line by line for people. Pure. */
export function reportText(
  report: HistoryReport,
  request: Pick<HistoryRequest, "isDryRun" | "rejectsFile">,
): string[] {
  const lines = report.files.map(({ file, status, readings, rows, missing, bad, reason }) => {
    const counts =
      `${number(rows)} rows, ${number(readings)} readings, ${number(missing)} empty cells, ` +
      `${number(bad)} left out`;
    if (request.isDryRun && status === "done")
      return `${file}: nothing sent; of its first part: ${counts}`;
    return `${file}: ${status}${reason === undefined ? "" : ` (${reason})`}: ${counts}`;
  });
  if (request.isDryRun) return lines;
  const sum = (of: (one: HistoryReport["files"][number]) => number) =>
    report.files.reduce((total, one) => total + of(one), 0);
  const bad = sum((one) => one.bad);
  const done = report.files.filter(({ status }) => status.startsWith("done")).length;
  return [
    ...lines,
    `${done} of ${report.files.length} files, ${number(sum((one) => one.readings))} readings ` +
      `in ${report.seconds.toFixed(1)} s${report.waits > 0 ? `; the server asked to wait ${report.waits} times` : ""}`,
    ...(bad > 0
      ? [`${number(bad)} rows or cells were left out; ${request.rejectsFile} says why`]
      : []),
  ];
}

/** 0 all done, 1 a file failed or it was stopped, 3 rows were left out. Pure. */
export function exitCodeOf({ files }: HistoryReport): number {
  if (files.some(({ status }) => status === "failed" || status === "stopped")) return 1;
  return files.some(({ bad }) => bad > 0) ? 3 : 0;
}

function requestOf(args: Arguments, terminal: Terminal, deps: ImportReadingsDeps): HistoryRequest {
  const text = (name: string) => textOf(args, name) || undefined;
  const list = (name: string) =>
    text(name)
      ?.split(",")
      .map((one) => one.trim());
  const isDryRun = args.values["dry-run"] === true;
  const token = text("token") ?? terminal.env.FORESIGHT_TOKEN ?? "";
  const wrong = (why: string) =>
    new AppError(
      "invalid",
      `foresight import readings: ${why}; see: foresight help import readings`,
    );
  if (args.rest.length === 0) throw wrong("name a folder or a file");
  if (token === "" && !isDryRun) throw wrong("--token is missing");
  if (text("url") === undefined && !isDryRun) throw wrong("--url is missing");
  const oneOf = <T extends string>(name: string, known: readonly T[]): T | undefined => {
    const value = text(name);
    const found = known.find((one) => one === value);
    if (value !== undefined && found === undefined)
      throw wrong(`--${name} ${value} is not known; use ${known.join(" or ")}`);
    return found;
  };
  const rate = text("rate");
  if (rate !== undefined && !(Number(rate) > 0)) throw wrong(`--rate ${rate} is no number above 0`);
  const pairs = (list("map") ?? []).map((pair) => pair.split("="));
  if (pairs.some((pair) => pair.length !== 2)) throw wrong("--map takes a=b,c=d");
  const delimiter = oneOf("delimiter", [",", ";", "tab", "space"]);
  const columns = list("columns");
  return {
    paths: args.rest.map((path) => resolve(terminal.cwd, path)),
    url: textOf(args, "url"),
    token,
    format: oneOf("format", ["csv", "lp", "parquet"]),
    timeColumn: text("time-column"),
    assetColumn: text("asset-column"),
    sensorColumn: text("sensor-column"),
    valueColumn: text("value-column"),
    asset: text("asset"),
    measurement: text("measurement") ?? "readings",
    columns,
    map: Object.fromEntries(pairs),
    states: list("states") ?? [],
    delimiter: delimiter === "tab" ? "\t" : delimiter === "space" ? " " : delimiter,
    decimal: oneOf("decimal", [".", ","]),
    precision: oneOf("precision", ["ns", "us", "ms", "s", "m", "h"]),
    zone: text("time-zone"),
    dialect: oneOf("dialect", ["influx", "questdb"]) ?? "influx",
    rate: rate === undefined ? undefined : Number(rate),
    stateFolder: resolve(
      terminal.cwd,
      text("state") ?? deps.stateFolder(terminal.env, terminal.cwd),
    ),
    rejectsFile: resolve(terminal.cwd, text("rejects") ?? "import-rejects.csv"),
    isDryRun,
    isAgain: args.values.again === true,
  };
}
