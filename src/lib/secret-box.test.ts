import { expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { createSecretBox, readOrMakeKey } from "./secret-box.ts";

const key = new Uint8Array(32).fill(1);

test("what is sealed comes back, and never twice the same bytes", () => {
  const box = createSecretBox(key, randomBytes);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (text, context) => {
      const sealed = box.seal(text, context);
      expect(box.open(sealed, context)).toBe(text);
      expect(Buffer.from(box.seal(text, context)).equals(sealed)).toBe(false);
    }),
  );
});

test.each([
  ["another key", (box: Uint8Array) => box, new Uint8Array(32).fill(2), "a"],
  ["another context", (box: Uint8Array) => box, key, "b"],
  ["a changed byte", (box: Uint8Array) => box.with(40, (box[40] ?? 0) ^ 1), key, "a"],
  ["a cut end", (box: Uint8Array) => box.slice(0, -1), key, "a"],
  ["nearly nothing", (box: Uint8Array) => box.slice(0, 5), key, "a"],
  ["another format", (box: Uint8Array) => box.with(0, 9), key, "a"],
])("a box does not open with %s", (_name, change, otherKey, context) => {
  const sealed = createSecretBox(key, randomBytes).seal("a password of the plant", "a");
  const box = createSecretBox(otherKey, randomBytes);
  expect(() => box.open(change(new Uint8Array(sealed)), context)).toThrow();
});

test("the key file is made once, for its owner alone", () => {
  const path = join(mkdtempSync(join(tmpdir(), "key-")), "key");
  const made = readOrMakeKey(path, randomBytes);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readOrMakeKey(path, randomBytes)).equals(made)).toBe(true);
  writeFileSync(path, "cut");
  expect(() => readOrMakeKey(path, randomBytes)).toThrow(/not a key file/);
});
