import { type Actor, systemActor } from "../domain/actor.ts";
import type { AlertStore } from "../domain/alert-store.ts";
import type { Asset, AssetStore } from "../domain/asset.ts";
import type { AssetType, AssetTypeStore } from "../domain/asset-type.ts";
import type { AssetHistory, MaintenanceEvent } from "../domain/feature.ts";
import { type GriddedSeries, READ_LIMITS, type ReadingReads } from "../domain/reading-store.ts";
import type { Sensor, SensorStore } from "../domain/sensor.ts";
import type { MappedSeries, SeriesStore } from "../domain/series-store.ts";
import type { WorkOrder, WorkOrderStore } from "../domain/work-order.ts";

export type HistoriesDeps = {
  readonly assets: Pick<AssetStore, "all">;
  readonly assetTypes: Pick<AssetTypeStore, "list">;
  readonly sensors: Pick<SensorStore, "all">;
  readonly mapping: Pick<SeriesStore, "mapped">;
  readonly work: Pick<WorkOrderStore, "labels">;
  readonly alerts: Pick<AlertStore, "list">;
  readonly readings: Pick<ReadingReads, "gridded">;
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
  const alertsOf = await alertsByAsset(deps.alerts, who);
  const sensorsOf = Map.groupBy(sensors, (sensor) => sensor.assetId);
  const seriesOf = Map.groupBy(mapped, (one) => one.assetId);
  const labelsOf = Map.groupBy(labels, (order) => order.assetId);
  const fleets: Fleet[] = [];
  for (const type of types) {
    const machines = assets.filter((a) => a.typeId === type.id);
    const series = machines
      .flatMap((asset) => seriesOf.get(asset.id) ?? [])
      .filter((one) => one.kind === "numeric");
    const grids = await readGrids(deps.readings, type, series, asOfUs);
    if (grids === undefined) continue;
    const members = machines.flatMap((asset) => {
      const own = sensorsOf.get(asset.id) ?? [];
      const alerts = alertsOf.get(asset.id) ?? [];
      const history = historyOf(type, asset, own, seriesOf.get(asset.id) ?? [], grids, {
        labels: labelsOf.get(asset.id) ?? [],
        alertsAtUs: alerts.map((a) => a.openedAtUs),
        asOfUs,
      });
      if (history === undefined) return [];
      const openAlerts = alerts
        .filter((a) => a.isOpen)
        .map(({ severity, sensorId }) => ({ severity, sensorId }));
      return [{ asset, sensors: own, history, coverage: coverageOf(history), openAlerts }];
    });
    if (members.length > 0) fleets.push({ type, members });
  }
  return fleets;
}

/** What histories need of an alert: a tenant may have many. */
type AlertFacts = {
  readonly openedAtUs: number;
  readonly isOpen: boolean;
  readonly severity: string;
  readonly sensorId: string | undefined;
};

const ALERTS_MOST = 1_000_000;

/** Open ones come first from the store, then the newest; beyond the bound the oldest are left out. */
async function alertsByAsset(
  alerts: HistoriesDeps["alerts"],
  who: Actor,
): Promise<Map<string, AlertFacts[]>> {
  const found = new Map<string, AlertFacts[]>();
  let count = 0;
  let after: string | undefined;
  do {
    const page = await alerts.list(who, { view: "all", limit: 1_000, after });
    for (const { assetId, openedAtUs, status, severity, sensorId } of page.items) {
      count++;
      if (assetId === undefined) continue;
      const own = found.get(assetId) ?? [];
      found.set(assetId, own);
      own.push({ openedAtUs, isOpen: status !== "closed", severity, sensorId });
    }
    after = page.next;
  } while (after !== undefined && count < ALERTS_MOST);
  return found;
}

type Grids = {
  readonly firstStepAtUs: number;
  readonly bySeries: ReadonlyMap<number, GriddedSeries>;
};

/**
 * Steps are multiples of the type's step since the epoch, so that rows made today and tomorrow agree.
 * Undefined before the first whole step is over. A history too long for one read begins later: a
 * single reading with a wrong date must not end prediction for a fleet.
 */
async function readGrids(
  readings: HistoriesDeps["readings"],
  type: AssetType,
  series: readonly MappedSeries[],
  asOfUs: number,
): Promise<Grids | undefined> {
  if (series.length === 0) return undefined;
  const stepUs = type.clockStepUs;
  const firstUs = series.reduce((least, one) => Math.min(least, one.mappedFromUs), asOfUs);
  const toUs = Math.floor(asOfUs / stepUs) * stepUs;
  const stepsMost = Math.floor(READ_LIMITS.gridCells / series.length);
  const fromUs = Math.max(Math.floor(firstUs / stepUs) * stepUs, toUs - stepsMost * stepUs);
  if (toUs <= fromUs) return undefined;
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

/**
 * One sensor may be fed by several series, each from its own start; the later start wins. A step in which
 * that one was not read keeps what the earlier one read.
 */
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
