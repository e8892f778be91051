import {
  Table as ArrowTable,
  type Data,
  Field,
  Float64,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  TimestampMicrosecond,
  tableToIPC,
  Uint32,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import { toInt64 } from "./parquet.ts";
import { rowCount, type Table, type TableColumn } from "./table.ts";

function fieldOf({ name, kind }: TableColumn): Field {
  switch (kind) {
    case "u32":
      return new Field(name, new Uint32(), false);
    case "f64":
      return new Field(name, new Float64(), true);
    case "timeUs":
      return new Field(name, new TimestampMicrosecond("UTC"), false);
    case "text":
      return new Field(name, new Utf8(), true);
  }
}

/** Bits of what is there, and how many are missing. */
function validity(data: Float64Array): { nullBitmap: Uint8Array; nullCount: number } {
  const nullBitmap = new Uint8Array(Math.ceil(data.length / 8));
  let nullCount = 0;
  for (let row = 0; row < data.length; row++) {
    if (Number.isNaN(data[row])) nullCount++;
    else nullBitmap[row >> 3] = (nullBitmap[row >> 3] ?? 0) | (1 << (row & 7));
  }
  return { nullBitmap, nullCount };
}

function dataOf(column: TableColumn): Data {
  const length = column.data.length;
  switch (column.kind) {
    case "u32":
      return makeData({ type: new Uint32(), length, nullCount: 0, data: column.data });
    case "f64": {
      const missing = validity(column.data);
      return makeData({ type: new Float64(), length, ...missing, data: column.data });
    }
    case "timeUs":
      return makeData({
        type: new TimestampMicrosecond("UTC"),
        ...{ length, nullCount: 0, data: toInt64(column.data) },
      });
    case "text": {
      const texts = column.data.map((text) => text ?? null);
      const [data] = vectorFromArray(texts, new Utf8()).data;
      return data ?? makeData({ type: new Utf8() });
    }
  }
}

/** A table as an Arrow IPC stream of one record batch. */
export function arrowOf(table: Table): Uint8Array<ArrayBuffer> {
  const schema = new Schema(table.columns.map(fieldOf));
  const children = table.columns.map(dataOf);
  const data = makeData({
    type: new Struct(schema.fields),
    ...{ length: rowCount(table), nullCount: 0, children },
  });
  return new Uint8Array(
    tableToIPC(new ArrowTable(schema, new RecordBatch(schema, data)), "stream"),
  );
}
