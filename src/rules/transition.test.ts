import { expect, test } from "bun:test";
import fc from "fast-check";
import { type AlertState, factsOf, step } from "./transition.ts";

const ok: AlertState = { kind: "ok" };
const pending: AlertState = { kind: "pending", sinceUs: 1_000 };
const firing: AlertState = { kind: "firing", sinceUs: 1_000, firedAtUs: 6_000 };
const muted: AlertState = { kind: "muted" };

test.each([
  // name                                    state    breached cleared atUs  holdUs next       event
  ["a good value changes nothing", ok, false, true, 1_000, 0, "ok", undefined],
  ["a first breach waits for the hold", ok, true, false, 1_000, 5_000, "pending", undefined],
  ["without a hold it opens at once", ok, true, false, 1_000, 0, "firing", "opened"],
  ["the hold is inclusive", pending, true, false, 6_000, 5_000, "firing", "opened"],
  ["one µs before it does not", pending, true, false, 5_999, 5_000, "pending", undefined],
  ["a good value ends the hold", pending, false, false, 9_000, 5_000, "ok", undefined],
  ["a firing alert opens only once", firing, true, false, 9_000, 5_000, "firing", undefined],
  ["between the thresholds it stays", firing, false, false, 9_000, 5_000, "firing", undefined],
  ["at the clear threshold it closes", firing, false, true, 9_000, 5_000, "ok", "cleared"],
  [
    "a muted one stays so while the condition holds",
    muted,
    true,
    false,
    9_000,
    0,
    "muted",
    undefined,
  ],
  ["and is armed again after it was false once", muted, false, false, 9_000, 0, "ok", undefined],
] as const)("step: %s", (_name, state, isBreached, isCleared, atUs, holdUs, next, event) => {
  const got = step(state, { isBreached, isCleared }, atUs, holdUs);
  expect({ next: got.next.kind, event: got.event }).toEqual({ next, event });
});

test.each([
  ["above", 10, 8, 10, false, false],
  ["above", 10, 8, 10.1, true, false],
  ["above", 10, 8, 8, false, true],
  ["below", 10, 12, 9.9, true, false],
  ["below", 10, 12, 12, false, true],
  ["above", 10, 8, Number.NaN, false, false],
  ["below", 10, 12, Number.NaN, false, false],
] as const)(
  "factsOf: %s %d, clear at %d: %d",
  (op, threshold, clear, value, isBreached, isCleared) => {
    expect(factsOf({ op, threshold, clear }, value)).toEqual({ isBreached, isCleared });
  },
);

test("over any values opened and cleared strictly alternate, and open no sooner than the hold", () => {
  const values = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 5 })),
  );
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 10 }), (readings, holdUs) => {
      let state: AlertState = ok;
      let atUs = 0;
      let breachedSinceUs: number | undefined;
      let isOpen = false;
      for (const [value, gapUs] of readings) {
        atUs += gapUs;
        const facts = factsOf({ op: "above", threshold: 10, clear: 8 }, value);
        breachedSinceUs = facts.isBreached ? (breachedSinceUs ?? atUs) : undefined;
        const { next, event } = step(state, facts, atUs, holdUs);
        if (event === "opened") {
          expect(isOpen).toBe(false);
          expect(atUs - (breachedSinceUs ?? atUs)).toBeGreaterThanOrEqual(holdUs);
        }
        if (event === "cleared") expect(isOpen).toBe(true);
        if (event !== undefined) isOpen = event === "opened";
        state = next;
      }
    }),
  );
});
