import { expect, test } from "bun:test";
import fc from "fast-check";
import type { ModelPrediction } from "./prediction.ts";
import {
  NO_PREDICTION_ALARM,
  PREDICTION_ALARM_DEFAULTS,
  type PredictionAlarmState,
  predictionAlarmScore,
  stepPredictionAlarm,
} from "./prediction-alarm.ts";

const settings = { enter: 0.5, leave: 0.25, inRow: 2 };
const clear: PredictionAlarmState = { kind: "clear", count: 0, lastAtUs: 7 };
const almost: PredictionAlarmState = { ...clear, count: 1 };
const raised: PredictionAlarmState = { kind: "raised", count: 0, lastAtUs: 7, raisedAtUs: 3 };
const fading: PredictionAlarmState = { ...raised, count: 1 };
const at9 = { lastAtUs: 9 };

test.each([
  ["one high score raises nothing", clear, 0.9, 9, { ...almost, ...at9 }, undefined],
  ["the second in a row does", almost, 0.5, 9, { ...raised, ...at9, raisedAtUs: 9 }, "raised"],
  ["the same step again does not count", almost, 0.9, 7, almost, undefined],
  ["a low score between starts anew", almost, 0.49, 9, { ...clear, ...at9 }, undefined],
  ["an unknown score changes nothing", almost, undefined, 9, almost, undefined],
  ["no number is an unknown score", almost, Number.NaN, 9, almost, undefined],
  ["a score between the floors keeps it", fading, 0.25, 9, { ...raised, ...at9 }, undefined],
  ["one low score clears nothing", raised, 0.1, 9, { ...fading, ...at9 }, undefined],
  ["the second low one does", fading, 0.24, 9, { ...clear, ...at9 }, "cleared"],
] as const)("step: %s", (_name, state, score, atUs, next, event) => {
  const step = stepPredictionAlarm(state, score, atUs, settings);
  expect(step.next).toEqual(next);
  expect(step.event).toBe(event);
});

test("raised and cleared alternate, whatever the scores", () => {
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.double({ min: 0, max: 1 }), { nil: undefined })),
      (scores) => {
        let state: PredictionAlarmState = NO_PREDICTION_ALARM;
        let last = "cleared";
        scores.forEach((score, i) => {
          const step = stepPredictionAlarm(state, score, i, PREDICTION_ALARM_DEFAULTS);
          state = step.next;
          if (step.event === undefined) return;
          expect(step.event).not.toBe(last);
          last = step.event;
        });
        expect(state.kind).toBe(last === "raised" ? "raised" : "clear");
      },
    ),
  );
});

const prediction: ModelPrediction = {
  basis: "model",
  assetId: "1",
  atUs: 0,
  rulSteps: 25,
  lowSteps: 40,
  highSteps: 80,
  isAtCap: false,
  probabilityWithinHorizon: undefined,
  horizonSteps: 50,
  baseSteps: 90,
  contributions: [],
};

test.each([
  ["half the horizon left is a weak reason", {}, 0.5],
  ["the mean of life and probability", { probabilityWithinHorizon: 0.9 }, 0.7],
  ["a life beyond the horizon is none", { rulSteps: 60 }, 0],
  ["the end is the strongest", { rulSteps: 0, probabilityWithinHorizon: 1 }, 1],
] as const)("score: %s", (_name, change, score) => {
  expect(predictionAlarmScore({ ...prediction, ...change })).toBeCloseTo(score, 12);
});

test("a rule's prediction has no score", () => {
  const rule = { basis: "rule", assetId: "1", atUs: 0, level: "act", rulSteps: 3 } as const;
  const rest = { reason: "", missing: "", driftScore: undefined, contributions: [] };
  expect(predictionAlarmScore({ ...rule, ...rest })).toBeUndefined();
});
