import { expect, test } from "bun:test";
import fc from "fast-check";
import { CSV_LIMITS, CsvScanner, textOf } from "./csv.ts";

type Got = { line: number; fields: (string | undefined)[]; problem?: string };

/** All rows of `text`, fed in parts of `partBytes`. */
function scan(text: string | Uint8Array, delimiter = ",", partBytes = 1 << 20): Got[] {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const scanner = new CsvScanner(delimiter.charCodeAt(0), 0, 1);
  const got: Got[] = [];
  const take = () => {
    for (let row = scanner.next(); row !== undefined; row = scanner.next()) {
      const fields = Array.from({ length: row.count }, (_, i) => textOf(row, i));
      const { line, problem } = row;
      got.push(problem === undefined ? { line, fields } : { line, fields, problem });
    }
  };
  for (let at = 0; at < bytes.length; at += partBytes) {
    scanner.feed(bytes.slice(at, at + partBytes));
    take();
  }
  scanner.end();
  take();
  return got;
}

const rows = (text: string, delimiter = ",") => scan(text, delimiter).map((row) => row.fields);

test.each([
  [
    "plain",
    "a,b\n1,2\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "no line end at the end",
    "a,b\n1,2",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "CRLF",
    "a,b\r\n1,2\r\n",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  [
    "CRLF and no line end",
    "a,b\r\n1,2\r",
    [
      ["a", "b"],
      ["1", "2"],
    ],
  ],
  ["empty fields", ",,\n", [["", "", ""]]],
  ["empty last field at the end", "a,", [["a", ""]]],
  ["empty lines are skipped", "a\n\n\r\nb\n", [["a"], ["b"]]],
  ["spaces around plain fields go", " a , b \n", [["a", "b"]]],
  ["quoted", '"a","b"\n', [["a", "b"]]],
  ["quoted with spaces outside", ' "a" , "b" \n', [["a", "b"]]],
  ["spaces in quotes stay", '" a "\n', [[" a "]]],
  ["a delimiter in quotes", '"a,b",c\n', [["a,b", "c"]]],
  ["doubled quotes", '"a""b",""""\n', [['a"b', '"']]],
  ["line breaks in quotes", '"a\nb",c\n', [["a\nb", "c"]]],
  ["a quoted empty field is a row", '""\n', [[""]]],
  ["a quote within a plain field is itself", 'a"b,c\n', [['a"b', "c"]]],
  ["quoted before CRLF", '"a"\r\n"b"\r\n', [["a"], ["b"]]],
  ["nothing", "", []],
] as const)("rows: %s", (_name, text, expected) => {
  expect(rows(text) as unknown).toEqual(expected);
});

test.each([
  ["runs of blanks", "1  2   3\n", [["1", "2", "3"]]],
  ["blanks at both ends", "  1 2  \n", [["1", "2"]]],
  [
    "blanks before CRLF",
    "1 2 \r\n3 4\r\n",
    [
      ["1", "2"],
      ["3", "4"],
    ],
  ],
  ["tabs among blanks", "1\t2 3\n", [["1", "2", "3"]]],
  ["quoted among blanks", '"a b" c\n', [["a b", "c"]]],
] as const)("blanks: %s", (_name, text, expected) => {
  expect(rows(text, " ") as unknown).toEqual(expected);
});

test.each([
  ["text after a quote", 'x\n"a"b,c\nd\n', [[2, "text follows"]], ["x", "d"]],
  ["a quote never closed spoils its line only", 'x\n"a,b\nd\n', [[2, "never closed"]], ["x", "d"]],
] as const)("problems: %s", (_name, text, problems, good) => {
  const got = scan(text);
  const bad = got.filter((row) => row.problem !== undefined);
  expect(bad.map((row) => row.line)).toEqual(problems.map(([line]) => line));
  for (const [index, [, reason]] of problems.entries()) {
    expect(bad[index]?.problem).toContain(reason);
  }
  const rest = got.filter((row) => row.problem === undefined);
  expect(rest.map((row) => row.fields[0] ?? "")).toEqual([...good]);
});

test("lines are counted across line breaks in quotes and empty lines", () => {
  expect(scan('a\n"b\nb"\n\nc\n').map((row) => row.line)).toEqual([1, 2, 5]);
});

test("a row longer than the limit spoils its line only", () => {
  const long = "x".repeat(CSV_LIMITS.rowBytes + 10);
  const got = scan(`a\n${long}\nb\n`, ",", 100_000);
  expect(got.map((row) => row.line)).toEqual([1, 2, 3]);
  expect(got[1]?.problem).toContain("longer than");
});

test("more columns than the limit are a problem of that row", () => {
  const got = scan(`${",".repeat(CSV_LIMITS.columns)}\nb\n`);
  expect(got[0]?.problem).toContain("columns");
  expect(got[1]?.fields).toEqual(["b"]);
});

test("bytes that are not UTF-8 have no text", () => {
  expect(scan(new Uint8Array([65, 0xe4, 44, 66, 10]))[0]?.fields).toEqual([undefined, "B"]);
});

function quote(field: string, isForced: boolean): string {
  const isNeeded = /[",\n\r]|^\s|\s$/.test(field) || field === "";
  return isNeeded || isForced ? `"${field.replaceAll('"', '""')}"` : field;
}

const field = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.stringMatching(/^[a",; \n\r]{0,6}$/),
);
const table = fc
  .integer({ min: 1, max: 5 })
  .chain((width) =>
    fc.array(fc.array(field, { minLength: width, maxLength: width }), { maxLength: 8 }),
  );

test("any table comes back from CSV as it was, in parts of any size", () => {
  fc.assert(
    fc.property(
      table,
      fc.boolean(),
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      (rows, crlf, forced, part) => {
        const text = rows.map(
          (row) => row.map((f) => quote(f, forced)).join(",") + (crlf ? "\r\n" : "\n"),
        );
        const got = scan(text.join(""), ",", part);
        expect(got.map((row) => row.fields) as unknown).toEqual(rows);
        expect(got.some((row) => row.problem !== undefined)).toBe(false);
      },
    ),
    { numRuns: 500 },
  );
});

test("any bytes are scanned to the end, the same in parts of any size", () => {
  const bytes = fc.array(fc.constantFrom(...[...'a",\n\r ;'].map((c) => c.charCodeAt(0))), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 9 }), (input, part) => {
      const whole = new Uint8Array(input);
      expect(scan(whole, ",", part)).toEqual(scan(whole));
    }),
    { numRuns: 1_000 },
  );
});
