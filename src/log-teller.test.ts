import { expect, test } from "bun:test";
import { AppError } from "./domain/error.ts";
import type { ControlFrame } from "./domain/log-frame.ts";
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
  const engine = {
    refusal: undefined as AppError | undefined,
    control: async (given: readonly ControlFrame[]) => {
      if (engine.refusal !== undefined) throw engine.refusal;
      frames.push(given);
      return frames.length * 10;
    },
  };
  const teller = createLogTeller({
    engine,
    relational: {
      series: {
        unframedZones: async () => [...pending.zones],
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
  return { teller, pending, frames, calls, engine };
}

test("nothing pending writes no frame", async () => {
  const { teller, frames, calls } = setUp();
  await teller.tell();
  expect(frames).toEqual([]);
  expect(calls).toEqual([]);
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
  expect(calls).toEqual(["zones stamped", "rules stamped 10", "reached 10"]);
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
  expect(calls).toEqual([]);
  engine.refusal = undefined;
  await teller.tell();
  expect(frames).toEqual([[{ kind: "rule-removed", ruleId: "r2", atUs: 4 }]]);
});
