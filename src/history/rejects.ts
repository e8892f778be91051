import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, writeSync } from "node:fs";
import type { BadRow } from "./part.ts";

/** The list of rows that were left out, as CSV; made when the first comes. */
export type Rejects = {
  readonly path: string;
  /** How long it is now. */
  bytes(): number;
  add(file: string, rows: readonly BadRow[]): void;
  /** More rows were bad than are listed. */
  addMore(file: string, count: number): void;
  /** Takes back what was added after it was so long: those rows are read again. */
  cutTo(bytes: number): void;
  close(): void;
};

const HEADER = "file,line,column,reason,text\n";

const cell = (value: string | number | undefined): string => {
  const text = value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** Opens the list for appending. */
export function openRejects(path: string): Rejects {
  let fd: number | undefined = existsSync(path) ? openSync(path, "r+") : undefined;
  let length = fd === undefined ? 0 : fstatSync(fd).size;
  const write = (text: string) => {
    fd ??= openSync(path, "w+");
    const bytes = Buffer.from(length === 0 ? HEADER + text : text);
    for (let at = 0; at < bytes.length; )
      at += writeSync(fd, bytes, at, bytes.length - at, length + at);
    length += bytes.length;
  };
  return {
    path,
    bytes: () => length,
    add(file, rows) {
      if (rows.length === 0) return;
      const lines = rows.map((row) =>
        [file, row.line, row.column, row.reason, row.text].map(cell).join(","),
      );
      write(`${lines.join("\n")}\n`);
    },
    addMore(file, count) {
      if (count > 0) write(`${cell(file)},,,${count} more around here,\n`);
    },
    cutTo(bytes) {
      if (fd === undefined || bytes >= length) return;
      ftruncateSync(fd, bytes);
      length = bytes;
    },
    close() {
      if (fd !== undefined) closeSync(fd);
      fd = undefined;
    },
  };
}
