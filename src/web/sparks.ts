import type { Spark } from "../../views/ui/model.ts";
import { readSensors, sparkOf } from "./chart.ts";
import type { WebDeps } from "./deps.ts";
import type { Plant } from "./plant.ts";

const SPARK_US = 30 * 86_400_000_000;
/** Hourly means of 30 days. */
const SPARK_POINTS = 720;

/** Sparklines of 30 days for many sensors, with one read; a sensor without readings has an empty one. */
export async function readSparks(
  deps: WebDeps,
  plant: Plant,
  sensorIds: readonly string[],
  nowUs: number,
): Promise<(sensorId: string | undefined) => Spark> {
  const fromUs = nowUs - SPARK_US;
  const found = await readSensors(deps.readings, plant.mapped, sensorIds, {
    fromUs,
    toUs: nowUs,
    maxPoints: SPARK_POINTS,
  });
  return (sensorId) => {
    const points = sensorId === undefined ? undefined : found.get(sensorId);
    return points === undefined || points.atUs.length === 0 ? [] : sparkOf(points, fromUs, nowUs);
  };
}
