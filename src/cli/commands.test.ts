import { expect, test } from "bun:test";
import type { ImportReport } from "../domain/import.ts";
import { importText, listenerText } from "./commands.ts";

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

test("a listener's lines name what it counted, without zeros", () => {
  const none = {
    ...{ connections: 0, heldBytes: 0, opened: 0, bytes: 0, datagrams: 0, readings: 0 },
    ...{ rejectedLines: 0, partialLines: 0, droppedLines: 0, droppedDatagrams: 0 },
    ...{ refusals: 0, pauses: 0 },
  };
  const ended = { idle: 2, memory: 0 };
  expect(listenerText({ name: "tcp", port: 9009, ...none, connections: 3, ended })).toEqual([
    "tcp, port 9009",
    "  connections 3",
    "  ended for idle 2",
  ]);
});
