import { expect, test } from "bun:test";
import { countsOf, countsOfLine, lineOf } from "./test-counts.ts";

test.each([
  [
    "a good run",
    " 3 pass\n 0 fail\n 9 expect() calls\nRan 3 tests across 1 file. [5.00ms]\n",
    { passed: 3, failed: 0, skipped: 0 },
  ],
  [
    "failures, skips and a file that does not load",
    "\u001b[32m 12 pass\u001b[0m\n 1 skip\n 2 fail\n 1 error\nRan 15 tests across 3 files. [1s]\n",
    { passed: 12, failed: 2, skipped: 1 },
  ],
  [
    "a test that prints the like",
    "7 pass\n 1 pass\n 0 fail\nRan 1 test across 1 file. [1ms]\n",
    { passed: 1, failed: 0, skipped: 0 },
  ],
  ["a run that was killed", "(pass) one\n(pass) two\n", undefined],
] as const)("countsOf: %s", (_name, output, expected) => {
  expect(countsOf(output)).toEqual(expected);
});

test.each([
  [{ passed: 1, failed: 0, skipped: 0 }, "1 passed, 0 failed"],
  [{ passed: 10, failed: 2, skipped: 3 }, "10 passed, 2 failed, 3 skipped"],
])("lineOf and countsOfLine: %j", (counts, line) => {
  expect(lineOf(counts)).toBe(line);
  expect(countsOfLine(line)).toEqual(counts);
});
