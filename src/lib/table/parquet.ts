import { parquetWriteBuffer } from "hyparquet-writer";
import type { Table, TableColumn } from "./table.ts";

type Written = Parameters<typeof parquetWriteBuffer>[0];
type SchemaElement = NonNullable<Written["schema"]>[number];

/** Whole numbers of a double as 64-bit integers. */
export function toInt64(data: Float64Array): BigInt64Array {
  return BigInt64Array.from(data, BigInt);
}

function elementOf({ name, kind }: TableColumn): SchemaElement {
  switch (kind) {
    case "u32":
      return { name, type: "INT64", repetition_type: "REQUIRED" };
    case "f64":
      return { name, type: "DOUBLE", repetition_type: "OPTIONAL" };
    case "timeUs":
      return {
        ...{ name, type: "INT64", repetition_type: "REQUIRED" },
        converted_type: "TIMESTAMP_MICROS",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" },
      };
    case "text":
      return {
        ...{ name, type: "BYTE_ARRAY", repetition_type: "OPTIONAL" },
        converted_type: "UTF8",
      };
  }
}

function dataOf(column: TableColumn): Written["columnData"][number]["data"] {
  switch (column.kind) {
    case "u32":
      return BigInt64Array.from(column.data, BigInt);
    case "timeUs":
      return toInt64(column.data);
    case "f64":
      return Array.from(column.data, (value) => (Number.isNaN(value) ? null : value));
    case "text":
      return column.data.map((text) => text ?? null);
  }
}

/** A table as a Parquet file (Snappy): numbers INT64 or DOUBLE, times TIMESTAMP(µs, UTC), texts UTF-8. */
export function parquetOf(table: Table): ArrayBuffer {
  return parquetWriteBuffer({
    columnData: table.columns.map((column) => ({ name: column.name, data: dataOf(column) })),
    schema: [{ name: "root", num_children: table.columns.length }, ...table.columns.map(elementOf)],
    createdBy: "foresight",
  });
}
