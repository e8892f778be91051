import { rowCount, type Table, type TableColumn } from "./table.ts";

/** RFC 3339 in UTC with microseconds. */
export function isoTime(atUs: number): string {
  const ms = Math.floor(atUs / 1000);
  const us = String(atUs - ms * 1000).padStart(3, "0");
  return `${new Date(ms).toISOString().slice(0, -1)}${us}Z`;
}

/** A text as a field, in quotes where RFC 4180 asks for them. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function writer(column: TableColumn): (row: number) => string {
  switch (column.kind) {
    case "u32":
      return (row) => String(column.data[row]);
    case "f64":
      return (row) => {
        const value = column.data[row];
        return value === undefined || Number.isNaN(value) ? "" : String(value);
      };
    case "timeUs":
      return (row) => isoTime(column.data[row] ?? 0);
    case "text":
      return (row) => quoted(column.data[row] ?? "");
  }
}

/** A table as CSV of RFC 4180 with a line of names; what is not there is an empty field. */
export function csvOf(table: Table): string {
  const writers = table.columns.map(writer);
  const lines = [table.columns.map(({ name }) => quoted(name)).join(",")];
  for (let row = 0; row < rowCount(table); row++)
    lines.push(writers.map((write) => write(row)).join(","));
  return `${lines.join("\r\n")}\r\n`;
}
