import { expect, test } from "bun:test";
import { HEADER_BYTES, readHeader } from "./log/index.ts";
import { BASE_US, line, Plant } from "./testdata/engine-plant.ts";

/** Where the frame with the sequence begins: its file and its offset. */
function placeOf(plant: Plant, sequence: number): { path: string; at: number } {
  for (const path of plant.disk.paths().filter((one) => /^\/log\/\d+\.log$/.test(one))) {
    const bytes = plant.disk.read(path, 0, plant.disk.size(path));
    for (let at = 0; at < bytes.length; ) {
      const header = readHeader(bytes, at);
      if (header === undefined) break;
      if (header.sequence === sequence) return { path, at };
      at += HEADER_BYTES + header.payloadBytes;
    }
  }
  throw new Error(`no frame ${sequence}`);
}

test("readings around a damaged frame reach the stores once, and the operator is told", async () => {
  const plant = new Plant();
  await plant.start();
  plant.isLagging = true;
  for (let i = 0; i < 10; i++) await plant.write(line(1, BASE_US + i, i));
  await plant.settle();
  // Frame 1 names the series, frames 2 to 11 hold a reading each.
  const { path, at } = placeOf(plant, 6);
  plant.disk.damage(path, at + HEADER_BYTES + 3);
  await plant.crash(0);
  await plant.finish();
  expect([...plant.store.readings.values()].sort((a, b) => a - b)).toEqual([
    0, 1, 2, 3, 5, 6, 7, 8, 9,
  ]);
  expect(plant.store.doubled).toBe(0);
  expect(
    plant.failures.filter((text) => text.includes("frames 6 to 6 cannot be read")),
  ).toHaveLength(1);
  expect(plant.core?.stats().damage).toMatchObject([{ firstSequence: 6, readings: 1 }]);
});

test("a damaged frame at the place that a store had reached lets no batch reach over it", async () => {
  const plant = new Plant();
  await plant.start({ snapshotBytes: 1e9 });
  for (let i = 0; i < 5; i++) await plant.write(line(1, BASE_US + i, i));
  plant.clock.advanceMs(1_000);
  await plant.settle();
  const reached = plant.storeSequence;
  expect(plant.relationalSequence).toBe(reached);
  plant.isLagging = true;
  for (let i = 5; i < 10; i++) await plant.write(line(1, BASE_US + i, i));
  await plant.settle();
  const { path, at } = placeOf(plant, reached);
  plant.disk.damage(path, at + HEADER_BYTES + 3);
  await plant.crash(0);
  await plant.finish();
  expect(plant.store.readings.size).toBe(10); // the store had what was damaged
  expect(plant.store.doubled).toBe(0);
  expect(plant.ledger.received).toBe(10);
});

test("readings of series whose names are damaged are passed over; no number is given twice", async () => {
  const plant = new Plant();
  await plant.start();
  plant.isLagging = true;
  await plant.write(line(1, BASE_US, 1));
  await plant.write(line(2, BASE_US, 2)); // frame 3 names it, frame 4 holds it
  await plant.write(line(1, BASE_US + 1, 3) + line(2, BASE_US + 1, 4));
  await plant.settle();
  const { path, at } = placeOf(plant, 3);
  plant.disk.damage(path, at + HEADER_BYTES + 3);
  await plant.crash(0);
  expect(await plant.write(line(3, BASE_US, 5))).toMatchObject({ readings: 1 });
  await plant.finish();
  expect([...plant.store.readings.values()].sort()).toEqual([1, 3, 5]);
  expect([...plant.series.values()].map((s) => [s.seriesNo, s.deviceKey])).toEqual([
    [1, "a1"],
    [3, "a3"],
  ]);
  expect(plant.failures.some((text) => text.includes("are passed over"))).toBe(true);
});
