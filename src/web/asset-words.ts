import type { AssetPrediction, AssetProps } from "../../views/pages/asset.tsx";
import type { AssetMode } from "../domain/asset.ts";
import type { StoredHealth } from "../domain/prediction-store.ts";
import type { PlantAsset } from "./plant.ts";
import { capital, predictionWords } from "./prediction-words.ts";
import type { Frame } from "./shell.ts";
import { counted } from "./trust.ts";

type Words = Pick<Frame, "format" | "nowUs">;

const DAY_US = 86_400_000_000;
/** What people say of an asset. */
export const MODE_TEXT: Readonly<Record<AssetMode, string>> = {
  "in-service": "In service",
  maintenance: "In maintenance",
  stopped: "Stopped",
  retired: "Retired",
};

/** Short facts beside the state. Pure. */
export function chipsOf({ format, nowUs }: Words, { asset, type }: PlantAsset): string[] {
  return [
    MODE_TEXT[asset.mode],
    `Criticality ${asset.criticality}`,
    ...(type === undefined ? [] : [type.name]),
    ...(asset.installedAtUs === undefined
      ? []
      : [`Installed ${format.at(asset.installedAtUs, nowUs).text}`]),
  ];
}

/** What stands across the page while not all is as usual. Pure. */
export function noteOf(words: Words, machine: PlantAsset, active: number): AssetProps["note"] {
  const { format, nowUs } = words;
  const { mode, modeUntilUs } = machine.asset;
  const alarms = active === 0 ? "" : ` ${capital(counted(active, "alarm"))} stay as they are.`;
  if (mode === "maintenance") {
    const until = modeUntilUs === undefined ? "" : ` until ${format.at(modeUntilUs, nowUs).title}`;
    return { level: "info", text: `In maintenance${until}.${alarms}` };
  }
  if (mode === "stopped" || mode === "retired")
    return { level: "info", text: `${MODE_TEXT[mode]}: silence is not a fault.${alarms}` };
  if (machine.state !== "blind" && machine.newestUs !== undefined) return undefined;
  if (machine.sensors.length === 0) return undefined;
  if (machine.newestUs === undefined)
    return { level: "warning", text: "Nothing was read of it yet, so nobody can say how it is." };
  const silent = format.duration((nowUs - machine.newestUs) / 1000);
  return {
    level: "warning",
    text: `No data for ${silent}. What is shown is from before.${alarms}`,
  };
}

/** Points that health lost, by cause; none where they cannot be read. Pure. */
export function healthParts(stored: StoredHealth | undefined): { label: string; value: number }[] {
  if (!Array.isArray(stored?.parts)) return [];
  return stored.parts.flatMap((part: unknown) => {
    if (typeof part !== "object" || part === null) return [];
    const { name, points } = part as { name?: unknown; points?: unknown }; // checked below
    return typeof name === "string" && typeof points === "number"
      ? [{ label: capital(name), value: points }]
      : [];
  });
}

/** Score of about a day before the newest: "was 41 on Tue 17"; empty when there is none. Pure. */
export function healthBefore(words: Words, history: readonly StoredHealth[]): string {
  const newest = history.at(-1);
  if (newest === undefined) return "";
  const before = history.findLast((one) => one.atUs <= newest.atUs - 0.8 * DAY_US);
  if (before === undefined) return "";
  return `${words.format.at(before.atUs, words.nowUs).text} it was ${Math.round(before.score)}`;
}

/** How much of it can be seen. Pure. */
export function coverageText({ sensors, silentSensors, newestUs, prediction }: PlantAsset): string {
  if (sensors.length === 0) return "It has no sensors.";
  if (newestUs === undefined) return `None of ${counted(sensors.length, "sensor")} was read yet.`;
  const silent =
    silentSensors === 0
      ? `No sensor is silent.`
      : `${counted(silentSensors, "sensor")} of ${sensors.length} ${silentSensors === 1 ? "is" : "are"} silent.`;
  return prediction === undefined
    ? silent
    : `${silent} ${Math.round(prediction.coverage * 100)}\u202f% of the expected data was there.`;
}

/** Why there is no score. Pure. */
export function healthUnknown(words: Words, machine: PlantAsset, nextUs: number): string {
  const { format, nowUs } = words;
  if (machine.sensors.length === 0) return "It has no sensors to judge it by.";
  const last = machine.storedHealth;
  const before =
    last === undefined
      ? ""
      : ` The last score was ${Math.round(last.score)}, ${format.ago(last.atUs, nowUs).text}.`;
  if (machine.newestUs === undefined) return "Nothing was read of it yet.";
  if (nowUs - machine.newestUs > machine.silentAfterUs)
    return `No data for ${format.duration((nowUs - machine.newestUs) / 1000)}.${before}`;
  return `It has not been scored yet. The next scoring is ${format.ago(nextUs, nowUs).text}.`;
}

/** The panel of what will probably happen; undefined when nothing was predicted. Pure. */
export function assetPrediction(words: Words, machine: PlantAsset): AssetPrediction | undefined {
  const said = predictionWords(words.format, machine, machine.prediction);
  if (said === undefined || machine.prediction === undefined) return undefined;
  return {
    id: machine.prediction.id,
    sentence: said.sentence,
    second: said.second,
    range: said.range,
    why: said.isRule ? "" : said.why,
    isRule: said.isRule,
    missing: said.missing,
  };
}

/** How old its newest reading is. Pure. */
export function ageText({ format, nowUs }: Words, newestUs: number | undefined): string {
  return newestUs === undefined
    ? "never read"
    : `${format.duration((nowUs - newestUs) / 1000)} old`;
}
