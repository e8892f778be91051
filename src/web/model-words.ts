import type { Candidate, ModelPageProps } from "../../views/pages/model.tsx";
import type { Fact } from "../../views/ui/model.ts";
import { ASSET_FEATURES, SIGNAL_FEATURES } from "../domain/feature.ts";
import type { ModelCard, ReadableTree } from "../domain/model.ts";
import type { ModelRow } from "../domain/model-store.ts";
import { capital } from "./prediction-words.ts";
import type { Frame } from "./shell.ts";
import { type StepWords, stepsText } from "./step-words.ts";
import { counted } from "./trust.ts";

type Words = Pick<Frame, "format" | "nowUs">;

/** Failures from which ranges are no wider than they need be. */
const FAILURES_WANTED = 15;
/** One signal above this share may know the answer rather than the wear. */
const SHARE_MOST = 0.8;
/** Ranges are made to hold 80 %; so far off it is still chance. */
const COVERAGE = { least: 0.7, most: 0.9 } as const;

/** How wrong the model is, in plant measures: at most four numbers. Pure. */
export function statsOf(
  { format }: Words,
  words: StepWords,
  card: ModelCard,
): ModelPageProps["stats"] {
  const life = championLife(card);
  const length = (steps: number | undefined) =>
    steps === undefined ? "not known" : format.number(steps * words.perStep, 1);
  const better = life === undefined ? undefined : 1 - life.rmseSteps / card.meanRmseSteps;
  return [
    {
      label: "Usual error",
      value: length(life?.meanAbsoluteSteps),
      unit: words.word,
      why: `mean over ${format.number(life?.cuts ?? 0)} moments it had not seen`,
    },
    {
      label: "Inside its range",
      value: format.percent(card.intervalCoverage),
      unit: "",
      why: `80\u202f% is wanted; ${length(card.intervalWidthSteps)} ${words.word} wide`,
    },
    {
      label: "Against always the mean",
      value: better === undefined ? "not known" : format.percent(Math.abs(better)),
      unit: better !== undefined && better < 0 ? "more error" : "less error",
      why: "a model must beat it to be worth having",
    },
    {
      label: "Learnt from",
      value: format.number(card.failures),
      unit: card.failures === 1 ? "failure" : "failures",
      why: `on ${counted(card.assets, "asset")}`,
    },
  ];
}

function championLife(card: ModelCard) {
  return card.life.find(({ candidate }) => candidate === card.lifeChampion);
}

/** The learners that competed, the champion first, and the mean as yardstick. Pure. */
export function candidatesOf({ format }: Words, words: StepWords, card: ModelCard): Candidate[] {
  const worst = Math.max(card.meanRmseSteps, ...card.life.map(({ rmseSteps }) => rmseSteps), 1e-9);
  const error = (steps: number) => format.value(steps * words.perStep, 1, words.unit);
  const learners = card.life.map((life): Candidate => {
    const chance = card.horizon.find(({ candidate }) => candidate === life.candidate);
    return {
      name: capital(life.candidate),
      sub: `${counted(life.cuts, "moment")} held out`,
      role: life.candidate === card.lifeChampion ? "champion" : "challenger",
      error: error(life.rmseSteps),
      errorShare: life.rmseSteps / worst,
      late: format.number(life.asymmetricMean, 2),
      chanceQuality: chance === undefined ? "not known" : format.number(chance.brier, 3),
    };
  });
  learners.sort((a, b) => Number(b.role === "champion") - Number(a.role === "champion"));
  return [
    ...learners,
    {
      name: "Always the mean",
      sub: "no learning",
      role: "yardstick",
      error: error(card.meanRmseSteps),
      errorShare: card.meanRmseSteps / worst,
      late: "not known",
      chanceQuality: "not known",
    },
  ];
}

/** What was checked before the model was trusted. Pure. */
export function guardsOf(
  { format }: Words,
  words: StepWords,
  card: ModelCard,
): ModelPageProps["guards"] {
  const life = championLife(card);
  const top = card.importance[0];
  const beats = life !== undefined && life.rmseSteps < card.meanRmseSteps;
  const covers = card.intervalCoverage >= COVERAGE.least && card.intervalCoverage <= COVERAGE.most;
  const isSpread = top === undefined || top.share <= SHARE_MOST;
  return [
    {
      ok: true,
      text: "No feature knows the future",
      sub: "each row is made of what was known at its time",
    },
    {
      ok: true,
      text: "Judged where it had not learnt",
      sub: `${counted(card.folds, "part")}, by asset`,
    },
    {
      ok: beats,
      text: beats ? "Better than always the mean" : "No better than always the mean",
      sub: `${format.value(card.meanRmseSteps * words.perStep, 1, words.unit)} is the mark to beat`,
    },
    {
      ok: covers,
      text: `${format.percent(card.intervalCoverage)} of ranges held what happened`,
      sub: "80\u202f% is wanted",
    },
    {
      ok: card.failures >= FAILURES_WANTED,
      text:
        card.failures >= FAILURES_WANTED
          ? `${card.failures} failures to learn from`
          : `Only ${counted(card.failures, "failure")}; ${FAILURES_WANTED} are wanted`,
      sub: card.failures >= FAILURES_WANTED ? "enough" : "ranges are wide on purpose",
    },
    {
      ok: isSpread,
      text: isSpread ? "No single cause decides alone" : "One cause decides nearly alone",
      sub:
        top === undefined ? "it learnt from none" : `the largest has ${format.percent(top.share)}`,
    },
    ...(card.lateStarts
      ? [
          {
            ok: false,
            text: "Recording began after some lives did",
            sub: "age counts from the first reading there",
          },
        ]
      : []),
  ];
}

/** The card: data, size, seed and the hash that tells two trainings apart. Pure. */
export function modelFacts(
  { format, nowUs }: Words,
  model: ModelRow,
  card: ModelCard | undefined,
  words: StepWords,
): Fact[] {
  const known = (text: string | undefined) => text ?? "not known";
  return [
    { label: "Number", value: String(model.number) },
    { label: "Learner", value: model.learner },
    { label: "Trained", value: format.at(model.trainedAtUs, nowUs).title },
    { label: "In use since", value: promotedText({ format, nowUs }, model) },
    ...(model.reason === undefined ? [] : [{ label: "Because", value: model.reason }]),
    {
      label: "Looks ahead",
      value: known(card && stepsText(format, words, card.capSteps)),
    },
    {
      label: "Chance of failure within",
      value: known(card && stepsText(format, words, card.horizonSteps)),
    },
    {
      label: "Rows and features",
      value: known(card && `${format.number(card.trainingRows)} and ${card.columns}`),
    },
    {
      label: "Ways of running told apart",
      value: known(card && (card.regimes <= 1 ? "none" : String(card.regimes))),
    },
    { label: "Size", value: format.bytes(model.sizeBytes) },
    { label: "Seed", value: String(model.seed) },
    { label: "Hash", value: model.hash.slice(0, 12) },
  ];
}

function promotedText({ format, nowUs }: Words, model: ModelRow): string {
  if (model.promotedAtUs === undefined) return "never";
  const who = model.promotedBy === "train" ? "the training job" : model.promotedBy;
  const by = who === undefined ? "" : ` by ${who}`;
  return `${format.at(model.promotedAtUs, nowUs).text}${by}`;
}

const SIGNAL_TEXT: Readonly<Record<(typeof SIGNAL_FEATURES)[number], string>> = {
  m15: "level",
  s30: "slope",
  d0: "change since the start",
  ls: "slope since the start",
  q1: "slope at the end",
};
const ASSET_TEXT: Readonly<Record<(typeof ASSET_FEATURES)[number], string>> = {
  age: "age",
  "rows-seen": "time read",
  "since-maintenance": "time since maintenance",
  "errors-24h": "error codes in 24 hours",
  "errors-7d": "error codes in 7 days",
  "alerts-24h": "alarms in 24 hours",
  "alerts-7d": "alarms in 7 days",
};

/** What a question of the tree asks about, in words. Pure. */
export function questionText(
  signal: string,
  feature: string,
  named: (name: string) => string,
): string {
  const own = ASSET_FEATURES.find((one) => one === feature);
  if (signal === "" && own !== undefined) return capital(ASSET_TEXT[own]);
  const kind = SIGNAL_FEATURES.find((one) => one === feature);
  return `${named(signal)}, ${kind === undefined ? feature : SIGNAL_TEXT[kind]}`;
}

/** Features that count steps of the asset's clock. */
const IN_STEPS: ReadonlySet<string> = new Set(["age", "rows-seen", "since-maintenance"]);

/** The tree with its questions in words, and steps in the unit in which they are shown. Pure. */
export function namedTree(
  tree: ReadableTree,
  named: (name: string) => string,
  words: StepWords,
): ReadableTree {
  if (tree.kind === "leaf") return tree;
  const isSteps = tree.signal === "" && IN_STEPS.has(tree.feature);
  const text = questionText(tree.signal, tree.feature, named);
  return {
    ...tree,
    feature: isSteps ? `${text} in ${words.word}` : text,
    threshold: isSteps ? tree.threshold * words.perStep : tree.threshold,
    low: namedTree(tree.low, named, words),
    high: namedTree(tree.high, named, words),
  };
}

/** Whether a question is about a signal. Pure. */
export function asksSignals(tree: ReadableTree | undefined): boolean {
  return (
    tree?.kind === "split" &&
    (tree.signal !== "" || asksSignals(tree.low) || asksSignals(tree.high))
  );
}
