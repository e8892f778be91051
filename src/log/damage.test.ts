import { expect, test } from "bun:test";
import type { LogDamage } from "../domain/log-frame.ts";
import { manualClock } from "../lib/clock.ts";
import { silentLogger } from "../lib/logger.ts";
import { readings, sequencesOf, withWaveforms } from "./contract.ts";
import { createLocalLog, DEFAULT_LOG_SETTINGS, type Log, packSegment } from "./index.ts";
import { type SimulatedDisk, simulatedDisk } from "./testdata/simulated-disk.ts";

const SEGMENT_BYTES = 600;

type Opened = { log: Log; told: string[] };

function open(disk: SimulatedDisk, packs = false, segmentBytes = SEGMENT_BYTES): Opened {
  const told: string[] = [];
  const log = createLocalLog({
    folder: "/log",
    disk,
    clock: manualClock(1e15),
    logger: silentLogger,
    settings: { ...DEFAULT_LOG_SETTINGS, diskFloorBytes: 0, plainSegments: 0, segmentBytes },
    atLeastSequence: 0,
    ...(packs ? { pack: (files) => packSegment({ disk, ...files, pace: async () => {} }) } : {}),
    onDamage: (_, message) => void told.push(message),
  });
  return { log, told };
}

/** Eight groups of one or two frames; where each frame begins is found by reading. */
async function filled(packs: boolean, segmentBytes = SEGMENT_BYTES): Promise<SimulatedDisk> {
  const disk = simulatedDisk();
  const { log } = open(disk, packs, segmentBytes);
  for (let i = 1; i <= 8; i++) {
    const own = i === 3 ? withWaveforms() : readings([i, 1e15 + i, i], [i, 1e15, -i, "päuse"]);
    const frames = [own];
    await log.append(i % 2 === 0 ? [...frames, { kind: "clock", clock: { nowUs: i } }] : frames);
  }
  await log.settled();
  log.close();
  return disk;
}

const segments = (disk: SimulatedDisk) =>
  disk.paths().filter((path) => /^\/log\/\d+\.(log|zst)$/.test(path));

/** Sequences that damage names. */
const missing = (damage: readonly LogDamage[]) =>
  damage.flatMap(({ firstSequence, lastSequence }) =>
    Array.from({ length: lastSequence - firstSequence + 1 }, (_, i) => firstSequence + i),
  );

for (const form of ["plain", "packed"] as const)
  test(`${form}, damaged at every byte: lost frames are named once, the rest is served`, async () => {
    const disk = await filled(form === "packed");
    const all = Array.from({ length: 12 }, (_, i) => i + 1);
    expect(segments(disk).some((path) => path.endsWith(".zst"))).toBe(form === "packed");
    const newest = segments(disk).at(-1) ?? "";
    for (const path of segments(disk)) {
      for (let offset = 0; offset < disk.size(path); offset++) {
        const damaged = disk.copy();
        damaged.damage(path, offset);
        const { log, told } = open(damaged);
        const found = sequencesOf(log);
        const lost = missing(log.damage());
        expect(told).toHaveLength(log.damage().length);
        // Each sequence is there or named, once; only the end of the newest segment is a torn tail.
        const known = [...found, ...lost].sort((a, b) => a - b);
        expect(known).toEqual(all.slice(0, known.length));
        if (path !== newest) expect(known).toHaveLength(12);
        if (form === "plain" && path !== newest) expect(lost.length).toBeGreaterThan(0);
        // Told once, and known to the next start; the log goes on.
        expect(sequencesOf(log)).toEqual(found);
        const again = open(damaged);
        expect(sequencesOf(again.log)).toEqual(found);
        expect(missing(again.log.damage())).toEqual(lost);
        expect(again.told).toEqual([]);
        for (const { copy } of log.damage()) expect(damaged.paths()).toContain(copy ?? "none");
        const next = await again.log.append([readings([9, 9, 9])]);
        expect(sequencesOf(open(damaged).log).at(-1)).toBe(next);
      }
    }
  }, 120_000);

test("segments cut at every byte: a closed one is damaged, only the newest has a torn tail", async () => {
  const disk = await filled(false);
  const paths = segments(disk);
  for (const path of paths)
    for (let size = 0; size < disk.size(path); size++) {
      const cut = disk.copy();
      cut.cut(path, size);
      const { log } = open(cut);
      const found = sequencesOf(log);
      const known = [...found, ...missing(log.damage())].sort((a, b) => a - b);
      expect(known).toEqual(Array.from({ length: known.length }, (_, i) => i + 1));
      if (path === paths.at(-1)) expect(log.damage()).toEqual([]);
      else expect(known).toHaveLength(12);
    }
}, 60_000);

test("a flipped byte before whole frames is damage although all lies in the newest segment", async () => {
  const disk = await filled(false, 1e6);
  const [path = ""] = segments(disk);
  const damaged = disk.copy();
  damaged.damage(path, 100); // in the payload of the first frame
  const { log, told } = open(damaged);
  expect(sequencesOf(log)).toEqual(Array.from({ length: 11 }, (_, i) => i + 2));
  expect(told).toEqual([
    expect.stringMatching(
      /01\.log is damaged from byte 0 to byte \d+: frames 1 to 1 .* at least 2 readings; .*\/damaged\/\d+-\d+\.bin/,
    ),
  ]);
  const [found] = log.damage();
  const copied = damaged.read(found?.copy ?? "", 0, 1e6);
  expect(copied).toEqual(damaged.read(path, found?.fromByte ?? 0, copied.length));
});

test("a segment that is gone is named and not passed over in silence", async () => {
  const disk = await filled(false, 300);
  const [, second = ""] = segments(disk);
  disk.remove(second);
  const { log, told } = open(disk);
  expect(sequencesOf(log).length).toBeLessThan(12);
  expect(told).toEqual([expect.stringContaining("a segment is gone: frames")]);
});

test("frames of a write that failed and could not be cut are not read twice", async () => {
  const disk = simulatedDisk();
  const { log } = open(disk, false, 1e6);
  await log.append([readings([1, 1, 1])]);
  const path = segments(disk)[0] ?? "";
  const first = disk.size(path);
  await log.append([readings([2, 2, 2])]);
  const failed = disk.read(path, first, 1e6);
  disk.cut(path, first);
  log.close();
  // The next group stands in a segment of its own, with the same sequence.
  const own = disk.append("/log/0000000000000002.log");
  own.write([failed]);
  disk.append(path).write([failed]);
  expect(sequencesOf(open(disk, false, 1e6).log)).toEqual([1, 2]);
});
