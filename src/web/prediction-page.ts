import type { PredictionProps } from "../../views/pages/prediction.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import type { ModelRow } from "../domain/model-store.ts";
import type { StoredPrediction } from "../domain/prediction-store.ts";
import type { RouteContext } from "../domain/route.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { chartOf, rangeStartUs, readSensors } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf } from "./model-card.ts";
import { type Plant, type PlantAsset, readPlant } from "./plant.ts";
import {
  adviceOf,
  movedChart,
  movedText,
  recordOf,
  sawOf,
  whyNote,
} from "./prediction-evidence.ts";
import {
  capital,
  keySensor,
  partsOf,
  predictionOf,
  predictionWords,
  signalsBehind,
} from "./prediction-words.ts";
import { type Frame, frameOf } from "./shell.ts";
import { stepsText, stepWords } from "./step-words.ts";
import { standOf, trustOf } from "./trust.ts";

type Context = RouteContext<unknown, unknown, unknown>;
type Words = Pick<Frame, "format" | "nowUs" | "zone">;

const SIGNALS_MOST = 3;
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
