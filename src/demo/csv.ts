import { MACHINE_TYPES } from "./machine-types.ts";
import type { Plant } from "./plant.ts";

/** Length of one step of the demo's asset clocks, and how far ahead its maintenance is planned. */
export const DEMO_STEP_HOURS = 24;
export const DEMO_HORIZON_STEPS = 14;

type Cell = string | number | undefined;

/** RFC 4180: quotes where a cell needs them, empty for undefined, lines end in CR LF. */
function csv(header: string, rows: readonly (readonly Cell[])[]): string {
  const quoted = (cell: Cell) => {
    const text = cell === undefined ? "" : String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return `${[header, ...rows.map((row) => row.map(quoted).join(","))].join("\r\n")}\r\n`;
}

function iso(atUs: number): string {
  return new Date(Math.round(atUs / 1000)).toISOString();
}

/** `asset_types.csv`; `settings` are the signals that say how a machine is run, joined by `;`. */
export function assetTypesCsv(): string {
  return csv(
    "name,clock_step_hours,clock_unit,planning_horizon_steps,settings",
    MACHINE_TYPES.map((type) => [
      type.name,
      DEMO_STEP_HOURS,
      "d",
      DEMO_HORIZON_STEPS,
      type.settings.join(";"),
    ]),
  );
}

/** `assets.csv`: parents before children; places have the type "Area" and no cost. */
export function assetsCsv(plant: Plant): string {
  const places = plant.places.map((place): Cell[] => [
    place.key,
    place.name,
    "Area",
    place.parentKey,
    plant.siteName,
    "medium",
  ]);
  const machines = plant.machines.map((machine): Cell[] => [
    machine.key,
    machine.name,
    machine.type.name,
    machine.parentKey,
    plant.siteName,
    machine.criticality,
    iso(machine.installedAtUs),
    machine.type.downtimeCostPerHour,
    machine.type.repairCost,
    machine.type.failureCost,
  ]);
  return csv(
    "key,name,type,parent,site,criticality,installed_at,downtime_cost_per_hour,repair_cost,failure_cost",
    [...places.map((row) => [...row, "", "", "", ""]), ...machines],
  );
}

/** `sensors.csv`: one row per sensor, with its limits. */
export function sensorsCsv(plant: Plant): string {
  return csv(
    "asset,name,unit,decimals,low_critical,low_warning,high_warning,high_critical",
    plant.machines.flatMap((machine) =>
      machine.type.signals.map((signal) => [
        machine.key,
        signal.name,
        signal.unit,
        signal.decimals,
        undefined, // a pump at rest is no alarm, so nothing here has a low limit
        undefined,
        signal.high?.[0],
        signal.high?.[1],
      ]),
    ),
  );
}

/** `maintenance.csv`: closed work orders by start. */
export function maintenanceCsv(plant: Plant): string {
  const records = plant.machines
    .flatMap((machine) => machine.maintenance)
    .sort((a, b) => a.startedAtUs - b.startedAtUs);
  return csv(
    "asset,started_at,finished_at,kind,failure_mode,title,cost,hours",
    records.map((record) => [
      record.assetKey,
      iso(record.startedAtUs),
      iso(record.finishedAtUs),
      record.kind,
      record.mode,
      record.title,
      record.cost,
      record.hours,
    ]),
  );
}
