import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { formatOf } from "./accept.ts";
import { arrowOf } from "./arrow.ts";
import { csvOf } from "./csv.ts";
import { parquetOf } from "./parquet.ts";
import type { Table } from "./table.ts";

const AT_US = Date.UTC(2026, 2, 2) * 1000 + 1;
const table: Table = {
  columns: [
    { name: "series_no", kind: "u32", data: Uint32Array.of(1, 2 ** 32 - 1, 3) },
    { name: "time", kind: "timeUs", data: Float64Array.of(AT_US, AT_US + 1_500_000, -1) },
    { name: "value", kind: "f64", data: Float64Array.of(1.5, Number.NaN, -0.1) },
    { name: "text", kind: "text", data: [undefined, 'a "b", c', "9007199254740993"] },
  ],
};
const rows = [
  [1, AT_US, 1.5, null],
  [2 ** 32 - 1, AT_US + 1_500_000, null, 'a "b", c'],
  [3, -1, -0.1, "9007199254740993"],
];
const empty: Table = {
  columns: [
    { name: "time", kind: "timeUs", data: new Float64Array() },
    { name: "text", kind: "text", data: [] },
  ],
};
let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "table-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function readBack(name: string, bytes: ArrayBuffer, sql: string) {
  const file = join(folder, name);
  writeFileSync(file, new Uint8Array(bytes));
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(sql.replace("FILE", `'${file}'`));
  connection.closeSync();
  return reader.getRows().map((row) => row.map((v) => (typeof v === "bigint" ? Number(v) : v)));
}

test("CSV holds every row, quoted where it must be", () => {
  expect(csvOf(table)).toBe(
    "series_no,time,value,text\r\n" +
      "1,2026-03-02T00:00:00.000001Z,1.5,\r\n" +
      '4294967295,2026-03-02T00:00:01.500001Z,,"a ""b"", c"\r\n' +
      "3,1969-12-31T23:59:59.999999Z,-0.1,9007199254740993\r\n",
  );
  expect(csvOf(empty)).toBe("time,text\r\n");
});

describe("DuckDB reads", () => {
  test("the Parquet file with its times as times", async () => {
    const sql = "select series_no, epoch_us(time), value, text from read_parquet(FILE)";
    expect(await readBack("t.parquet", parquetOf(table), sql)).toEqual(rows);
    const typed = "select typeof(time), typeof(text) from read_parquet(FILE) limit 1";
    expect(await readBack("u.parquet", parquetOf(table), typed)).toEqual([
      ["TIMESTAMP WITH TIME ZONE", "VARCHAR"],
    ]);
  });
  test("an empty Parquet file", async () => {
    const sql = "select count(*) from read_parquet(FILE)";
    expect(await readBack("e.parquet", parquetOf(empty), sql)).toEqual([[0]]);
  });
});

test("Arrow's own reader finds every row and type", () => {
  const read = tableFromIPC(arrowOf(table));
  expect(read.schema.fields.map((field) => `${field.name}: ${field.type}`)).toEqual([
    "series_no: Uint32",
    "time: Timestamp<MICROSECOND, UTC>",
    "value: Float64",
    "text: Utf8",
  ]);
  const times = read.getChild("time")?.data[0]?.values as BigInt64Array; // a timestamp's values
  const column = (name: string) => [...(read.getChild(name) ?? [])];
  expect(
    rows.map((_, i) => [
      column("series_no")[i],
      Number(times[i]),
      column("value")[i],
      column("text")[i],
    ]),
  ).toEqual(rows);
  expect(tableFromIPC(arrowOf(empty)).numRows).toBe(0);
});

test.each([
  [null, "json"],
  ["", "json"],
  ["*/*", "json"],
  ["text/csv", "csv"],
  ["text/*", "csv"],
  ["application/vnd.apache.parquet", "parquet"],
  ["application/vnd.apache.arrow.stream;q=0.9, text/csv;q=0.5", "arrow"],
  ["application/json;q=0.2, text/csv; q=0.7", "csv"],
  ["application/json;q=0, */*;q=0.1", "csv"],
  ["application/xml, */*;q=0.1", "json"],
  ["text/html", undefined],
  ["text/csv;q=0", undefined],
  ["text/csv;q=x", undefined],
] as const)("Accept %s is answered as %s", (accept, format) => {
  expect(formatOf(accept)).toBe(format);
});
