import type { RangeRequest, SeriesPoints } from "../../../domain/reading-store.ts";
import type { DuckdbConnection } from "../connection.ts";
import type { LakeView } from "../lake/source.ts";
import { oneOf, timeLiteral } from "../schema.ts";
import { pointsOfReadings } from "./points.ts";

/** The lowest and highest reading of a slice of time. */
type Peaks = { lowAtUs: number; low: number; highAtUs: number; high: number };

/** One series while its readings come, in any order. */
type Gathered = {
  count: number;
  /** The first `maxPoints` that came: all of them, or too few to be used. */
  readonly atUs: Float64Array;
  readonly value: Float64Array;
  readonly slices: Map<number, Peaks>;
};

/**
 * Readings of each series; of one with more than `maxPoints` the lowest and highest of each slice of
 * time. One pass over the table.
 */
export async function readRaw(
  connection: DuckdbConnection,
  lake: LakeView,
  { seriesNos, fromUs, toUs, maxPoints }: RangeRequest,
): Promise<SeriesPoints[]> {
  const sliceUs = (toUs - fromUs) / Math.floor(maxPoints / 2);
  const gathered = new Map<number, Gathered>();
  await connection.chunks(
    `select series, epoch_us(time)::double, value from ${lake.readings({ seriesNos, fromUs, toUs })}
     where ${oneOf("series", seriesNos)} and time >= ${timeLiteral(fromUs)}
       and time < ${timeLiteral(toUs)} and not isnan(value)`,
    (rows) => {
      const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
      for (let row = 0; row < rows.count; row++) {
        const at = atUs[row] ?? 0;
        const one = gatheredOf(gathered, series[row] ?? 0, maxPoints);
        take(one, Math.floor((at - fromUs) / sliceUs), at, value[row] ?? 0);
      }
    },
  );
  return seriesNos.map((no) => {
    const one = gathered.get(no);
    if (!one) return pointsOfReadings(no, false, new Float64Array(), new Float64Array());
    return one.count > maxPoints ? peaksOf(no, one) : allOf(no, one);
  });
}

export function gatheredOf(
  all: Map<number, Gathered>,
  seriesNo: number,
  maxPoints: number,
): Gathered {
  const known = all.get(seriesNo);
  if (known) return known;
  const made = {
    count: 0,
    atUs: new Float64Array(maxPoints),
    value: new Float64Array(maxPoints),
    slices: new Map<number, Peaks>(),
  };
  all.set(seriesNo, made);
  return made;
}

export function take(one: Gathered, slice: number, atUs: number, value: number): void {
  one.atUs[one.count] = atUs;
  one.value[one.count] = value;
  one.count++;
  const peaks = one.slices.get(slice);
  if (!peaks) {
    one.slices.set(slice, { lowAtUs: atUs, low: value, highAtUs: atUs, high: value });
    return;
  }
  // Of equals the earliest counts, so that the points do not depend on the order of reading.
  if (value < peaks.low || (value === peaks.low && atUs < peaks.lowAtUs)) {
    peaks.low = value;
    peaks.lowAtUs = atUs;
  }
  if (value > peaks.high || (value === peaks.high && atUs < peaks.highAtUs)) {
    peaks.high = value;
    peaks.highAtUs = atUs;
  }
}

export function allOf(seriesNo: number, { count, atUs, value }: Gathered): SeriesPoints {
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => (atUs[a] ?? 0) - (atUs[b] ?? 0),
  );
  const pick = (from: Float64Array) => Float64Array.from(order, (index) => from[index] ?? 0);
  return pointsOfReadings(seriesNo, false, pick(atUs), pick(value));
}

export function peaksOf(seriesNo: number, { slices }: Gathered): SeriesPoints {
  const points: [atUs: number, value: number][] = [];
  for (const { lowAtUs, low, highAtUs, high } of slices.values()) {
    points.push([lowAtUs, low]);
    if (highAtUs !== lowAtUs) points.push([highAtUs, high]);
  }
  points.sort(([a], [b]) => a - b);
  const atUs = Float64Array.from(points, ([at]) => at);
  return pointsOfReadings(
    seriesNo,
    true,
    atUs,
    Float64Array.from(points, ([, value]) => value),
  );
}
