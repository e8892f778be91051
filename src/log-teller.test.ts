import { expect, test } from "bun:test";
import { AppError } from "./domain/error.ts";
import type { ControlFrame } from "./domain/log-frame.ts";
import { manualClock } from "./lib/clock.ts";
import { silentLogger } from "./lib/logger.ts";
import { createLogTeller } from "./log-teller.ts";

const CLOSE = { tenantId: "acme", alertId: "a1", ruleId: "r1", seriesNo: 3, atUs: 5 };
const REMOVED = {
  kind: "rule-removed",
  tenantId: "acme",
  ruleId: "r2",
  version: 2,
  atUs: 4,
} as const;
const ZONE = { zone: "Europe/Oslo", seriesNos: [3] };

function setUp() {
  const pending = { zones: [] as (typeof ZONE)[], rules: [] as (typeof REMOVED)[], closes: 0 };
  const frames: (readonly ControlFrame[])[] = [];
  const calls: string[] = [];
  const clock = manualClock(0);
  const roundMs = { value: 0 };
  const engine = {
    refusal: undefined as AppError | undefined,
    control: async (given: readonly ControlFrame[]) => {
      if (engine.refusal !== undefined) throw engine.refusal;
      frames.push(given);
      return frames.length * 10;
    },
  };
  const teller = createLogTeller({
    ...{ engine, clock, logger: silentLogger },
    relational: {
      series: {
        unframedZones: async () => {
          calls.push("asked");
          clock.advanceMs(roundMs.value);
          return [...pending.zones];
        },
        zonesFramed: async () => {
          calls.push("zones stamped");
          pending.zones = [];
        },
      },
      rules: {
        unframed: async () => [...pending.rules],
        framed: async (_rules, sequence) => {
          calls.push(`rules stamped ${sequence}`);
          pending.rules = [];
        },
      },
      alerts: { pendingCloses: async () => (pending.closes > 0 ? [CLOSE] : []) },
    },
    reached: async (sequence) => {
      calls.push(`reached ${sequence}`);
      pending.closes = 0;
    },
  });
  const rounds = () => calls.filter((call) => call === "asked").length;
  return { teller, pending, frames, calls, engine, clock, roundMs, rounds };
}

test("nothing pending writes no frame", async () => {
  const { teller, frames, calls } = setUp();
  await teller.tell();
  expect(frames).toEqual([]);
  expect(calls).toEqual(["asked"]);
});

test("zones, rules and closings go as one group, are stamped, and are waited for", async () => {
  const { teller, pending, frames, calls } = setUp();
  pending.zones = [ZONE];
  pending.rules = [REMOVED];
  pending.closes = 1;
  await teller.tell();
  expect(frames).toEqual([
    [
      { kind: "zone", ...ZONE },
      { kind: "rule-removed", ruleId: "r2", atUs: 4 },
      { kind: "alert-closed", ruleId: "r1", seriesNo: 3, atUs: 5 },
    ],
  ]);
  expect(calls).toEqual(["asked", "zones stamped", "rules stamped 10", "reached 10"]);
});

test("calls at the same moment share a round; a later one has its own", async () => {
  const { teller, pending, frames } = setUp();
  pending.rules = [REMOVED];
  await Promise.all([teller.tell(), teller.tell(), teller.tell()]);
  expect(frames).toHaveLength(1);
  pending.rules = [REMOVED];
  await teller.tell();
  expect(frames).toHaveLength(2);
});

test("what the log refuses stays pending, and the next round tells it", async () => {
  const { teller, pending, frames, calls, engine } = setUp();
  pending.rules = [REMOVED];
  engine.refusal = new AppError("unavailable", "the log is full");
  await expect(teller.tell()).rejects.toThrow("the log is full");
  expect(calls).toEqual(["asked"]);
  engine.refusal = undefined;
  await teller.tell();
  expect(frames).toEqual([[{ kind: "rule-removed", ruleId: "r2", atUs: 4 }]]);
});

test("what nobody waits for rests between two rounds, in proportion to what one took", async () => {
  const { teller, clock, roundMs, rounds } = setUp();
  roundMs.value = 100;
  teller.tellSoon();
  teller.tellSoon();
  clock.advanceMs(0);
  await teller.tell(); // shares the round that has not begun
  expect(rounds()).toBe(1);
  teller.tellSoon();
  clock.advanceMs(399);
  await Promise.resolve();
  expect(rounds()).toBe(1);
  clock.advanceMs(1);
  await teller.tell();
  expect(rounds()).toBe(2);
});

test("one that took minutes, or a clock set back, rests a minute at most; a stopped one says nothing", async () => {
  const { teller, clock, roundMs, rounds } = setUp();
  roundMs.value = 3_600_000;
  await teller.tell();
  teller.tellSoon();
  clock.advanceMs(60_000);
  await teller.tell();
  expect(rounds()).toBe(2);
  teller.tellSoon();
  teller.stop();
  teller.tellSoon();
  clock.advanceMs(60_000);
  await Promise.resolve();
  expect(rounds()).toBe(2);
});
