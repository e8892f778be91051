import { expect, test } from "bun:test";
import fc from "fast-check";
import { RoundRobin } from "./round-robin.ts";

test("one with much in the queue waits for its turn", () => {
  const queue = new RoundRobin<string>();
  for (const item of ["a1", "a2", "a3", "b1", "c1", "c2"]) queue.push(item.charCodeAt(0), item);
  expect(queue.takeAll()).toEqual(["a1", "b1", "c1", "a2", "c2", "a3"]);
  expect(queue.shift()).toBeUndefined();
});

test("nothing is lost, each one's order is kept, and between two of one there is one of every other", () => {
  const steps = fc.array(fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant("take" as const)), {
    maxLength: 3_000,
  });
  fc.assert(
    fc.property(steps, (load) => {
      const queue = new RoundRobin<[holder: number, no: number]>();
      const pushed = [0, 0, 0, 0, 0, 0];
      const taken: [number, number][] = [];
      // How often others were served since a waiting holder was pushed or served.
      const passedOver = new Map<number, Map<number, number>>();
      const waiting = (holder: number) =>
        (pushed[holder] ?? 0) - taken.filter(([h]) => h === holder).length;
      for (const step of load) {
        if (step !== "take") {
          if (waiting(step) === 0) passedOver.set(step, new Map());
          queue.push(step, [step, (pushed[step] ?? 0) + 1]);
          pushed[step] = (pushed[step] ?? 0) + 1;
          continue;
        }
        const item = queue.shift();
        if (item === undefined) continue;
        taken.push(item);
        passedOver.delete(item[0]);
        for (const counts of passedOver.values()) {
          const times = (counts.get(item[0]) ?? 0) + 1;
          counts.set(item[0], times);
          expect(times).toBe(1);
        }
        if (waiting(item[0]) > 0) passedOver.set(item[0], new Map());
      }
      taken.push(...queue.takeAll());
      expect(queue.length).toBe(0);
      for (const [holder, count] of pushed.entries())
        expect(taken.filter(([h]) => h === holder).map(([, no]) => no)).toEqual(
          Array.from({ length: count }, (_, i) => i + 1),
        );
    }),
    { numRuns: 60 },
  );
});
