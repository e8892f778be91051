import type { InboxRow } from "../../views/pages/inbox.tsx";
import { t } from "../../views/texts/index.ts";
import type { Asset } from "../domain/asset.ts";
import { type PlacementPattern, place } from "../domain/placement.ts";
import type { Sensor } from "../domain/sensor.ts";
import type { MappedSeries, SeriesRow } from "../domain/series-store.ts";
import type { WebDeps } from "./deps.ts";
import type { Frame } from "./shell.ts";

/** What is there already: assets by key, and how many series feed each sensor, by asset key and name. */
export type KnownPlaces = {
  readonly assetKeys: ReadonlySet<string>;
  readonly feeding: ReadonlyMap<string, number>;
};

/** Puts what is known of the plant side by side for rows of the inbox. */
export function knownPlaces(
  assets: readonly Asset[],
  sensors: readonly Sensor[],
  mapped: readonly MappedSeries[],
): KnownPlaces {
  const keyOf = new Map(assets.map((asset) => [asset.id, asset.key]));
  const counts = new Map<string, number>();
  for (const { sensorId } of mapped) counts.set(sensorId, (counts.get(sensorId) ?? 0) + 1);
  const feeding = new Map<string, number>();
  for (const { id, assetId, name } of sensors) {
    const count = counts.get(id);
    if (count !== undefined) feeding.set(placeKey(keyOf.get(assetId) ?? "", name), count);
  }
  return { assetKeys: new Set(keyOf.values()), feeding };
}

const placeKey = (assetKey: string, sensorName: string) => `${assetKey}\0${sensorName}`;

/** A series with the place that it looks like, or that the pattern gives it. */
export function inboxRow(
  deps: WebDeps,
  { format, nowUs }: Frame,
  row: SeriesRow,
  { assetKeys, feeding }: KnownPlaces,
  by: PlacementPattern | undefined,
): InboxRow {
  const tags = row.tags.map(([key, value]) => `,${key}=${value}`).join("");
  const last = deps.lastValue(row.seriesNo);
  const newest =
    last === undefined
      ? ""
      : `, last ${Number.isNaN(last.value) ? "a text" : format.number(last.value, 2)} ${format.ago(last.atUs, nowUs).text}`;
  const known = row.assetKey ?? row.deviceKey;
  const placement = by && place(by, row);
  const lacks = placement !== undefined && "missing" in placement ? placement.missing : undefined;
  const placed = placement !== undefined && "assetKey" in placement ? placement : undefined;
  const key = placed?.assetKey ?? (lacks ? "" : known);
  const sensorName = placed?.sensorName ?? row.sensorName;
  const count = feeding.get(placeKey(key, sensorName));
  const joins = count === undefined ? undefined : t.inbox.joins(sensorName, count);
  const asset = joins ?? assetText(key, assetKeys.has(key));
  return {
    seriesNo: row.seriesNo,
    series: `${row.measurement}${tags} ${row.field}`,
    sub: `since ${format.at(row.firstAtUs, nowUs).text}${newest}`,
    spark: [],
    assetKey: key,
    sensorName,
    why: lacks ? t.inbox.lacks(lacks.join(", ")) : placed ? `${t.inbox.fits}; ${asset}` : asset,
    unit: "",
    ticked: row.status === "inbox" && (placed !== undefined || (!lacks && assetKeys.has(key))),
  };
}

function assetText(key: string, isKnown: boolean): string {
  return isKnown ? `asset ${key} is known` : `makes a new asset ${key}`;
}
