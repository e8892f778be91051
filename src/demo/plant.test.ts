import { expect, test } from "bun:test";
import fc from "fast-check";
import { assetsCsv, assetTypesCsv, maintenanceCsv, sensorsCsv } from "./csv.ts";
import { createPlant, decoysOf, faultsOf } from "./plant.ts";
import { DAY_US, severityAt, strengthAt } from "./truth.ts";

const END_US = Date.UTC(2026, 5, 1) * 1_000;
const seeds = fc.integer({ min: 0, max: 1_000_000 });

test("a plant follows from its seed and end alone", () => {
  expect(createPlant(5, END_US)).toEqual(createPlant(5, END_US));
  expect(createPlant(6, END_US)).not.toEqual(createPlant(5, END_US));
});

test("24 machines of five types in a tree, six signals each", () => {
  const plant = createPlant(1, END_US);
  expect(plant.machines).toHaveLength(24);
  expect(new Set(plant.machines.map((machine) => machine.type.name)).size).toBe(5);
  const places = new Set(plant.places.map((place) => place.key));
  for (const machine of plant.machines) {
    expect(machine.type.signals).toHaveLength(6);
    expect(places).toContain(machine.parentKey);
    for (const fault of machine.type.faults) {
      for (const { signal } of fault.effects) {
        expect(machine.type.signals.map(({ name }) => name)).toContain(signal);
      }
      // A fault that showed in one signal could not be told from a decoy.
      expect(fault.effects.length).toBeGreaterThan(1);
    }
  }
  expect(new Set(plant.machines.map((machine) => machine.key)).size).toBe(24);
});

test("lives follow one another, and only one fault is under way at the end", () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const plant = createPlant(seed, END_US);
      for (const { faults } of plant.machines) {
        let freeFromUs = plant.startUs;
        for (const fault of faults) {
          expect(fault.onsetUs).toBeGreaterThan(freeFromUs + 7 * DAY_US);
          expect(fault.failureUs).toBeGreaterThan(fault.onsetUs);
          expect(fault.backUs).toBeGreaterThan(fault.failureUs);
          freeFromUs = fault.backUs;
        }
      }
      const faults = faultsOf(plant);
      const open = faults.filter((f) => f.failureUs > END_US);
      expect(open).toEqual([plant.developing]);
      expect(plant.developing.failureUs).toBe(END_US + 10 * DAY_US);
      expect(faults.length).toBeWithin(50, 110);
      expect(decoysOf(plant).length).toBeWithin(2.8 * faults.length, 3.2 * faults.length);
    }),
    { numRuns: 30 },
  );
});

test("every failure of the history has its repair, and no record lies in the future", () => {
  const plant = createPlant(3, END_US);
  for (const machine of plant.machines) {
    const repaired = machine.maintenance.filter((record) => record.kind === "failure");
    const failed = machine.faults.filter((fault) => fault.backUs <= END_US);
    expect(repaired.map((r) => [r.startedAtUs, r.mode])).toEqual(
      failed.map((f) => [f.failureUs, f.mode]),
    );
    for (const record of machine.maintenance)
      expect(record.finishedAtUs).toBeLessThanOrEqual(END_US);
  }
});

test("a fault grows from nothing to its full strength and is gone after the repair", () => {
  const { developing: fault } = createPlant(1, END_US);
  const at = (part: number) => fault.onsetUs + part * (fault.failureUs - fault.onsetUs);
  const course = [0, 0.25, 0.5, 0.75, 1].map((part) => severityAt(fault, at(part)));
  expect(course).toEqual([...course].sort((a, b) => a - b));
  expect([course[0], course.at(-1), severityAt(fault, fault.backUs)]).toEqual([0, 1, 0]);
});

test.each([
  ["sensor remounted", 0.5, 1],
  ["sensor drift", 0, 0],
  ["passing disturbance", 0.5, 1],
  ["passing disturbance", 0, 0],
  ["hot spell", 0.125, 0.5],
] as const)("strength of a %s at %d of its time", (kind, part, strength) => {
  const rest = { assetKey: undefined, signal: undefined, gain: 0, add: 1 };
  const decoy = { kind, startUs: 0, endUs: 1_000, ...rest };
  expect(strengthAt(decoy, part * 1_000)).toBeCloseTo(strength, 9);
  expect(strengthAt(decoy, 1_000)).toBe(0);
});

test("the files have the columns of the product's import, a row each", () => {
  const plant = createPlant(1, END_US);
  const table = (text: string) => text.trimEnd().split("\r\n");
  expect(table(assetTypesCsv())).toHaveLength(6);
  const assets = table(assetsCsv(plant));
  expect(assets[0]).toBe(
    "key,name,type,parent,site,criticality,installed_at,downtime_cost_per_hour,repair_cost,failure_cost",
  );
  expect(assets).toHaveLength(1 + plant.places.length + 24);
  expect(table(sensorsCsv(plant))).toHaveLength(1 + 24 * 6);
  const work = table(maintenanceCsv(plant));
  expect(work[0]).toBe("asset,started_at,finished_at,kind,failure_mode,title,cost,hours");
  for (const row of work.slice(1)) {
    expect(row).toMatch(
      /^[A-Z]-\d{3},\d{4}-.+Z,\d{4}-.+Z,(failure,[a-z ]+|planned,|nothing_found,),/,
    );
  }
});
