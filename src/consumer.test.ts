import { describe, expect, test } from "bun:test";
import { createConsumer } from "./consumer.ts";
import type { RelationalBatch } from "./domain/reading.ts";
import { manualClock } from "./lib/clock.ts";
import { silentLogger } from "./lib/logger.ts";

const batchAt = (sequence: number): RelationalBatch => ({
  sequence,
  transitions: [],
  newSeries: [],
  ledger: [],
  quarantine: [],
});

/** Lets everything that is ready run. */
const turn = () => new Promise<void>((done) => setImmediate(done));

type Database = { mode: "up" | "down" | "silent"; applied: number[]; tries: number };

function setUp(mode: Database["mode"] = "up", onApplied: () => void = () => {}) {
  const database: Database = { mode, applied: [], tries: 0 };
  const told: number[] = [];
  const clock = manualClock(0);
  const consumer = createConsumer({
    relational: {
      state: () => (database.mode === "down" ? "down" : "up"),
      applyBatch: async ({ sequence }) => {
        database.tries++;
        if (database.mode === "silent") await new Promise(() => {});
        if (database.mode === "down") throw new Error("connection refused");
        database.applied.push(sequence);
        return { sequence, applied: true, opened: [], closed: [], mapped: [], inbox: [] };
      },
    },
    engine: () => ({ relationalApplied: (sequence) => void told.push(sequence) }),
    clock,
    logger: silentLogger,
    onApplied,
    startSequence: 10,
  });
  return { consumer, database, told, clock };
}

/** What became of a promise, without waiting for it. */
async function stateOf(promise: Promise<void>): Promise<string> {
  let state = "waiting";
  promise.then(
    () => {
      state = "reached";
    },
    (error: Error) => {
      state = error.message;
    },
  );
  await turn();
  return state;
}

describe("the relational store's consumer", () => {
  test("applies batches in order and tells the engine how far it is", async () => {
    const { consumer, database, told } = setUp();
    for (const sequence of [11, 14, 15]) consumer.push(batchAt(sequence));
    await consumer.reached(15);
    expect(database.applied).toEqual([11, 14, 15]);
    expect(told).toEqual([11, 14, 15]);
    expect(consumer.applied()).toBe(15);
    expect(consumer.waitingBatches()).toBe(0);
  });

  test("what was applied before is reached at once; what is not yet applied is waited for", async () => {
    const { consumer } = setUp();
    expect(await stateOf(consumer.reached(10))).toBe("reached");
    const later = consumer.reached(12);
    expect(await stateOf(later)).toBe("waiting");
    consumer.push(batchAt(13));
    expect(await stateOf(later)).toBe("reached");
  });

  test("a batch that fails is tried again with growing pauses, and keeps its place", async () => {
    const { consumer, database, clock } = setUp("down");
    consumer.push(batchAt(11));
    consumer.push(batchAt(12));
    await turn();
    for (const [ms, tries] of [
      [99, 1],
      [1, 2],
      [199, 2],
      [1, 3],
    ] as const) {
      clock.advanceMs(ms);
      await turn();
      expect(database.tries).toBe(tries);
    }
    database.mode = "up";
    clock.advanceMs(400);
    await turn();
    expect(database.applied).toEqual([11, 12]);
  });

  test("listeners that fail stop nothing", async () => {
    const { consumer, database } = setUp("up", () => {
      throw new Error("a page went away");
    });
    consumer.push(batchAt(11));
    consumer.push(batchAt(12));
    await consumer.reached(12);
    expect(database.applied).toEqual([11, 12]);
  });
});

describe("a stop", () => {
  test("applies what waits while the database answers", async () => {
    const { consumer, database } = setUp();
    for (const sequence of [11, 12, 13]) consumer.push(batchAt(sequence));
    await consumer.stop();
    expect(database.applied).toEqual([11, 12, 13]);
  });

  test("ends at once when the database is away, and tells who waits", async () => {
    const { consumer, database } = setUp("down");
    const waiting = consumer.reached(12);
    consumer.push(batchAt(12));
    const [, state] = await Promise.all([consumer.stop(), stateOf(waiting)]);
    expect(state).toContain("stopping");
    expect(await stateOf(consumer.reached(99))).toContain("stopping");
    expect(database.applied).toEqual([]);
  });

  test("tries once more what was waiting for its next attempt", async () => {
    const { consumer, database } = setUp("down");
    consumer.push(batchAt(11));
    await turn();
    database.mode = "up";
    await consumer.stop();
    expect(database.applied).toEqual([11]);
  });

  test("is not held up by a database that goes away after it began", async () => {
    const { consumer, database, clock } = setUp("silent");
    consumer.push(batchAt(11));
    const stopped = consumer.stop();
    expect(await stateOf(stopped)).toBe("waiting");
    clock.advanceMs(10_000);
    await stopped;
    expect(database.applied).toEqual([]);
  });

  test("may come twice", async () => {
    const { consumer } = setUp();
    await consumer.stop();
    await consumer.stop();
    expect(consumer.waitingBatches()).toBe(0);
  });
});
