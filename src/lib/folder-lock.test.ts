import { expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "./folder-lock.ts";

const folder = () => mkdtempSync(join(tmpdir(), "lock-"));

test("a held folder names its holder, and is free again after release", () => {
  const dir = folder();
  const first = lockFolder(dir);
  expect("release" in first).toBe(true);
  const second = lockFolder(dir);
  expect("heldBy" in second && second.heldBy.pid).toBe(process.pid);
  if ("release" in first) first.release();
  expect("release" in lockFolder(dir)).toBe(true);
});

test.each([
  ["a process that is gone", JSON.stringify({ pid: 2 ** 22 - 3, started: "1" })],
  ["a reused process id", JSON.stringify({ pid: process.pid, started: "1" })],
  ["a file cut short", '{"pid":'],
])("a lock left by %s is replaced", (_name, content) => {
  const dir = folder();
  writeFileSync(join(dir, "lock"), content);
  expect("release" in lockFolder(dir)).toBe(true);
});
