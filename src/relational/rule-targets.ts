import { sql as text } from "drizzle-orm";
import type { RuleTargets } from "../domain/rule-compile.ts";
import type { Rule } from "../domain/rule-store.ts";
import type { SeriesKind } from "../domain/series.ts";
import { run, type Tx } from "./database.ts";

type ByName = { name: string; type: string | null; kind: SeriesKind; numbers: number[] };
type BySensor = { sensor: string; kind: SeriesKind; numbers: number[] };

/**
 * The mapped series that the rules' scopes name, in groups, which the database makes: a row for each of a
 * million series would cost a gigabyte here.
 */
export async function ruleTargets(tx: Tx, rules: readonly Rule[]): Promise<RuleTargets> {
  const names = new Set<string>();
  const sensorIds = new Set<string>();
  for (const { scope } of rules)
    if (scope.kind === "sensor") sensorIds.add(scope.sensorId);
    else names.add(scope.sensorName);
  const byName = names.size === 0 ? [] : await groupsByName(tx, JSON.stringify([...names]));
  const bySensor = sensorIds.size === 0 ? [] : await groupsBySensor(tx, [...sensorIds]);
  return {
    byName: byName.map(({ name, type, kind, numbers }) => ({
      ...{ sensorName: name, assetTypeId: type ?? undefined },
      ...{ kind, seriesNos: numbers },
    })),
    bySensor: bySensor.map(({ sensor, kind, numbers }) => ({
      ...{ sensorId: sensor, kind, seriesNos: numbers },
    })),
  };
}

function groupsByName(tx: Tx, names: string): Promise<ByName[]> {
  return run<ByName>(
    tx,
    text`
    select sensors.name, assets.type_id as type, series.kind, json_agg(series.series_no) as numbers
      from series
      join sensors on sensors.tenant_id = series.tenant_id and sensors.id = series.sensor_id
      join assets on assets.tenant_id = sensors.tenant_id and assets.id = sensors.asset_id
     where sensors.name in (select jsonb_array_elements_text(${names}::jsonb))
     group by 1, 2, 3`,
  );
}

function groupsBySensor(tx: Tx, sensorIds: readonly string[]): Promise<BySensor[]> {
  return run<BySensor>(
    tx,
    text`
    select series.sensor_id as sensor, series.kind, json_agg(series.series_no) as numbers
      from series
     where series.sensor_id in
       (select value::uuid from jsonb_array_elements_text(${JSON.stringify(sensorIds)}::jsonb))
     group by 1, 2`,
  );
}
