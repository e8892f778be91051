import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileCheckpoints } from "./file-checkpoints.ts";

test("a checkpoint is what was saved last, until it is removed", async () => {
  const root = join(mkdtempSync(join(tmpdir(), "checkpoints-")), "imports");
  const checkpoints = createFileCheckpoints(root);
  expect(await checkpoints.load("a")).toBeUndefined();
  await checkpoints.save("a", "1");
  await checkpoints.save("a", "2");
  expect(await createFileCheckpoints(root).load("a")).toBe("2");
  expect(readdirSync(root)).toEqual(["a.checkpoint"]);
  await checkpoints.remove("a");
  await checkpoints.remove("a");
  expect(await checkpoints.load("a")).toBeUndefined();
});

test("a key cannot leave the folder", async () => {
  const checkpoints = createFileCheckpoints(tmpdir());
  for (const key of ["../x", "", "a/b"])
    expect(checkpoints.load(key)).rejects.toThrow("no checkpoint key");
});
