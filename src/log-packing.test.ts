import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manualClock } from "./lib/clock.ts";
import { silentLogger } from "./lib/logger.ts";
import { listed, readAll, readings } from "./log/contract.ts";
import { createLocalLog, DEFAULT_LOG_SETTINGS, type PackSegment, systemDisk } from "./log/index.ts";
import { packInThread } from "./log-packing.ts";
import { workerUrl } from "./native/worker-url.ts";

const folder = mkdtempSync(join(tmpdir(), "packing-"));
afterAll(() => rmSync(folder, { recursive: true }));

const open = (pack: PackSegment, warnings: string[] = []) =>
  createLocalLog({
    folder,
    disk: systemDisk,
    clock: manualClock(1e15),
    logger: { ...silentLogger, warn: (message) => void warnings.push(message) },
    settings: {
      ...DEFAULT_LOG_SETTINGS,
      ...{ diskFloorBytes: 0, segmentBytes: 1_000_000, plainSegments: 0 },
    },
    atLeastSequence: 0,
    pack,
    onDamage: (_, message) => {
      throw new Error(message);
    },
  });

test("a thread packs closed segments on a real disk; readers see the same frames", async () => {
  const log = open(packInThread(() => new Worker(workerUrl("src/log-packer.ts"))));
  const rows = Array.from({ length: 5_000 }, (_, i): [number, number, number] => [
    (i % 1_000) + 1,
    1e15 + i,
    20 + (i % 7) / 100,
  ]);
  for (let group = 0; group < 40; group++) await log.append([readings(...rows)]);
  const before = readAll(log).map(([, frame]) => listed(frame));
  await log.settled();
  const names = systemDisk.list(folder).map(({ name }) => name);
  expect(names.filter((name) => name.endsWith(".zst")).length).toBeGreaterThanOrEqual(2);
  expect(names.filter((name) => name.endsWith(".log"))).toHaveLength(1);
  expect(names.filter((name) => name.endsWith(".new"))).toEqual([]);
  expect(readAll(log).map(([, frame]) => listed(frame))).toEqual(before);
  for (const { name, sizeBytes } of systemDisk.list(folder))
    if (name.endsWith(".zst")) expect(sizeBytes).toBeLessThan(200_000);
  expect(log.sizeBytes()).toBe(
    names.reduce((sum, name) => sum + statSync(join(folder, name)).size, 0),
  );
  log.close();
});

test("a thread that dies leaves the segment as it is, and says so", async () => {
  const warnings: string[] = [];
  const log = open(() => Promise.reject(new Error("out of memory")), warnings);
  for (let group = 0; group < 30; group++)
    await log.append([readings(...Array.from({ length: 5_000 }, (): [1, 2, 3] => [1, 2, 3]))]);
  await log.settled();
  expect(warnings.length).toBeGreaterThan(0);
  expect(new Set(warnings).size).toBe(warnings.length);
  expect(warnings[0]).toMatch(/stays as it is: out of memory/);
  expect(readAll(log)).toHaveLength(70);
  log.close();
});
