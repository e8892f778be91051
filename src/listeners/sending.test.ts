import { expect, test } from "bun:test";
import type { WriteRequest, WriteResult } from "../domain/engine.ts";
import { AppError } from "../domain/error.ts";
import { manualClock } from "../lib/clock.ts";
import { newCounters } from "./counters.ts";
import { type Batch, Sending } from "./sending.ts";

const DONE: WriteResult = { sequence: 1, lines: 1, readings: 1, rejectedLines: 0, errors: [] };
const NEVER = (reason: string): void => expect.unreachable(`it must not fail: ${reason}`);

function batch(text: string): Batch {
  return {
    ...{ tenantNo: 1, sourceNo: 1, dialect: "questdb", precision: "ns", receivedAtUs: 1 },
    bytes: new TextEncoder().encode(text),
  };
}

/** Lets every answer that is there be heard. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function start(write: (request: WriteRequest) => Promise<WriteResult>, onFailure = NEVER) {
  const clock = manualClock(1e15);
  const counters = newCounters();
  let released = 0;
  const sending = new Sending({ write, clock, counters, onFailure }, (bytes) => {
    released += bytes;
  });
  return { clock, counters, sending, released: () => released };
}

const textOf = ({ body }: WriteRequest) => Buffer.from(body).toString();

test("many tiny arrivals count for what they cost, and for nothing once they are flushed", async () => {
  const { promise: flushed, resolve: flush } = Promise.withResolvers<void>();
  const one = start(() => flushed.then(() => DONE));
  for (let i = 0; i < 100; i++) one.sending.add(batch("m v=1\n"));
  expect(one.sending.heldBytes).toBe(100 * (6 + 256));
  flush();
  await settle();
  expect(one.sending.heldBytes).toBe(0);
  expect(one.released()).toBe(100 * (6 + 256));
});

test("only what found no room is sent again, before what came after it", async () => {
  const taken: string[] = [];
  const refuse = new Set(["b"]);
  const one = start(async (request) => {
    const text = textOf(request);
    if (refuse.has(text)) throw new AppError("unavailable", "full");
    taken.push(text);
    return DONE;
  });
  one.sending.add(batch("a"));
  one.sending.add(batch("b"));
  one.sending.add(batch("c"));
  await settle();
  one.sending.add(batch("d"));
  await settle();
  expect(taken).toEqual(["a", "c"]);
  refuse.clear();
  one.clock.advanceMs(50);
  await settle();
  expect(taken).toEqual(["a", "c", "b", "d"]);
  expect(one.counters).toMatchObject({ refusals: 1, readings: 4, droppedLines: 0 });
});

test("pauses grow to a second while there is no room", async () => {
  let asked = 0;
  const one = start(async () => {
    asked++;
    throw new AppError("unavailable", "full");
  });
  one.sending.add(batch("a"));
  await settle();
  const counts: number[] = [];
  for (const ms of [50, 100, 200, 400, 800, 1_000, 1_000]) {
    one.clock.advanceMs(ms - 1);
    await settle();
    const before = asked;
    one.clock.advanceMs(1);
    await settle();
    counts.push(asked - before);
  }
  expect(counts).toEqual([1, 1, 1, 1, 1, 1, 1]);
  expect(asked).toBe(8);
});

test("what is given up is dropped and counted by its lines", async () => {
  const one = start(async () => {
    throw new AppError("unavailable", "full");
  });
  one.sending.add(batch("a\nb\n"));
  await settle();
  one.sending.giveUp();
  await settle();
  expect(one.counters.droppedLines).toBe(2);
  expect(one.sending.heldBytes).toBe(0);
});

test("what no repetition mends is dropped, counted and told", async () => {
  const told: string[] = [];
  const one = start(
    async () => {
      throw new Error("the body cannot reach the engine");
    },
    (reason) => void told.push(reason),
  );
  one.sending.add(batch("a\n"));
  await settle();
  expect(told).toEqual(["the body cannot reach the engine"]);
  expect(one.counters).toMatchObject({ droppedLines: 1, refusals: 0 });
});
