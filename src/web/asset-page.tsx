import { AssetPage, type AssetProps, type SensorRow } from "../../views/pages/asset.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { ChartMark, ChartProps } from "../../views/ui/chart-model.ts";
import type { FormState, Option } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset } from "../domain/asset.ts";
import { ASSET_MODES } from "../domain/asset.ts";
import { AppError } from "../domain/error.ts";
import type { ModelRow } from "../domain/model-store.ts";
import type { RouteContext } from "../domain/route.ts";
import type { Sensor } from "../domain/sensor.ts";
import { shownSummary } from "../domain/waveform.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { html } from "../lib/reply.ts";
import { moneyFacts, timelineOf } from "./asset-history.ts";
import { pathOf } from "./asset-rows.ts";
import {
  ageText,
  assetPrediction,
  chipsOf,
  coverageText,
  healthBefore,
  healthParts,
  healthUnknown,
  MODE_TEXT,
  noteOf,
} from "./asset-words.ts";
import { chartOf, RANGES, type RangeName, rangeOf, rangeStartUs, readSensor } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf } from "./model-card.ts";
import { type Plant, type PlantAsset, readPlant, sensorValue } from "./plant.ts";
import { keySensor } from "./prediction-words.ts";
import { type Frame, frameOf } from "./shell.ts";
import { readSparks } from "./sparks.ts";
import { trustOf } from "./trust.ts";

type Context = RouteContext<unknown, unknown, unknown>;

const DAY_US = 86_400_000_000;
/** Names of what models are for; the one target there is. */
const TARGET = "remaining-life";
const SEVERITY_RANK = { emergency: 0, critical: 1, warning: 2, info: 3 } as const;

type Query = { readonly signal?: string | undefined; readonly range?: string | undefined };
/** A cost form that came back, with its status. */
type Returned = { readonly costs: FormState; readonly status: number };

/** The page of one asset; with a cost form that came back, in which case the page is found by its own address. */
export async function assetPage(
  deps: WebDeps,
  context: Context,
  id: string,
  query: Query,
  returned?: Returned,
): Promise<Response> {
  const props = await assetProps(deps, context, id, query, returned?.costs);
  return html(AssetPage(props), returned?.status ?? 200);
}

/** A place, or a machine without sensors, has no state of its own: it is shown as one without data. */
function machineOf(plant: Plant, id: string): PlantAsset {
  const machine = plant.byId.get(id);
  if (machine !== undefined) return machine;
  const asset = plant.assets.get(id);
  if (asset === undefined) throw new AppError("not-found", `no asset ${id}`);
  return {
    asset,
    ref: { id: asset.id, tag: asset.key, name: asset.name },
    type: asset.typeId === undefined ? undefined : plant.types.get(asset.typeId),
    sensors: [],
    state: "blind",
    mark: { state: "blind" },
    health: { score: undefined, warningBelow: 60, criticalBelow: 40 },
    storedHealth: undefined,
    prediction: undefined,
    alarms: 0,
    newestUs: undefined,
    silentSensors: 0,
    silentAfterUs: 0,
  };
}

/** All that is read for one asset: a fixed number of reads. */
async function readAsset(deps: WebDeps, context: Context, id: string) {
  const { caller } = context;
  const { stores } = deps;
  const [frame, plant] = await Promise.all([frameOf(deps, context), readPlant(deps, caller)]);
  const machine = machineOf(plant, id);
  const { typeId } = machine.asset;
  const fromUs = frame.nowUs - RANGES["1y"] * DAY_US;
  const sensorIds = machine.sensors.map((sensor) => sensor.id);
  const [alerts, active, work, labels, history, modes, champion, sparks, states] =
    await Promise.all([
      stores.alerts.list(caller, { view: "all", assetId: id, fromUs, limit: 100 }),
      stores.alerts.list(caller, { view: "active", assetId: id, limit: 200 }),
      stores.work.list(caller, { view: "all", assetId: id, limit: 100 }),
      stores.work.labels(caller, id),
      stores.predictions.healthHistory(caller, id, 200),
      stores.failureModes.list(caller, typeId),
      typeId === undefined ? undefined : stores.models.champion(caller, typeId, TARGET),
      readSparks(deps, plant, sensorIds, frame.nowUs),
      readStates(deps, plant, machine),
    ]);
  return {
    ...{ frame, plant, machine, labels, history, champion, sparks, states },
    alerts: alerts.items,
    active: active.items,
    work: work.items,
    modeNames: new Map(modes.map((mode) => [mode.id, mode.name])),
  };
}

async function assetProps(
  deps: WebDeps,
  context: Context,
  id: string,
  query: Query,
  costs: FormState | undefined,
): Promise<AssetProps> {
  const { caller } = context;
  const read = await readAsset(deps, context, id);
  const { frame, plant, machine, alerts, active, work, labels, modeNames } = read;
  const range = rangeOf(query.range, "60d");
  const sensor = machine.sensors.find((one) => one.id === query.signal) ?? keySensor(machine);
  const open = active.filter(({ status, severity }) => status === "open" && severity !== "info");
  return {
    shell: { ...frame.shell, here: costs === undefined ? frame.shell.here : paths.asset(id) },
    asset: machine.ref,
    crumbs: crumbsOf(plant, id),
    mark: { ...machine.mark, acknowledged: active.length > 0 && open.length === 0 },
    chips: chipsOf(frame, machine),
    note: noteOf(frame, machine, active.length),
    unacknowledged: open.map((alert) => alert.id),
    mayAct: mayUse("alarm:act", caller),
    mayEdit: mayUse("asset:write", caller),
    chart: sensor && (await mainChart(deps, frame, plant, { sensor, range, alerts, work })),
    signals: machine.sensors
      .filter(({ kind }) => kind === "numeric")
      .map((one) => ({ id: one.id, label: one.label, current: one === sensor })),
    range,
    health: machine.health,
    healthParts: healthParts(machine.storedHealth),
    healthBefore: healthBefore(frame, read.history),
    coverage: coverageText(machine),
    healthUnknown: healthUnknown(frame, machine, deps.nextRunUs("score", frame.zone)),
    prediction: assetPrediction(frame, machine),
    ladder: ladderProps(plant, machine, labels, read.champion),
    sensors: machine.sensors.map((one) => sensorRow(deps, read, one)),
    sensorsAge: ageText(frame, machine.newestUs),
    timeline: timelineOf(frame, plant, { alerts, work, modeNames }),
    facts: moneyFacts(frame, machine.asset, { work, labels, modeNames }),
    costs: costs ?? { values: costValues(machine.asset), errors: {} },
    version: machine.asset.version,
    currency: frame.tenant.currency,
    modes: ASSET_MODES.map((value): Option => ({ value, label: MODE_TEXT[value] })),
    now: frame.format.at(frame.nowUs, frame.nowUs),
  };
}

function crumbsOf(plant: Plant, id: string): AssetProps["crumbs"] {
  return pathOf(plant.assets, id)
    .slice(0, -1)
    .map((place) => ({
      href: withQuery(paths.assets, { branch: place.id }),
      text: place.name || place.key,
    }));
}

function ladderProps(
  plant: Plant,
  machine: PlantAsset,
  labels: readonly WorkOrder[],
  champion: ModelRow | undefined,
): AssetProps["ladder"] {
  const starts = plant.mapped
    .filter(({ assetId }) => assetId === machine.asset.id)
    .map(({ mappedFromUs }) => mappedFromUs);
  return trustOf(
    machine,
    starts.length === 0 ? undefined : Math.min(...starts),
    labels,
    champion && { number: champion.number, failures: cardOf(champion)?.failures },
  );
}

/** Newest texts of the sensors that are states, by sensor; one read for all of them. */
async function readStates(
  deps: WebDeps,
  plant: Plant,
  machine: PlantAsset,
): Promise<ReadonlyMap<string, string>> {
  const series = plant.mapped.filter(
    (one) => one.assetId === machine.asset.id && one.kind !== "numeric",
  );
  if (series.length === 0) return new Map();
  const latest = await deps.readings.latest({ seriesNos: series.map((one) => one.seriesNo) });
  const texts = new Map(latest.map((one) => [one.seriesNo, one.text]));
  return new Map(
    series.flatMap((one) => {
      const text = texts.get(one.seriesNo);
      if (text === undefined) return [];
      return [[one.sensorId, one.kind === "waveform" ? shownSummary(text) : text] as const];
    }),
  );
}

function costValues(asset: Asset): Record<string, string> {
  const text = (amount: number | undefined) => (amount === undefined ? "" : String(amount));
  return {
    failure_cost: text(asset.failureCost),
    repair_cost: text(asset.repairCost),
    downtime_cost_per_hour: text(asset.downtimeCostPerHour),
    criticality: asset.criticality,
    mode: asset.mode,
  };
}

function sensorRow(
  deps: WebDeps,
  read: Awaited<ReturnType<typeof readAsset>>,
  sensor: Sensor,
): SensorRow {
  const { format, nowUs } = read.frame;
  const { plant } = read;
  const worst = read.active
    .filter((alert) => alert.sensorId === sensor.id && alert.severity !== "info")
    .sort((a, b) => SEVERITY_RANK[a.severity] - SEVERITY_RANK[b.severity])[0];
  const newest = sensorValue(deps, plant.mapped, sensor.id);
  const silentUs = newest === undefined ? undefined : nowUs - newest.atUs;
  return {
    id: sensor.id,
    label: sensor.label,
    mark: worst && {
      severity: worst.severity,
      acknowledged: worst.status === "acknowledged",
    },
    spark: read.sparks(sensor.id),
    value:
      sensor.kind === "numeric"
        ? newest && format.number(newest.value, sensor.decimals)
        : read.states.get(sensor.id),
    unit: sensor.unit,
    stale:
      silentUs === undefined
        ? "never read"
        : silentUs > plant.silentAfterUs(sensor.id)
          ? `silent ${format.duration(silentUs / 1000)}`
          : undefined,
  };
}

async function mainChart(
  deps: WebDeps,
  frame: Frame,
  plant: Plant,
  of: {
    readonly sensor: Sensor;
    readonly range: RangeName;
    readonly alerts: readonly Alert[];
    readonly work: readonly WorkOrder[];
  },
): Promise<ChartProps> {
  const fromUs = rangeStartUs(of.range, frame.nowUs);
  const toUs = frame.nowUs;
  const points = await readSensor(deps.readings, plant.mapped, of.sensor.id, { fromUs, toUs });
  const isIn = (atUs: number | undefined): atUs is number =>
    atUs !== undefined && atUs >= fromUs && atUs <= toUs;
  const marks: ChartMark[] = [
    ...of.alerts
      .filter((alert) => alert.sensorId === of.sensor.id && isIn(alert.openedAtUs))
      .map((alert) => ({
        kind: "alarm" as const,
        atUs: alert.openedAtUs,
        label: alert.ruleName,
        severity: alert.severity,
        acknowledged: alert.status !== "open",
        href: paths.alarm(alert.id),
      })),
    ...of.work.flatMap((order) =>
      isIn(order.completedAtUs)
        ? [
            {
              kind: "work" as const,
              atUs: order.completedAtUs,
              label: order.title,
              href: paths.workOrder(order.id),
            },
          ]
        : [],
    ),
  ];
  return chartOf(frame, {
    id: "main-chart",
    title: of.sensor.label,
    sensor: of.sensor,
    points,
    fromUs,
    toUs,
    marks,
  });
}
