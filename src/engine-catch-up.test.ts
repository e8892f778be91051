import { expect, test } from "bun:test";
import { AppError } from "./domain/error.ts";
import { BASE_US, line, Plant, SETTINGS } from "./testdata/engine-plant.ts";
import { bucketsOf } from "./windows/testdata/model-store.ts";

test("a store that is away holds nothing up: what it missed is made again from the log", async () => {
  const plant = new Plant();
  const core = await plant.start({ unappliedRows: 3 });
  plant.isStoreAway = true;
  for (let i = 0; i < 40; i++) {
    const late = i % 7 === 0 ? line(2, BASE_US - i * 1e6, i) : "";
    expect(await plant.write(line(1, BASE_US + i * 20e6, i) + late)).toMatchObject({
      rejectedLines: 0,
    });
    plant.clock.advanceMs(20_000);
    await plant.settle();
  }
  expect(plant.store.readings.size).toBe(0);
  expect(core.stats().consumers).toMatchObject([
    { name: "store", sequence: 0, behindReadings: 46 },
    { name: "relational", behindReadings: 0, behindUs: 0 },
    { name: "snapshot" },
  ]);
  expect(core.stats().consumers[0]?.behindUs).toBeGreaterThan(700e6);
  plant.isStoreAway = false;
  await plant.finish();
  expect(plant.store.readings.size).toBe(46);
  expect(plant.store.doubled).toBe(0);
  expect(new Map([...plant.store.buckets].sort())).toEqual(
    new Map([...bucketsOf(plant.store.readings)].sort()),
  );
  expect(plant.core?.stats().consumers[0]).toMatchObject({ behindReadings: 0, behindUs: 0 });
});

test("a store that was away over a restart is caught up beside the engine, which starts at once", async () => {
  const plant = new Plant();
  await plant.start({ unappliedRows: 3 });
  plant.isStoreAway = true;
  for (let i = 0; i < 30; i++) await plant.write(line(1 + (i % 3), BASE_US + i, i));
  await plant.settle();
  await plant.crash(0, { unappliedRows: 3 });
  expect(await plant.write(line(1, BASE_US + 99, 1))).toMatchObject({ readings: 1 });
  expect(plant.store.readings.size).toBe(0);
  plant.isStoreAway = false;
  await plant.finish();
  expect(plant.store.readings.size).toBe(31);
  expect(plant.store.doubled).toBe(0);
});

test("over the log's bound of size or time writes are refused, and taken again by themselves", async () => {
  for (const bound of ["size", "time"]) {
    const plant = new Plant();
    const log = { ...SETTINGS.log, maxBytes: bound === "size" ? 4_000 : 1e9 };
    await plant.start({ unappliedRows: 3, maxBehindUs: 600e6, log });
    plant.isStoreAway = true;
    let taken = 0;
    let refusal: unknown;
    for (let i = 0; i < 200 && refusal === undefined; i++) {
      const result = await plant.write(line(1, BASE_US + i, i));
      if (result instanceof AppError) refusal = result;
      else taken++;
      plant.clock.advanceMs(bound === "size" ? 1 : 30_000);
      await plant.settle();
    }
    expect(refusal).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        bound === "size" ? /the log holds \d+ bytes/ : /the stores are 0\.2 hours behind/,
      ),
    });
    expect(taken).toBeGreaterThan(10);
    expect(plant.core?.stats().refusal).toBeDefined();
    plant.isStoreAway = false;
    await plant.finish();
    expect(await plant.write(line(2, BASE_US, 1))).toMatchObject({ readings: 1 });
    await plant.finish();
    expect(plant.store.readings.size).toBe(taken + 1);
  }
});
