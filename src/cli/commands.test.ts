import { expect, test } from "bun:test";
import type { ImportReport } from "../domain/import.ts";
import { importText } from "./commands.ts";

const report: ImportReport = {
  kind: "assets",
  rows: 3,
  stored: 1,
  duplicates: 1,
  missing: 0,
  errorCount: 1,
  errors: [{ line: 4, column: "key", reason: "key is empty" }],
};

test("an import's lines name every count, and each row that was refused", () => {
  expect(importText("a.csv", report)).toEqual([
    "a.csv: 3 rows of assets, 1 stored, 1 known already, 1 with errors",
    "  line 4, key: key is empty",
  ]);
});

test("rows of an unknown kind, and errors beyond those that are listed", () => {
  const more = { ...report, kind: undefined, errorCount: 12 };
  expect(importText("a.csv", more)).toEqual([
    "a.csv: 3 rows, 1 stored, 1 known already, 12 with errors",
    "  line 4, key: key is empty",
    "  and 11 more",
  ]);
});
