import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { FairShare } from "./fair-share.ts";

const MAX = 1_000;

test("alone a holder gets half, and another still finds room", () => {
  const share = new FairShare(MAX);
  let taken = 0;
  while (share.take(1, 50)) taken += 50;
  expect(taken).toBe(500);
  expect(share.take(2, 250)).toBe(true);
  expect(share.take(3, 125)).toBe(true);
});

test("what is larger than the bound is taken when nothing else is held", () => {
  const share = new FairShare(MAX);
  expect(share.take(1, 5 * MAX)).toBe(true);
  expect(share.take(2, 1)).toBe(false);
  share.give(1, 5 * MAX);
  expect(share.take(2, 1)).toBe(true);
});

/** What holders do: take so many bytes, or give back the n-th of what is held. */
const steps = fc.array(
  fc.oneof(
    fc.record({ holder: fc.integer({ min: 1, max: 6 }), bytes: fc.integer({ min: 0, max: 400 }) }),
    fc.record({ give: fc.nat() }),
  ),
  { maxLength: 200 },
);

describe("under any load", () => {
  test("the bound is kept, the sums add up, and all can be given back", () => {
    fc.assert(
      fc.property(steps, (load) => {
        const share = new FairShare(MAX);
        const held: { holder: number; bytes: number }[] = [];
        for (const step of load) {
          if ("holder" in step) {
            if (share.take(step.holder, step.bytes)) held.push(step);
          } else if (held.length > 0) {
            const [back] = held.splice(step.give % held.length, 1);
            if (back) share.give(back.holder, back.bytes);
          }
          expect(share.totalBytes).toBeLessThanOrEqual(MAX);
          expect(share.totalBytes).toBe(held.reduce((sum, { bytes }) => sum + bytes, 0));
        }
        for (const { holder, bytes } of held) share.give(holder, bytes);
        expect(share.totalBytes).toBe(0);
        for (let holder = 1; holder <= 6; holder++) expect(share.heldBy(holder)).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test("who holds no more and asks for no more than another is not refused where that one is taken", () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 400 }), fc.nat(400), (load, bytes, less) => {
        const run = () => {
          const share = new FairShare(MAX);
          for (const step of load) if ("holder" in step) share.take(step.holder, step.bytes);
          return share;
        };
        const before = run();
        for (let poor = 0; poor <= 6; poor++)
          for (let rich = 0; rich <= 6; rich++) {
            if (before.heldBy(poor) > before.heldBy(rich)) continue;
            if (run().take(rich, bytes))
              expect(run().take(poor, Math.max(0, bytes - less))).toBe(true);
          }
      }),
      { numRuns: 200 },
    );
  });

  test("a flood never has small ones refused that together need less than what it must leave", () => {
    const BODY = 200; // the flood's largest; it holds at most (MAX + BODY) / 2, see `take`
    const SMALL = 40;
    const small = [1, 2, 3, 4, 5];
    const events = fc.array(
      fc.oneof(
        { weight: 5, arbitrary: fc.record({ flood: fc.integer({ min: 1, max: BODY }) }) },
        { weight: 3, arbitrary: fc.record({ small: fc.constantFrom(...small) }) },
        { weight: 3, arbitrary: fc.record({ done: fc.nat() }) },
      ),
      { maxLength: 300 },
    );
    fc.assert(
      fc.property(events, (load) => {
        const share = new FairShare(MAX);
        const held: { holder: number; bytes: number }[] = [];
        for (const event of load) {
          if ("flood" in event) {
            if (share.take(99, event.flood)) held.push({ holder: 99, bytes: event.flood });
          } else if ("small" in event) {
            // A small one waits for its answer before it sends again.
            if (held.some(({ holder }) => holder === event.small)) continue;
            expect(share.take(event.small, SMALL)).toBe(true);
            held.push({ holder: event.small, bytes: SMALL });
          } else if (held.length > 0) {
            const [back] = held.splice(event.done % held.length, 1);
            if (back) share.give(back.holder, back.bytes);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
