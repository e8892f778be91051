import { expect, test } from "bun:test";
import fc from "fast-check";
import { silentLogger } from "./lib/logger.ts";
import { createLocalLog } from "./log/index.ts";
import { BASE_US, line, Plant, SETTINGS } from "./testdata/engine-plant.ts";
import { bucketsOf } from "./windows/testdata/model-store.ts";

const HOUR_MS = 3_600_000;

/** Jumps of the machine's clock between writes, while devices' clocks go on as they should. */
const jumps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: -48 * HOUR_MS, max: 48 * HOUR_MS }) },
    { weight: 1, arbitrary: fc.integer({ min: -5_000, max: 5_000 }) },
  ),
  { minLength: 1, maxLength: 40 },
);

test("a clock that jumps refuses and loses nothing; sequences, segments and buckets stay right", async () => {
  await fc.assert(
    fc.asyncProperty(jumps, fc.boolean(), async (list, restarts) => {
      const plant = new Plant();
      // Time by which the stores may be behind: a jump of days must not count.
      const log = { ...SETTINGS.log, keepBytes: 1e9, keepUs: Number.POSITIVE_INFINITY };
      const settings = { maxBehindUs: 6 * HOUR_MS * 1000, log };
      await plant.start(settings);
      const truth = new Map<string, number>();
      const stamps: number[] = [];
      const sequences: number[] = [];
      for (const [i, jumpMs] of list.entries()) {
        plant.jumpedUs += jumpMs * 1000;
        const atUs = BASE_US + i * 60e6;
        const result = await plant.write(line(1 + (i % 2), atUs, i));
        expect(result).toMatchObject({ readings: 1, rejectedLines: 0 });
        if ("sequence" in result) sequences.push(result.sequence);
        stamps.push(plant.nowUs());
        truth.set(`${1 + (i % 2)} ${atUs}`, i);
        plant.clock.advanceMs(10_000);
        await plant.settle();
        if (restarts && i % 13 === 12) await plant.crash(0, settings);
      }
      expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
      plant.disk = plant.disk.copy();
      expect(receivedIn(plant)).toEqual(stamps);
      // After a clock was set back, a silent device counts as idle once the clock has made up for it.
      plant.jumpedUs = 40 * 48 * HOUR_MS * 1000;
      await plant.finish();
      expect(plant.store.readings).toEqual(truth);
      expect(new Map([...plant.store.buckets].sort())).toEqual(
        new Map([...bucketsOf(plant.store.readings)].sort()),
      );
    }),
    { numRuns: 40 },
  );
}, 120_000);

/** When the readings of the log came, in its order. */
function receivedIn(plant: Plant): number[] {
  const log = createLocalLog({
    folder: "/log",
    disk: plant.disk,
    clock: plant.clock,
    logger: silentLogger,
    settings: SETTINGS.log,
    atLeastSequence: 0,
    onDamage: (_, message) => {
      throw new Error(message);
    },
  });
  const found: number[] = [];
  log.read(0, (_, frame) => {
    if (frame.kind === "readings")
      for (const run of frame.readings.runs) found.push(run.receivedAtUs);
    return true;
  });
  return found;
}
