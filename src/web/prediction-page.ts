import type { PredictionProps } from "../../views/pages/prediction.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { ChartProps } from "../../views/ui/chart-model.ts";
import type { Fact } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import type { ModelRow } from "../domain/model-store.ts";
import type { StoredPrediction } from "../domain/prediction-store.ts";
import type { RouteContext } from "../domain/route.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { chartOf, rangeStartUs, readSensors, type SensorPoints } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf } from "./model-card.ts";
import { type Plant, type PlantAsset, readPlant } from "./plant.ts";
import {
  capital,
  keySensor,
  lower,
  partsOf,
  predictionOf,
  predictionWords,
  signalsBehind,
} from "./prediction-words.ts";
import { type Frame, frameOf } from "./shell.ts";
import { stepsText, stepWords } from "./step-words.ts";
import { counted, standOf, trustOf } from "./trust.ts";

type Context = RouteContext<unknown, unknown, unknown>;
type Words = Pick<Frame, "format" | "nowUs" | "zone">;

const DAY_US = 86_400_000_000;
const SIGNALS_MOST = 3;
/** Reason of a rule that had nothing to go by. */
const NO_READINGS = "no recent readings";
const HISTORY_MOST = 500;

/** The evidence of one prediction. @throws AppError "not-found" */
export async function predictionProps(
  deps: WebDeps,
  context: Context,
  id: string,
): Promise<PredictionProps> {
  const { caller } = context;
  const { stores } = deps;
  const stored = await stores.predictions.get(caller, id);
  if (stored === undefined) throw new AppError("not-found", `no prediction ${id}`);
  const [frame, plant, history, labels, model] = await Promise.all([
    frameOf(deps, context),
    readPlant(deps, caller),
    stores.predictions.history(caller, stored.assetId, HISTORY_MOST),
    stores.work.labels(caller, stored.assetId),
    stored.modelId === undefined ? undefined : stores.models.get(caller, stored.modelId),
  ]);
  const machine = plant.byId.get(stored.assetId);
  if (machine === undefined)
    throw new AppError("not-found", `the asset of prediction ${id} has no sensors any more`);
  const own = { ...machine, prediction: stored };
  const said = predictionWords(frame.format, own, stored);
  const prediction = predictionOf(stored);
  const { parts, total } = partsOf(own.sensors, own.type, stored);
  const words = stepWords(own.type, stored.unit);
  const isModel = prediction?.basis === "model";
  return {
    shell: frame.shell,
    id,
    asset: machine.ref,
    title: (said?.sentence ?? "").replace(/\.$/, ""),
    sub: subOf(frame, own, stored, model),
    range: said?.range,
    whyTitle: isModel
      ? `Why ${stepsText(frame.format, words, prediction.rulSteps)}`
      : "What left its own normal",
    parts,
    total,
    totalLabel: isModel ? `${capital(words.word)} left` : "All of the drift",
    unit: isModel ? words.unit : "%",
    whyNote: whyNote(frame, own, stored),
    isRule: !isModel,
    missing: said?.missing ?? "",
    advice: adviceOf(frame, own, stored),
    signals: await signalsOf(deps, frame, plant, own),
    saw: sawOf(frame, own, stored, standText(plant, own, labels, model), labels),
    history: movedChart(frame, own, history),
    model: model && {
      link: { href: paths.model(model.id), text: modelName(own, model) },
      sentence: recordOf(frame, own, model),
    },
    workHref: mayUse("work:write", caller)
      ? withQuery(paths.workNew, { asset: machine.asset.id, prediction: id })
      : undefined,
  };
}

/** "Pump 3": a model by its type and number. */
export function modelName({ type }: Pick<PlantAsset, "type">, model: ModelRow): string {
  return `${type?.name ?? "Model"} ${model.number}`;
}

function subOf(
  frame: Words,
  machine: PlantAsset,
  stored: StoredPrediction,
  model: ModelRow | undefined,
): string {
  const { format, nowUs } = frame;
  const said = predictionWords(format, machine, stored);
  const by = model === undefined ? "by a rule" : `by model ${modelName(machine, model)}`;
  const computed = `Computed ${format.at(stored.atUs, nowUs).text} ${by}.`;
  return [said?.second, computed].filter(Boolean).join(" ");
}

function whyNote(frame: Words, machine: PlantAsset, stored: StoredPrediction): string {
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

async function signalsOf(
  deps: WebDeps,
  frame: Frame,
  plant: Plant,
  machine: PlantAsset,
): Promise<PredictionProps["signals"]> {
  const behind = signalsBehind(machine).slice(0, SIGNALS_MOST);
  const key = behind.length === 0 ? keySensor(machine) : undefined;
  const sensors = key === undefined ? behind : [key];
  const fromUs = rangeStartUs("60d", frame.nowUs);
  const found = await readSensors(
    deps.readings,
    plant.mapped,
    sensors.map(({ id }) => id),
    { fromUs, toUs: frame.nowUs, maxPoints: 240 },
  );
  return sensors.flatMap((sensor) => {
    const points = found.get(sensor.id);
    if (points === undefined || points.atUs.length === 0) return [];
    const chart = chartOf(frame, {
      id: `signal-${sensor.id}`,
      title: sensor.label,
      sensor,
      points,
      fromUs,
      toUs: frame.nowUs,
      small: true,
    });
    return [{ title: sensor.label, sub: movedText(frame, sensor, points), chart }];
  });
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

function standText(
  plant: Plant,
  machine: PlantAsset,
  labels: readonly WorkOrder[],
  model: ModelRow | undefined,
): string {
  const starts = plant.mapped
    .filter(({ assetId }) => assetId === machine.asset.id)
    .map(({ mappedFromUs }) => mappedFromUs);
  const startUs = starts.length === 0 ? undefined : Math.min(...starts);
  const known = model && { number: model.number, failures: cardOf(model)?.failures };
  return standOf(trustOf(machine, startUs, labels, known));
}

function sawOf(
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
