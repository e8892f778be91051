/** One thing wrong with one row of a file. */
export type BadRow = {
  /** Line of the file, or row of a Parquet file, from 1. */
  readonly line: number;
  readonly column?: string | number;
  readonly reason: string;
  /** The line, where it is line protocol. */
  readonly text?: string;
};

/** A piece of a file as line protocol, and where to go on after it. */
export type Part = {
  /** Whole lines; empty when all rows of the piece are bad or without values. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Unit of the lines' times, as the server calls it. */
  readonly precision: string;
  /** Given to `FileReader.read` to go on after this part. */
  readonly checkpoint: string;
  /** Rows of the file that this part stands for, good and bad. */
  readonly rows: number;
  /** Cells that said "no value". */
  readonly missing: number;
  /** Rows or cells that are left out; `badCount` counts all of them. */
  readonly bad: readonly BadRow[];
  readonly badCount: number;
  /** Line of the file from which a line of `bytes` (from 1) was made. */
  readonly fileLineOf: (lineNo: number) => number | Promise<number>;
};

/** A file that can be read from any of its checkpoints; the same file gives the same parts. */
export type FileReader = {
  /** How it is read, for people: format, columns, units. */
  readonly description: readonly string[];
  readonly dialect: "influx" | "questdb";
  read(checkpoint: string | undefined): AsyncGenerator<Part, void, void>;
};

/** The line of the file for a line of a part: `origin` says where runs of consecutive lines begin. */
export function fileLineIn(
  origin: readonly (readonly [lineNo: number, fileLine: number])[],
  lineNo: number,
): number {
  const run = origin.findLast(([first]) => first <= lineNo);
  return run === undefined ? lineNo : run[1] + lineNo - run[0];
}
