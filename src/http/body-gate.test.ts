import { expect, test } from "bun:test";
import { manualClock } from "../lib/clock.ts";
import { createBodyGate } from "./body-gate.ts";

const clock = manualClock(0);
const LIMITS = { clock, maxBodyBytes: 1_000, receivingBytes: 1_000, bodySeconds: 30 };

/** A request of which only `sent` of its declared bytes come until `finish` is called. */
function halfSent(declaredBytes: number, sent = 1) {
  let finish = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(sent));
      finish = () => {
        controller.enqueue(new Uint8Array(declaredBytes - sent));
        controller.close();
      };
    },
  });
  const headers = { "content-length": String(declaredBytes) };
  const request = new Request("http://plant.example/x", { method: "POST", body, headers });
  return { request, finish: () => finish() };
}

test("bodies that are declared and do not come use up their own source's share only", async () => {
  const read = createBodyGate(LIMITS);
  const first = halfSent(500);
  const waiting = read(first.request, 1);
  await expect(read(halfSent(10).request, 1)).rejects.toMatchObject({ code: "unavailable" });
  const other = halfSent(200);
  other.finish();
  expect((await read(other.request, 2)).length).toBe(200);
  first.finish();
  expect((await waiting).length).toBe(500);
  // What was held is given back.
  const again = halfSent(500);
  again.finish();
  expect((await read(again.request, 1)).length).toBe(500);
});

test("an inflated body counts as it grows", async () => {
  const read = createBodyGate(LIMITS);
  const first = halfSent(450);
  const waiting = read(first.request, 1);
  const body = Bun.gzipSync(new Uint8Array(900));
  const headers = { "content-encoding": "gzip" };
  const packed = new Request("http://plant.example/x", { method: "POST", body, headers });
  await expect(read(packed, 2)).rejects.toMatchObject({ code: "unavailable" });
  first.finish();
  await waiting;
  const request = new Request("http://plant.example/x", { method: "POST", body, headers });
  expect((await read(request, 2)).length).toBe(900);
});

test("a body that does not come in its time is given up, and what it held is free", async () => {
  const read = createBodyGate(LIMITS);
  const slow = halfSent(1_000);
  const waiting = read(slow.request, 1);
  clock.advanceMs(29_999);
  await expect(read(halfSent(10).request, 2)).rejects.toMatchObject({ code: "unavailable" });
  clock.advanceMs(1);
  await expect(waiting).rejects.toMatchObject({ code: "too-slow" });
  const next = halfSent(1_000);
  next.finish();
  expect((await read(next.request, 2)).length).toBe(1_000);
});
