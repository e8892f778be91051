import { expect, test } from "bun:test";
import { parseStrace, unflushedAcknowledgements } from "./strace.ts";

const WRITE = '1.000100 pwrite64(7</d/log/1.seg>, "..m0..", 6, 0) = 6 <0.000010>';
const FLUSH = "1.000200 fdatasync(7</d/log/1.seg>) = 0 <0.000500>";
const OTHER_FLUSH = "1.000200 fdatasync(8</d/other>) = 0 <0.000500>";
const LATE_FLUSH = "1.000900 fdatasync(7</d/log/1.seg>) = 0 <0.000500>";
const EARLY_FLUSH = "1.000050 fdatasync(7</d/log/1.seg>) = 0 <0.000010>";
const ANSWER = '1.001000 sendto(9<socket:[1]>, "HTTP/1.1 204 No Content", 23, 0) = 23 <0.000010>';

test.each([
  ["flushed before the answer", [WRITE, FLUSH, ANSWER], 0],
  ["flush still running at the answer", [WRITE, LATE_FLUSH, ANSWER], 1],
  ["another file flushed", [WRITE, OTHER_FLUSH, ANSWER], 1],
  ["flushed before the write only", [EARLY_FLUSH, WRITE, ANSWER], 1],
  ["never written", [FLUSH, ANSWER], 1],
] as const)("strace: %s", (_name, lines, expected) => {
  const calls = parseStrace(lines.join("\n"));
  expect(calls).toHaveLength(lines.length);
  const result = unflushedAcknowledgements(calls, ["m0"]);
  expect(result.acknowledged).toBe(1);
  expect(result.unflushed).toHaveLength(expected);
});
