import { expect, test } from "bun:test";
import { needsOf, openingOf } from "./needs.ts";
import { demoText, healthTensOf, mapOf, nextStep, rankByRisk, tallyOf } from "./now.tsx";
import {
  alertOf,
  assetOf,
  machineOf,
  modelPrediction,
  NOW_US,
  orderOf,
  rulePrediction,
  sensorOf,
  storedOf,
  words,
} from "./test-plant.ts";

const DAY_US = 86_400_000_000;
const asset = assetOf({ failureCost: 18_400 });
/** Its chance and its time left both ask for a person. */
const likely = { ...modelPrediction, rulSteps: 20 };
const empty = {
  alerts: [],
  machines: [],
  work: [],
  assets: new Map([[asset.id, asset]]),
  sensors: new Map([["sensor-vibration", sensorOf("vibration")]]),
  inbox: 0,
  mayPlan: true,
};

test("an empty plant needs nothing", () => {
  expect(needsOf(words, empty)).toEqual({ needs: [], later: [] });
  expect(openingOf(0)).toBe("Nothing needs you");
  expect(openingOf(3)).toBe("Three things need you");
});

test("emergency before critical before blind before likely before late; warnings are links", () => {
  const { needs, later } = needsOf(words, {
    ...empty,
    alerts: [
      alertOf({ id: "c" }),
      alertOf({ id: "w", severity: "warning" }),
      alertOf({ id: "e", severity: "emergency" }),
    ],
    machines: [
      machineOf({ asset: assetOf({ id: "b" }), state: "blind", newestUs: undefined }),
      machineOf({
        asset: assetOf({ id: "p" }),
        prediction: storedOf({
          ...likely,
          alarm: { kind: "raised", count: 0, lastAtUs: 1, raisedAtUs: 1 },
        }),
      }),
      machineOf({
        asset: assetOf({ id: "once" }),
        prediction: storedOf({ ...likely, alarm: { kind: "clear", count: 1, lastAtUs: 1 } }),
      }),
    ],
    work: [
      orderOf({ plannedAtUs: NOW_US - DAY_US }),
      orderOf({ id: "soon", plannedAtUs: NOW_US + 1 }),
    ],
    inbox: 12,
  });
  expect(needs.map(({ id }) => id)).toEqual([
    "need-alarm-e",
    "need-alarm-c",
    "need-blind-b",
    "need-prediction-p",
    "need-work-order-1",
  ]);
  expect(later.map(({ text }) => text)).toEqual([
    "1 warning not acknowledged",
    "12 new sensors to adopt",
  ]);
});

test("an alarm's row has the number, its limit and how long", () => {
  const { needs } = needsOf(words, { ...empty, alerts: [alertOf()] });
  expect(needs[0]?.title).toBe("P-101 Feed pump is above its critical limit");
  expect(needs[0]?.detail.replaceAll("\u202f", " ")).toBe(
    "Vibration 7.4 mm/s, limit 7.1, for 22 min.",
  );
  expect(needs[0]?.acknowledge).toEqual({ alarmId: "alert-1", version: 1 });
  expect(needs[0]?.chips[0]?.text).toBe("€18.4k if it fails");
});

test("an alarm on a series in the inbox still has a row", () => {
  const alert = alertOf({ assetId: undefined, sensorId: undefined });
  const { needs } = needsOf(words, { ...empty, alerts: [alert] });
  expect(needs[0]?.title).toStartWith("A series in the inbox");
  expect(needs[0]?.chips).toEqual([]);
});

test("at most five rows; what is beyond them is counted", () => {
  const alerts = Array.from({ length: 8 }, (_, i) => alertOf({ id: `a${i}` }));
  const blind = [1, 2].map((i) => machineOf({ asset: assetOf({ id: `b${i}` }), state: "blind" }));
  const { needs, later } = needsOf(words, { ...empty, alerts, machines: blind });
  expect(needs).toHaveLength(5);
  expect(later.map(({ text }) => text)).toEqual([
    "3 more urgent alarms",
    "2 assets that cannot be seen",
  ]);
});

test("blind assets are one row, however many", () => {
  const machines = Array.from({ length: 7 }, (_, i) =>
    machineOf({
      asset: assetOf({ id: `b${i}`, key: `B-${i}` }),
      state: "blind",
      newestUs: NOW_US - 48 * 60_000_000,
    }),
  );
  const { needs } = needsOf(words, { ...empty, machines });
  expect(needs).toHaveLength(1);
  expect(needs[0]?.title).toBe("7 assets cannot be seen");
  expect(needs[0]?.detail.replaceAll("\u202f", " ")).toStartWith(
    "B-0, B-1, B-2, B-3 and 3 more. No data for 48 min.",
  );
});

test.each([
  ["a rule's prediction", { prediction: storedOf(rulePrediction) }],
  ["no prediction", { prediction: undefined }],
  [
    "a small chance",
    { prediction: storedOf({ ...modelPrediction, probabilityWithinHorizon: 0.2 }) },
  ],
  [
    "an asset in maintenance",
    { prediction: storedOf(likely), asset: assetOf({ mode: "maintenance" }) },
  ],
] as const)("%s asks for nobody", (_name, over) => {
  expect(needsOf(words, { ...empty, machines: [machineOf(over)] }).needs).toEqual([]);
});

test("risk ranks; a cost or chance that is not known comes after", () => {
  const make = (id: string, chance: number | undefined, failureCost: number | undefined) =>
    machineOf({
      asset: assetOf({ id, key: id, failureCost }),
      prediction: storedOf(modelPrediction, { failureChance: chance }),
    });
  const ranked = rankByRisk([
    make("rule", undefined, 90_000),
    make("cheap", 0.9, 100),
    make("dear", 0.1, 50_000),
    make("no-cost", 0.9, undefined),
    machineOf({ asset: assetOf({ id: "none" }) }),
  ]);
  expect(ranked.map(({ ref }) => ref.tag)).toEqual(["dear", "cheap", "no-cost", "rule"]);
});

test("health that is not known is counted apart, never as 0", () => {
  const scores = [0, 9.6, 42, 100, undefined, undefined];
  const machines = scores.map((score) =>
    machineOf({ health: { score, warningBelow: 60, criticalBelow: 40 } }),
  );
  const { tens, unknown } = healthTensOf(machines);
  expect(unknown).toBe(2);
  expect(tens).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 0, 1]);
});

test("every state is counted, also those nothing is in", () => {
  const tally = tallyOf([machineOf(), machineOf({ state: "blind" })]);
  expect(tally).toMatchObject({ healthy: 1, blind: 1, emergency: 0, watch: 0 });
});

test("the map has one area for each place, and one for what has none", () => {
  const hall = assetOf({ id: "hall", key: "HALL", name: "Hall", typeId: undefined });
  const placed = assetOf({ id: "m1", key: "P-10", parentId: "hall" });
  const loose = assetOf({ id: "m2", key: "P-9" });
  const areas = mapOf({
    machines: [machineOf({ asset: placed }), machineOf({ asset: loose })],
    assets: new Map([hall, placed, loose].map((one) => [one.id, one])),
  });
  expect(areas.map(({ name }) => name)).toEqual(["Hall", "Not placed"]);
});

test("the next step of what cannot be seen is to see it again", () => {
  expect(nextStep(machineOf({ state: "blind" }))).toBe("Restore its data");
  expect(nextStep(machineOf({ state: "watch" }))).toBe("Watch");
  const worn = machineOf({ state: "watch", prediction: storedOf(modelPrediction) });
  expect(nextStep(worn)).toBe("Check vibration");
});

test("while the demo plant is being made it says how far it is, to its own tenant only", () => {
  const view = {
    tenantId: "demo",
    phase: "Training",
    share: 0.7,
    failure: undefined,
    proof: undefined,
  } as const;
  expect(demoText(words, view, "demo")?.replaceAll("\u202f", " ")).toBe(
    "The demo plant is being made: training, 70 % done.",
  );
  expect(demoText(words, view, "other")).toBeUndefined();
  expect(demoText(words, undefined, "demo")).toBeUndefined();
  expect(demoText(words, { ...view, phase: undefined, share: 1 }, "demo")).toBeUndefined();
  expect(demoText(words, { ...view, failure: "no room" }, "demo")).toContain("no room");
});
