import { Type } from "@sinclair/typebox";
import { ModelPage, type ModelPageProps } from "../../views/pages/model.tsx";
import { type ModelRow as ModelLine, ModelsPage } from "../../views/pages/models.tsx";
import { paths } from "../../views/paths.ts";
import { mayUse } from "../domain/access.ts";
import type { AssetType } from "../domain/asset-type.ts";
import { AppError } from "../domain/error.ts";
import type { ModelRow } from "../domain/model-store.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf, readableOf } from "./model-card.ts";
import {
  asksSignals,
  candidatesOf,
  guardsOf,
  modelFacts,
  namedTree,
  statsOf,
} from "./model-words.ts";
import { type Plant, readPlant } from "./plant.ts";
import { causeLabel } from "./prediction-words.ts";
import { proofOf } from "./proof.ts";
import { type Frame, frameOf } from "./shell.ts";
import { stepWords } from "./step-words.ts";
import { counted } from "./trust.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
/** Failures that a type needs before a model is trained. */
const FAILURES_NEEDED = 3;
const IMPORTANCE_MOST = 10;
const TREE_NOTE = "A small tree that imitates the model, for reading only.";
const STAGES = ["champion", "challenger", "retired"] as const;

type Context = RouteContext<unknown, unknown, unknown>;

/** Models in plant measures: all of them, and one with its card. */
export function modelsRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.models,
      summary: "Models, how wrong they are, and the proof where faults are known.",
      handle: async (context) => html(ModelsPage(await listProps(deps, context))),
    }),
    route({
      ...read,
      path: "/models/:id",
      summary: "One model: its mistakes, rivals, what it looks at, its card.",
      params: ID,
      handle: async (context) =>
        html(ModelPage(await modelProps(deps, context, context.params.id))),
    }),
  ];
}

async function listProps(deps: WebDeps, context: Context) {
  const { caller } = context;
  const [frame, plant, models, labels] = await Promise.all([
    frameOf(deps, context),
    readPlant(deps, caller),
    deps.stores.models.list(caller),
    deps.stores.work.labels(caller),
  ]);
  const failuresOf = new Map<string, number>();
  for (const { assetId, closeOut } of labels) {
    const typeId = plant.assets.get(assetId)?.typeId;
    if (typeId === undefined || closeOut?.finding !== "failure") continue;
    failuresOf.set(typeId, (failuresOf.get(typeId) ?? 0) + 1);
  }
  const champions = models.filter(({ stage }) => stage === "champion");
  const watched = new Set(champions.map(({ assetTypeId }) => assetTypeId));
  const assets = plant.machines.filter(({ asset }) => watched.has(asset.typeId ?? "")).length;
  const rank = (model: ModelRow) => STAGES.indexOf(model.stage);
  return {
    shell: frame.shell,
    opening: openingOf(champions.length, assets),
    sub: `The next training is ${frame.format.dayClock(deps.nextRunUs("train", frame.zone)).text}.`,
    models: models
      .toSorted((a, b) => rank(a) - rank(b) || b.trainedAtUs - a.trainedAtUs)
      .map((model) => lineOf(frame, plant, model)),
    proof: proofOf(deps, frame, caller),
    missing: missingOf(plant, watched, failuresOf),
    trainJobId: "train",
    mayRun: mayUse("model:run", caller),
  };
}

/** What the list comes to. Pure. */
export function openingOf(champions: number, assets: number): string {
  if (champions === 0) return "No model yet";
  return `${counted(champions, "model")} ${champions === 1 ? "watches" : "watch"} ${counted(assets, "asset")}`;
}

/** Which kinds of machine have no model, and what each still needs; undefined when all have one. Pure. */
export function missingOf(
  plant: Pick<Plant, "machines" | "types">,
  watched: ReadonlySet<string>,
  failuresOf: ReadonlyMap<string, number>,
): string | undefined {
  const used = new Set(plant.machines.map(({ asset }) => asset.typeId));
  const without = [...plant.types.values()].filter(({ id }) => used.has(id) && !watched.has(id));
  if (without.length === 0) return undefined;
  const each = without.map(({ id, name }) => {
    const failures = failuresOf.get(id) ?? 0;
    return failures >= FAILURES_NEEDED
      ? `${name} has ${counted(failures, "failure")} and waits for training`
      : `${name} has ${failures} of ${FAILURES_NEEDED}`;
  });
  return `A model needs ${FAILURES_NEEDED} recorded failures of its kind of asset: ${each.join(", ")}. Until then rules watch.`;
}

function titleOf(type: AssetType | undefined): string {
  return `${type?.name ?? "Asset"}, ${stepWords(type).word} left`;
}

function lineOf(frame: Frame, plant: Plant, model: ModelRow): ModelLine {
  const type = plant.types.get(model.assetTypeId);
  const card = cardOf(model);
  const life = card?.life.find(({ candidate }) => candidate === card.lifeChampion);
  const words = stepWords(type);
  const { format, nowUs } = frame;
  return {
    id: model.id,
    title: titleOf(type),
    sub: `number ${model.number}, ${model.learner}`,
    stage: model.stage,
    error: format.value(life && life.meanAbsoluteSteps * words.perStep, 1, words.unit),
    coverage: format.percent(card?.intervalCoverage),
    failures: card === undefined ? "not known" : format.number(card.failures),
    trained: format.at(model.trainedAtUs, nowUs),
  };
}

async function modelProps(deps: WebDeps, context: Context, id: string): Promise<ModelPageProps> {
  const { caller } = context;
  const model = await deps.stores.models.get(caller, id);
  if (model === undefined) throw new AppError("not-found", `no model ${id}`);
  const [frame, plant] = await Promise.all([frameOf(deps, context), readPlant(deps, caller)]);
  const type = plant.types.get(model.assetTypeId);
  const sensors = plant.machines
    .filter(({ asset }) => asset.typeId === model.assetTypeId)
    .flatMap((machine) => machine.sensors);
  const card = cardOf(model);
  const words = stepWords(type);
  const tree = readableOf(model);
  const named = (name: string) => causeLabel(sensors, name);
  return {
    shell: frame.shell,
    id,
    title: titleOf(type),
    sub: subOf(frame, model, deps.nextRunUs("train", frame.zone)),
    stats: card === undefined ? [] : statsOf(frame, words, card),
    candidates: card === undefined ? [] : candidatesOf(frame, words, card),
    candidatesSub:
      card === undefined
        ? ""
        : `same moments, ${counted(card.folds, "part")}, each judged by the others`,
    importance: (card?.importance ?? []).slice(0, IMPORTANCE_MOST).map(({ name, share }) => ({
      name: named(name),
      percent: frame.format.percent(share),
      share,
    })),
    tree: tree && namedTree(tree, named, words),
    treeScale: words.perStep,
    treeUnit: words.unit,
    treeNote: asksSignals(tree)
      ? `${TREE_NOTE} Levels and slopes of signals are in spreads of the signal when run alike.`
      : TREE_NOTE,
    guards: card === undefined ? [] : guardsOf(frame, words, card),
    facts: modelFacts(frame, model, card, words),
    proof: proofOf(deps, frame, caller),
    trainJobId: "train",
    mayRun: mayUse("model:run", caller),
  };
}

function subOf(frame: Frame, model: ModelRow, nextUs: number): string {
  const { format, nowUs } = frame;
  const card = cardOf(model);
  const learnt =
    card === undefined
      ? "Its card cannot be read."
      : `Learnt from ${counted(card.failures, "failure")} on ${counted(card.assets, "asset")}, ${format.at(model.trainedAtUs, nowUs).text}.`;
  const stage =
    model.stage === "champion" ? "In use." : model.stage === "retired" ? "Retired." : "Not in use.";
  return `${stage} ${learnt} Next training ${format.dayClock(nextUs).text}.`;
}
