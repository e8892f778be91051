import { expect, test } from "bun:test";
import type { ModelCard } from "../domain/model.ts";
import type { ModelRow } from "../domain/model-store.ts";
import { cardOf, readableOf } from "./model-card.ts";
import {
  asksSignals,
  candidatesOf,
  guardsOf,
  modelFacts,
  namedTree,
  questionText,
  statsOf,
} from "./model-words.ts";
import { missingOf, openingOf } from "./models.tsx";
import { recordOf } from "./prediction-evidence.ts";
import { proofRows } from "./proof.ts";
import { stepWords } from "./step-words.ts";
import { machineOf, NOW_US, pumpType, words } from "./test-plant.ts";
import { ladderOf, standOf } from "./trust.ts";

const card: ModelCard = {
  seed: 1,
  capSteps: 56,
  horizonSteps: 56,
  assets: 26,
  failures: 9,
  trainingRows: 24_180,
  rowStride: 1,
  lateStarts: false,
  regimes: 1,
  columns: 37,
  folds: 5,
  life: [
    {
      candidate: "random forest",
      cuts: 120,
      rmseSteps: 12,
      asymmetricMean: 2,
      meanAbsoluteSteps: 9,
    },
    {
      candidate: "gradient boosting",
      cuts: 120,
      rmseSteps: 10,
      asymmetricMean: 1.5,
      meanAbsoluteSteps: 8,
    },
  ],
  horizon: [],
  lifeChampion: "gradient boosting",
  horizonChampion: undefined,
  meanRmseSteps: 20,
  intervalCoverage: 0.81,
  intervalWidthSteps: 24,
  importance: [{ name: "vibration", share: 0.6 }],
};
const row: ModelRow = {
  id: "model-1",
  assetTypeId: pumpType.id,
  target: "remaining-life",
  learner: "gradient boosting",
  number: 3,
  stage: "champion",
  metrics: { card, readable: { kind: "leaf", steps: 40 } },
  importance: [],
  settings: {},
  featureSetId: undefined,
  hash: "5fd0c2a9".repeat(8),
  sizeBytes: 120_000,
  seed: 1,
  trainedAtUs: NOW_US,
  promotedAtUs: undefined,
  promotedBy: undefined,
  reason: undefined,
  version: 1,
};
const steps = stepWords(pumpType);
const plain = (text: unknown) => String(text).replaceAll("\u202f", " ");

test.each([[undefined], [null], ["text"], [{}], [{ card: {} }]])(
  "metrics of another form (%j) are no card",
  (metrics) => {
    const odd = { ...row, metrics };
    expect(cardOf(odd)).toBeUndefined();
    expect(readableOf(odd)).toBeUndefined();
    expect(recordOf(words, machineOf(), odd)).toBe("Its record cannot be read.");
    const facts = modelFacts(words, odd, undefined, steps);
    expect(facts.find(({ label }) => label === "Looks ahead")?.value).toBe("not known");
  },
);

test("numbers are in days and compared with always the mean", () => {
  expect(statsOf(words, steps, card).map(({ value, unit }) => plain(`${value} ${unit}`))).toEqual([
    "2.0 days",
    "81 % ",
    "50 % less error",
    "9 failures",
  ]);
});

test("the champion stands first, the yardstick last, and a chance nobody learnt is not known", () => {
  const shown = candidatesOf(words, steps, card);
  expect(shown.map(({ role }) => role)).toEqual(["champion", "challenger", "yardstick"]);
  expect(shown.map(({ chanceQuality }) => chanceQuality)).toEqual(Array(3).fill("not known"));
  expect(shown[2]?.errorShare).toBe(1);
});

test("guards warn of few failures, of wrong ranges and of a model that loses to the mean", () => {
  const failed = (over: Partial<ModelCard>) =>
    guardsOf(words, steps, { ...card, ...over })
      .filter(({ ok }) => !ok)
      .map(({ text }) => plain(text));
  expect(failed({})).toEqual(["Only 9 failures; 15 are wanted"]);
  expect(failed({ failures: 20 })).toEqual([]);
  expect(failed({ failures: 20, intervalCoverage: 0.5 })).toEqual([
    "50 % of ranges held what happened",
  ]);
  expect(failed({ failures: 20, meanRmseSteps: 9 })).toEqual(["No better than always the mean"]);
  expect(failed({ failures: 20, lateStarts: true })).toHaveLength(1);
});

test("questions of the tree are in words, its numbers as they were", () => {
  const named = (name: string) => (name === "vibration" ? "Vibration" : name);
  expect(questionText("vibration", "s30", named)).toBe("Vibration, slope");
  expect(questionText("", "since-maintenance", named)).toBe("Time since maintenance");
  const leaf = { kind: "leaf", steps: 4 } as const;
  const tree = namedTree(
    { kind: "split", signal: "vibration", feature: "m15", threshold: 1.5, low: leaf, high: leaf },
    named,
    steps,
  );
  expect(tree).toMatchObject({ feature: "Vibration, level", threshold: 1.5, low: leaf });
  const aged = namedTree(
    { kind: "split", signal: "", feature: "age", threshold: 30, low: leaf, high: tree },
    named,
    steps,
  );
  expect(aged).toMatchObject({ feature: "Age in days", threshold: 7.5 });
  expect([asksSignals(tree), asksSignals(aged), asksSignals(leaf)]).toEqual([true, true, false]);
});

test("kinds of machine without a model are named with what they need", () => {
  const plant = { machines: [machineOf()], types: new Map([[pumpType.id, pumpType]]) };
  expect(missingOf(plant, new Set([pumpType.id]), new Map())).toBeUndefined();
  expect(missingOf(plant, new Set(), new Map())).toContain("Pump has 0 of 3");
  expect(missingOf(plant, new Set(), new Map([[pumpType.id, 4]]))).toContain("waits for training");
  expect(openingOf(0, 0)).toBe("No model yet");
  expect(openingOf(1, 26)).toBe("1 model watches 26 assets");
});

test("the proof has a row for each way; a notice nobody had is not known", () => {
  const score = {
    faults: 12,
    found: 0,
    missed: 12,
    medianNoticeDays: undefined,
    falseAlarms: 0,
    assetMonths: 72,
    falseAlarmsPerAssetMonth: 0,
  };
  const { rows, sub } = proofRows(words, {
    lines: [{ name: "3-sigma rule", score }],
    heldOutDays: 60,
    assets: 36,
  });
  expect(rows[0]).toMatchObject({
    found: "0 of 12",
    notice: "not known",
    falseShare: 0,
    isOurs: false,
  });
  expect(sub).toContain("36 assets");
});

const nothing = {
  sensors: 6,
  sensorsWithLimits: 0,
  steps: 0,
  ownFailures: 0,
  ownRepairs: 0,
  model: undefined,
  typeName: "Pump",
};

test.each([
  ["nothing", {}, "no step reached yet"],
  ["limits", { sensorsWithLimits: 2 }, "step 1 of 5, type limits"],
  ["its own normal", { steps: 120 }, "step 2 of 5, learned baseline"],
  ["a failure", { ownFailures: 1 }, "step 3 of 5, life from repairs"],
  ["a model of its kind", { model: { number: 3, failures: 9 } }, "step 4 of 5, fleet model"],
  [
    "failures of its own",
    { ownFailures: 3, model: { number: 3, failures: 9 } },
    "step 5 of 5, own model",
  ],
  ["failures but no model", { ownFailures: 3 }, "step 3 of 5, life from repairs"],
] as const)("trust with %s: %j", (_name, over, stand) => {
  const ladder = ladderOf({ ...nothing, ...over });
  expect(standOf(ladder)).toBe(stand);
  expect(ladder.filter(({ state }) => state === "here").length).toBeLessThanOrEqual(1);
  expect(ladder.every(({ detail }) => detail !== "")).toBe(true);
});
