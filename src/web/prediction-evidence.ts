import type { ChartProps } from "../../views/ui/chart-model.ts";
import type { Fact } from "../../views/ui/model.ts";
import type { ModelRow } from "../domain/model-store.ts";
import type { StoredPrediction } from "../domain/prediction-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import type { SensorPoints } from "./chart.ts";
import { cardOf } from "./model-card.ts";
import type { PlantAsset } from "./plant.ts";
import { lower, predictionOf, signalsBehind } from "./prediction-words.ts";
import type { Frame } from "./shell.ts";
import { stepsText, stepWords } from "./step-words.ts";
import { counted } from "./trust.ts";

type Words = Pick<Frame, "format" | "nowUs" | "zone">;

const DAY_US = 86_400_000_000;
/** Reason of a rule that had nothing to go by. */
const NO_READINGS = "no recent readings";

/** What stands under the parts. Pure. */
export function whyNote(frame: Words, machine: PlantAsset, stored: StoredPrediction): string {
  const prediction = predictionOf(stored);
  if (prediction === undefined) return "What was kept of this prediction cannot be read.";
  const words = stepWords(machine.type, stored.unit);
  if (prediction.basis === "rule")
    return prediction.driftScore === undefined
      ? "Its own normal is not known yet: too little was read of it."
      : `Distance from its own normal: ${frame.format.number(prediction.driftScore, 1)}, where 1 is the worst of its reference time.`;
  const cap = stepsText(frame.format, words, prediction.horizonSteps);
  return prediction.isAtCap
    ? `The model looks ${cap} ahead and sees no end in that time.`
    : `Each cause adds or takes ${words.word}; the model looks ${cap} ahead. 80\u202f% of what may come lies within the range.`;
}

/** What to check, by when, and what it costs now or later. Pure. */
export function adviceOf(
  words: Words,
  machine: Pick<PlantAsset, "asset" | "type" | "sensors" | "state">,
  stored: StoredPrediction,
): string[] {
  const { format, nowUs } = words;
  const prediction = predictionOf(stored);
  const names = signalsBehind({ ...machine, prediction: stored })
    .slice(0, 2)
    .map(({ label }) => lower(label));
  const isCalm =
    prediction === undefined ||
    (prediction.basis === "model"
      ? prediction.isAtCap
      : prediction.level === "normal" || prediction.level === "unknown");
  const sentences = [
    isCalm
      ? prediction?.basis === "rule" && prediction.reason === NO_READINGS
        ? "Bring its readings back first."
        : "Nothing needs to be done now."
      : names.length === 0
        ? "Inspect it: no single signal stands out."
        : `Look at ${names.join(" and ")} first.`,
  ];
  if (prediction?.basis === "model" && !prediction.isAtCap && machine.type !== undefined) {
    const { clockStepUs } = machine.type;
    const words = stepWords(machine.type, stored.unit);
    if (words.unit === "d" || words.unit === "h") {
      const lowUs = stored.atUs + prediction.lowSteps * clockStepUs;
      sentences.push(
        lowUs <= nowUs + DAY_US
          ? "Its range begins within a day: the next standstill is the best time."
          : `Best before ${format.dayClock(lowUs).text.replace(/ \d\d:\d\d$/, "")}, the earliest end of its range.`,
      );
    }
  }
  return [...sentences, costSentence(words, machine.asset)];
}

function costSentence(
  { format }: Pick<Words, "format">,
  { repairCost, failureCost }: PlantAsset["asset"],
): string {
  if (repairCost !== undefined && failureCost !== undefined)
    return `Planned repair ${format.money(repairCost)} against ${format.money(failureCost)} if it fails while running.`;
  if (failureCost !== undefined)
    return `${format.money(failureCost)} if it fails while running; what a planned repair costs is not known.`;
  return "What a failure costs is not known, so its risk cannot be ranked. Write it on the asset.";
}

/** "7.4 mm/s in the last day, was 2.1": the newest day against the first week of what is shown. Pure. */
export function movedText(
  words: Pick<Words, "format">,
  sensor: Sensor,
  points: SensorPoints,
): string {
  const lastUs = points.atUs.at(-1) ?? 0;
  const firstUs = points.atUs[0] ?? 0;
  const now = meanWithin(points, lastUs - DAY_US, lastUs);
  const before = meanWithin(points, firstUs, firstUs + 7 * DAY_US);
  if (now === undefined) return "not known";
  const text = words.format.value(now, sensor.decimals, sensor.unit);
  if (before === undefined || lastUs - firstUs < 8 * DAY_US) return `${text} in the last day`;
  return `${text} in the last day, was ${words.format.number(before, sensor.decimals)}`;
}

function meanWithin(points: SensorPoints, fromUs: number, toUs: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (const [i, atUs] of points.atUs.entries()) {
    const value = points.mean[i] ?? Number.NaN;
    if (atUs < fromUs || atUs > toUs || Number.isNaN(value)) continue;
    sum += value;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}

/** What the prediction could and could not see. Pure. */
export function sawOf(
  { format, nowUs }: Words,
  machine: PlantAsset,
  stored: StoredPrediction,
  stand: string,
  labels: readonly WorkOrder[],
): Fact[] {
  const numeric = machine.sensors.filter(({ kind }) => kind === "numeric");
  const failures = labels.filter(({ closeOut }) => closeOut?.finding === "failure").length;
  return [
    { label: "Sensors", value: `${numeric.length} of ${machine.sensors.length}` },
    { label: "Expected data that was there", value: format.percent(stored.coverage) },
    {
      label: "Silent sensors now",
      value: machine.silentSensors === 0 ? "none" : String(machine.silentSensors),
    },
    { label: "Read up to", value: format.at(stored.atUs, nowUs).text },
    { label: "Closed work", value: labels.length === 0 ? "none" : String(labels.length) },
    { label: "Recorded failures of its own", value: failures === 0 ? "none" : String(failures) },
    { label: "Trust", value: stand },
  ];
}

/** How the chance, or without one the time left, moved; undefined before there are two. Pure. */
export function movedChart(
  words: Words,
  machine: Pick<PlantAsset, "type">,
  history: readonly StoredPrediction[],
): ChartProps | undefined {
  const hasChance = history.some(({ failureChance }) => failureChance !== undefined);
  const steps = stepWords(machine.type, history[0]?.unit);
  const values = history.map(({ failureChance, remaining }) => {
    if (hasChance) return failureChance === undefined ? null : failureChance * 100;
    return remaining === undefined ? null : remaining * steps.perStep;
  });
  const known = values.filter((value) => value !== null);
  const [first] = history;
  const last = history.at(-1);
  if (known.length < 2 || first === undefined || last === undefined) return undefined;
  const unit = hasChance ? "%" : steps.unit;
  const what = hasChance ? "Chance of failure" : "Time left";
  const show = (value: number | undefined) => words.format.value(value, 0, unit);
  return {
    id: "moved-chart",
    title: what,
    unit,
    summary: `${what} went from ${show(known[0])} to ${show(known.at(-1))}.`,
    fromUs: first.atUs,
    toUs: last.atUs,
    nowUs: undefined,
    zone: words.zone,
    atUs: history.map(({ atUs }) => atUs),
    values,
    lineLabel: "as predicted at the time",
    xTicks: words.format.timeTicks(first.atUs, last.atUs, 3),
    limits: [],
    small: true,
  };
}

/** How right the model was where it had not seen the answer. Pure. */
export function recordOf(
  { format }: Pick<Words, "format">,
  { type }: Pick<PlantAsset, "type">,
  model: ModelRow,
): string {
  const card = cardOf(model);
  const life = card?.life.find(({ candidate }) => candidate === card.lifeChampion);
  if (card === undefined || life === undefined) return "Its record cannot be read.";
  const words = stepWords(type);
  const off = format.value(life.meanAbsoluteSteps * words.perStep, 1, words.unit);
  return (
    `At ${format.number(life.cuts)} moments of assets it had not seen it was off by ${off} on average; ` +
    `${format.percent(card.intervalCoverage)} of its ranges held what happened. ` +
    `Learnt from ${counted(card.failures, "failure")} on ${counted(card.assets, "asset")}.`
  );
}
