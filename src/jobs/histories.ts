import { type Actor, systemActor } from "../domain/actor.ts";
import type { AlertStore } from "../domain/alert-store.ts";
import type { Asset, AssetStore } from "../domain/asset.ts";
import type { AssetType, AssetTypeStore } from "../domain/asset-type.ts";
import type { AssetHistory, MaintenanceEvent } from "../domain/feature.ts";
import type { GriddedSeries, ReadingReads } from "../domain/reading-store.ts";
import type { Sensor, SensorStore } from "../domain/sensor.ts";
import type { MappedSeries, SeriesStore } from "../domain/series-store.ts";
import type { WorkOrder, WorkOrderStore } from "../domain/work-order.ts";

export type HistoriesDeps = {
  readonly assets: AssetStore;
  readonly assetTypes: AssetTypeStore;
  readonly sensors: SensorStore;
  readonly mapping: SeriesStore;
  readonly work: WorkOrderStore;
  readonly alerts: AlertStore;
  readonly readings: ReadingReads;
};

/** The machines of one type as prediction sees them: each with its history up to a time. */
export type Fleet = {
  readonly type: AssetType;
  readonly members: readonly FleetMember[];
};

export type FleetMember = {
  readonly asset: Asset;
  readonly sensors: readonly Sensor[];
  readonly history: AssetHistory;
  /** Share of steps of the last day (at least one) in which each sensor was read, 0 to 1. */
  readonly coverage: number;
  readonly openAlerts: readonly {
    readonly severity: string;
    readonly sensorId: string | undefined;
  }[];
};

const DAY_US = 86_400_000_000;

/**
 * Reads every fleet of a tenant as of `asOfUs`: the last step is the last whole one before it. Assets
 * without a type or without readings are left out.
 */
export async function readFleets(
  deps: HistoriesDeps,
  tenantId: string,
  asOfUs: number,
): Promise<Fleet[]> {
  const who = systemActor(tenantId, "histories");
  const [types, assets, sensors, mapped, labels] = await Promise.all([
    deps.assetTypes.list(who),
    deps.assets.all(who),
    deps.sensors.all(who),
    deps.mapping.mapped(who),
    deps.work.labels(who),
  ]);
  const alerts = await allAlerts(deps.alerts, who);
  const fleets: Fleet[] = [];
  for (const type of types) {
    const machines = assets.filter((a) => a.typeId === type.id && a.mode !== "retired");
    const series = mapped.filter((one) => machines.some((asset) => asset.id === one.assetId));
    if (series.length === 0) continue;
    const grids = await readGrids(deps.readings, type, series, asOfUs);
    const members = machines.flatMap((asset) => {
      const own = sensors.filter((sensor) => sensor.assetId === asset.id);
      const history = historyOf(type, asset, own, series, grids, {
        labels: labels.filter((order) => order.assetId === asset.id),
        alertsAtUs: alerts.filter((a) => a.assetId === asset.id).map((a) => a.openedAtUs),
        asOfUs,
      });
      if (history === undefined) return [];
      const openAlerts = alerts
        .filter((a) => a.assetId === asset.id && a.status !== "closed")
        .map(({ severity, sensorId }) => ({ severity, sensorId }));
      return [{ asset, sensors: own, history, coverage: coverageOf(history), openAlerts }];
    });
    if (members.length > 0) fleets.push({ type, members });
  }
  return fleets;
}

async function allAlerts(alerts: AlertStore, who: Actor) {
  const found = [];
  let after: string | undefined;
  do {
    const page = await alerts.list(who, { view: "all", limit: 1_000, after });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined && found.length < 1_000_000);
  return found;
}

type Grids = {
  readonly firstStepAtUs: number;
  readonly bySeries: ReadonlyMap<number, GriddedSeries>;
};

/** Steps are multiples of the type's step since the epoch, so that rows made today and tomorrow agree. */
async function readGrids(
  readings: ReadingReads,
  type: AssetType,
  series: readonly MappedSeries[],
  asOfUs: number,
): Promise<Grids> {
  const stepUs = type.clockStepUs;
  const firstUs = Math.min(...series.map((one) => one.mappedFromUs));
  const fromUs = Math.floor(firstUs / stepUs) * stepUs;
  const toUs = Math.max(fromUs + stepUs, Math.floor(asOfUs / stepUs) * stepUs);
  const seriesNos = series.map((one) => one.seriesNo);
  const gridded = await readings.gridded({ seriesNos, fromUs, toUs, stepUs });
  return { firstStepAtUs: fromUs, bySeries: new Map(gridded.map((one) => [one.seriesNo, one])) };
}

type Events = {
  readonly labels: readonly WorkOrder[];
  readonly alertsAtUs: readonly number[];
  readonly asOfUs: number;
};

function historyOf(
  type: AssetType,
  asset: Asset,
  sensors: readonly Sensor[],
  series: readonly MappedSeries[],
  grids: Grids,
  events: Events,
): AssetHistory | undefined {
  const columns = new Map<string, Float64Array>();
  for (const sensor of sensors) {
    if (sensor.kind !== "numeric") continue;
    const parts = series.filter((one) => one.sensorId === sensor.id);
    const column = mergedColumn(parts, grids, type.clockStepUs);
    if (column !== undefined) columns.set(sensor.name, column);
  }
  const [first, last] = spanOf([...columns.values()]);
  if (first > last) return undefined;
  return {
    assetId: asset.id,
    stepUs: type.clockStepUs,
    // A step is known once it is over: its time is its end, so that no row looks ahead.
    firstStepAtUs: grids.firstStepAtUs + (first + 1) * type.clockStepUs,
    steps: last - first + 1,
    signals: new Map([...columns].map(([name, column]) => [name, column.slice(first, last + 1)])),
    settings: new Set(type.settingsSignals),
    maintenance: events.labels
      .map(maintenanceEventOf)
      .filter((event) => event.atUs <= events.asOfUs)
      .sort((a, b) => a.atUs - b.atUs),
    errorsAtUs: new Float64Array(0),
    alertsAtUs: Float64Array.from(events.alertsAtUs.filter((at) => at <= events.asOfUs)).sort(),
    installedAtUs: asset.installedAtUs,
  };
}

/** One sensor may be fed by several series, each from its own start; the later start wins. */
function mergedColumn(
  parts: readonly MappedSeries[],
  grids: Grids,
  stepUs: number,
): Float64Array | undefined {
  const ordered = [...parts].sort((a, b) => a.mappedFromUs - b.mappedFromUs);
  let merged: Float64Array | undefined;
  for (const part of ordered) {
    const grid = grids.bySeries.get(part.seriesNo);
    if (grid === undefined) continue;
    merged ??= new Float64Array(grid.mean.length).fill(Number.NaN);
    const from = Math.max(0, Math.floor((part.mappedFromUs - grids.firstStepAtUs) / stepUs));
    for (let i = from; i < grid.mean.length; i++) {
      const value = grid.mean[i] ?? Number.NaN;
      if (!Number.isNaN(value)) merged[i] = value;
    }
  }
  return merged;
}

/** First and last step in which anything was read. */
function spanOf(columns: readonly Float64Array[]): [first: number, last: number] {
  let first = Number.POSITIVE_INFINITY;
  let last = -1;
  for (const column of columns) {
    const from = column.findIndex((value) => !Number.isNaN(value));
    if (from < 0) continue;
    first = Math.min(first, from);
    last = Math.max(
      last,
      column.findLastIndex((value) => !Number.isNaN(value)),
    );
  }
  return [first, last];
}

function maintenanceEventOf(order: WorkOrder): MaintenanceEvent {
  const closeOut = order.closeOut;
  const isFailure = closeOut?.finding === "failure";
  return {
    atUs: closeOut?.foundAtUs ?? order.completedAtUs ?? order.createdAtUs,
    kind: isFailure ? "failure" : closeOut?.finding === "planned" ? "planned" : "nothing-found",
    mode: isFailure ? closeOut.failureModeId : undefined,
    closesLife: isFailure,
  };
}

function coverageOf(history: AssetHistory): number {
  const steps = Math.min(history.steps, Math.max(1, Math.round(DAY_US / history.stepUs)));
  let seen = 0;
  for (const column of history.signals.values())
    for (let i = history.steps - steps; i < history.steps; i++)
      if (!Number.isNaN(column[i] ?? Number.NaN)) seen++;
  return history.signals.size === 0 ? 0 : seen / (steps * history.signals.size);
}
