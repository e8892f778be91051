import { type Fleet, type Machine, stepsOf } from "./fleet.ts";

/** A step of the machines' own clock, in event time. */
export const STEP_US = 3_600_000_000;
export const STEP_HOURS = 1;
export const TYPE_NAME = "Engine";

export type CsvFile = { readonly name: string; readonly text: string };

function iso(atUs: number): string {
  return new Date(atUs / 1_000).toISOString();
}

function csv(name: string, header: string, rows: readonly string[]): CsvFile {
  return { name, text: `${[header, ...rows].join("\n")}\n` };
}

/** When the machines run to failure failed: a while ago, so that nobody predicts them any more. */
export function failedAtUs(endUs: number): number {
  return endUs - 24 * STEP_US;
}

/** Start of a machine's first step, when its last one ends at `endUs`. */
export function startOf(machine: Machine, endUs: number): number {
  return endUs - stepsOf(machine) * STEP_US;
}

/** Time of the reading of a step: its middle, as a device would read. */
export function readingAtUs(machine: Machine, step: number, endUs: number): number {
  return startOf(machine, endUs) + (step + 0.5) * STEP_US;
}

export function assetTypesCsv(fleet: Fleet): CsvFile {
  return csv(
    "asset_types.csv",
    "name,clock_step_hours,clock_unit,planning_horizon_steps,settings",
    [`${TYPE_NAME},${STEP_HOURS},${fleet.clockUnit},${fleet.capSteps},${fleet.settings.join(";")}`],
  );
}

/** Assets and sensors of some machines. */
export function assetsCsv(machines: readonly Machine[], endUs: number): CsvFile[] {
  return [
    csv(
      "assets.csv",
      "key,type,installed_at",
      machines.map((own) => `${own.key},${TYPE_NAME},${iso(startOf(own, endUs))}`),
    ),
    csv(
      "sensors.csv",
      "asset,name",
      machines.flatMap((own) => [...own.columns.keys()].map((name) => `${own.key},${name}`)),
    ),
  ];
}

/** Readings in wide rows. */
export function readingsCsv(machines: readonly Machine[], endUs: number): CsvFile {
  const names = [...(machines[0]?.columns.keys() ?? [])];
  const rows = machines.flatMap((own) =>
    Array.from({ length: stepsOf(own) }, (_unused, i) => {
      const values = names.map((name) => own.columns.get(name)?.[i] ?? "");
      return [own.key, iso(readingAtUs(own, i, endUs)), ...values].join(",");
    }),
  );
  return csv("readings.csv", ["asset", "time", ...names].join(","), rows);
}

/** A failure of each machine at the end of its last step. */
export function failuresCsv(machines: readonly Machine[], endUs: number): CsvFile {
  return csv(
    "maintenance.csv",
    "asset,started_at,kind,failure_mode,external_key",
    machines.map((own) => `${own.key},${iso(endUs)},failure,worn out,F-${own.key}`),
  );
}
