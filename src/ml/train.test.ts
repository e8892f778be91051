import { expect, setDefaultTimeout, test } from "bun:test";
import { AppError } from "../domain/error.ts";
import type { AssetHistory } from "../domain/feature.ts";
import { artifactHash, decodeModel, encodeModel } from "./artifact.ts";
import { cutAfter } from "./features/history.ts";
import { outcomesOf } from "./features/lives.ts";
import { createPredictor } from "./predict.ts";
import { wornFleet } from "./test-fleet.ts";
import { defaultCap, type TrainOptions, type TrainResult, trainModels } from "./train.ts";
import { createTrainerClient } from "./trainer.ts";
import { rmse } from "./validation/metrics.ts";

// A busy machine may take a while; nothing here is timed.
setDefaultTimeout(120_000);

const options: TrainOptions = { seed: 7, capSteps: 50, horizonSteps: 12 };
const fleet = wornFleet({ assets: 14, seed: 1 });
const unseen = wornFleet({ assets: 12, seed: 99 });
const spawn = () => new Worker(new URL("../trainer.ts", import.meta.url).href);
const trained = await trainModels(fleet, options);
const small = wornFleet({ assets: 6, seed: 3, shortest: 40, longest: 60 });

function modelOf(result: TrainResult) {
  if (result.kind !== "trained") throw new Error(`training ended with ${result.kind}`);
  return result;
}

const { artifact, card, hash } = modelOf(trained);
const model = decodeModel(artifact);

/** Every fifth step of assets that training did not see, with what came of it. */
const judged = unseen.flatMap((history) => {
  const steps = Array.from({ length: Math.floor((history.steps - 10) / 5) }, (_u, i) => 10 + 5 * i);
  const { remaining } = outcomesOf(history);
  return createPredictor(model)
    .predict(history, steps)
    .map((prediction, i) => ({ prediction, truth: Math.min(50, remaining[steps[i] ?? 0] ?? 0) }));
});

test("it knows remaining life on assets it never saw, far better than their mean", () => {
  const truth = judged.map((row) => row.truth);
  const mean = truth.reduce((sum, steps) => sum + steps, 0) / truth.length;
  const error = rmse(
    judged.map((row) => row.prediction.rulSteps),
    truth,
  );
  expect(error).toBeLessThan(
    0.6 *
      rmse(
        truth.map(() => mean),
        truth,
      ),
  );
});

test("its card tells the truth about unseen assets", () => {
  const champion = card.life.find((metrics) => metrics.candidate === card.lifeChampion);
  const error = rmse(
    judged.map((row) => row.prediction.rulSteps),
    judged.map((row) => row.truth),
  );
  expect(Math.abs((champion?.rmseSteps ?? 0) - error)).toBeLessThan(0.35 * error);
  expect(card).toMatchObject({ assets: 14, failures: 14, regimes: 2, folds: 5, lateStarts: false });
  for (const metrics of card.life) {
    expect(metrics.rmseSteps).toBeGreaterThanOrEqual(champion?.rmseSteps ?? 0);
  }
});

test("the interval holds about four of five", () => {
  const inside = judged.filter(
    ({ prediction, truth }) => truth >= prediction.lowSteps && truth <= prediction.highSteps,
  );
  expect(inside.length / judged.length).toBeGreaterThan(0.7);
  expect(inside.length / judged.length).toBeLessThan(0.92);
});

test("failure within the horizon is likely near the end and unlikely far from it", () => {
  const meanOf = (rows: typeof judged) =>
    rows.reduce((sum, row) => sum + (row.prediction.probabilityWithinHorizon ?? Number.NaN), 0) /
    rows.length;
  expect(meanOf(judged.filter((row) => row.truth <= 6))).toBeGreaterThan(0.7);
  expect(meanOf(judged.filter((row) => row.truth >= 40))).toBeLessThan(0.05);
});

test("contributions and base sum to the prediction", () => {
  for (const { prediction } of judged) {
    const sum = prediction.contributions.reduce(
      (total, part) => total + part.value,
      prediction.baseSteps,
    );
    expect(sum).toBeCloseTo(prediction.rulSteps, 8);
  }
});

test("signals that wear shows in explain it; noise does not", () => {
  const shares = new Map(card.importance.map(({ name, share }) => [name, share]));
  expect(card.importance.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
  expect((shares.get("heat") ?? 0) + (shares.get("shake") ?? 0)).toBeGreaterThan(0.5);
  expect(shares.get("noise") ?? 0).toBeLessThan(0.2);
});

test("a prediction uses nothing that came after its step", () => {
  const history = unseen[0];
  if (history === undefined) throw new Error("no assets");
  const predictor = createPredictor(model);
  expect(predictor.predict(cutAfter(history, 40))).toEqual(predictor.predict(history, [39]));
});

test("the same seed gives the same bytes, with workers or without, in a worker or here", async () => {
  const here = modelOf(await trainModels(small, options));
  const withWorkers = modelOf(await trainModels(small, options, { spawn }));
  const inWorker = modelOf(await createTrainerClient(spawn).train(small, options));
  const other = modelOf(await trainModels(small, { ...options, seed: 8 }, { spawn }));
  expect(withWorkers.hash).toBe(here.hash);
  expect(inWorker.hash).toBe(here.hash);
  expect(artifactHash(here.artifact)).toBe(here.hash);
  expect(other.hash).not.toBe(here.hash);
});

test("a worker predicts what this thread predicts", async () => {
  const wishes = unseen.slice(0, 3).map((history) => ({ history, steps: [20, 30] }));
  const there = await createTrainerClient(spawn).predict(artifact, wishes);
  const predictor = createPredictor(model);
  expect(there).toEqual(wishes.map(({ history, steps }) => predictor.predict(history, steps)));
});

test("what was read back writes the same bytes", () => {
  expect(artifactHash(encodeModel(model))).toBe(hash);
});

test.each([
  ["nothing", new Uint8Array(0)],
  ["something else", new Uint8Array(64).fill(65)],
  ["a header cut short", artifact.slice(0, 40)],
  ["trees cut short", artifact.slice(0, artifact.length - 8)],
  ["a damaged header", artifact.map((byte, i) => (i === 13 ? 0xff : byte))],
])("an artifact of %s is refused in words", (_name, bytes) => {
  expect(() => decodeModel(bytes)).toThrow(AppError);
});

test("cancelling ends training", async () => {
  const control = new AbortController();
  const onProgress = () => control.abort();
  const run = trainModels(fleet, options, { onProgress, signal: control.signal });
  await expect(run).rejects.toThrow("cancelled");
  const away = trainModels(fleet, options, { spawn, onProgress, signal: control.signal });
  await expect(away).rejects.toThrow("cancelled");
});

test("with too few failures it trains nothing and says what it needs", async () => {
  const running = fleet.map(
    (history, i): AssetHistory => (i < 2 ? history : { ...history, maintenance: [] }),
  );
  expect(await trainModels(running, options)).toEqual({
    kind: "too-few-failures",
    failures: 2,
    needed: 3,
  });
});

test("recording that began late is noticed and trained for", async () => {
  const late = wornFleet({ assets: 5, seed: 5, isInstallKnown: false });
  const result = modelOf(await trainModels(late, options));
  expect(result.card.lateStarts).toBe(true);
  expect(result.card.trainingRows).toBeGreaterThan(late.reduce((sum, h) => sum + h.steps, 0));
});

test("few assets with many lives are judged life by life", async () => {
  const few = wornFleet({ assets: 2, seed: 6, lives: 3, shortest: 30, longest: 50 });
  const result = modelOf(await trainModels(few, options));
  expect(result.card).toMatchObject({ assets: 2, failures: 6, folds: 5 });
});

test("the planning horizon is half a life unless it is set", () => {
  const lengths = fleet.map((history) => history.steps / 2).sort((a, b) => a - b);
  expect(defaultCap(fleet)).toBe(Math.round(lengths[7] ?? 0));
});

test("the first model is taken", () => {
  expect(modelOf(trained).verdict).toMatchObject({ reason: "first model", promote: true });
});

test("without new failures the champion stays", async () => {
  const result = modelOf(await trainModels(fleet.slice(0, 4), { ...options, champion: artifact }));
  expect(result.verdict).toMatchObject({ reason: "nothing new", promote: false, failures: 0 });
});

test("a champion that learnt from many is not replaced by one that saw few", async () => {
  const few = unseen
    .slice(0, 4)
    .map((history) => ({ ...history, assetId: `new-${history.assetId}` }));
  const { verdict } = modelOf(await trainModels(few, { ...options, champion: artifact }));
  expect(verdict).toMatchObject({ reason: "not better", promote: false, failures: 4, cuts: 40 });
});

test("a champion that saw too little is replaced by one that errs less on new failures", async () => {
  // Of its machines only the noise was recorded, and they lived longer.
  const blind = wornFleet({ assets: 4, seed: 44, shortest: 120, longest: 160 }).map((history) => ({
    ...history,
    assetId: `old-${history.assetId}`,
    signals: new Map([...history.signals].filter(([name]) => name === "noise")),
  }));
  const { artifact: poor } = modelOf(await trainModels(blind, options));
  const { verdict } = modelOf(await trainModels(small, { ...options, champion: poor }));
  expect(verdict).toMatchObject({ reason: "better", promote: true, failures: 6 });
  expect(verdict.candidateRmseSteps ?? 99).toBeLessThan(verdict.championRmseSteps ?? 0);
});

test("a champion with another planning horizon cannot be compared", async () => {
  const result = modelOf(
    await trainModels(fleet.slice(0, 4), { ...options, capSteps: 40, champion: artifact }),
  );
  expect(result.verdict).toMatchObject({ reason: "other target", promote: true });
});
