import { paths } from "../../views/paths.ts";
import type { Caller } from "../domain/access.ts";
import { nameBesideKey } from "../domain/asset.ts";
import { readableLabel } from "../domain/sensor.ts";
import type { SeriesKind } from "../domain/series.ts";
import type { MappedSeries, SeriesRow } from "../domain/series-store.ts";
import type { WebDeps } from "./deps.ts";

/** A line or strip of the explorer: a sensor with the series that feed it, or a series by itself. */
export type ExploreItem = {
  /** As in the address: the sensor's id, or the series' number. */
  readonly token: string;
  /** Asset and sensor as people read them. */
  readonly name: string;
  readonly asset: string;
  readonly unit: string;
  readonly decimals: number;
  readonly kind: SeriesKind;
  /** The sensor's page. */
  readonly href: string | undefined;
  /** With the token in the place of the sensor's id. */
  readonly mapped: readonly MappedSeries[];
};

/** Something to add, found by words. */
export type Findable = Pick<ExploreItem, "token" | "name" | "unit" | "kind">;

const FOUND_MOST = 20;
const SERIES_NO = /^[1-9]\d{0,9}$/;

type Stores = Pick<WebDeps["stores"], "assets" | "sensors" | "series">;

/** What the tokens name of the tenant's own, in their order; what is not there is counted. */
export async function readItems(
  stores: Stores,
  caller: Caller,
  tokens: readonly string[],
): Promise<{ readonly items: readonly ExploreItem[]; readonly missing: number }> {
  if (tokens.length === 0) return { items: [], missing: 0 };
  const assets = new Map((await stores.assets.all(caller)).map((one) => [one.id, one]));
  const found = await Promise.all(
    tokens.map((token) =>
      SERIES_NO.test(token)
        ? ofSeries(stores, caller, token)
        : ofSensor(stores, caller, token, (id) => {
            const asset = assets.get(id);
            return asset && { key: asset.key, name: nameBesideKey(asset) };
          }),
    ),
  );
  const items = found.filter((one) => one !== undefined);
  return { items, missing: tokens.length - items.length };
}

async function ofSensor(
  stores: Stores,
  caller: Caller,
  id: string,
  assetOf: (id: string) => { readonly key: string; readonly name: string } | undefined,
): Promise<ExploreItem | undefined> {
  const [sensor, mapped] = await Promise.all([
    stores.sensors.get(caller, id),
    stores.series.mapped(caller, { sensorId: id }),
  ]);
  if (sensor === undefined) return undefined;
  const asset = assetOf(sensor.assetId);
  return {
    token: id,
    name: `${asset?.key ?? ""} ${readableLabel(sensor)}`.trim(),
    asset: asset === undefined ? "" : `${asset.key} ${asset.name}`.trim(),
    unit: sensor.unit,
    decimals: sensor.decimals,
    kind: sensor.kind,
    href: paths.sensor(id),
    mapped,
  };
}

/** How a series is named that feeds no sensor. */
export function seriesName(row: Pick<SeriesRow, "assetKey" | "sensorName" | "measurement">) {
  return `${row.assetKey ?? row.measurement} ${row.sensorName}`;
}

async function ofSeries(
  stores: Stores,
  caller: Caller,
  token: string,
): Promise<ExploreItem | undefined> {
  const row = await stores.series.get(caller, Number(token));
  if (row === undefined) return undefined;
  return {
    token,
    name: `${seriesName(row)} (series ${token})`,
    asset: row.assetKey ?? "",
    unit: "",
    decimals: 2,
    kind: row.kind,
    href: row.sensorId === undefined ? undefined : paths.sensor(row.sensorId),
    mapped: [
      {
        ...{ seriesNo: row.seriesNo, kind: row.kind, sensorId: token, sensorName: row.sensorName },
        ...{ assetId: "", assetTypeId: undefined, mappedFromUs: Number.NEGATIVE_INFINITY },
      },
    ],
  };
}

/** Sensors and unplaced series whose asset, name or label holds every word. */
export async function findItems(
  stores: Stores,
  caller: Caller,
  q: string,
): Promise<{ readonly found: readonly Findable[]; readonly more: boolean }> {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return { found: [], more: false };
  const [assets, sensors, inbox] = await Promise.all([
    stores.assets.all(caller),
    stores.sensors.all(caller),
    stores.series.list(caller, { status: "inbox", query: first, limit: 200 }),
  ]);
  const fits = (...texts: string[]) => {
    const all = texts.join(" ").toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const assetOf = new Map(assets.map((one) => [one.id, one]));
  const found: Findable[] = [];
  for (const sensor of sensors) {
    const asset = assetOf.get(sensor.assetId);
    const label = readableLabel(sensor);
    if (sensor.kind === "waveform") continue;
    if (!fits(asset?.key ?? "", asset?.name ?? "", sensor.name, label)) continue;
    const name = `${asset?.key ?? ""} ${label}`.trim();
    found.push({ token: sensor.id, name, unit: sensor.unit, kind: sensor.kind });
    if (found.length > FOUND_MOST) break;
  }
  for (const row of inbox.items) {
    if (found.length > FOUND_MOST) break;
    if (row.kind === "waveform" || !fits(seriesName(row), row.measurement, row.field)) continue;
    const name = `${seriesName(row)} (series ${row.seriesNo})`;
    found.push({ token: String(row.seriesNo), name, unit: "", kind: row.kind });
  }
  return { found: found.slice(0, FOUND_MOST), more: found.length > FOUND_MOST };
}
