import { and, eq, ne } from "drizzle-orm";
import type { Actor } from "../domain/actor.ts";
import { AppError } from "../domain/error.ts";
import type { SeriesKind } from "../domain/series.ts";
import type { Adoption, SeriesRow } from "../domain/series-store.ts";
import { insertAsset } from "./asset-store.ts";
import type { Changing } from "./change.ts";
import { columnsOf, needId, plain } from "./rows.ts";
import { assets, sensors, series } from "./schema/plant.ts";
import { insertSensor } from "./sensor-store.ts";

/** Columns of a series as stores hand it out. */
export const { framedZone: _, ...seriesColumns } = columnsOf(series);

/** Maps series to sensors, one after the other in their order; all of them or none. */
export async function adoptSeries(
  x: Changing,
  who: Actor,
  adoptions: readonly Adoption[],
): Promise<readonly SeriesRow[]> {
  const adopted: SeriesRow[] = [];
  for (const adoption of adoptions) {
    const where = eq(series.seriesNo, adoption.seriesNo);
    const [row] = await x.tx.select(seriesColumns).from(series).where(where).for("update");
    if (row === undefined)
      throw new AppError(
        "not-found",
        `series ${adoption.seriesNo}: there is none with that number`,
      );
    const sensorId = await sensorOf(x, who, adoption, plain(row));
    await checkKind(x, sensorId, row);
    const mappedFromUs = Math.round(adoption.fromUs ?? row.firstAtUs);
    const set = { status: "adopted", sensorId, mappedFromUs } as const;
    const [after] = await x.tx
      .update(series)
      .set({ ...set, version: row.version + 1 })
      .where(where)
      .returning(seriesColumns);
    if (after) adopted.push(plain(after));
    x.audit("series.adopt", String(row.seriesNo), { status: row.status }, set);
    x.notify("series", String(row.seriesNo));
  }
  return adopted;
}

/** The sensor that was named, by id or by names; made when its names are new. */
async function sensorOf(
  x: Changing,
  who: Actor,
  adoption: Adoption,
  row: SeriesRow,
): Promise<string> {
  const { sensorId } = adoption;
  if (sensorId !== undefined) {
    if (adoption.assetKey !== undefined || adoption.sensorName !== undefined)
      throw new AppError("invalid", `series ${row.seriesNo}: name the sensor by id or by names`);
    needId(sensorId, "sensor");
    const byId = eq(sensors.id, sensorId);
    const [known] = await x.tx.select({ id: sensors.id }).from(sensors).where(byId);
    if (known === undefined) throw new AppError("not-found", "sensor: there is none with that id");
    return known.id;
  }
  const key = adoption.assetKey ?? row.assetKey ?? row.deviceKey;
  const [found] = await x.tx.select(columnsOf(assets)).from(assets).where(eq(assets.key, key));
  const asset = found ?? (await insertAsset(x, who.tenantId, { key }));
  const name = adoption.sensorName ?? row.sensorName;
  const named = and(eq(sensors.assetId, asset.id), eq(sensors.name, name));
  const [known] = await x.tx.select({ id: sensors.id }).from(sensors).where(named);
  const input = { assetId: asset.id, name, kind: row.kind, unit: adoption.unit };
  return (known ?? (await insertSensor(x, who.tenantId, input))).id;
}

/** One history has one kind: a series joins others of its own kind alone. */
async function checkKind(
  x: Changing,
  sensorId: string,
  row: { readonly seriesNo: number; readonly kind: SeriesKind },
): Promise<void> {
  const others = and(eq(series.sensorId, sensorId), ne(series.kind, row.kind));
  const [other] = await x.tx
    .select({ seriesNo: series.seriesNo, kind: series.kind })
    .from(series)
    .where(and(others, ne(series.seriesNo, row.seriesNo)))
    .limit(1);
  if (other === undefined) return;
  throw new AppError(
    "invalid",
    `series ${row.seriesNo} is ${row.kind}, and series ${other.seriesNo}, which feeds the sensor, is ${other.kind}; give it a sensor of its own`,
  );
}
