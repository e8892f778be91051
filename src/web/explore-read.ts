import type { ReadingReads, ReadingRows } from "../domain/reading-store.ts";
import { readSensors, type SensorPoints } from "./chart.ts";
import type { ExploreItem } from "./explore-items.ts";
import type { View } from "./explore-range.ts";
import { type StateReading, type Strip, stripOf } from "./explore-strip.ts";

/** Points of a whole page, shared by its lines: a browser draws these at once. */
const POINTS_PER_PAGE = 4_800;
const POINTS_MOST = 800;
/** Readings looked at for one strip. */
const STRIP_ROWS = 100_000;
/** How far before the span a state is looked for that still holds at its start. */
const BEFORE_MOST_US = 7 * 86_400e6;

export type Explored = {
  /** By token; those of numeric items that have series. */
  readonly points: ReadonlyMap<string, SensorPoints>;
  readonly strips: ReadonlyMap<string, Strip>;
  /** Mean and number of all readings of lines whose points are not all there are. */
  readonly totals: ReadonlyMap<string, Total>;
};

export type Total = { readonly mean: number; readonly n: number };

type Reads = Pick<ReadingReads, "range" | "rows" | "latest" | "gridded">;

export const isLine = ({ kind }: Pick<ExploreItem, "kind">): boolean => kind === "numeric";
export const isStrip = ({ kind }: Pick<ExploreItem, "kind">): boolean =>
  kind === "state" || kind === "boolean";

/** How many points each line may have. Pure. */
export function pointsEach(lines: number): number {
  return Math.min(POINTS_MOST, Math.floor(POINTS_PER_PAGE / Math.max(1, lines)));
}

/**
 * Reads what is shown: lines with one read, each strip with its own.
 * @throws AppError "invalid" or "unavailable" when the store refuses the read.
 */
export async function explore(
  reads: Reads,
  items: readonly ExploreItem[],
  view: Pick<View, "fromUs" | "toUs" | "tier">,
  nowUs: number,
): Promise<Explored> {
  const lines = items.filter(isLine);
  const strips = items.filter((item) => isStrip(item) && item.mapped.length > 0);
  const points = await readSensors(
    reads,
    lines.flatMap((item) => item.mapped),
    lines.map((item) => item.token),
    { ...view, maxPoints: pointsEach(lines.length) },
  );
  const [totals, read] = await Promise.all([
    readTotals(reads, lines, points, view),
    Promise.all(
      strips.map(async (item) => [item.token, await readStrip(reads, item, view, nowUs)] as const),
    ),
  ]);
  return { points, totals, strips: new Map(read) };
}

/** Readings that were thinned out to peaks do not tell their mean: it is read by itself. */
async function readTotals(
  reads: Reads,
  lines: readonly ExploreItem[],
  points: ReadonlyMap<string, SensorPoints>,
  { fromUs, toUs }: Pick<View, "fromUs" | "toUs">,
): Promise<ReadonlyMap<string, Total>> {
  const thinned = lines.filter(({ token, mapped }) => {
    const own = points.get(token);
    // Where one series takes over from another, the sum over both would count too much.
    return own?.tier === "raw" && own.reduced === true && mapped.length === 1;
  });
  if (thinned.length === 0) return new Map();
  const tokenOf = new Map(thinned.map((one) => [one.mapped[0]?.seriesNo ?? 0, one.token]));
  const span = { fromUs: Math.round(fromUs), toUs: Math.round(toUs) };
  const stepUs = span.toUs - span.fromUs;
  const found = await reads.gridded({ seriesNos: [...tokenOf.keys()], ...span, stepUs });
  return new Map(
    found.map(({ seriesNo, mean, count }) => [
      tokenOf.get(seriesNo) ?? "",
      { mean: mean[0] ?? Number.NaN, n: count[0] ?? 0 },
    ]),
  );
}

async function readStrip(
  reads: Reads,
  item: ExploreItem,
  { fromUs, toUs }: Pick<View, "fromUs" | "toUs">,
  nowUs: number,
): Promise<Strip> {
  const seriesNos = item.mapped.map(({ seriesNo }) => seriesNo);
  const beforeUs = Math.min(toUs - fromUs, BEFORE_MOST_US);
  const [rows, latest] = await Promise.all([
    reads.rows({
      ...{ seriesNos, of: "all", limit: STRIP_ROWS },
      ...{ fromUs: Math.round(fromUs - beforeUs), toUs: Math.round(toUs) },
    }),
    reads.latest({ seriesNos }),
  ]);
  const readings = stateReadings(item, rows);
  const newest = [...latest].sort((a, b) => b.atUs - a.atUs)[0];
  if (readings.length === 0 && newest !== undefined && newest.atUs < fromUs)
    readings.push({ atUs: newest.atUs, text: newest.text ?? onOff(newest.value) });
  return stripOf(readings, { fromUs, toUs }, { nowUs, isCut: rows.more });
}

/** Readings of all series of an item, in order of time; each series counts until the next takes over. */
function stateReadings(item: ExploreItem, rows: ReadingRows): StateReading[] {
  const ordered = [...item.mapped].sort((a, b) => a.mappedFromUs - b.mappedFromUs);
  const spanOf = new Map(
    ordered.map((one, i) => [
      one.seriesNo,
      {
        fromUs: one.mappedFromUs,
        untilUs: ordered[i + 1]?.mappedFromUs ?? Number.POSITIVE_INFINITY,
      },
    ]),
  );
  const textOf = new Map(rows.texts.map((one) => [`${one.series} ${one.atUs}`, one.text]));
  const readings: StateReading[] = [];
  for (let row = 0; row < rows.count; row++) {
    const [series, atUs] = [rows.series[row] ?? 0, rows.atUs[row] ?? 0];
    const span = spanOf.get(series);
    if (span === undefined || atUs < span.fromUs || atUs >= span.untilUs) continue;
    const text = textOf.get(`${series} ${atUs}`) ?? onOff(rows.value[row] ?? Number.NaN);
    readings.push({ atUs, text });
  }
  return readings.sort((a, b) => a.atUs - b.atUs);
}

const onOff = (value: number): string =>
  Number.isNaN(value) ? "not known" : value === 0 ? "off" : "on";
