import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { derivedKey, openDataFolder } from "./data-folder.ts";

const place = () => join(mkdtempSync(join(tmpdir(), "folder-")), "deep", "data");

test("a new folder is made with its parents, and is its owner's alone", () => {
  const root = place();
  const folder = openDataFolder(root);
  expect(statSync(root).mode & 0o777).toBe(0o700);
  for (const path of [folder.runtime, folder.series, folder.log, folder.snapshots, folder.blobs])
    expect(statSync(path).mode & 0o077).toBe(0);
  folder.release();
});

test("a folder in use is refused with who holds it, and free again once it is given back", () => {
  const root = place();
  const folder = openDataFolder(root);
  expect(() => openDataFolder(root)).toThrow(`in use by process ${process.pid}`);
  folder.release();
  openDataFolder(root).release();
});

test("what is there is kept", () => {
  const root = place();
  openDataFolder(root).release();
  writeFileSync(join(root, "log", "kept"), "x");
  openDataFolder(root).release();
  expect(readdirSync(join(root, "log"))).toEqual(["kept"]);
});

test("a path that cannot be a folder is named, with what to do", () => {
  const file = join(mkdtempSync(join(tmpdir(), "folder-")), "file");
  writeFileSync(file, "");
  expect(() => openDataFolder(join(file, "data"))).toThrow(/cannot be written .*--data/);
});

test("keys for different purposes have nothing in common", () => {
  const key = new Uint8Array(32).fill(7);
  expect(derivedKey(key, "tokens")).toEqual(derivedKey(key, "tokens"));
  expect(derivedKey(key, "tokens")).toHaveLength(32);
  expect(derivedKey(key, "tokens")).not.toEqual(derivedKey(key, "secrets"));
  expect(derivedKey(key, "tokens")).not.toEqual(derivedKey(new Uint8Array(32), "tokens"));
});
