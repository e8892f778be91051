import { createFormat } from "../../views/format.ts";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset } from "../domain/asset.ts";
import type { AssetType } from "../domain/asset-type.ts";
import type { ModelPrediction, RulePrediction } from "../domain/prediction.ts";
import type { StoredPrediction } from "../domain/prediction-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { WorkOrder } from "../domain/work-order.ts";
import { HEALTH_FLOORS, type PlantAsset } from "./plant.ts";

/** Makers of what pages read, for their tests: everything as usual unless the test says otherwise. */

const DAY_US = 86_400_000_000;
/** Wed 25 Nov 2026 12:00 UTC. */
export const NOW_US = Date.UTC(2026, 10, 25, 12) * 1000;

export const words = {
  format: createFormat({ locale: "en-GB", zone: "UTC", currency: "EUR" }),
  nowUs: NOW_US,
  zone: "UTC",
};

export const pumpType: AssetType = {
  id: "type-pump",
  name: "Pump",
  clockUnit: "h",
  clockStepUs: DAY_US / 4,
  horizonSteps: 56,
  settingsSignals: ["speed"],
  defaultLimits: {},
  version: 1,
};

export const engineType: AssetType = {
  ...pumpType,
  id: "type-engine",
  name: "Engine",
  clockUnit: "cycle",
  clockStepUs: 3_600_000_000,
  horizonSteps: 125,
};

export function sensorOf(name: string, over: Partial<Sensor> = {}): Sensor {
  return {
    id: `sensor-${name}`,
    assetId: "asset-1",
    name,
    label: name.slice(0, 1).toUpperCase() + name.slice(1).replaceAll("_", " "),
    unit: "mm/s",
    kind: "numeric",
    decimals: 1,
    limits: {},
    version: 1,
    ...over,
  };
}

export function assetOf(over: Partial<Asset> = {}): Asset {
  return {
    id: "asset-1",
    key: "P-101",
    name: "Feed pump",
    typeId: pumpType.id,
    siteId: undefined,
    parentId: undefined,
    criticality: "B",
    mode: "in-service",
    modeUntilUs: undefined,
    installedAtUs: undefined,
    downtimeCostPerHour: undefined,
    repairCost: undefined,
    failureCost: undefined,
    createdAtUs: NOW_US - 100 * DAY_US,
    version: 1,
    ...over,
  };
}

export function machineOf(over: Partial<PlantAsset> = {}): PlantAsset {
  const asset = over.asset ?? assetOf();
  return {
    asset,
    ref: { id: asset.id, tag: asset.key, name: asset.name },
    type: pumpType,
    sensors: [sensorOf("speed"), sensorOf("vibration"), sensorOf("bearing_temperature")],
    state: "healthy",
    mark: { state: over.state ?? "healthy" },
    health: { score: undefined, ...HEALTH_FLOORS },
    storedHealth: undefined,
    prediction: undefined,
    alarms: 0,
    newestUs: NOW_US - 5_000_000,
    silentSensors: 0,
    silentAfterUs: 15 * 60_000_000,
    ...over,
  };
}

export const modelPrediction: ModelPrediction = {
  basis: "model",
  assetId: "asset-1",
  atUs: NOW_US - 3_600_000_000,
  rulSteps: 40,
  lowSteps: 24,
  highSteps: 52,
  isAtCap: false,
  probabilityWithinHorizon: 0.62,
  horizonSteps: 56,
  baseSteps: 51,
  contributions: [
    { name: "vibration", value: -9 },
    { name: "bearing_temperature", value: -4.5 },
    { name: "age", value: 2.5 },
  ],
};

export const rulePrediction: RulePrediction = {
  basis: "rule",
  assetId: "asset-1",
  atUs: NOW_US - 3_600_000_000,
  level: "act",
  rulSteps: 12,
  reason: "bearing_temperature reaches its limit in about 12 steps at its present trend",
  missing: "a trained model: it needs 3 recorded failures of this asset type, 1 failure is there",
  driftScore: 2.4,
  contributions: [
    { name: "bearing_temperature", value: 0.7 },
    { name: "vibration", value: 0.3 },
  ],
};

export function storedOf(
  explanation: unknown,
  over: Partial<StoredPrediction> = {},
): StoredPrediction {
  const { probabilityWithinHorizon: chance, ...said } =
    typeof explanation === "object" ? { ...(explanation as Partial<ModelPrediction>) } : {};
  return {
    id: "prediction-1",
    assetId: "asset-1",
    atUs: NOW_US - 3_600_000_000,
    modelId: chance === undefined ? undefined : "model-1",
    fallback: chance === undefined,
    failureChance: chance,
    horizonSteps: 56,
    remaining: said.rulSteps,
    remainingLow: said.lowSteps,
    remainingHigh: said.highSteps,
    unit: "h",
    coverage: 1,
    explanation,
    ...over,
  };
}

export function alertOf(over: Partial<Alert> = {}): Alert {
  return {
    id: "alert-1",
    ruleId: "rule-1",
    ruleVersion: 1,
    ruleName: "Very high vibration of a pump",
    seriesNo: 1,
    sensorId: "sensor-vibration",
    assetId: "asset-1",
    severity: "critical",
    status: "open",
    op: "above",
    threshold: 7.1,
    value: 7.43,
    openedAtUs: NOW_US - 22 * 60_000_000,
    sinceUs: NOW_US - 32 * 60_000_000,
    closedAtUs: undefined,
    closeReason: undefined,
    acknowledgedAtUs: undefined,
    acknowledgedBy: undefined,
    closeRequestedAtUs: undefined,
    version: 1,
    ...over,
  };
}

export function orderOf(over: Partial<WorkOrder> = {}): WorkOrder {
  return {
    id: "order-1",
    number: 12,
    assetId: "asset-1",
    title: "Inspect bearing",
    description: "",
    status: "planned",
    priority: "normal",
    origin: "person",
    alertId: undefined,
    predictionId: undefined,
    externalKey: undefined,
    uploadId: undefined,
    assignee: undefined,
    plannedAtUs: undefined,
    startedAtUs: undefined,
    completedAtUs: undefined,
    closeOut: undefined,
    createdAtUs: NOW_US - 3 * DAY_US,
    createdBy: "operator",
    version: 1,
    ...over,
  };
}
