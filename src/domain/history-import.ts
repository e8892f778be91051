/** How files of readings are read and where they go; what is undefined is found out. */
export type HistoryRequest = {
  readonly paths: readonly string[];
  readonly url: string;
  readonly token: string;
  readonly format: "csv" | "lp" | "parquet" | undefined;
  readonly timeColumn: string | undefined;
  readonly assetColumn: string | undefined;
  readonly sensorColumn: string | undefined;
  readonly valueColumn: string | undefined;
  /** The asset of every row, when no column names it. */
  readonly asset: string | undefined;
  readonly measurement: string;
  /** Names of columns of a file without a header. */
  readonly columns: readonly string[] | undefined;
  /** Names of columns and what they are called here. */
  readonly map: Readonly<Record<string, string>>;
  /** Sensors whose values are names of states. */
  readonly states: readonly string[];
  readonly delimiter: string | undefined;
  readonly decimal: "." | "," | undefined;
  /** Unit of times that are numbers. */
  readonly precision: string | undefined;
  readonly zone: string | undefined;
  readonly dialect: "influx" | "questdb";
  /** Readings a second at most; undefined: as fast as the server takes them. */
  readonly rate: number | undefined;
  readonly stateFolder: string;
  readonly rejectsFile: string;
  readonly isDryRun: boolean;
  /** Files that were imported already are sent once more. */
  readonly isAgain: boolean;
};

/** What became of one file. */
export type HistoryFileReport = {
  readonly file: string;
  readonly status: "done" | "done before" | "stopped" | "failed";
  readonly rows: number;
  readonly readings: number;
  readonly missing: number;
  readonly bad: number;
  readonly reason?: string;
};

export type HistoryReport = {
  readonly files: readonly HistoryFileReport[];
  /** How often the server or the network asked to wait. */
  readonly waits: number;
  readonly seconds: number;
};

/** What the importer tells while it works. */
export type HistoryEvents = {
  /** A sentence that stays. */
  readonly say: (line: string) => void;
  /** How far it is; the newest is enough. */
  readonly progress: (line: string) => void;
};

/** Imports files of readings into a running server. Stops at the end of a part when `signal` aborts. */
export type HistoryImporter = (
  request: HistoryRequest,
  events: HistoryEvents,
  signal: AbortSignal,
) => Promise<HistoryReport>;
