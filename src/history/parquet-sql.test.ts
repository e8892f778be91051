import { expect, test } from "bun:test";
import { join } from "node:path";
import { temporaryFolder } from "../../test/services/temporary-folder.ts";
import { loadDuckdb } from "../native/duckdb.ts";
import { connect } from "../series/duckdb/connection.ts";
import { openParquet } from "./parquet.ts";
import { planParquet, timeSql } from "./parquet-sql.ts";

const folder = temporaryFolder("parquet");
const WISHES = { map: {}, measurement: "readings" };

async function duckdb() {
  const native = await loadDuckdb(join(folder, "runtime"));
  const connection = await connect(native, await native.open(":memory:"));
  await connection.run("set TimeZone = 'UTC'");
  return connection;
}

/** The lines and bad rows of a file that holds these rows of SQL. */
async function read(sql: string, wishes: Parameters<typeof openParquet>[2] = WISHES) {
  const connection = await duckdb();
  const path = join(folder, `${Bun.hash(sql)}.parquet`);
  await connection.run(`copy (${sql}) to '${path}' (format parquet)`);
  const reader = await openParquet((text) => connection.rows(text), path, wishes);
  const lines: string[] = [];
  const bad: unknown[] = [];
  let missing = 0;
  for await (const part of reader.read(undefined)) {
    lines.push(...new TextDecoder().decode(part.bytes).split("\n").slice(0, -1));
    bad.push(...part.bad);
    missing += part.missing;
  }
  return { lines, bad, missing };
}

const AT = "timestamp '2024-01-01 00:00:00' as time";

test.each([
  ["a double", "1.5::double", "1.5"],
  ["a float, as short as it is", "0.1::float", "0.1"],
  ["a very large double", "1e300::double", "1e+300"],
  ["a decimal", "12.340::decimal(9,3)", "12.340"],
  ["a whole number", "-7::integer", "-7"],
  ["one that a double cannot hold", "9007199254740993::bigint", "9007199254740993i"],
  ["one beyond 63 bits", "18446744073709551615::ubigint", "18446744073709551615u"],
  ["true", "true", "t"],
  ["false", "false", "f"],
  ["a text with signs", `'a "b" \\ c'`, `"a \\"b\\" \\\\ c"`],
])("the value %s", async (_name, sql, value) => {
  const { lines } = await read(`select 'P 1' as asset, ${AT}, ${sql} as "x,y"`);
  expect(lines).toEqual([`readings,asset=P\\ 1 x\\,y=${value} 1704067200000000`]);
});

test.each([
  ["null", "null::double"],
  ["null as a boolean", "null::boolean"],
  ["not a number", "'nan'::double"],
  ["infinite", "'inf'::double"],
])("a cell that is %s is missing, and its neighbour is kept", async (_name, sql) => {
  const found = await read(`select 'P' as asset, ${AT}, ${sql} as x, 2 as y`);
  expect(found).toEqual({ lines: ["readings,asset=P y=2 1704067200000000"], bad: [], missing: 1 });
});

test.each([
  ["seconds", "1704067200::bigint", undefined],
  ["milliseconds", "1704067200000::bigint", undefined],
  ["nanoseconds, whole", "1704067200000000000::bigint", undefined],
  ["fractions of seconds", "1704067200.0::double", undefined],
  ["a zone's time", "timestamptz '2024-01-01 01:00:00+01'", undefined],
  ["local time", "timestamp '2024-01-01 01:00:00'", "Europe/Berlin"],
  ["a date", "date '2024-01-01'", undefined],
  ["text", "'2024-01-01T01:00:00+01:00'", undefined],
])("the time as %s", async (_name, sql, zone) => {
  const wishes = zone === undefined ? WISHES : { ...WISHES, zone };
  const { lines } = await read(`select 'P' as asset, ${sql} as time, 1 as x`, wishes);
  expect(lines).toEqual(["readings,asset=P x=1 1704067200000000"]);
});

test("rows that cannot be written are named, the others are kept", async () => {
  const { lines, bad } = await read(
    `select * from (values ('P', 'a', ${AT.slice(0, -8)}, 1), (null, 'a', ${AT.slice(0, -8)}, 1), ` +
      `('P', '', ${AT.slice(0, -8)}, 1), ('P', 'a', null, 1), (e'P\\n', 'a', ${AT.slice(0, -8)}, 1), ` +
      `('P', 'b', ${AT.slice(0, -8)}, 2)) t(asset, sensor, time, value)`,
  );
  expect(lines).toEqual([
    "readings,asset=P a=1 1704067200000000",
    "readings,asset=P b=2 1704067200000000",
  ]);
  expect(bad).toEqual([
    { line: 2, reason: "it has no asset" },
    { line: 3, reason: "it has no sensor" },
    { line: 4, reason: "it has no time" },
    { line: 5, reason: "its name cannot be written" },
  ]);
});

test("a file of many parts is read from any of its checkpoints to the same rows", async () => {
  const connection = await duckdb();
  const path = join(folder, "many.parquet");
  await connection.run(
    `copy (select 'P' as asset, make_timestamp(i) as time, i as x from range(70000) t(i)) to '${path}' (format parquet)`,
  );
  const reader = await openParquet((sql) => connection.rows(sql), path, WISHES);
  const from = async (checkpoint: string | undefined) => {
    const parts: { checkpoint: string; text: string }[] = [];
    for await (const part of reader.read(checkpoint))
      parts.push({ checkpoint: part.checkpoint, text: new TextDecoder().decode(part.bytes) });
    return parts;
  };
  const all = await from(undefined);
  expect(all.length).toBeGreaterThan(1);
  expect(all.map(({ text }) => text).join("")).toBe(
    Array.from({ length: 70_000 }, (_, i) => `readings,asset=P x=${i} ${i}\n`).join(""),
  );
  for (const [index, { checkpoint }] of all.entries())
    expect(await from(checkpoint)).toEqual(all.slice(index + 1));
});

test.each([
  [[{ name: "asset", type: "VARCHAR" }], "no column is the time"],
  [
    [
      { name: "time", type: "TIMESTAMP" },
      { name: "x", type: "DOUBLE" },
    ],
    "no column is the asset",
  ],
  [
    [
      { name: "time", type: "TIMESTAMP" },
      { name: "asset", type: "VARCHAR" },
      { name: "l", type: "DOUBLE[]" },
    ],
    "no column holds values",
  ],
  [
    [
      { name: "time", type: "BLOB" },
      { name: "asset", type: "VARCHAR" },
      { name: "x", type: "DOUBLE" },
    ],
    "is no time but BLOB",
  ],
])("columns %j: %s", (columns, reason) => {
  expect(planParquet(columns, WISHES)).toContain(reason);
});

test("a unit that is said goes before the size of a number", () => {
  expect(timeSql({ name: "t", type: "BIGINT" }, { timeUnit: "ms" })).toContain("* 1000)");
});
