import type { AssetRef, AssetState, Health, StateMark } from "../../views/ui/model.ts";
import type { Caller } from "../domain/access.ts";
import { type Asset, nameBesideKey } from "../domain/asset.ts";
import type { AssetType } from "../domain/asset-type.ts";
import type { StoredHealth, StoredPrediction } from "../domain/prediction-store.ts";
import type { Severity } from "../domain/rule.ts";
import { readableLabel, type Sensor } from "../domain/sensor.ts";
import type { MappedSeries } from "../domain/series-store.ts";
import type { WebDeps } from "./deps.ts";
import type { SilentAfter } from "./silence.ts";

/** A machine with everything that rows and cells show of it. */
export type PlantAsset = {
  readonly asset: Asset;
  readonly ref: AssetRef;
  readonly type: AssetType | undefined;
  readonly sensors: readonly Sensor[];
  readonly state: AssetState;
  readonly mark: StateMark;
  readonly health: Health;
  readonly storedHealth: StoredHealth | undefined;
  readonly prediction: StoredPrediction | undefined;
  /** Active alarms above info. */
  readonly alarms: number;
  /** Newest reading of any of its sensors. */
  readonly newestUs: number | undefined;
  /** Sensors that have been silent for too long, of those that were ever read. */
  readonly silentSensors: number;
  /** Without any reading for so long the machine is blind; see `silence.ts`. */
  readonly silentAfterUs: number;
};

/** The tenant's plant as of now, read with a fixed number of queries. */
export type Plant = {
  /** Machines: assets that have a type with sensors, or sensors of their own. */
  readonly machines: readonly PlantAsset[];
  /** Every asset, places included, by id. */
  readonly assets: ReadonlyMap<string, Asset>;
  readonly sensors: ReadonlyMap<string, Sensor>;
  readonly types: ReadonlyMap<string, AssetType>;
  readonly mapped: readonly MappedSeries[];
  readonly byId: ReadonlyMap<string, PlantAsset>;
  /** For how long a sensor may send nothing, by its id. */
  readonly silentAfterUs: (sensorId: string) => number;
};

/** Health under these is shown in colour. */
export const HEALTH_FLOORS = { warningBelow: 60, criticalBelow: 40 } as const;
/** A chance of failure from here on puts an asset on watch. */
export const WATCH_CHANCE = 0.25;

const WORST: Readonly<Partial<Record<Severity, AssetState>>> = {
  emergency: "emergency",
  critical: "critical",
  warning: "warning",
};

/** What decides the state of an asset; the first state that is true wins. Pure. */
export function stateOf(facts: {
  readonly worst: Severity | undefined;
  readonly mode: Asset["mode"];
  readonly isBlind: boolean;
  readonly chance: number | undefined;
  readonly healthScore: number | undefined;
}): AssetState {
  const alarm = facts.worst === undefined ? undefined : WORST[facts.worst];
  if (alarm === "emergency" || alarm === "critical") return alarm;
  if (facts.isBlind && facts.mode === "in-service") return "blind";
  if (alarm === "warning") return alarm;
  const isRisky =
    (facts.chance ?? 0) >= WATCH_CHANCE || (facts.healthScore ?? 100) < HEALTH_FLOORS.warningBelow;
  if (isRisky && facts.mode === "in-service") return "watch";
  if (facts.mode === "maintenance") return "maintenance";
  return facts.mode === "stopped" || facts.mode === "retired" ? "stopped" : "healthy";
}

/** Reads the plant, with names and labels as people read them; `ref.tag` is the key that devices send. */
export async function readPlant(deps: WebDeps, caller: Caller): Promise<Plant> {
  const { stores } = deps;
  const [allAssets, types, allSensors, mapped, health, predictions, worst] = await Promise.all([
    stores.assets.all(caller),
    stores.assetTypes.list(caller),
    stores.sensors.all(caller),
    stores.series.mapped(caller),
    stores.predictions.latestHealth(caller),
    stores.predictions.latest(caller),
    stores.alerts.worstByAsset(caller),
  ]);
  const nowUs = deps.clock.nowUs();
  const seriesNos = mapped.map((one) => one.seriesNo);
  const silentAfter = await deps.silence(caller.tenantId, seriesNos);
  const assets = allAssets.map((asset) => ({ ...asset, name: nameBesideKey(asset) }));
  const sensors = allSensors.map((sensor) => ({ ...sensor, label: readableLabel(sensor) }));
  const typeOf = new Map(types.map((type) => [type.id, type]));
  const sensorsOf = Map.groupBy(sensors, (sensor) => sensor.assetId);
  const seriesOf = Map.groupBy(mapped, (one) => one.assetId);
  const healthOf = new Map(health.map((one) => [one.assetId, one]));
  const predictionOf = new Map(predictions.map((one) => [one.assetId, one]));
  const afterOf = longestBySensor(mapped, silentAfter);
  const machines = assets.flatMap((asset): PlantAsset[] => {
    const own = sensorsOf.get(asset.id) ?? [];
    if (own.length === 0) return [];
    const stored = healthOf.get(asset.id);
    const prediction = predictionOf.get(asset.id);
    const seen = lastSeen(deps, seriesOf.get(asset.id) ?? [], silentAfter, nowUs);
    const isBlind = seen.newestUs === undefined || nowUs - seen.newestUs > seen.silentAfterUs;
    const chance = prediction?.failureChance;
    const alarm = worst.get(asset.id);
    const score = isBlind ? undefined : stored?.score;
    const state = stateOf({
      worst: alarm?.severity,
      mode: asset.mode,
      isBlind,
      chance,
      healthScore: score,
    });
    return [
      {
        asset,
        ref: { id: asset.id, tag: asset.key, name: asset.name },
        type: asset.typeId === undefined ? undefined : typeOf.get(asset.typeId),
        sensors: own,
        state,
        mark: { state },
        health: { score, ...HEALTH_FLOORS },
        storedHealth: stored,
        prediction,
        alarms: alarm?.count ?? 0,
        ...seen,
      },
    ];
  });
  return {
    machines,
    assets: new Map(assets.map((asset) => [asset.id, asset])),
    sensors: new Map(sensors.map((sensor) => [sensor.id, sensor])),
    types: typeOf,
    mapped,
    byId: new Map(machines.map((one) => [one.asset.id, one])),
    silentAfterUs: (sensorId) => afterOf.get(sensorId) ?? silentAfter(0),
  };
}

function lastSeen(
  deps: WebDeps,
  series: readonly MappedSeries[],
  silentAfter: SilentAfter,
  nowUs: number,
) {
  let newestUs: number | undefined;
  const newestOf = new Map<string, number>();
  for (const one of series) {
    const last = deps.lastValue(one.seriesNo);
    if (last === undefined) continue;
    newestOf.set(one.sensorId, Math.max(newestOf.get(one.sensorId) ?? 0, last.atUs));
    newestUs = Math.max(newestUs ?? 0, last.atUs);
  }
  const afterOf = longestBySensor(series, silentAfter);
  const silentSensors = [...newestOf].filter(
    ([sensorId, atUs]) => nowUs - atUs > (afterOf.get(sensorId) ?? 0),
  ).length;
  // The sensor that is read most often is the first to tell that a machine is blind.
  return { newestUs, silentSensors, silentAfterUs: Math.min(...afterOf.values()) };
}

/** A sensor may be fed by several series: the one that may be silent longest decides. */
function longestBySensor(
  series: readonly MappedSeries[],
  silentAfter: SilentAfter,
): Map<string, number> {
  const after = new Map<string, number>();
  for (const one of series)
    after.set(one.sensorId, Math.max(after.get(one.sensorId) ?? 0, silentAfter(one.seriesNo)));
  return after;
}

/** Newest value of a sensor over the series that feed it. */
export function sensorValue(
  deps: WebDeps,
  mapped: readonly MappedSeries[],
  sensorId: string,
): { readonly atUs: number; readonly value: number } | undefined {
  let newest: { readonly atUs: number; readonly value: number } | undefined;
  for (const one of mapped) {
    if (one.sensorId !== sensorId) continue;
    const last = deps.lastValue(one.seriesNo);
    if (last !== undefined && (newest === undefined || last.atUs > newest.atUs)) newest = last;
  }
  return newest;
}
