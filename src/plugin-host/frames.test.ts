import { expect, test } from "bun:test";
import fc from "fast-check";
import { encodeFrame, FRAME_LIMITS, readFrames } from "./frames.ts";

async function* inParts(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readAll(bytes: Uint8Array, size = 1 << 20) {
  const frames = [];
  for await (const frame of readFrames(inParts(bytes, size))) frames.push(frame);
  return frames;
}

const part = fc.uint8Array({ maxLength: 40 });
const frame = fc.record({ text: fc.string(), parts: fc.array(part, { maxLength: 2 }) });

test("any messages come back as they were, cut anywhere", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { maxLength: 6 }),
      fc.integer({ min: 1, max: 50 }),
      async (sent, size) => {
        const bytes = Buffer.concat(sent.map(({ text, parts }) => encodeFrame({ text }, parts)));
        const got = await readAll(bytes, size);
        expect(got.map((f) => f.header.text)).toEqual(sent.map((f) => f.text));
        expect(got.map((f) => f.parts.map((p) => [...p]))).toEqual(
          sent.map((f) => f.parts.map((p) => [...p])),
        );
        // Each part may be transferred on its own.
        for (const p of got.flatMap((f) => f.parts)) expect(p.buffer.byteLength).toBe(p.length);
      },
    ),
  );
});

test.each([
  ["text", "hello\n", "hello"],
  ["a number", "7\n", "not a message"],
  ["parts that are no list", '{"parts":"many"}\n', "no list of sizes"],
  ["too many parts", '{"parts":[1,1,1]}\n', "no list of sizes"],
  ["a part that is too large", `{"parts":[${FRAME_LIMITS.partBytes + 1}]}\n`, "send less at once"],
  ["a part of less than nothing", '{"parts":[-1]}\n', "send less at once"],
  ["an endless line", "x".repeat(FRAME_LIMITS.lineBytes + 1), "too long a message"],
  ["the end within a line", '{"type"', "ended within"],
  ["the end within a part", '{"parts":[5]}\nabc', "ended within"],
] as const)("garbage: %s", async (_name, text, reason) => {
  await expect(readAll(new TextEncoder().encode(text), 1_000)).rejects.toThrow(reason);
});
