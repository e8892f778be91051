import { expect, test } from "bun:test";
import fc from "fast-check";
import { csvWayOf, decimalOf, rolesOf, timeUnitOf } from "./csv-head.ts";
import { formatByHead, formatByName } from "./formats.ts";

const NONE = { map: {} };

test.each([
  [
    "long",
    "asset,sensor,time,value",
    { asset: "asset", sensor: "sensor", time: "time", value: "value" },
  ],
  [
    "long by other names",
    "_time,host,_field,_value",
    { time: "_time", asset: "host", sensor: "_field", value: "_value" },
  ],
  ["wide", "Timestamp,Device ID,t1,t2", { time: "Timestamp", asset: "Device ID" }],
  ["a value column alone is a sensor", "time,asset,value", { time: "time", asset: "asset" }],
  ["a sensor column alone is a sensor", "time,asset,channel", { time: "time", asset: "asset" }],
  [
    "German",
    "Zeit;machine;metric;Wert",
    { time: "Zeit", asset: "machine", sensor: "metric", value: "Wert" },
  ],
  ["the usual name goes before a rarer one", "ts,time,asset,x", { time: "time", asset: "asset" }],
])("roles of columns: %s", (_name, header, roles) => {
  expect(rolesOf(header.split(/[,;]/), NONE)).toEqual(roles);
});

test("what a person names goes before what is usual", () => {
  const names = ["time", "recorded", "unit", "asset", "reading", "what"];
  const wishes = { ...NONE, timeColumn: "recorded", sensorColumn: "what", valueColumn: "reading" };
  expect(rolesOf(names, wishes)).toEqual({
    time: "recorded",
    asset: "asset",
    sensor: "what",
    value: "reading",
  });
  expect(rolesOf(names, { map: { unit: "asset" } })).toEqual({ time: "time", asset: "unit" });
});

test.each([
  ["1,5", "2", ";", ","],
  ["1.5", "2,5", ";", "."],
  ["1", "2", ";", "."],
  ["", "-,5", "\t", ","],
  ["1,5", "2,5", ",", "."],
  ["a,b", "2", ";", "."],
] as const)("decimal sign of %p and %p between %p is %p", (a, b, delimiter, sign) => {
  expect(decimalOf([a, b], delimiter)).toBe(sign);
});

test("numbers written either way are told by their sign", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((n) => n.toFixed(2)),
        { minLength: 1 },
      ),
      (cells) => {
        expect(decimalOf(cells, ";")).toBe(".");
        expect(
          decimalOf(
            cells.map((cell) => cell.replace(".", ",")),
            ";",
          ),
        ).toBe(",");
      },
    ),
  );
});

test.each([
  ["1700000000", "s"],
  ["1700000000.25", "s"],
  ["1700000000123", "ms"],
  ["1700000000123456", "us"],
  ["1700000000123456789", "ns"],
  ["2024-01-01", undefined],
  ["", undefined],
])("the unit of %p is %p", (text, unit) => {
  expect(timeUnitOf(text)).toBe(unit);
});

test("how a file is read follows from its head, unless it is said", () => {
  const names = ["ts", "machine", "rpm"];
  const rows = [["1700000000123", "a", "1,5"]];
  expect(csvWayOf(names, rows, ";", NONE)).toEqual({
    rename: { ts: "time", machine: "asset" },
    decimal: ",",
    timeUnit: "ms",
  });
  const said = { map: { rpm: "speed" }, decimal: ".", timeUnit: "us" } as const;
  expect(csvWayOf(names, rows, ";", said)).toEqual({
    rename: { ts: "time", machine: "asset", rpm: "speed" },
    decimal: ".",
    timeUnit: "us",
  });
  expect(
    csvWayOf(["time", "asset", "x"], [["2024-01-01T00:00:00Z", "a", "1"]], ",", NONE).timeUnit,
  ).toBeUndefined();
});

test.each([
  ["a.CSV.gz", "csv"],
  ["a.lp.zst", "lp"],
  ["a.parquet", "parquet"],
  ["a.tsv", "csv"],
  ["readme.md", undefined],
  ["csv", undefined],
])("the format of %p is %p", (name, format) => {
  expect(formatByName(name)).toBe(format as never);
});

test.each([
  ["PAR1...", "parquet"],
  ["# written by hand\nm,asset=a v=1 5\n", "lp"],
  ["m v=1,w=t\n", "lp"],
  ["time,asset,v\n1,a,2\n", "csv"],
  ["time;asset;a=b\n", "csv"],
])("the format of a file that begins with %p is %p", (text, format) => {
  expect(formatByHead(new TextEncoder().encode(text))).toBe(format as never);
});
