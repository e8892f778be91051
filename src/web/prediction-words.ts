import type { Format } from "../../views/format.ts";
import type { RangeProps } from "../../views/ui/range.tsx";
import type { AssetType } from "../domain/asset-type.ts";
import type { Contribution, ModelPrediction, Prediction } from "../domain/prediction.ts";
import { type ExplainedPrediction, predictionAlarmScore } from "../domain/prediction-alarm.ts";
import type { StoredPrediction } from "../domain/prediction-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import { type PlantAsset, WATCH_CHANCE } from "./plant.ts";
import { type StepWords, spanText, stepsText, stepWords } from "./step-words.ts";

/** A chance from here on is shown as critical. */
const CRITICAL_CHANCE = 0.5;
/** Contributions that are named; the rest are one part, so that the sum stays whole. */
const NAMED_CAUSES = 7;
/** A signal that takes less than this share of what the worst one takes is not worth a look. */
const SIGNAL_SHARE = 0.2;

/** The prediction that the learner explained, if what is kept has its shape. Pure. */
export function predictionOf(
  stored: StoredPrediction | undefined,
): (Prediction & Partial<ExplainedPrediction>) | undefined {
  const value = stored?.explanation;
  if (typeof value !== "object" || value === null) return undefined;
  const { basis, contributions } = value as { basis?: unknown; contributions?: unknown };
  if ((basis !== "model" && basis !== "rule") || !Array.isArray(contributions)) return undefined;
  // Written by the scoring job, which keeps an `ExplainedPrediction` here.
  return value as Prediction;
}

/** The model's prediction, when it was one that said it. */
export function modelPredictionOf(
  stored: StoredPrediction | undefined,
): ModelPrediction | undefined {
  const prediction = predictionOf(stored);
  return prediction?.basis === "model" ? prediction : undefined;
}

/** Texts of one prediction for rows and panels. What is not known is undefined. */
export type PredictionWords = {
  readonly chance: string | undefined;
  readonly timeLeft: string | undefined;
  readonly cost: string | undefined;
  readonly risk: string | undefined;
  /** For sorting, in the tenant's currency. */
  readonly riskAmount: number | undefined;
  /** "62 % chance of failure within 14 days." */
  readonly sentence: string;
  /** "Most likely 9 to 21 days from now." */
  readonly second: string;
  /** Main causes, or what the rule says. */
  readonly reason: string;
  /** The reason as a sentence. */
  readonly why: string;
  readonly isRule: boolean;
  readonly missing: string;
  readonly range: RangeProps | undefined;
};

/** Chance times cost of a failure; undefined when either is not known. Pure. */
export function riskOf(chance: number | undefined, cost: number | undefined): number | undefined {
  return chance === undefined || cost === undefined ? undefined : chance * cost;
}

/** Words for what is predicted of a machine; undefined when nothing is. Pure. */
export function predictionWords(
  format: Format,
  machine: Pick<PlantAsset, "asset" | "type" | "sensors">,
  stored: StoredPrediction | undefined,
): PredictionWords | undefined {
  if (stored === undefined) return undefined;
  const prediction = predictionOf(stored);
  const words = stepWords(machine.type, stored.unit);
  const riskAmount = riskOf(stored.failureChance, machine.asset.failureCost);
  const { failureCost } = machine.asset;
  const shared = {
    chance:
      stored.failureChance === undefined ? undefined : chanceText(format, stored.failureChance),
    timeLeft: timeLeftOf(format, words, stored, prediction),
    cost: failureCost === undefined ? undefined : format.moneyShort(failureCost),
    risk: riskAmount === undefined ? undefined : riskText(format, stored, riskAmount, failureCost),
    riskAmount,
  };
  if (prediction?.basis !== "model") {
    const reason = ruleReason(format, words, machine.sensors, prediction);
    return {
      ...shared,
      sentence: ruleHead(prediction),
      second: `${capital(reason)}.`,
      reason,
      why: `${capital(reason)}.`,
      isRule: true,
      missing: prediction === undefined ? "" : missingText(prediction.missing),
      range: undefined,
    };
  }
  const causes = worstCauses(prediction, 3).map(({ name }) => causeLabel(machine.sensors, name));
  return {
    ...shared,
    ...modelSentences(format, words, prediction),
    reason: causes.length === 0 ? "No sign of wear" : listText(causes, ", "),
    why:
      causes.length === 0
        ? "No sign of wear."
        : `Mostly because of ${lower(listText(causes, " and "))}.`,
    isRule: false,
    missing: "",
    range: prediction.isAtCap ? undefined : rangeOfLife(format, words, prediction),
  };
}

function timeLeftOf(
  format: Format,
  words: StepWords,
  stored: StoredPrediction,
  prediction: Prediction | undefined,
): string | undefined {
  if (prediction?.basis === "model") {
    if (prediction.isAtCap)
      return `over ${format.value(prediction.rulSteps * words.perStep, 0, words.unit)}`;
    return spanText(format, words, prediction.lowSteps, prediction.highSteps);
  }
  if (stored.remaining === undefined) return undefined;
  if (stored.remaining <= 0) return "at its limit now";
  return `about ${format.value(stored.remaining * words.perStep, 0, words.unit)}`;
}

function modelSentences(format: Format, words: StepWords, prediction: ModelPrediction) {
  const { probabilityWithinHorizon, horizonSteps, lowSteps, highSteps, rulSteps } = prediction;
  const horizon = stepsText(format, words, horizonSteps);
  const left = prediction.isAtCap
    ? `Most likely more than ${stepsText(format, words, rulSteps)} from now.`
    : `Most likely ${between(format, words, lowSteps, highSteps)} from now.`;
  return probabilityWithinHorizon === undefined
    ? { sentence: left, second: "Too few failures are recorded to give a chance." }
    : {
        sentence: `${capital(chanceText(format, probabilityWithinHorizon))} chance of failure within ${horizon}.`,
        second: left,
      };
}

function between(format: Format, words: StepWords, low: number, high: number): string {
  const from = format.number(low * words.perStep);
  const to = format.number(high * words.perStep);
  return from === to
    ? `about ${stepsText(format, words, (low + high) / 2)}`
    : `${from} to ${to} ${words.word}`;
}

function ruleHead(prediction: Prediction | undefined): string {
  if (prediction?.basis !== "rule") return "No forecast can be read.";
  const heads = {
    normal: "Nothing unusual.",
    watch: "Worth watching.",
    act: "Look at it soon.",
    unknown: "Nothing can be said yet.",
  } as const;
  return heads[prediction.level];
}

function missingText(missing: string): string {
  return `What is missing: ${missing.replace(": ", "; ")}.`;
}

/** The rule's reason with the plant's names for signals, and steps in days where they are days. */
function ruleReason(
  format: Format,
  words: StepWords,
  sensors: readonly Sensor[],
  prediction: Prediction | undefined,
): string {
  if (prediction?.basis !== "rule") return "what was kept of it has another form";
  let reason = prediction.reason;
  for (const sensor of sensors)
    if (reason.startsWith(`${sensor.name} `))
      reason = `${sensor.label}${reason.slice(sensor.name.length)}`;
  return reason.replace(/\b(\d+) steps\b/, (_all, steps) =>
    stepsText(format, words, Number(steps)),
  );
}

/** "Vibration, oil temperature and age": the first as written, the others small. */
function listText(names: readonly string[], last: string): string {
  const shown = names.map((name, i) => (i === 0 ? name : lower(name)));
  const head = shown.slice(0, -1).join(", ");
  return head === "" ? (shown[0] ?? "") : `${head}${last}${shown.at(-1) ?? ""}`;
}

/** Under 1 % of chance the risk is under 1 % of the cost, never nothing. */
function riskText(
  format: Format,
  { failureChance }: StoredPrediction,
  amount: number,
  cost: number | undefined,
): string {
  return (failureChance ?? 1) < 0.01 && cost !== undefined
    ? `under ${format.moneyShort(cost * 0.01)}`
    : format.moneyShort(amount);
}

/** A chance as a person may read it: a model is never certain. */
function chanceText(format: Format, chance: number): string {
  return format.percent(Math.min(0.999, Math.max(0.001, chance)));
}

/** Causes that take from remaining life, largest first; the cut at the planning horizon is none. Pure. */
export function worstCauses(prediction: Prediction, most: number): readonly Contribution[] {
  const isCause = ({ name, value }: Contribution) =>
    name !== "planning horizon" && (prediction.basis === "rule" ? value > 0 : value < 0);
  return prediction.contributions.filter(isCause).slice(0, most);
}

/** A cause as people call it: a signal by its label. Pure. */
export function causeLabel(sensors: readonly Sensor[], name: string): string {
  const sensor = sensors.find((one) => one.name === name);
  return sensor?.label ?? capital(name.replaceAll("_", " "));
}

/**
 * What a prediction is made of, in the unit in which it is shown: the base and the causes, which sum to
 * the total exactly. Of a rule, the shares of the drift in percent. Pure.
 */
export function partsOf(
  sensors: readonly Sensor[],
  type: AssetType | undefined,
  stored: StoredPrediction,
): { readonly parts: { label: string; value: number }[]; readonly total: number } {
  const prediction = predictionOf(stored);
  if (prediction === undefined) return { parts: [], total: 0 };
  const isModel = prediction.basis === "model";
  const scale = isModel ? stepWords(type, stored.unit).perStep : 100;
  const causes = prediction.contributions;
  const named = causes.length > NAMED_CAUSES + 1 ? causes.slice(0, NAMED_CAUSES) : causes;
  const rest = causes.slice(named.length).reduce((sum, cause) => sum + cause.value, 0);
  const parts = named.map((cause) => ({
    label: causeLabel(sensors, cause.name),
    value: cause.value * scale,
  }));
  if (named.length < causes.length) parts.push({ label: "Everything else", value: rest * scale });
  if (!isModel) return { parts, total: parts.reduce((sum, part) => sum + part.value, 0) };
  const base = `All ${type === undefined ? "assets" : `${lower(type.name)}s`} like this one`;
  parts.unshift({ label: base, value: prediction.baseSteps * scale });
  return { parts, total: prediction.rulSteps * scale };
}

function rangeOfLife(format: Format, words: StepWords, prediction: ModelPrediction): RangeProps {
  const { lowSteps, rulSteps, highSteps, horizonSteps } = prediction;
  const score = predictionAlarmScore(prediction) ?? 0;
  const end = Math.max(horizonSteps, highSteps) * words.perStep;
  const label = (value: number) => format.value(value, 0, words.unit);
  const [low, middle, high] = [lowSteps, rulSteps, highSteps].map((own) => own * words.perStep);
  return {
    low: low ?? 0,
    middle: middle ?? 0,
    high: high ?? 0,
    end,
    severity: score >= CRITICAL_CHANCE ? "critical" : score >= WATCH_CHANCE ? "warning" : "none",
    lowLabel: label(low ?? 0),
    middleLabel: label(middle ?? 0),
    highLabel: label(high ?? 0),
    endLabel: label(end),
  };
}

/** First letter large. Pure. */
export function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** First letter small, unless the word is an abbreviation. Pure. */
export function lower(text: string): string {
  return /^[A-Z][A-Z0-9]/.test(text) ? text : text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** Sensors of what takes most of its time, worst first; how it is run is no sign of wear. Pure. */
export function signalsBehind(
  machine: Pick<PlantAsset, "sensors" | "prediction" | "type">,
): Sensor[] {
  const prediction = predictionOf(machine.prediction);
  const causes = prediction === undefined ? [] : worstCauses(prediction, Number.POSITIVE_INFINITY);
  const settings = new Set(machine.type?.settingsSignals);
  const found = causes.flatMap(({ name, value }) =>
    machine.sensors
      .filter((sensor) => sensor.name === name && sensor.kind === "numeric" && !settings.has(name))
      .map((sensor) => ({ sensor, size: Math.abs(value) })),
  );
  const least = (found[0]?.size ?? 0) * SIGNAL_SHARE;
  return found.filter(({ size }) => size >= least).map(({ sensor }) => sensor);
}

/** The signal that matters most now: the worst behind the prediction, else one with limits, else the first. */
export function keySensor(
  machine: Pick<PlantAsset, "sensors" | "prediction" | "type">,
): Sensor | undefined {
  const numeric = machine.sensors.filter((sensor) => sensor.kind === "numeric");
  const hasLimits = ({ limits }: Sensor) =>
    Object.values(limits).some((limit) => limit !== undefined);
  return signalsBehind(machine)[0] ?? numeric.find(hasLimits) ?? numeric[0];
}
