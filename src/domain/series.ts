/** A series' kind is set by its first reading; a reading of another kind is quarantined. */
export type SeriesKind = "numeric" | "boolean" | "state" | "waveform";

/** Tags sorted by key, each key once. */
export type Tags = readonly (readonly [key: string, value: string])[];

/** What a stored series is: everything else about it (asset, sensor, unit) is a mapping above this. */
export type SeriesIdentity = {
  readonly tenantNo: number;
  readonly measurement: string;
  readonly tags: Tags;
  readonly field: string;
};

/** A series as the log's dictionary knows it. */
export type SeriesEntry = SeriesIdentity & {
  /** Number of the series on this installation, from 1; never reused. */
  readonly seriesNo: number;
  readonly kind: SeriesKind;
  /** The source that first sent it. */
  readonly sourceNo: number;
  /** All fold state hangs on this key; adoption never moves it. */
  readonly deviceKey: string;
  /** Event time of its first reading. */
  readonly firstAtUs: number;
};

const ASSET_TAGS = ["asset", "asset_id", "device_id", "host"];
const SENSOR_TAGS = ["sensor", "sensor_id"];

function tagOf(tags: Tags, names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = tags.find(([key]) => key === name);
    if (found) return found[1];
  }
  return undefined;
}

/** The asset as the device names it: the first of the tags asset, asset_id, device_id, host. */
export function assetKeyOf(tags: Tags): string | undefined {
  return tagOf(tags, ASSET_TAGS);
}

/** The device key: the asset's name as sent, else the measurement with all tags but the sensor's. */
export function deviceKeyOf(measurement: string, tags: Tags): string {
  const asset = assetKeyOf(tags);
  if (asset !== undefined) return asset;
  const rest = tags.filter(([key]) => !SENSOR_TAGS.includes(key));
  return rest.length === 0
    ? measurement
    : `${measurement} ${rest.map(([k, v]) => `${k}=${v}`).join(" ")}`;
}

/**
 * The sensor as the device names it: the tag sensor (or sensor_id) when the field is "value", with the
 * field appended when it is not; without such a tag the field. Tags that name neither asset nor sensor
 * are appended, since they tell series apart.
 */
export function sensorNameOf(tags: Tags, field: string): string {
  const tag = tagOf(tags, SENSOR_TAGS);
  const asset = ASSET_TAGS.find((name) => tags.some(([key]) => key === name));
  const rest = tags.filter(([key]) => key !== asset && !SENSOR_TAGS.includes(key));
  const base = tag === undefined ? field : field === "value" ? tag : `${tag} ${field}`;
  return rest.length === 0 ? base : `${base} (${rest.map(([k, v]) => `${k}=${v}`).join(", ")})`;
}
