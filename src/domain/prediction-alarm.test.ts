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
const clear = NO_PREDICTION_ALARM;
const almost: PredictionAlarmState = { kind: "clear", count: 1 };
const raised: PredictionAlarmState = { kind: "raised", count: 0, raisedAtUs: 3 };
const fading: PredictionAlarmState = { kind: "raised", count: 1, raisedAtUs: 3 };

test.each([
  ["one high score raises nothing", clear, 0.9, almost, undefined],
  ["the second in a row does", almost, 0.5, { ...raised, raisedAtUs: 9 }, "raised"],
  ["a low score between starts anew", almost, 0.49, clear, undefined],
  ["an unknown score changes nothing", almost, undefined, almost, undefined],
  ["no number is an unknown score", almost, Number.NaN, almost, undefined],
  ["a score between the floors keeps it", fading, 0.25, raised, undefined],
  ["one low score clears nothing", raised, 0.1, fading, undefined],
  ["the second in a row does", fading, 0.24, clear, "cleared"],
] as const)("step: %s", (_name, state, score, next, event) => {
  const step = stepPredictionAlarm(state, score, 9, settings);
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
  rulSteps: 50,
  lowSteps: 40,
  highSteps: 80,
  isAtCap: false,
  probabilityWithinHorizon: undefined,
  horizonSteps: 50,
  baseSteps: 90,
  contributions: [],
};

test.each([
  ["the probability where there is one", { probabilityWithinHorizon: 0.3 }, 0.3],
  ["the part of the interval within the horizon", {}, 0.25],
  ["all of the interval", { highSteps: 50 }, 1],
  ["none of it", { lowSteps: 50 }, 0],
  ["nothing at the cap", { isAtCap: true }, 0],
] as const)("score: %s", (_name, change, score) => {
  expect(predictionAlarmScore({ ...prediction, ...change })).toBe(score);
});

test("a rule's prediction has no score", () => {
  const rule = { basis: "rule", assetId: "1", atUs: 0, level: "act", rulSteps: 3 } as const;
  const rest = { reason: "", missing: "", driftScore: undefined, contributions: [] };
  expect(predictionAlarmScore({ ...rule, ...rest })).toBeUndefined();
});
