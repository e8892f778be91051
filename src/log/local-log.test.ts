import { expect, test } from "bun:test";
import fc from "fast-check";
import { AppError } from "../domain/error.ts";
import type { LogFrame } from "../domain/log-frame.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { createLocalLog, DEFAULT_LOG_SETTINGS, type Log, type LogSettings } from "./index.ts";
import { type SimulatedDisk, simulatedDisk } from "./testdata/simulated-disk.ts";

const FOLDER = "/log";

function open(
  disk: SimulatedDisk,
  settings: Partial<LogSettings> = {},
  options: {
    acceptDamage?: boolean;
    atLeastSequence?: number;
    clock?: ReturnType<typeof manualClock>;
  } = {},
): Log {
  return createLocalLog({
    folder: FOLDER,
    disk,
    clock: options.clock ?? manualClock(1e15),
    logger: silentLogger,
    settings: { ...DEFAULT_LOG_SETTINGS, diskFloorBytes: 0, ...settings },
    atLeastSequence: options.atLeastSequence ?? 0,
    acceptDamage: options.acceptDamage ?? false,
  });
}

function readings(
  ...rows: [series: number, atUs: number, value: number, text?: string][]
): LogFrame {
  return {
    kind: "readings",
    readings: {
      count: rows.length,
      series: Uint32Array.from(rows.map((r) => r[0])),
      atUs: Float64Array.from(rows.map((r) => r[1])),
      value: Float64Array.from(rows.map((r) => r[2])),
      texts: rows.flatMap((r, row) => (r[3] === undefined ? [] : [{ row, text: r[3] }])),
      runs: [{ tenantNo: 1, sourceNo: 2, receivedAtUs: 3, endRow: rows.length }],
    },
  };
}

function read(log: Log, after = 0): [number, LogFrame][] {
  const found: [number, LogFrame][] = [];
  log.read(after, (sequence, frame) => {
    found.push([sequence, frame]);
    return true;
  });
  return found;
}

/** Columns as lists, which compare NaN with NaN. */
function listed(frame: LogFrame): unknown {
  if (frame.kind !== "readings") return frame;
  const { series, atUs, value, ...rest } = frame.readings;
  return { ...rest, series: [...series], atUs: [...atUs], value: [...value] };
}

const sequences = (log: Log, after = 0) => read(log, after).map(([sequence]) => sequence);
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
    const frames = [readings([i, 1e15 + i, i], [i, 1e15, -i, "päuse"])];
    if (i % 2 === 0) frames.push({ kind: "clock", clock: { nowUs: i } });
    const sequence = await log.append(frames);
    ends.push({ sequence, size: disk.size(newest(disk)), path: newest(disk) });
  }
  log.close();
  return ends;
}

test("frames of every kind come back as they went in", async () => {
  const disk = simulatedDisk();
  const log = open(disk);
  const frames: LogFrame[] = [
    {
      kind: "dictionary",
      dictionary: {
        entries: [
          {
            seriesNo: 1,
            tenantNo: 1,
            sourceNo: 2,
            measurement: "m",
            tags: [["a", "ü"]],
            field: "v",
            kind: "numeric",
            deviceKey: "d",
            firstAtUs: 5,
          },
        ],
      },
    },
    readings(
      [1, 1e15, Number.NaN, "on"],
      [1, 1e15 - 1, -0],
      [2, 1e15 + 5, Number.POSITIVE_INFINITY],
    ),
    readings([1, 0, 1], [1, 4e15, 2]), // further apart than an int32 of µs
    readings(),
    { kind: "control", controls: [{ kind: "rule-removed", ruleId: "r", atUs: 1 }] },
    { kind: "clock", clock: { nowUs: 7 } },
    { kind: "quarantine", quarantine: { lines: [], counts: [] } },
  ];
  expect(await log.append(frames)).toBe(7);
  expect(read(open(disk)).map(([, frame]) => listed(frame))).toEqual(frames.map(listed));
  expect(sequences(log, 3)).toEqual([4, 5, 6, 7]);
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

test("damaged at every byte: a damaged last group is cut, an earlier one is named and set aside", async () => {
  const disk = simulatedDisk();
  const ends = await filled(disk, 4);
  const path = newest(disk);
  const lastGroup = ends[2]?.size ?? 0;
  for (let offset = 0; offset < disk.size(path); offset++) {
    const damaged = disk.copy();
    damaged.damage(path, offset);
    if (offset >= lastGroup) {
      const found = sequences(open(damaged));
      expect(found.length).toBeGreaterThanOrEqual(ends[2]?.sequence ?? 0);
      continue;
    }
    expect(() => open(damaged)).toThrow(/is damaged from byte \d+ to byte \d+, after frame \d+/);
    expect(damaged.paths()).toContain(`${path}.damaged`);
    // Nothing is skipped in silence: only a person's word goes on without the frames.
    expect(() => open(damaged)).toThrow(AppError);
    const accepted = open(damaged, {}, { acceptDamage: true });
    const found = sequences(accepted);
    expect(found.at(-1)).toBe(6);
    expect(found.length).toBeLessThan(6);
  }
});

test("damage in a closed segment is found when it is read", async () => {
  const disk = simulatedDisk();
  await filled(disk, 6, { segmentBytes: 300 });
  const [first] = disk.paths();
  disk.damage(first ?? "", 100);
  const log = open(disk);
  expect(() => sequences(log)).toThrow(/damaged/);
  expect(() => sequences(open(disk.copy(), {}, { acceptDamage: true }))).not.toThrow();
});

test("a segment that is gone is not passed over", async () => {
  const disk = simulatedDisk();
  await filled(disk, 6, { segmentBytes: 300 });
  const logs = disk.paths();
  disk.remove(logs[1] ?? "");
  expect(() => sequences(open(disk))).toThrow(/damaged/);
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
  expect(read(open(disk)).map(([, f]) => f.kind === "readings" && f.readings.series[0])).toEqual([
    1, 3,
  ]);
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

test("sequences go on above what consumers have reached, though the log be gone", async () => {
  const disk = simulatedDisk();
  const log = open(disk, {}, { atLeastSequence: 41 });
  expect(log.firstSequence()).toBe(42);
  expect(await log.append([readings([1, 1, 1])])).toBe(42);
  expect(sequences(open(disk), 41)).toEqual([42]);
});

test("reading can stop and go on where it stopped", async () => {
  const disk = simulatedDisk();
  await filled(disk, 6);
  const log = open(disk);
  const found: number[] = [];
  let at = 0;
  while (at < log.lastSequence())
    log.read(at, (sequence) => {
      found.push(sequence);
      at = sequence;
      return sequence % 2 === 1;
    });
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
