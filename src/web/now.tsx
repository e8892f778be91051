import { NowPage, type NowProps, type RiskRow } from "../../views/pages/now.tsx";
import { paths } from "../../views/paths.ts";
import { ASSET_STATES, type AssetState } from "../../views/ui/model.ts";
import type { MapAreaProps } from "../../views/ui/plant-map.tsx";
import { mayUse } from "../domain/access.ts";
import type { Asset } from "../domain/asset.ts";
import type { DemoView } from "../domain/demo-view.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { isLate, needsOf, openingOf } from "./needs.ts";
import { type Plant, type PlantAsset, readPlant } from "./plant.ts";
import { keySensor, lower, predictionWords, signalsBehind } from "./prediction-words.ts";
import { proofOf } from "./proof.ts";
import { type Frame, frameOf } from "./shell.ts";
import { readSparks } from "./sparks.ts";
import { stepsText, stepWords } from "./step-words.ts";
import { counted } from "./trust.ts";

type Context = RouteContext<unknown, unknown, unknown>;

const RISKS = 6;
const WORK_ROWS = 5;
const DAY_US = 86_400_000_000;

/** The first page: what needs me, then the rest. */
export function nowRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.now,
      summary: "What needs a person now, the highest risks, work, and the plant.",
      handle: async (context) => html(NowPage(await nowProps(deps, context))),
    }),
  ];
}

async function nowProps(deps: WebDeps, context: Context): Promise<NowProps> {
  const { caller } = context;
  const { stores } = deps;
  const [frame, plant, alerts, work, closed] = await Promise.all([
    frameOf(deps, context),
    readPlant(deps, caller),
    stores.alerts.list(caller, { view: "unacknowledged", limit: 200 }),
    stores.work.list(caller, { view: "open", limit: 500 }),
    stores.alerts.list(caller, { view: "closed", limit: 1 }),
  ]);
  const ranked = rankByRisk(plant.machines);
  const keys = ranked.slice(0, RISKS).map((machine) => keySensor(machine)?.id ?? "");
  const sparks = await readSparks(deps, plant, keys, frame.nowUs);
  const { needs, later } = needsOf(frame, {
    alerts: alerts.items,
    machines: plant.machines,
    work: work.items,
    assets: plant.assets,
    sensors: plant.sensors,
    inbox: frame.shell.counts.newSensors,
    mayPlan: mayUse("work:write", caller),
  });
  const tally = tallyOf(plant.machines);
  const health = healthTensOf(plant.machines);
  const count = plant.machines.length;
  const lastClosedUs = closed.items[0]?.closedAtUs;
  return {
    shell: frame.shell,
    opening: count === 0 ? "Nothing is watched yet" : openingOf(needs.length),
    sub: demoText(frame, deps.demo(), caller.tenantId) ?? subOf(tally, count),
    needs,
    later,
    calm: calmOf(frame, lastClosedUs, count),
    blindPlant: count > 0 && plant.machines.every(({ state }) => state === "blind"),
    risks: ranked
      .slice(0, RISKS)
      .map((machine) => riskRow(frame, machine, sparks(keySensor(machine)?.id), work.items)),
    riskHorizon: horizonOf(frame, plant),
    work: workRows(frame, plant, work.items),
    tally,
    map: mapOf(plant),
    assetCount: count,
    healthTens: health.tens,
    healthUnknown: health.unknown,
    proof: proofOf(deps, frame, caller),
    mayAct: mayUse("alarm:act", caller),
    now: frame.format.at(frame.nowUs, frame.nowUs),
  };
}

/** How far the demo plant is, while it is being made. Pure. */
export function demoText(
  { format }: Pick<Frame, "format">,
  view: DemoView | undefined,
  tenantId: string,
): string | undefined {
  if (view === undefined || view.tenantId !== tenantId) return undefined;
  if (view.failure !== undefined) return `The demo plant could not be made: ${view.failure}.`;
  if (view.phase === undefined) return undefined;
  return `The demo plant is being made: ${lower(view.phase)}, ${format.percent(view.share)} done.`;
}

function subOf(tally: Readonly<Record<AssetState, number>>, count: number): string {
  return count === 0
    ? "Import assets, adopt sensors, or start the demo plant."
    : `${tally.healthy} of ${counted(count, "asset")} ${tally.healthy === 1 ? "is" : "are"} healthy.`;
}

function calmOf(frame: Frame, lastClosedUs: number | undefined, count: number): string {
  const watched = `${counted(count, "asset")} ${count === 1 ? "is" : "are"} watched.`;
  return lastClosedUs === undefined
    ? `No alarm was raised so far; ${watched}`
    : `The last alarm cleared ${frame.format.ago(lastClosedUs, frame.nowUs).text}; ${watched}`;
}

/** Machines with a prediction by risk, then by chance; what is not known comes last. Pure. */
export function rankByRisk(machines: readonly PlantAsset[]): PlantAsset[] {
  const chance = ({ prediction }: PlantAsset) => prediction?.failureChance ?? -1;
  const risk = (machine: PlantAsset) =>
    chance(machine) < 0 ? -1 : chance(machine) * (machine.asset.failureCost ?? 0);
  return machines
    .filter(({ prediction, asset }) => prediction !== undefined && asset.mode !== "retired")
    .sort(
      (a, b) =>
        risk(b) - risk(a) || chance(b) - chance(a) || a.ref.tag.localeCompare(b.ref.tag, "en"),
    );
}

function riskRow(
  frame: Frame,
  machine: PlantAsset,
  spark: RiskRow["spark"],
  work: readonly WorkOrder[],
): RiskRow {
  const said = predictionWords(frame.format, machine, machine.prediction);
  const sensor = keySensor(machine);
  const limit = sensor?.limits.highCritical ?? sensor?.limits.highWarning;
  const order = nextWork(work, machine.asset.id);
  return {
    asset: machine.ref,
    health: machine.health,
    chance: said?.chance,
    timeLeft: said?.timeLeft,
    risk: said?.risk,
    spark,
    ...(limit === undefined ? {} : { sparkLimit: limit }),
    next: nextStep(machine),
    nextSub: order === undefined ? "no work yet" : workText(frame, order),
    href:
      machine.prediction === undefined
        ? paths.asset(machine.asset.id)
        : paths.prediction(machine.prediction.id),
  };
}

/** What to do first about a machine, in two or three words. Pure. */
export function nextStep(machine: PlantAsset): string {
  if (machine.state === "blind") return "Restore its data";
  if (machine.state === "healthy" || machine.state === "stopped") return "Watch";
  const [signal] = signalsBehind(machine);
  if (signal !== undefined) return `Check ${lower(signal.label)}`;
  return machine.prediction === undefined ? "Watch" : "Inspect it";
}

/** Open work on an asset that comes first: planned ones by time, then the others. Pure. */
export function nextWork(work: readonly WorkOrder[], assetId: string): WorkOrder | undefined {
  const late = Number.POSITIVE_INFINITY;
  return work
    .filter((order) => order.assetId === assetId)
    .sort((a, b) => (a.plannedAtUs ?? late) - (b.plannedAtUs ?? late) || a.number - b.number)[0];
}

/** "WO-12, planned Tue 17". */
export function workText(
  { format, nowUs }: Pick<Frame, "format" | "nowUs">,
  order: WorkOrder,
): string {
  if (order.status === "in-progress") return `WO-${order.number}, in progress`;
  if (order.plannedAtUs === undefined) return `WO-${order.number}, no date yet`;
  const when = format.at(order.plannedAtUs, nowUs).text;
  return `WO-${order.number}, ${isLate(order, nowUs) ? "late since" : "planned"} ${when}`;
}

/** "next 14 days" where all types look as far ahead. */
function horizonOf(frame: Frame, plant: Plant): string {
  const texts = new Set(
    plant.machines.flatMap(({ type, prediction }) =>
      type === undefined || prediction === undefined
        ? []
        : [stepsText(frame.format, stepWords(type), prediction.horizonSteps)],
    ),
  );
  const [first] = texts;
  return texts.size === 1 && first !== undefined ? `next ${first}` : "within the planning horizon";
}

function workRows(frame: Frame, plant: Plant, work: readonly WorkOrder[]): NowProps["work"] {
  const soon = frame.nowUs + 14 * DAY_US;
  const shown = work
    .filter(({ plannedAtUs }) => plannedAtUs === undefined || plannedAtUs < soon)
    .sort((a, b) => (a.plannedAtUs ?? soon) - (b.plannedAtUs ?? soon) || a.number - b.number);
  return shown.slice(0, WORK_ROWS).map((order) => {
    const asset = plant.assets.get(order.assetId);
    const when =
      order.plannedAtUs === undefined
        ? "no date yet"
        : frame.format.at(order.plannedAtUs, frame.nowUs).text;
    return {
      id: order.id,
      title: `WO-${order.number} ${order.title}`,
      sub: [asset && `${asset.key} ${asset.name}`, order.assignee].filter(Boolean).join(", "),
      when: isLate(order, frame.nowUs) ? `late, ${when}` : when,
      late: isLate(order, frame.nowUs),
    };
  });
}

/** Machines by state. Pure. */
export function tallyOf(machines: readonly PlantAsset[]): Readonly<Record<AssetState, number>> {
  const zero = Object.fromEntries(ASSET_STATES.map((state) => [state, 0]));
  const tally = zero as Record<AssetState, number>; // has every state, by the line above
  for (const { state } of machines) tally[state]++;
  return tally;
}

/** Machines by tens of health; those whose health is not known are counted apart. Pure. */
export function healthTensOf(machines: readonly PlantAsset[]): {
  readonly tens: readonly number[];
  readonly unknown: number;
} {
  const tens = Array.from({ length: 10 }, () => 0);
  let unknown = 0;
  for (const { health } of machines) {
    if (health.score === undefined) {
      unknown++;
      continue;
    }
    const at = Math.min(9, Math.max(0, Math.floor(health.score / 10)));
    tens[at] = (tens[at] ?? 0) + 1;
  }
  return { tens, unknown };
}

function placeName(place: Asset | undefined): string {
  return place === undefined ? "Not placed" : place.name || place.key;
}

/** One area for each place that holds machines, by name; machines by tag. Pure. */
export function mapOf(plant: Pick<Plant, "machines" | "assets">): MapAreaProps[] {
  const byPlace = Map.groupBy(plant.machines, ({ asset }) => asset.parentId ?? "");
  const areas = [...byPlace].map(([placeId, machines]) => ({
    name: placeName(plant.assets.get(placeId)),
    cells: machines
      .toSorted((a, b) => a.ref.tag.localeCompare(b.ref.tag, "en", { numeric: true }))
      .map(({ asset, ref, mark }) => ({ ...mark, id: asset.id, label: `${ref.tag} ${ref.name}` })),
  }));
  return areas.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}
