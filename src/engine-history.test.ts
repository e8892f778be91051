import { expect, test } from "bun:test";
import { AppError } from "./domain/error.ts";
import { BASE_US, line, Plant, rule } from "./testdata/engine-plant.ts";

const HOT = rule({ holdUs: 0, seriesNos: [1, 2] });
const history = (plant: Plant, text: string, sourceNo = 1) =>
  plant.write(text, "influx", sourceNo, true);

test("history is stored and raises nothing, newest of its series or not, also in a replay", async () => {
  const plant = new Plant();
  const core = await plant.start();
  await plant.write(line(1, BASE_US, 1) + line(2, BASE_US, 1));
  await core.control([HOT]);
  // Newer than all of series 1, and older than all of series 2.
  const result = await history(plant, line(1, BASE_US + 5e6, 99) + line(2, BASE_US - 5e6, 99));
  expect(result).toMatchObject({ readings: 2, rejectedLines: 0 });
  await plant.crash(0);
  await plant.write(line(2, BASE_US + 9e6, 99));
  await plant.finish();
  expect(plant.transitions.map(({ seriesNo, kind, atUs }) => [seriesNo, kind, atUs])).toEqual([
    [2, "opened", BASE_US + 9e6],
  ]);
  expect(plant.store.readings.size).toBe(5);
});

test("the first live reading after history is judged as any other", async () => {
  const plant = new Plant();
  const core = await plant.start();
  await plant.write(line(1, BASE_US, 1));
  await core.control([HOT]);
  await history(plant, line(1, BASE_US + 1, 99));
  await plant.write(line(1, BASE_US + 2, 98));
  // An alert that is open stays so, whatever history says of the time after it.
  await history(plant, line(1, BASE_US + 3, 1));
  await plant.settle();
  expect(plant.transitions.map(({ kind, atUs }) => [kind, atUs])).toEqual([
    ["opened", BASE_US + 2],
  ]);
  await plant.write(line(1, BASE_US + 4, 1));
  await plant.finish();
  expect(plant.transitions.at(-1)).toMatchObject({ kind: "closed", atUs: BASE_US + 4 });
});

test("while a store is behind, history waits and live readings are taken", async () => {
  const plant = new Plant();
  await plant.start();
  plant.isStoreAway = true;
  expect(await plant.write(line(1, BASE_US, 1))).toMatchObject({ readings: 1 });
  expect(await history(plant, line(1, BASE_US - 1, 1))).toMatchObject({ readings: 1 });
  plant.clock.advanceMs(4_000);
  expect(await plant.write(line(1, BASE_US + 1, 1))).toMatchObject({ readings: 1 });
  const refused = await history(plant, line(1, BASE_US - 2, 1));
  expect(refused).toBeInstanceOf(AppError);
  expect(refused).toMatchObject({ code: "unavailable" });
  expect(await plant.write(line(1, BASE_US + 2, 1))).toMatchObject({ readings: 1 });
  plant.isStoreAway = false;
  await plant.settle();
  expect(await history(plant, line(1, BASE_US - 2, 1))).toMatchObject({ readings: 1 });
  await plant.finish();
  expect(plant.store.readings.size).toBe(5);
});

test("a source's history and its live readings wait apart", async () => {
  const plant = new Plant();
  await plant.start({ pendingBytes: 2_000 });
  plant.disk.holdsSync = true;
  let [refused, refusedLive] = [0, 0];
  for (let i = 0; i < 60; i++)
    void history(plant, line(1, BASE_US - i, 1)).then((one) => {
      if (one instanceof AppError) refused++;
    });
  void plant.write(line(1, BASE_US, 1)).then(() => refusedLive++);
  await plant.settle();
  expect(refused).toBeGreaterThan(0);
  expect(refusedLive).toBe(0);
});

test("a bad line of history is named, however many there are, and spoils no good one", async () => {
  const plant = new Plant();
  await plant.start();
  const text = `${"bad\n".repeat(300)}${line(1, BASE_US, 1)}`;
  for (const dialect of ["influx", "questdb"] as const) {
    const result = await plant.write(text, dialect, 1, true);
    if (result instanceof AppError) throw result;
    expect(result).toMatchObject({ readings: 1, rejectedLines: 300 });
    expect(result.errors.map(({ lineNo }) => lineNo)).toEqual(
      Array.from({ length: 300 }, (_, i) => i + 1),
    );
  }
});
