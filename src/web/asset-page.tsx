import {
  AssetPage,
  type AssetPrediction,
  type AssetProps,
  type SensorRow,
} from "../../views/pages/asset.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { ChartMark, ChartProps } from "../../views/ui/chart-model.ts";
import type { FormState, Option, Spark } from "../../views/ui/model.ts";
import { mayUse } from "../domain/access.ts";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset, AssetMode } from "../domain/asset.ts";
import { ASSET_MODES } from "../domain/asset.ts";
import { AppError } from "../domain/error.ts";
import type { StoredHealth } from "../domain/prediction-store.ts";
import type { RouteContext } from "../domain/route.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { html } from "../lib/reply.ts";
import { moneyFacts, timelineOf } from "./asset-history.ts";
import { pathOf } from "./asset-rows.ts";
import { chartOf, RANGES, type RangeName, rangeOf, rangeStartUs, readSensor } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { cardOf } from "./model-card.ts";
import { type Plant, type PlantAsset, readPlant, SILENT_US, sensorValue } from "./plant.ts";
import { capital, keySensor, predictionWords } from "./prediction-words.ts";
import { type Frame, frameOf } from "./shell.ts";
import { readSparks } from "./sparks.ts";
import { counted, trustOf } from "./trust.ts";

type Context = RouteContext<unknown, unknown, unknown>;
type Words = Pick<Frame, "format" | "nowUs">;

const DAY_US = 86_400_000_000;
const MODE_TEXT: Readonly<Record<AssetMode, string>> = {
  "in-service": "In service",
  maintenance: "In maintenance",
  stopped: "Stopped",
  retired: "Retired",
};
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
  const { stores } = deps;
  const [frame, plant] = await Promise.all([frameOf(deps, context), readPlant(deps, caller)]);
  const machine = machineOf(plant, id);
  const range = rangeOf(query.range, "60d");
  const [alerts, active, work, labels, history, modes, champion] = await Promise.all([
    stores.alerts.list(caller, {
      view: "all",
      assetId: id,
      fromUs: frame.nowUs - RANGES["1y"] * DAY_US,
      limit: 100,
    }),
    stores.alerts.list(caller, { view: "active", assetId: id, limit: 200 }),
    stores.work.list(caller, { view: "all", assetId: id, limit: 100 }),
    stores.work.labels(caller, id),
    stores.predictions.healthHistory(caller, id, 200),
    stores.failureModes.list(caller, machine.asset.typeId),
    machine.asset.typeId === undefined
      ? undefined
      : stores.models.champion(caller, machine.asset.typeId, TARGET),
  ]);
  const sparks = await readSparks(
    deps,
    plant,
    machine.sensors.map((sensor) => sensor.id),
    frame.nowUs,
  );
  const states = await readStates(deps, plant, machine);
  const chosen = machine.sensors.find((sensor) => sensor.id === query.signal) ?? keySensor(machine);
  const unacknowledged = active.items.filter(
    ({ status, severity }) => status === "open" && severity !== "info",
  );
  const series = plant.mapped.filter((one) => one.assetId === id);
  const startUs = series.length === 0 ? undefined : Math.min(...series.map((s) => s.mappedFromUs));
  const modeNames = new Map(modes.map((mode) => [mode.id, mode.name]));
  return {
    shell: { ...frame.shell, here: costs === undefined ? frame.shell.here : paths.asset(id) },
    asset: machine.ref,
    crumbs: pathOf(plant.assets, id)
      .slice(0, -1)
      .map((place) => ({
        href: withQuery(paths.assets, { branch: place.id }),
        text: place.name || place.key,
      })),
    mark: {
      ...machine.mark,
      acknowledged: active.items.length > 0 && unacknowledged.length === 0,
    },
    chips: chipsOf(frame, machine),
    note: noteOf(frame, machine, active.items.length),
    unacknowledged: unacknowledged.map(({ id }) => id),
    mayAct: mayUse("alarm:act", caller),
    mayEdit: mayUse("asset:write", caller),
    chart:
      chosen &&
      (await mainChart(deps, frame, plant, {
        sensor: chosen,
        range,
        alerts: alerts.items,
        work: work.items,
      })),
    signals: machine.sensors
      .filter((sensor) => sensor.kind === "numeric")
      .map((sensor) => ({ id: sensor.id, label: sensor.label, current: sensor === chosen })),
    range,
    health: machine.health,
    healthParts: healthParts(machine.storedHealth),
    healthBefore: healthBefore(frame, history),
    coverage: coverageText(machine),
    healthUnknown: healthUnknown(frame, machine, deps.nextRunUs("score", frame.zone)),
    prediction: assetPrediction(frame, machine),
    ladder: trustOf(
      machine,
      startUs,
      labels,
      champion && { number: champion.number, failures: cardOf(champion)?.failures },
    ),
    sensors: machine.sensors.map((sensor) =>
      sensorRow(deps, frame, plant, {
        sensor,
        alerts: active.items,
        spark: sparks(sensor.id),
        states,
      }),
    ),
    sensorsAge: ageText(frame, machine.newestUs),
    timeline: timelineOf(frame, plant, { alerts: alerts.items, work: work.items, modeNames }),
    facts: moneyFacts(frame, machine.asset, { work: work.items, labels, modeNames }),
    costs: costs ?? { values: costValues(machine.asset), errors: {} },
    version: machine.asset.version,
    currency: frame.tenant.currency,
    modes: ASSET_MODES.map((value): Option => ({ value, label: MODE_TEXT[value] })),
    now: frame.format.at(frame.nowUs, frame.nowUs),
  };
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
      return text === undefined ? [] : [[one.sensorId, text] as const];
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

function chipsOf({ format, nowUs }: Words, { asset, type }: PlantAsset): string[] {
  return [
    MODE_TEXT[asset.mode],
    `Criticality ${asset.criticality}`,
    ...(type === undefined ? [] : [type.name]),
    ...(asset.installedAtUs === undefined
      ? []
      : [`Installed ${format.at(asset.installedAtUs, nowUs).text}`]),
  ];
}

/** What stands across the page while not all is as usual. Pure. */
export function noteOf(words: Words, machine: PlantAsset, active: number): AssetProps["note"] {
  const { format, nowUs } = words;
  const { mode, modeUntilUs } = machine.asset;
  const alarms = active === 0 ? "" : ` ${capital(counted(active, "alarm"))} stay as they are.`;
  if (mode === "maintenance") {
    const until = modeUntilUs === undefined ? "" : ` until ${format.at(modeUntilUs, nowUs).title}`;
    return { level: "info", text: `In maintenance${until}.${alarms}` };
  }
  if (mode === "stopped" || mode === "retired")
    return { level: "info", text: `${MODE_TEXT[mode]}: silence is not a fault.${alarms}` };
  if (machine.state !== "blind" && machine.newestUs !== undefined) return undefined;
  if (machine.sensors.length === 0) return undefined;
  if (machine.newestUs === undefined)
    return { level: "warning", text: "Nothing was read of it yet, so nobody can say how it is." };
  const silent = format.duration((nowUs - machine.newestUs) / 1000);
  return {
    level: "warning",
    text: `No data for ${silent}. What is shown is from before.${alarms}`,
  };
}

function healthParts(stored: StoredHealth | undefined): { label: string; value: number }[] {
  if (!Array.isArray(stored?.parts)) return [];
  return stored.parts.flatMap((part: unknown) => {
    if (typeof part !== "object" || part === null) return [];
    const { name, points } = part as { name?: unknown; points?: unknown }; // checked below
    return typeof name === "string" && typeof points === "number"
      ? [{ label: capital(name), value: points }]
      : [];
  });
}

/** Score of about a day before the newest: "was 41 on Tue 17"; empty when there is none. Pure. */
export function healthBefore(words: Words, history: readonly StoredHealth[]): string {
  const newest = history.at(-1);
  if (newest === undefined) return "";
  const before = history.findLast((one) => one.atUs <= newest.atUs - 0.8 * DAY_US);
  if (before === undefined) return "";
  return `${words.format.at(before.atUs, words.nowUs).text} it was ${Math.round(before.score)}`;
}

function coverageText({ sensors, silentSensors, newestUs, prediction }: PlantAsset): string {
  if (sensors.length === 0) return "It has no sensors.";
  if (newestUs === undefined) return `None of ${counted(sensors.length, "sensor")} was read yet.`;
  const silent =
    silentSensors === 0
      ? `No sensor is silent.`
      : `${counted(silentSensors, "sensor")} of ${sensors.length} ${silentSensors === 1 ? "is" : "are"} silent.`;
  return prediction === undefined
    ? silent
    : `${silent} ${Math.round(prediction.coverage * 100)}\u202f% of the expected data was there.`;
}

/** Why there is no score. Pure. */
export function healthUnknown(words: Words, machine: PlantAsset, nextUs: number): string {
  const { format, nowUs } = words;
  if (machine.sensors.length === 0) return "It has no sensors to judge it by.";
  const last = machine.storedHealth;
  const before =
    last === undefined
      ? ""
      : ` The last score was ${Math.round(last.score)}, ${format.ago(last.atUs, nowUs).text}.`;
  if (machine.newestUs === undefined) return "Nothing was read of it yet.";
  if (nowUs - machine.newestUs > SILENT_US)
    return `No data for ${format.duration((nowUs - machine.newestUs) / 1000)}.${before}`;
  return `It has not been scored yet. The next scoring is ${format.ago(nextUs, nowUs).text}.`;
}

function assetPrediction(words: Words, machine: PlantAsset): AssetPrediction | undefined {
  const said = predictionWords(words.format, machine, machine.prediction);
  if (said === undefined || machine.prediction === undefined) return undefined;
  return {
    id: machine.prediction.id,
    sentence: said.sentence,
    second: said.second,
    range: said.range,
    why: said.isRule ? "" : said.why,
    isRule: said.isRule,
    missing: said.missing,
  };
}

function sensorRow(
  deps: WebDeps,
  { format, nowUs }: Words,
  plant: Plant,
  of: {
    readonly sensor: Sensor;
    readonly alerts: readonly Alert[];
    readonly spark: Spark;
    readonly states: ReadonlyMap<string, string>;
  },
): SensorRow {
  const { sensor } = of;
  const worst = of.alerts
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
    spark: of.spark,
    value:
      sensor.kind === "numeric"
        ? newest && format.number(newest.value, sensor.decimals)
        : of.states.get(sensor.id),
    unit: sensor.unit,
    stale:
      silentUs === undefined
        ? "never read"
        : silentUs > SILENT_US
          ? `silent ${format.duration(silentUs / 1000)}`
          : undefined,
  };
}

function ageText({ format, nowUs }: Words, newestUs: number | undefined): string {
  return newestUs === undefined
    ? "never read"
    : `${format.duration((nowUs - newestUs) / 1000)} old`;
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
