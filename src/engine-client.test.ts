import { expect, test } from "bun:test";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EngineStats, WriteRequest } from "./domain/engine.ts";
import type { RelationalBatch, StoreBatch } from "./domain/reading.ts";
import { type EngineClient, startEngine } from "./engine-client.ts";
import type { EngineStart } from "./engine-protocol.ts";
import { silentLogger } from "./lib/logger.ts";
import { DEFAULT_LOG_SETTINGS } from "./log/index.ts";
import { DEFAULT_WINDOW_SETTINGS } from "./windows/index.ts";

const startIn = (folder: string, cursor: number): EngineStart => ({
  logDir: join(folder, "log"),
  snapshotDir: join(folder, "snapshots"),
  cursors: { storeSequence: cursor, relationalSequence: cursor },
  settings: {
    log: { ...DEFAULT_LOG_SETTINGS, diskFloorBytes: 0 },
    windows: DEFAULT_WINDOW_SETTINGS,
    maxSeries: 1_000,
    maxSeriesPerTenant: 1_000,
    pendingBytes: 1 << 20,
    unappliedRows: 1_000_000,
    maxBehindUs: 24 * 3_600e6,
    snapshotBytes: 1 << 20,
  },
});

const request = (text: string): WriteRequest => ({
  tenantNo: 1,
  sourceNo: 1,
  dialect: "influx",
  precision: "us",
  receivedAtUs: 1_700_000_000e6,
  body: new TextEncoder().encode(text).slice().buffer,
});

/** An engine in a real worker, its store at the end of a port or behind the main thread. */
async function engineIn(folder: string, options: { direct: boolean; cursor?: number }) {
  const worker = new Worker(new URL("engine.ts", import.meta.url).href);
  const stored: StoreBatch[] = [];
  const relational: RelationalBatch[] = [];
  const failures: string[] = [];
  const logged: string[] = [];
  const channel = new MessageChannel();
  let client: EngineClient | undefined;
  channel.port1.onmessage = ({ data }: MessageEvent<{ batch: StoreBatch }>) => {
    stored.push(data.batch);
    channel.port1.postMessage({ type: "applied", sequence: data.batch.sequence });
  };
  client = await startEngine({
    port: worker,
    start: startIn(folder, options.cursor ?? 0),
    ...(options.direct ? { storePort: channel.port2 } : {}),
    onStoreBatch: (batch) => {
      stored.push(batch);
      client?.storeApplied(batch.sequence);
    },
    events: {
      onRelationalBatch: (batch) => void relational.push(batch),
      onFailure: (message) => void failures.push(message),
    },
    logger: { ...silentLogger, error: (message) => void logged.push(message) },
  });
  const end = async () => {
    await client?.stop();
    worker.terminate();
    channel.port1.close();
  };
  return { client, worker, stored, relational, failures, logged, end };
}

test.each([[true], [false]])(
  "through a worker: written, acknowledged, folded, handed on (direct port: %p)",
  async (direct) => {
    const folder = mkdtempSync(join(tmpdir(), "engine-"));
    const { client, stored, end } = await engineIn(folder, { direct });
    const results = await Promise.all([
      client.write(request("m,asset=a v=1 1700000000000000\n")),
      client.write(request("m,asset=a v=2 1700000000000001\nbad\n")),
    ]);
    expect(results.map(({ readings, rejectedLines }) => [readings, rejectedLines])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(results[1]?.errors).toMatchObject([{ lineNo: 2, reason: "missing fields" }]);
    const controlled = await client.control([{ kind: "zone", zone: "UTC", seriesNos: [1] }]);
    const drained: EngineStats = await client.drain();
    expect(drained.storeSequence).toBeGreaterThanOrEqual(controlled);
    expect(stored.flatMap(({ fresh }) => [...fresh.value])).toEqual([1, 2]);
    expect(stored.flatMap(({ zones }) => zones)).toEqual([{ zone: "UTC", seriesNos: [1] }]);
    expect([...client.state().subarray(16, 18)]).toEqual([1_700_000_000_000_001, 2]);
    await end();
    await expect(client.write(request("m v=1\n"))).rejects.toMatchObject({ code: "unavailable" });
  },
);

test("a second start goes on with the series and the sequence of the first", async () => {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const first = await engineIn(folder, { direct: true });
  await first.client.write(request("m,asset=a v=1 1700000000000000\n"));
  const { logSequence } = await first.client.drain();
  await first.end();
  const second = await engineIn(folder, { direct: true, cursor: logSequence });
  expect(second.client.startedAtSequence).toBe(logSequence);
  expect(second.client.isRebuilt).toBe(false);
  await second.client.write(
    request("m,asset=a v=1 1700000000000000\nm,asset=b v=1 1700000000000000\n"),
  );
  await second.client.drain();
  expect(second.stored.flatMap(({ newSeries }) => newSeries.map((s) => s.seriesNo))).toEqual([2]);
  expect(second.stored.flatMap(({ fresh }) => [...fresh.series])).toEqual([2]);
  await second.end();
});

test("a folder that cannot be used ends the start with the reason", async () => {
  await expect(engineIn("/proc/nowhere", { direct: true })).rejects.toThrow(/nowhere|ENOENT/);
});

test("a fold that begins anew is told and goes on: it is no reason to stop", async () => {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const { client, failures, logged, end } = await engineIn(folder, { direct: true, cursor: 40 });
  expect(client.isRebuilt).toBe(true);
  expect(logged.join("\n")).toContain("begin anew");
  const { sequence } = await client.write(request("m,asset=a v=1 1700000000000000\n"));
  expect(sequence).toBeGreaterThan(40);
  expect(failures).toEqual([]);
  await end();
});
