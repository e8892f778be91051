import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackOnce } from "./runtime-files.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "foresight-unpack-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function filler(text = "hello") {
  const state = { calls: 0 };
  const fill = async (folder: string) => {
    state.calls++;
    writeFileSync(join(folder, "tool"), text);
    symlinkSync("tool", join(folder, "link"));
  };
  return { state, fill };
}

test("unpacks once and leaves nothing beside the folder", async () => {
  const { state, fill } = filler();
  const first = await unpackOnce({ root, name: "part-1", fill });
  const second = await unpackOnce({ root, name: "part-1", fill });
  expect({ first, second, calls: state.calls, entries: readdirSync(root) }).toEqual({
    first: join(root, "part-1"),
    second: first,
    calls: 1,
    entries: ["part-1"],
  });
});

test.each([
  ["a file was cut", (folder: string) => writeFileSync(join(folder, "tool"), "he")],
  ["a file is gone", (folder: string) => rmSync(join(folder, "tool"))],
  ["a link is gone", (folder: string) => rmSync(join(folder, "link"))],
  ["the list is gone", (folder: string) => rmSync(join(folder, ".ok"))],
  ["the list was cut", (folder: string) => writeFileSync(join(folder, ".ok"), '{"files":')],
])("unpacks again when %s", async (_name, damage) => {
  const { state, fill } = filler();
  damage(await unpackOnce({ root, name: "part-1", fill }));
  const again = await unpackOnce({ root, name: "part-1", fill });
  expect(readFileSync(join(again, "link"), "utf8")).toBe("hello");
  expect({ calls: state.calls, entries: readdirSync(root) }).toEqual({
    calls: 2,
    entries: ["part-1"],
  });
});

test("several at once end with one whole folder", async () => {
  const { fill } = filler();
  const folders = await Promise.all(
    Array.from({ length: 5 }, () => unpackOnce({ root, name: "part-1", fill })),
  );
  expect(new Set(folders).size).toBe(1);
  expect(readdirSync(root)).toEqual(["part-1"]);
});

test("a failed attempt leaves nothing and the next one succeeds", async () => {
  const failing = unpackOnce({
    root,
    name: "part-1",
    fill: () => Promise.reject(new Error("no space")),
  });
  await expect(failing).rejects.toThrow("no space");
  expect(readdirSync(root)).toEqual([]);
  await unpackOnce({ root, name: "part-1", fill: filler().fill });
  expect(readdirSync(root)).toEqual(["part-1"]);
});
