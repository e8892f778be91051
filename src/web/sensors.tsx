import { Type } from "@sinclair/typebox";
import { SensorPage, type SensorProps } from "../../views/pages/sensor.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { ChartLine, ChartMark, ChartProps } from "../../views/ui/chart-model.ts";
import type { Fact } from "../../views/ui/model.ts";
import { type Caller, mayUse } from "../domain/access.ts";
import type { Alert } from "../domain/alert-store.ts";
import { AppError } from "../domain/error.ts";
import { classOfSensor, type RetentionPolicy } from "../domain/retention.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { Rule } from "../domain/rule-store.ts";
import { limitsOf, type Sensor } from "../domain/sensor.ts";
import { shownSummary } from "../domain/waveform.ts";
import { html } from "../lib/reply.ts";
import { pathOf } from "./asset-rows.ts";
import {
  chartOf,
  lineLabelOf,
  rangeOf,
  rangeStartUs,
  readSensor,
  type SensorPoints,
} from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import { type Plant, readPlant, sensorValue } from "./plant.ts";
import { keptText } from "./retention-words.ts";
import { gapsOf, numbersOf, ruleWords, signalFacts, tableOf } from "./sensor-facts.ts";
import { type Frame, frameOf } from "./shell.ts";

const ID = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
const field = Type.Optional(Type.String({ maxLength: 100 }));
const WEEK_US = 7 * 86_400_000_000;
const MARKS_MOST = 12;

type Context = RouteContext<unknown, unknown, unknown>;
type Query = { readonly range?: string; readonly compare?: string; readonly view?: string };

/** One signal with its chart, numbers and marks. */
export function sensorsRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: "/sensors/:id",
      summary: "One sensor: chart, numbers, marks, the same as a table.",
      params: ID,
      query: Type.Object({ range: field, compare: field, view: field }),
      handle: async (context) =>
        html(SensorPage(await sensorProps(deps, context, context.params.id, context.query))),
    }),
  ];
}

async function sensorProps(
  deps: WebDeps,
  context: Context,
  id: string,
  query: Query,
): Promise<SensorProps> {
  const { caller } = context;
  const { stores } = deps;
  const [frame, plant] = await Promise.all([frameOf(deps, context), readPlant(deps, caller)]);
  const found = plant.sensors.get(id);
  const asset = found && plant.assets.get(found.assetId);
  if (found === undefined || asset === undefined)
    throw new AppError("not-found", `no sensor ${id}`);
  const type = asset.typeId === undefined ? undefined : plant.types.get(asset.typeId);
  const sensor = { ...found, limits: limitsOf(found.limits, type?.defaultLimits[found.name]) };
  const range = rangeOf(query.range);
  const span = { fromUs: rangeStartUs(range, frame.nowUs), toUs: frame.nowUs };
  const isComparing = query.compare === "week";
  const [alerts, active, rules, points, before, state, kept] = await Promise.all([
    stores.alerts.list(caller, { view: "all", sensorId: id, ...span, limit: 100 }),
    stores.alerts.list(caller, { view: "active", sensorId: id, limit: 20 }),
    stores.rules.list(caller),
    readSensor(deps.readings, plant.mapped, id, span),
    isComparing
      ? readSensor(deps.readings, plant.mapped, id, {
          fromUs: span.fromUs - WEEK_US,
          toUs: span.toUs - WEEK_US,
        })
      : undefined,
    stateText(deps, plant, sensor),
    deps.retention.policy(caller),
  ]);
  const newest = sensorValue(deps, plant.mapped, id);
  const worst = active.items.find(({ severity }) => severity !== "info");
  const gaps = gapsOf(points);
  return {
    shell: frame.shell,
    id,
    asset: { id: asset.id, tag: asset.key, name: asset.name },
    crumbs: crumbsOf(plant, asset.id),
    label: sensor.label,
    mark: worst && { severity: worst.severity, acknowledged: worst.status === "acknowledged" },
    value:
      sensor.kind === "numeric"
        ? newest && frame.format.value(newest.value, sensor.decimals, sensor.unit)
        : state,
    valueSub: valueSub(frame, newest?.atUs, plant.silentAfterUs(sensor.id)),
    chart:
      points.atUs.length === 0 || sensor.kind !== "numeric"
        ? undefined
        : sensorChart(frame, { sensor, points, before, alerts: alerts.items, ...span }),
    range,
    comparing: isComparing,
    tableOpen: query.view === "table",
    table: sensor.kind === "numeric" ? tableOf(frame, sensor, points) : [],
    numbers: numbersOf(frame, sensor, points),
    marks: marksOf(frame, sensor, alerts.items),
    facts: [
      ...signalFacts(frame, sensor, {
        series: plant.mapped.filter((one) => one.sensorId === id),
        gaps,
        line: lineLabelOf(points),
      }),
      keptFact(frame, kept.policy, { sensorId: id, assetTypeId: asset.typeId }, caller),
    ],
    rules: rulesOn(rules, sensor, asset.typeId).map((rule) => ({
      id: rule.id,
      sentence: ruleWords(frame, sensor, rule),
    })),
    mayWriteRules: mayUse("rule:write", caller),
  };
}

/** How long its readings are kept; who may change that is led there. */
function keptFact(
  frame: Frame,
  policy: RetentionPolicy,
  sensor: { readonly sensorId: string; readonly assetTypeId: string | undefined },
  caller: Caller,
): Fact {
  const className = classOfSensor(policy, sensor);
  const text = `${keptText(frame, policy, className, ["raw"])}, class ${className}`;
  const href = withQuery(paths.retention, { sensor: sensor.sensorId });
  return { label: "Kept", value: mayUse("admin", caller) ? { href, text } : text };
}

/** Text of a sensor that is a state, as last read. */
async function stateText(deps: WebDeps, plant: Plant, sensor: Sensor): Promise<string | undefined> {
  if (sensor.kind === "numeric") return undefined;
  const seriesNos = plant.mapped
    .filter((one) => one.sensorId === sensor.id)
    .map((one) => one.seriesNo);
  if (seriesNos.length === 0) return undefined;
  const latest = await deps.readings.latest({ seriesNos });
  const text = [...latest].sort((a, b) => b.atUs - a.atUs)[0]?.text;
  return sensor.kind === "waveform" && text !== undefined ? shownSummary(text) : text;
}

function crumbsOf(plant: Plant, assetId: string) {
  const path = pathOf(plant.assets, assetId);
  return path.map((place, i) => ({
    href:
      i === path.length - 1 ? paths.asset(place.id) : withQuery(paths.assets, { branch: place.id }),
    text: i === path.length - 1 ? `${place.key} ${place.name}` : place.name,
  }));
}

function valueSub(
  { format, nowUs }: Frame,
  atUs: number | undefined,
  silentAfterUs: number,
): string {
  if (atUs === undefined) return "It was never read.";
  const ageUs = nowUs - atUs;
  return ageUs > silentAfterUs
    ? `silent for ${format.duration(ageUs / 1000)}`
    : `${format.duration(ageUs / 1000)} old`;
}

/** Rules that watch this sensor, alone or with all of its name. Pure. */
export function rulesOn(
  rules: readonly Rule[],
  sensor: Pick<Sensor, "id" | "name">,
  typeId: string | undefined,
): readonly Rule[] {
  return rules.filter(({ scope }) =>
    scope.kind === "sensor"
      ? scope.sensorId === sensor.id
      : scope.sensorName === sensor.name &&
        (scope.assetTypeId === undefined || scope.assetTypeId === typeId),
  );
}

function marksOf(frame: Frame, sensor: Sensor, alerts: readonly Alert[]): SensorProps["marks"] {
  return [...alerts]
    .sort((a, b) => b.openedAtUs - a.openedAtUs)
    .slice(0, MARKS_MOST)
    .map((alert) => ({
      mark: {
        severity: alert.severity,
        acknowledged: alert.status === "acknowledged",
        off: alert.status === "closed",
      },
      text: `${alert.op === "above" ? "Over" : "Under"} ${frame.format.number(alert.threshold, sensor.decimals)}`,
      at: frame.format.at(alert.openedAtUs, frame.nowUs),
      href: paths.alarm(alert.id),
    }));
}

function sensorChart(
  frame: Frame,
  of: {
    readonly sensor: Sensor;
    readonly points: SensorPoints;
    readonly before: SensorPoints | undefined;
    readonly alerts: readonly Alert[];
    readonly fromUs: number;
    readonly toUs: number;
  },
): ChartProps {
  const marks = of.alerts
    .filter(({ openedAtUs }) => openedAtUs >= of.fromUs)
    .map(
      (alert): ChartMark => ({
        kind: "alarm",
        atUs: alert.openedAtUs,
        label: alert.ruleName,
        severity: alert.severity,
        acknowledged: alert.status !== "open",
        href: paths.alarm(alert.id),
      }),
    );
  const chart = chartOf(frame, {
    id: "sensor-chart",
    title: of.sensor.label,
    sensor: of.sensor,
    points: of.points,
    fromUs: of.fromUs,
    toUs: of.toUs,
    marks,
  });
  return of.before === undefined ? chart : { ...chart, compare: weekBefore(of.before) };
}

/** The same hours of the week before, laid over this week; null where nothing was read. Pure. */
export function weekBefore(points: SensorPoints): ChartLine {
  return {
    atUs: points.atUs.map((atUs) => atUs + WEEK_US),
    values: points.mean.map((value) => (Number.isNaN(value) ? null : value)),
    label: "week before, shifted 7 days",
  };
}
