import { describe, expect, test } from "bun:test";
import type { Alert } from "../domain/alert-store.ts";
import type { Asset, AssetMode } from "../domain/asset.ts";
import type { AssetType } from "../domain/asset-type.ts";
import { type GridRequest, READ_LIMITS } from "../domain/reading-store.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { MappedSeries } from "../domain/series-store.ts";
import type { CloseOut, WorkOrder } from "../domain/work-order.ts";
import { type HistoriesDeps, readFleets } from "./histories.ts";

const HOUR_US = 3_600_000_000;
const T0 = 400_000 * HOUR_US;

const TYPE: AssetType = {
  ...{ id: "pump", name: "Pump", clockUnit: "h", clockStepUs: HOUR_US, horizonSteps: 48 },
  ...{ settingsSignals: ["load"], defaultLimits: {}, version: 1 },
};

const asset = (id: string, mode: AssetMode = "in-service"): Asset => ({
  ...{ id, key: id, name: id, typeId: "pump", siteId: undefined, parentId: undefined },
  ...{ criticality: "B", mode, modeUntilUs: undefined, installedAtUs: undefined },
  ...{ downtimeCostPerHour: undefined, repairCost: undefined, failureCost: undefined },
  ...{ createdAtUs: 0, version: 1 },
});

const sensor = (assetId: string, name: string): Sensor => ({
  ...{ id: `${assetId}-${name}`, assetId, name, label: name, unit: "", kind: "numeric" },
  ...{ decimals: 1, version: 1 },
  limits: {
    ...{ lowCritical: undefined, lowWarning: undefined },
    ...{ highWarning: undefined, highCritical: undefined },
  },
});

const series = (
  seriesNo: number,
  of: Sensor,
  fromUs: number,
  kind: MappedSeries["kind"] = "numeric",
) => ({
  ...{ seriesNo, kind, sensorId: of.id, sensorName: of.name, assetId: of.assetId },
  ...{ assetTypeId: "pump", mappedFromUs: fromUs },
});

const order = (assetId: string, closeOut: Partial<CloseOut>, completedAtUs: number): WorkOrder => ({
  ...{
    id: "w",
    number: 1,
    assetId,
    title: "w",
    description: "",
    status: "done",
    priority: "normal",
  },
  ...{ origin: "import", alertId: undefined, predictionId: undefined, externalKey: undefined },
  ...{ uploadId: undefined, assignee: undefined, plannedAtUs: undefined, startedAtUs: undefined },
  ...{ completedAtUs, createdAtUs: completedAtUs, createdBy: "", version: 1 },
  closeOut: {
    ...{ finding: "failure", failureModeId: "wear", foundAtUs: undefined },
    ...{ hours: undefined, cost: undefined, notes: "" },
    ...closeOut,
  },
});

const alert = (assetId: string, openedAtUs: number, status: Alert["status"]) =>
  ({ assetId, openedAtUs, status, severity: "warning", sensorId: undefined }) as Alert; // what histories read

type Plant = {
  readonly assets?: readonly Asset[];
  readonly sensors: readonly Sensor[];
  readonly series: readonly MappedSeries[];
  readonly labels?: readonly WorkOrder[];
  readonly alerts?: readonly Alert[];
  /** Readings of a series: one value per hour from T0, NaN for none. */
  readonly values: Readonly<Record<number, readonly number[]>>;
};

function depsOf(plant: Plant, asked: GridRequest[] = []): HistoriesDeps {
  return {
    assets: { all: async () => plant.assets ?? [asset("a")] },
    assetTypes: { list: async () => [TYPE] },
    sensors: { all: async () => plant.sensors },
    mapping: { mapped: async () => plant.series },
    work: { labels: async () => plant.labels ?? [] },
    alerts: { list: async () => ({ items: plant.alerts ?? [], next: undefined }) },
    readings: {
      gridded: async (request) => {
        asked.push(request);
        const { seriesNos, fromUs, toUs, stepUs } = request;
        const steps = (toUs - fromUs) / stepUs;
        const first = (T0 - fromUs) / stepUs;
        return seriesNos.map((seriesNo) => {
          const mean = new Float64Array(steps).fill(Number.NaN);
          for (const [i, value] of (plant.values[seriesNo] ?? []).entries())
            if (first + i >= 0 && first + i < steps) mean[first + i] = value;
          return { seriesNo, mean, count: new Uint32Array(0) };
        });
      },
    },
  };
}

const VIB = sensor("a", "vibration");
const ONE: Plant = {
  sensors: [VIB],
  series: [series(1, VIB, T0)],
  values: { 1: [1, 2, 3, 4, 5, 6] },
};

async function historyAt(plant: Plant, asOfUs: number) {
  const [fleet] = await readFleets(depsOf(plant), "acme", asOfUs);
  return fleet?.members[0]?.history;
}

describe("as of a time", () => {
  test.each([
    ["the moment of the first reading", 0, undefined],
    ["within the first step", 0.9, undefined],
    ["at its end", 1, [1]],
    ["within the fourth step", 3.5, [1, 2, 3]],
    ["later than all", 20, [1, 2, 3, 4, 5, 6]],
  ])("%s only steps that are over are seen", async (_when, hours, values) => {
    const history = await historyAt(ONE, T0 + hours * HOUR_US);
    expect(history && [...(history.signals.get("vibration") ?? [])]).toEqual(values);
  });

  test("a step's time is its end, at or before the time asked for", async () => {
    const history = await historyAt(ONE, T0 + 3.5 * HOUR_US);
    expect(history?.firstStepAtUs).toBe(T0 + HOUR_US);
    expect(history?.steps).toBe(3);
  });

  test("maintenance and alarms after it are not seen", async () => {
    const plant: Plant = {
      ...ONE,
      labels: [2, 5].map((h) => order("a", { foundAtUs: T0 + h * HOUR_US }, T0 + 9 * HOUR_US)),
      alerts: [1, 3, 4].map((h) => alert("a", T0 + h * HOUR_US, "closed")),
    };
    const history = await historyAt(plant, T0 + 3.5 * HOUR_US);
    expect(history?.maintenance.map((event) => event.atUs)).toEqual([T0 + 2 * HOUR_US]);
    expect([...(history?.alertsAtUs ?? [])]).toEqual([T0 + HOUR_US, T0 + 3 * HOUR_US]);
  });
});

test.each([
  ["failure", T0 + HOUR_US, { atUs: T0 + HOUR_US, kind: "failure", closesLife: true }],
  ["failure", undefined, { atUs: T0 + 2 * HOUR_US, kind: "failure", closesLife: true }],
  ["planned", undefined, { atUs: T0 + 2 * HOUR_US, kind: "planned", closesLife: false }],
  ["nothing", undefined, { kind: "nothing-found", closesLife: false }],
] as const)("an order closed with %s, found at %p", async (finding, foundAtUs, event) => {
  const labels = [order("a", { finding, foundAtUs }, T0 + 2 * HOUR_US)];
  const history = await historyAt({ ...ONE, labels }, T0 + 6 * HOUR_US);
  expect(history?.maintenance).toMatchObject([event]);
});

test("a sensor fed by two series follows the later one from its start", async () => {
  const plant: Plant = {
    sensors: [VIB],
    series: [series(2, VIB, T0 + 3 * HOUR_US), series(1, VIB, T0)],
    values: { 1: [1, 2, 3, 4, 5], 2: [90, 91, 92, Number.NaN, 94] },
  };
  const history = await historyAt(plant, T0 + 5 * HOUR_US);
  expect([...(history?.signals.get("vibration") ?? [])]).toEqual([1, 2, 3, 4, 94]);
});

test("each asset has its own sensors, orders and alarms; retired ones are there to learn from", async () => {
  const assets = [asset("a"), asset("b"), asset("gone", "retired"), asset("silent")];
  const sensors = assets.map(({ id }) => sensor(id, "vibration"));
  const plant: Plant = {
    ...{ assets, sensors },
    series: sensors.map((one, i) => series(i + 1, one, T0)),
    labels: [order("b", {}, T0 + HOUR_US)],
    alerts: [alert("b", T0, "open"), alert("b", T0, "closed"), alert("a", T0, "closed")],
    values: { 1: [1, 1], 2: [2, Number.NaN], 3: [3, 3] },
  };
  const [fleet] = await readFleets(depsOf(plant), "acme", T0 + 2 * HOUR_US);
  expect(
    fleet?.members.map((one) => ({
      id: one.asset.id,
      steps: one.history.steps,
      orders: one.history.maintenance.length,
      alerts: one.history.alertsAtUs.length,
      open: one.openAlerts.length,
    })),
  ).toEqual([
    { id: "a", steps: 2, orders: 0, alerts: 1, open: 0 },
    { id: "b", steps: 1, orders: 1, alerts: 2, open: 1 },
    { id: "gone", steps: 2, orders: 0, alerts: 0, open: 0 },
  ]);
});

test("one reading of 1970 shortens nobody's history and asks for no more than one read gives", async () => {
  const count = 100;
  const sensors = Array.from({ length: count }, (_, i) => sensor("a", `s${i}`));
  const asked: GridRequest[] = [];
  const plant: Plant = {
    sensors,
    series: sensors.map((one, i) => series(i + 1, one, i === 0 ? 0 : T0)),
    values: { 2: [1, 2, 3] },
  };
  const [fleet] = await readFleets(depsOf(plant, asked), "acme", T0 + 3 * HOUR_US);
  expect([...(fleet?.members[0]?.history.signals.get("s1") ?? [])]).toEqual([1, 2, 3]);
  for (const { fromUs, toUs, stepUs, seriesNos } of asked)
    expect(((toUs - fromUs) / stepUs) * seriesNos.length).toBeLessThanOrEqual(
      READ_LIMITS.gridCells,
    );
});

test("texts are not asked for", async () => {
  const state = { ...sensor("a", "state"), kind: "state" } as const;
  const asked: GridRequest[] = [];
  const plant = { ...ONE, series: [...ONE.series, series(2, state, T0, "state")] };
  await readFleets(depsOf(plant, asked), "acme", T0 + 3 * HOUR_US);
  expect(asked.map(({ seriesNos }) => seriesNos)).toEqual([[1]]);
});
