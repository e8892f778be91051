import { join } from "node:path";
import type { DuckdbConnection } from "../connection.ts";
import { literal } from "../schema.ts";
import { makeFolder, settleFile } from "./files.ts";

/**
 * Writes `tenant=<number>/series.parquet`: number, asset, sensor, unit, class, measurement, tags, field,
 * kind and zone of each of the tenant's series, so that any tool resolves the numbers of the day files.
 */
export async function writeCatalogue(
  connection: DuckdbConnection,
  root: string,
  tenantNo: number,
): Promise<void> {
  const folder = join(root, `tenant=${tenantNo}`);
  const file = join(folder, "series.parquet");
  await makeFolder(root, folder);
  await connection.run(`copy (
      select s.series, coalesce(f.asset, '') as asset, coalesce(f.sensor, '') as sensor,
        coalesce(f.unit, '') as unit, coalesce(f.class, 'default') as class, s.measurement,
        s.tags, s.field, s.kind, s.device_key, s.zone
      from series s left join series_facts f on f.series = s.series
      where s.tenant = ${Math.trunc(tenantNo)} order by s.series)
    to ${literal(`${file}.tmp`)} (format parquet, compression zstd)`);
  await settleFile(`${file}.tmp`, file);
}
