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
  /** Made once there are more than that. */
  slices: Map<number, Peaks> | undefined;
};

/** The slice of time that a reading lies in. */
type SliceOf = (atUs: number) => number;

/**
 * Readings of each series; of one with more than `maxPoints` the lowest and highest of each slice of
 * time. One pass over the table.
 */
export async function readRaw(
  connection: DuckdbConnection,
  lake: LakeView,
  { seriesNos, fromUs, toUs, maxPoints }: RangeRequest,
): Promise<SeriesPoints[]> {
  const sliceOf = slicesOf({ fromUs, toUs, maxPoints });
  const gathered = new Map<number, Gathered>();
  await connection.chunks(
    `select series, epoch_us(time)::double, value from ${lake.readings({ seriesNos, fromUs, toUs })}
     where ${oneOf("series", seriesNos)} and time >= ${timeLiteral(fromUs)}
       and time < ${timeLiteral(toUs)}`,
    (rows) => {
      const [series, atUs, value] = [rows.u32(0), rows.f64(1), rows.f64(2)];
      for (let row = 0; row < rows.count; row++) {
        const number = value[row] ?? 0;
        if (Number.isNaN(number)) continue;
        const one = gatheredOf(gathered, series[row] ?? 0, maxPoints);
        take(one, sliceOf, atUs[row] ?? 0, number);
      }
    },
  );
  return seriesNos.map((no) => {
    const one = gathered.get(no);
    if (!one) return pointsOfReadings(no, false, new Float64Array(), new Float64Array());
    return one.count > maxPoints ? peaksOf(no, one) : allOf(no, one);
  });
}

/** Slices of the span of which each gives two points. */
export function slicesOf({
  fromUs,
  toUs,
  maxPoints,
}: Pick<RangeRequest, "fromUs" | "toUs" | "maxPoints">): SliceOf {
  const sliceUs = (toUs - fromUs) / Math.floor(maxPoints / 2);
  return (atUs) => Math.floor((atUs - fromUs) / sliceUs);
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
    slices: undefined,
  };
  all.set(seriesNo, made);
  return made;
}

export function take(one: Gathered, sliceOf: SliceOf, atUs: number, value: number): void {
  const { count } = one;
  one.count++;
  if (count < one.atUs.length) {
    one.atUs[count] = atUs;
    one.value[count] = value;
    return;
  }
  if (!one.slices) {
    one.slices = new Map();
    for (let at = 0; at < count; at++) {
      const earlierUs = one.atUs[at] ?? 0;
      widen(one.slices, sliceOf(earlierUs), earlierUs, one.value[at] ?? 0);
    }
  }
  widen(one.slices, sliceOf(atUs), atUs, value);
}

function widen(slices: Map<number, Peaks>, slice: number, atUs: number, value: number): void {
  const peaks = slices.get(slice);
  if (!peaks) {
    slices.set(slice, { lowAtUs: atUs, low: value, highAtUs: atUs, high: value });
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
  if (isRising(atUs, count))
    return pointsOfReadings(seriesNo, false, atUs.slice(0, count), value.slice(0, count));
  const order = Uint32Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => (atUs[a] ?? 0) - (atUs[b] ?? 0),
  );
  const pick = (from: Float64Array) => Float64Array.from(order, (index) => from[index] ?? 0);
  return pointsOfReadings(seriesNo, false, pick(atUs), pick(value));
}

function isRising(atUs: Float64Array, count: number): boolean {
  for (let at = 1; at < count; at++) if ((atUs[at] ?? 0) < (atUs[at - 1] ?? 0)) return false;
  return true;
}

export function peaksOf(seriesNo: number, { slices }: Gathered): SeriesPoints {
  const points: [atUs: number, value: number][] = [];
  for (const { lowAtUs, low, highAtUs, high } of slices?.values() ?? []) {
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
