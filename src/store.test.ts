import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "./domain/error.ts";
import type { FromStore, ToStore } from "./domain/reading-store.ts";
import { silentLogger } from "./lib/logger.ts";
import { workerUrl } from "./native/worker-url.ts";
import { createRemoteStore } from "./series/remote.ts";
import { batchOf, entryOf } from "./series/testing.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "foresight-store-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function start(enginePort?: MessagePort) {
  const failures: string[] = [];
  const store = createRemoteStore({
    worker: new Worker(workerUrl("src/store.ts")),
    options: {
      dataDir,
      lakeDir: join(dataDir, "lake"),
      leastFreeBytes: 0,
      runtimeDir: join(dataDir, "runtime"),
      memoryBytes: 128 * 2 ** 20,
      threads: 1,
    },
    ...(enginePort ? { enginePort } : {}),
    logger: silentLogger,
    onFailure: (message) => failures.push(message),
  });
  return { store, failures };
}

/** Awaited by hand: while `expect(…).rejects` waits, no message of a worker arrives. */
function codeOf(error: unknown): unknown {
  return error instanceof AppError ? error.code : error;
}

test("batches from the engine's port are stored, acknowledged and readable; a restart goes on", async () => {
  const { port1: engine, port2 } = new MessageChannel();
  const applied: number[] = [];
  const reached = Promise.withResolvers<void>();
  engine.onmessage = (event: MessageEvent<FromStore>) => {
    applied.push(event.data.sequence);
    if (event.data.sequence === 7) reached.resolve();
  };
  const send = (message: ToStore) => engine.postMessage(message);
  const { store: starting, failures } = start(port2);
  const store = await starting;
  const batch = batchOf({
    firstSequence: 2,
    sequence: 7,
    newSeries: [entryOf(1)],
    fresh: [{ series: 1, atUs: 5_000_000, value: 1.5 }],
  });
  send({ type: "batch", batch });
  send({ type: "flush" });
  await reached.promise;
  expect(applied).toEqual([0, 7]);
  expect(await store.latest({ seriesNos: [1], atLeastSequence: 7 })).toEqual([
    { seriesNo: 1, atUs: 5_000_000, value: 1.5, text: undefined },
  ]);
  const refused = await store.latest({ seriesNos: [-1] }).then(() => undefined, codeOf);
  expect(refused).toBe("invalid");
  await Promise.all([store.stop(), store.stop()]);
  engine.close();
  const again = await start().store;
  expect({ sequence: again.sequence, failures }).toEqual({ sequence: 7, failures: [] });
  await again.stop();
});

test("damaged data refuses to start with a sentence that names the file", async () => {
  writeFileSync(join(dataDir, "series.duckdb"), "damaged ".repeat(1000));
  const { store } = start();
  await expect(store).rejects.toMatchObject({
    code: "unavailable",
    message: expect.stringContaining(join(dataDir, "series.duckdb")),
  });
});
