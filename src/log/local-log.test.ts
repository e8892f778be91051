import { expect, test } from "bun:test";
import fc from "fast-check";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { logContract, readAll, readings, sequencesOf, withWaveforms } from "./contract.ts";
import {
  createLocalLog,
  DEFAULT_LOG_SETTINGS,
  type Log,
  type LogSettings,
  packSegment,
} from "./index.ts";
import { type SimulatedDisk, simulatedDisk } from "./testdata/simulated-disk.ts";

const FOLDER = "/log";

type Options = {
  atLeastSequence?: number;
  clock?: ReturnType<typeof manualClock>;
  packs?: boolean;
  told?: string[];
};

function open(
  disk: SimulatedDisk,
  settings: Partial<LogSettings> = {},
  { atLeastSequence = 0, clock = manualClock(1e15), packs = false, told = [] }: Options = {},
): Log {
  return createLocalLog({
    folder: FOLDER,
    disk,
    clock,
    logger: silentLogger,
    settings: { ...DEFAULT_LOG_SETTINGS, diskFloorBytes: 0, plainSegments: 0, ...settings },
    atLeastSequence,
    ...(packs ? { pack: (files) => packSegment({ disk, ...files, pace: async () => {} }) } : {}),
    onDamage: (_, message) => void told.push(message),
  });
}

const sequences = sequencesOf;
const newest = (disk: SimulatedDisk) =>
  disk
    .paths()
    .filter((p) => p.endsWith(".log"))
    .at(-1) ?? "";

/** A log of so many groups of one or two frames each; sizes of the newest segment after each group. */
async function filled(disk: SimulatedDisk, groups: number, settings: Partial<LogSettings> = {}) {
  const log = open(disk, settings);
  const ends: { sequence: number; size: number; path: string }[] = [];
  for (let i = 1; i <= groups; i++) {
    const frames = [
      i % 4 === 3 ? withWaveforms() : readings([i, 1e15 + i, i], [i, 1e15, -i, "päuse"]),
    ];
    if (i % 2 === 0) frames.push({ kind: "clock", clock: { nowUs: i } });
    const sequence = await log.append(frames);
    ends.push({ sequence, size: disk.size(newest(disk)), path: newest(disk) });
  }
  log.close();
  return ends;
}

for (const packs of [false, true])
  logContract(packs ? "local log, packed" : "local log", async () => {
    const disk = simulatedDisk();
    return {
      open: async (options = {}) => open(disk, { segmentBytes: 400 }, { ...options, packs }),
    };
  });

test("cut at every byte of its last frames: what was whole is there, the rest was told to nobody", async () => {
  const disk = simulatedDisk();
  const ends = await filled(disk, 4);
  const from = ends[1]?.size ?? 0;
  const path = newest(disk);
  for (let size = from; size <= disk.size(path); size++) {
    const cut = disk.copy();
    cut.cut(path, size);
    const log = open(cut);
    const found = sequences(log);
    // Frames of a group are kept singly: those that are whole stay.
    const whole = ends.filter((end) => end.size <= size).at(-1)?.sequence ?? 0;
    expect(found.length).toBeGreaterThanOrEqual(whole);
    expect(found).toEqual(found.map((_, i) => i + 1));
    const next = await log.append([readings([9, 9, 9])]);
    expect(next).toBe(found.length + 1);
    expect(sequences(open(cut)).at(-1)).toBe(next);
  }
});

test("what was flushed survives a loss of power, whatever else remains", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 400 }),
      fc.integer({ min: 1, max: 6 }),
      async (kept, groups) => {
        const disk = simulatedDisk();
        const ends = await filled(disk, groups);
        const log = open(disk);
        disk.failsSync = true;
        const lost = log.append([readings([1, 1, 1])]);
        disk.losePower(kept);
        await expect(lost).rejects.toThrow("cannot write");
        const survivor = disk.copy();
        expect(open(survivor).lastSequence()).toBeGreaterThanOrEqual(ends.at(-1)?.sequence ?? 0);
      },
    ),
    { numRuns: 50 },
  );
});

test("a full disk refuses the group, leaves nothing of it, and recovers by itself", async () => {
  const disk = simulatedDisk();
  const log = open(disk);
  await log.append([readings([1, 1, 1])]);
  disk.free = 50;
  await expect(log.append([readings([2, 2, 2])])).rejects.toMatchObject({ code: "unavailable" });
  disk.free = 1e6;
  expect(await log.append([readings([3, 3, 3])])).toBe(2);
  expect(readAll(open(disk)).map(([, f]) => f.kind === "readings" && f.readings.series[0])).toEqual(
    [1, 3],
  );
});

test("a flush that fails leaves nothing either", async () => {
  const disk = simulatedDisk();
  const log = open(disk);
  disk.failsSync = true;
  await expect(log.append([readings([1, 1, 1])])).rejects.toMatchObject({ code: "unavailable" });
  disk.failsSync = false;
  expect(await log.append([readings([2, 2, 2])])).toBe(1);
  expect(sequences(open(disk))).toEqual([1]);
});

test("below the disk's floor and over the log's bound writes are refused until there is room", async () => {
  const disk = simulatedDisk();
  const clock = manualClock(1e15);
  disk.free = 10_000;
  const log = open(
    disk,
    { segmentBytes: 200, maxBytes: 500, keepBytes: 0, diskFloorBytes: 9_000 },
    { clock },
  );
  for (let i = 1; i <= 5; i++) await log.append([readings([i, i, i])]);
  expect(log.refusal()).toContain("its consumers must catch up");
  await expect(log.append([readings([1, 1, 1])])).rejects.toMatchObject({ code: "unavailable" });
  log.release(4);
  expect(log.refusal()).toBeUndefined();
  disk.free = 8_999;
  clock.advanceMs(300);
  expect(log.refusal()).toContain("free");
});

test("released segments are kept up to a size and an age, never one that is needed", async () => {
  const disk = simulatedDisk();
  const clock = manualClock(0);
  await filled(disk, 8, { segmentBytes: 1 });
  const log = open(disk, { segmentBytes: 1, keepBytes: 1e9, keepUs: 60e6 }, { clock });
  log.release(5);
  expect(log.firstSequence()).toBe(1);
  clock.advanceMs(61_000);
  log.release(6);
  expect(log.firstSequence()).toBe(7);
  expect(sequences(log, 6)[0]).toBe(7);
});
