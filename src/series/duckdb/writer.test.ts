import { expect, test } from "bun:test";
import type { StoreBatch } from "../../domain/reading.ts";
import { manualClock } from "../../lib/clock.ts";
import { silentLogger } from "../../lib/logger.ts";
import { batchOf } from "../testing.ts";
import { createWriter } from "./writer.ts";

function readings(count: number, sequence: number): StoreBatch {
  const fresh = Array.from({ length: count }, (_, i) => ({ series: 1, atUs: i, value: i }));
  return batchOf({ sequence, fresh });
}

/** A writer over a list of transactions, in place of a database that is full at will. */
function writerOf(limits = { rowsPerCommit: 100, commitEveryMs: 1000 }) {
  const clock = manualClock(0);
  const transactions: number[][] = [];
  const disk = { full: false, error: "" };
  const writer = createWriter({
    clock,
    logger: silentLogger,
    limits,
    sequence: 0,
    store: async (batches) => {
      if (disk.error !== "") throw new Error(disk.error);
      if (disk.full) throw new Error("no space left on device");
      transactions.push(batches.map((batch) => batch.sequence));
    },
  });
  return { clock, transactions, disk, writer };
}

test("enough rows make a transaction at once, fewer wait for the timer", async () => {
  const { clock, transactions, writer } = writerOf();
  await Promise.all([writer.apply(readings(60, 1)), writer.apply(readings(60, 2))]);
  expect(transactions).toEqual([[1], [2]]);
  const third = writer.apply(readings(10, 3));
  const fourth = writer.apply(readings(10, 4));
  clock.advanceMs(999);
  expect(transactions.length).toBe(2);
  clock.advanceMs(1);
  expect(await Promise.all([third, fourth])).toEqual([4, 4]);
  expect(transactions).toEqual([[1], [2], [3, 4]]);
});

test("what cannot be stored waits, is tried again, and is stored in order", async () => {
  const { clock, transactions, disk, writer } = writerOf();
  disk.full = true;
  const first = writer.apply(readings(1, 1));
  await expect(writer.flush()).rejects.toMatchObject({ code: "unavailable" });
  const second = writer.apply(readings(200, 2));
  expect(writer.status()).toMatchObject({
    sequence: 0,
    queuedBatches: 2,
    queuedRows: 201,
    failure: "no space left on device",
  });
  disk.full = false;
  clock.advanceMs(60_000);
  expect(await Promise.all([first, second])).toEqual([1, 2]);
  expect(transactions).toEqual([[1], [2]]);
  expect(writer.status()).toMatchObject({ sequence: 2, queuedRows: 0, failure: undefined });
});

test("after an error that DuckDB does not survive nothing is taken any more", async () => {
  const { disk, writer } = writerOf();
  disk.error = "FATAL Error: Failed to create checkpoint";
  const both = await Promise.allSettled([writer.apply(readings(1, 1)), writer.flush()]);
  expect(both).toMatchObject([
    { status: "rejected", reason: { code: "internal" } },
    { status: "rejected", reason: { code: "unavailable" } },
  ]);
  await expect(writer.apply(readings(1, 2))).rejects.toMatchObject({ code: "unavailable" });
});

test("stopping over a full disk gives up what is queued; the log still has it", async () => {
  const { disk, writer } = writerOf();
  disk.full = true;
  const first = writer.apply(readings(1, 1));
  await writer.stop();
  await expect(first).rejects.toThrow("no space left on device");
});

test("a transaction waits for what runs between", async () => {
  const { transactions, writer } = writerOf();
  const gate = Promise.withResolvers<void>();
  const between = writer.between(() => gate.promise);
  const applied = writer.apply(readings(150, 1));
  await Promise.resolve();
  expect(transactions).toEqual([]);
  gate.resolve();
  await between;
  expect(await applied).toBe(1);
});
