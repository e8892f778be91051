import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { BlobTooLargeError, createFolderBlobStore } from "./blob-store.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "blobs-"));
});
afterAll(() => rmSync(root, { recursive: true }));

async function read(source: AsyncIterable<Uint8Array> | undefined) {
  const parts: Uint8Array[] = [];
  for await (const part of source ?? []) parts.push(part);
  return new Uint8Array(Buffer.concat(parts));
}

test("any bytes come back as they were, under the hash of what they are", async () => {
  const blobs = createFolderBlobStore(root);
  const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(parts, async (sent) => {
      const whole = new Uint8Array(Buffer.concat(sent));
      const put = await blobs.put("t1", sent, 10_000);
      expect(put.sha256).toBe(createHash("sha256").update(whole).digest("hex"));
      expect(put).toEqual({ key: `t1/${put.sha256}`, sha256: put.sha256, sizeBytes: whole.length });
      expect(await read(await blobs.get(put.key))).toEqual(whole);
      expect(await blobs.stat(put.key)).toEqual(put);
      const onDisk = await blobs.withFile(
        put.key,
        async (path) => new Uint8Array(readFileSync(path)),
      );
      expect(onDisk).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

test("the same bytes are kept once in a scope, and apart in two", async () => {
  const blobs = createFolderBlobStore(root);
  const bytes = [Buffer.from("the same")];
  const [a, again, b] = [
    await blobs.put("a", bytes, 100),
    await blobs.put("a", bytes, 100),
    await blobs.put("b", bytes, 100),
  ];
  expect(again).toEqual(a);
  expect(b.key).not.toBe(a.key);
  await blobs.remove(a.key);
  expect(await blobs.stat(a.key)).toBeUndefined();
  expect((await blobs.stat(b.key))?.sizeBytes).toBe(8);
});

test("what is too large or breaks off leaves nothing behind", async () => {
  const blobs = createFolderBlobStore(root);
  await expect(blobs.put("c", [new Uint8Array(11)], 10)).rejects.toThrow(BlobTooLargeError);
  async function* breaksOff() {
    yield new Uint8Array(5);
    throw new Error("the client hung up");
  }
  await expect(blobs.put("c", breaksOff(), 10)).rejects.toThrow("hung up");
  expect(readdirSync(join(root, "incoming"))).toEqual([]);
  expect(readdirSync(root)).not.toContain("c");
});

test("what a crash left is removed before the first put", async () => {
  const other = join(root, "other");
  mkdirSync(join(other, "incoming"), { recursive: true });
  writeFileSync(join(other, "incoming", "1-half"), "half");
  await createFolderBlobStore(other).put("a", [Buffer.from("x")], 10);
  expect(readdirSync(join(other, "incoming"))).toEqual([]);
});

test("nobody else on the machine can read them", async () => {
  const blobs = createFolderBlobStore(root);
  const { key } = await blobs.put("d", [Buffer.from("x")], 10);
  await blobs.withFile(key, async (path) => {
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});

test.each(["../etc/passwd", "t1/../../x", "t1/abc", "", `../${"a".repeat(64)}`])(
  "a key that is no key is refused: %s",
  async (key) => {
    const blobs = createFolderBlobStore(root);
    await expect(blobs.stat(key)).rejects.toThrow("blob key");
    await expect(blobs.get(key)).rejects.toThrow("blob key");
    await expect(blobs.remove(key)).rejects.toThrow("blob key");
  },
);

test("a scope that is no plain name is refused, and an unknown blob is said", async () => {
  const blobs = createFolderBlobStore(root);
  await expect(blobs.put("../x", [], 10)).rejects.toThrow("scope");
  const key = `t1/${"0".repeat(64)}`;
  expect(await blobs.get(key)).toBeUndefined();
  await expect(blobs.withFile(key, async () => 1)).rejects.toThrow("no blob");
});
