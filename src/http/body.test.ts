import { describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import { readBytes, readFields } from "./body.ts";

const LIMIT = 1_000;

/** A request whose length is not declared, as with chunked transfer. */
function chunked(bytes: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) {
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes.length) return controller.close();
      controller.enqueue(bytes.subarray(sent, sent + 100));
      sent += 100;
    },
  });
  const request = new Request("http://plant.example/x", { method: "POST", body, headers });
  return { request, sent: () => sent };
}

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe("a body of undeclared length", () => {
  test("within the limit is read whole", async () => {
    const { request } = chunked(bytesOf("x".repeat(LIMIT)));
    expect((await readBytes(request, LIMIT)).length).toBe(LIMIT);
  });

  test("over the limit is cut off there", async () => {
    const { request, sent } = chunked(new Uint8Array(100 * LIMIT));
    await expect(readBytes(request, LIMIT)).rejects.toMatchObject({ code: "too-large" });
    expect(sent()).toBeLessThan(3 * LIMIT);
  });

  test("is held to the limit as a multipart form too", async () => {
    const form = new FormData();
    form.set("file", new File(["x".repeat(50 * LIMIT)], "a.csv"));
    const whole = new Response(form);
    const type = whole.headers.get("content-type") ?? "";
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const large = chunked(bytes, { "content-type": type });
    await expect(readFields(large.request, LIMIT)).rejects.toMatchObject({ code: "too-large" });
    const { request } = chunked(bytes, { "content-type": type });
    expect(await readFields(request, 60 * LIMIT)).toMatchObject({ file: expect.any(File) });
  });
});

test("a small body that inflates beyond the limit is refused", async () => {
  const body = Bun.gzipSync(new Uint8Array(100 * LIMIT));
  const headers = { "content-encoding": "gzip" };
  const request = new Request("http://plant.example/x", { method: "POST", body, headers });
  await expect(readBytes(request, LIMIT)).rejects.toMatchObject({ code: "too-large" });
});

test.each(["gzip", "deflate", "zstd", "identity", "x-gzip", " GZIP "])(
  "a body in %j is read",
  async (coding) => {
    const text = bytesOf("pump v=1\n".repeat(20));
    const packs: Record<string, (bytes: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer>> = {
      deflate: (bytes) => new Uint8Array(deflateSync(bytes)), // HTTP's deflate has zlib's header
      zstd: (bytes) => new Uint8Array(Bun.zstdCompressSync(bytes)),
      identity: (bytes) => bytes,
    };
    const body = (packs[coding] ?? Bun.gzipSync)(text);
    const headers = { "content-encoding": coding };
    const request = new Request("http://plant.example/x", { method: "POST", body, headers });
    expect(await readBytes(request, LIMIT)).toEqual(text);
  },
);

test.each([
  ["a damaged body", "gzip", "damaged"],
  ["a damaged body", "zstd", "damaged"],
  ["an unknown coding", "br", "not known"],
  ["two codings", "gzip, zstd", "not known"],
])("%s in %s is refused with the reason", async (_name, coding, reason) => {
  const headers = { "content-encoding": coding };
  const request = new Request("http://plant.example/x", { method: "POST", body: "abc", headers });
  await expect(readBytes(request, LIMIT)).rejects.toThrow(reason);
});

test.each([
  ["application/json", '{"a":1}', { a: 1 }],
  ["application/json", "", {}],
  ["application/x-www-form-urlencoded", "a=1&b=2&b=3&b=4", { a: "1", b: ["2", "3", "4"] }],
])("%s %j", async (type, body, fields) => {
  const headers = { "content-type": type };
  const request = new Request("http://plant.example/x", { method: "POST", body, headers });
  expect(await readFields(request, LIMIT)).toEqual(fields);
});

test("what is neither JSON nor a form is refused", async () => {
  const request = new Request("http://plant.example/x", { method: "POST", body: "<a/>" });
  await expect(readFields(request, LIMIT)).rejects.toMatchObject({ code: "invalid" });
});
