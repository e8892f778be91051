import { expect, test } from "bun:test";
import { array, constantFrom, double, property, assert as prove, record } from "fast-check";
import { adviceOf, movedChart, movedText } from "./prediction-evidence.ts";
import { keySensor, partsOf, predictionWords, signalsBehind } from "./prediction-words.ts";
import { openingOf } from "./predictions.tsx";
import { stepsText, stepWords } from "./step-words.ts";
import {
  assetOf,
  engineType,
  machineOf,
  modelPrediction,
  NOW_US,
  pumpType,
  rulePrediction,
  sensorOf,
  storedOf,
  words,
} from "./test-plant.ts";

const { format } = words;
const plain = (text: string | undefined) => text?.replaceAll("\u202f", " ");

test("nothing is said of an asset without a prediction", () => {
  expect(predictionWords(format, machineOf(), undefined)).toBeUndefined();
});

test("a model's prediction: steps of six hours are shown as days", () => {
  const machine = machineOf({ asset: assetOf({ failureCost: 18_400 }) });
  const said = predictionWords(format, machine, storedOf(modelPrediction));
  expect(plain(said?.sentence)).toBe("62 % chance of failure within 14 days.");
  expect(said?.second).toBe("Most likely 6 to 13 days from now.");
  expect(plain(said?.timeLeft)).toBe("6 to 13 d");
  expect(plain(said?.risk)).toBe("€11.4k");
  expect(said?.reason).toBe("Vibration, bearing temperature");
  expect(said?.why).toBe("Mostly because of vibration and bearing temperature.");
  expect(said?.isRule).toBe(false);
});

test("without a known cost the risk is not known, never 0", () => {
  const said = predictionWords(format, machineOf(), storedOf(modelPrediction));
  expect(said?.cost).toBeUndefined();
  expect(said?.risk).toBeUndefined();
  expect(said?.riskAmount).toBeUndefined();
});

test("a model that saw too few failures gives no chance", () => {
  const stored = storedOf({ ...modelPrediction, probabilityWithinHorizon: undefined });
  const said = predictionWords(format, machineOf(), stored);
  expect(said?.chance).toBeUndefined();
  expect(said?.sentence).toBe("Most likely 6 to 13 days from now.");
  expect(said?.second).toBe("Too few failures are recorded to give a chance.");
});

test.each([
  [0, "under 1 %"],
  [1, "over 99 %"],
])("a model's chance of %d is never certain", (chance, text) => {
  const stored = storedOf({ ...modelPrediction, probabilityWithinHorizon: chance });
  expect(plain(predictionWords(format, machineOf(), stored)?.chance)).toBe(text);
});

test("at the planning horizon it says at least, and draws no range", () => {
  const stored = storedOf({ ...modelPrediction, isAtCap: true, rulSteps: 56 });
  const said = predictionWords(format, machineOf(), stored);
  expect(said?.second).toBe("Most likely more than 14 days from now.");
  expect(plain(said?.timeLeft)).toBe("over 14 d");
  expect(said?.range).toBeUndefined();
});

test("a rule says that it is one, in the plant's words, and what is missing", () => {
  const said = predictionWords(format, machineOf(), storedOf(rulePrediction));
  expect(said?.isRule).toBe(true);
  expect(said?.reason).toBe(
    "Bearing temperature reaches its limit in about 3 days at its present trend",
  );
  expect(said?.sentence).toBe("Look at it soon.");
  expect(said?.second).toStartWith("Bearing temperature reaches");
  expect(said?.missing).toContain("3 recorded failures");
  expect(plain(said?.timeLeft)).toBe("about 3 d");
  expect(said?.chance).toBeUndefined();
});

test("steps that a rule needs are in days too", () => {
  const reason = "fewer than 60 steps to learn its normal from, and no trend towards a limit";
  const said = predictionWords(format, machineOf(), storedOf({ ...rulePrediction, reason }));
  expect(said?.second).toStartWith("Fewer than 15 days to learn");
});

test("what only rules have said is not called unlikely", () => {
  expect(openingOf({ likely: 0, byModel: 0, all: 0 })).toBe("No prediction yet");
  expect(openingOf({ likely: 0, byModel: 0, all: 24 })).toBe("Only rules watch so far");
  expect(openingOf({ likely: 0, byModel: 3, all: 24 })).toBe("No failure is likely");
  expect(openingOf({ likely: 1, byModel: 3, all: 24 })).toBe("1 asset may fail soon");
});

test.each([["text"], [null], [{}], [{ basis: "model" }], [{ basis: "rule", contributions: 3 }]])(
  "an explanation of another form (%j) is not read",
  (explanation) => {
    const said = predictionWords(format, machineOf(), storedOf(explanation));
    expect(said?.sentence).toStartWith("No forecast can be read.");
    expect(partsOf([], pumpType, storedOf(explanation))).toEqual({ parts: [], total: 0 });
  },
);

test.each([
  [pumpType, 56, "14 days"],
  [pumpType, 4, "1 day"],
  [pumpType, 6, "1.5 days"],
  [{ ...pumpType, clockStepUs: 3_600_000_000, horizonSteps: 24 }, 12, "12 hours"],
  [engineType, 125, "125 cycles"],
  [undefined, 7, "7 cycles"],
] as const)("steps in words: %#", (type, steps, text) => {
  expect(stepsText(format, stepWords(type, "cycles"), steps)).toBe(text);
});

test("law: base and parts sum to the days left exactly as the steps do", () => {
  const cause = record({
    name: constantFrom("vibration", "age", "alarms", "planning horizon"),
    value: double({ min: -500, max: 500, noNaN: true }),
  });
  prove(
    property(
      array(cause, { maxLength: 30 }),
      double({ min: 0, max: 500, noNaN: true }),
      (contributions, baseSteps) => {
        const rulSteps = contributions.reduce((sum, { value }) => sum + value, baseSteps);
        const stored = storedOf({ ...modelPrediction, baseSteps, contributions, rulSteps });
        const { parts, total } = partsOf([], pumpType, stored);
        const sum = parts.reduce((all, { value }) => all + value, 0);
        expect(Math.abs(sum - total)).toBeLessThan(1e-6);
        expect(total).toBeCloseTo(rulSteps / 4, 9);
        expect(parts.length).toBeLessThanOrEqual(10);
      },
    ),
  );
});

test("the key signal is the worst cause that is no setting; else one with limits; else the first", () => {
  const bySetting = {
    ...modelPrediction,
    contributions: [{ name: "speed", value: -20 }, ...modelPrediction.contributions],
  };
  expect(keySensor(machineOf({ prediction: storedOf(bySetting) }))?.name).toBe("vibration");
  const sensors = [sensorOf("flow"), sensorOf("pressure", { limits: { highWarning: 3 } })];
  expect(keySensor(machineOf({ sensors }))?.name).toBe("pressure");
  expect(keySensor(machineOf())?.name).toBe("speed");
  expect(keySensor(machineOf({ sensors: [] }))).toBeUndefined();
  expect(signalsBehind(machineOf({ sensors: [] }))).toEqual([]);
});

test("advice names what to look at, by when, and what is not known of costs", () => {
  const advice = adviceOf(words, machineOf(), storedOf(modelPrediction));
  expect(advice[0]).toBe("Look at vibration and bearing temperature first.");
  expect(advice[1]).toStartWith("Best before Tue 1 Dec");
  expect(advice[2]).toContain("not known");
  const soon = { ...modelPrediction, lowSteps: 2 };
  expect(adviceOf(words, machineOf(), storedOf(soon))[1]).toStartWith("Its range begins within");
  const small = [
    { name: "vibration", value: -9 },
    { name: "bearing_temperature", value: -0.4 },
  ];
  const one = { ...modelPrediction, contributions: small };
  expect(adviceOf(words, machineOf(), storedOf(one))[0]).toBe("Look at vibration first.");
  const calm = { ...modelPrediction, isAtCap: true };
  expect(adviceOf(words, machineOf(), storedOf(calm))[0]).toBe("Nothing needs to be done now.");
  const aged = { ...modelPrediction, contributions: [{ name: "age", value: -11 }] };
  expect(adviceOf(words, machineOf(), storedOf(aged))[0]).toStartWith("Inspect it");
  const blind = {
    ...rulePrediction,
    level: "unknown",
    reason: "no recent readings",
    contributions: [],
  };
  expect(adviceOf(words, machineOf(), storedOf(blind))[0]).toBe("Bring its readings back first.");
});

test("how it moved is drawn from two on, and a hole stays one", () => {
  const one = storedOf(modelPrediction);
  expect(movedChart(words, machineOf(), [])).toBeUndefined();
  expect(movedChart(words, machineOf(), [one])).toBeUndefined();
  const history = [one, { ...one, failureChance: undefined }, { ...one, failureChance: 0.7 }].map(
    (stored, i) => ({ ...stored, atUs: NOW_US + i * 3_600_000_000 }),
  );
  const chart = movedChart(words, machineOf(), history);
  expect(chart?.values).toEqual([62, null, 70]);
  expect(chart?.unit).toBe("%");
});

test("a signal without readings moved by what is not known", () => {
  const none = { tier: "raw", atUs: [], mean: [], min: [], max: [], n: [] } as const;
  expect(movedText(words, sensorOf("vibration"), none)).toBe("not known");
});
