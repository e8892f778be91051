/** A file or function over its limit. The list only shrinks; `limit` only falls. */
export type Exception = {
  readonly rule: "file-lines" | "function-lines" | "blob-bytes";
  readonly file: string;
  /** Largest size that is put up with. */
  readonly limit: number;
  /** Day it was entered. */
  readonly since: string;
  readonly why: string;
};

const SCRIPT = "one closure around a browser script, so that it leaves no global behind";
const since = "2026-11-25";

export const EXCEPTIONS: readonly Exception[] = [
  { rule: "function-lines", file: "views/assets/app.js", limit: 250, since, why: SCRIPT },
  { rule: "function-lines", file: "views/assets/chart.js", limit: 110, since, why: SCRIPT },
  {
    rule: "function-lines",
    file: "src/series/duckdb/writer.ts",
    limit: 111,
    since,
    why: "the one place that owns the write connection; its parts share its state",
  },
  {
    rule: "function-lines",
    file: "src/series/duckdb/reads/pool.ts",
    limit: 76,
    since,
    why: "counters and queue of the pool are shared by its few inner functions",
  },
];
