import type { KeyEntry, StripKey } from "../../views/pages/explore-key.tsx";
import type { ExploreTable } from "../../views/pages/explore-numbers.tsx";
import type { LinesChartProps, StripProps } from "../../views/ui/lines-chart.tsx";
import { lineLabelOf, type SensorPoints } from "./chart.ts";
import type { ExploreItem } from "./explore-items.ts";
import { brokenLine, commonGaps, type LineGroup, slicesOf } from "./explore-lines.ts";
import type { View } from "./explore-range.ts";
import type { Total } from "./explore-read.ts";
import type { Strip } from "./explore-strip.ts";
import type { Frame } from "./shell.ts";

export type Words = Pick<Frame, "format" | "nowUs" | "zone">;
/** Address of the view without an item. */
export type DropHref = (token: string) => string;

const NONE: SensorPoints = { tier: "raw", atUs: [], mean: [], min: [], max: [], n: [] };
const SLICES = 48;
const STYLES = [1, 2, 3, 4] as const;

/** Lowest, highest and mean of all readings, and how many they are. Pure. */
export function extremes(points: SensorPoints) {
  let [low, high, sum, n] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const [i, mean] of points.mean.entries()) {
    const count = points.n[i] ?? 0;
    if (Number.isNaN(mean) || count === 0) continue;
    low = Math.min(low, points.min[i] ?? mean);
    high = Math.max(high, points.max[i] ?? mean);
    sum += mean * count;
    n += count;
  }
  return n === 0 ? undefined : { low, high, mean: sum / n, n };
}

/** A chart of up to four lines of one unit, and its key. Pure. */
export function chartOfGroup(
  words: Words,
  view: Pick<View, "fromUs" | "toUs">,
  group: LineGroup & { readonly no: number },
  points: ReadonlyMap<string, SensorPoints>,
  dropHref: DropHref,
): { readonly chart: LinesChartProps; readonly key: readonly KeyEntry[] } {
  const { format, nowUs, zone } = words;
  const lines = group.items.map((item, i) => {
    const own = points.get(item.token) ?? NONE;
    const line = brokenLine(own, view, nowUs);
    return { item, own, line, look: STYLES[i] ?? 4 };
  });
  const names = group.items.map(({ name }) => name).join(", ");
  const chart: LinesChartProps = {
    ...{ id: `explore-${group.no}`, title: names, unit: group.unit, zone },
    summary: lines.map(({ item, own }) => summaryOf(words, item, own)).join(" "),
    ...{ fromUs: view.fromUs, toUs: view.toUs, nowUs: nowUs <= view.toUs ? nowUs : undefined },
    ...{ atUs: [], values: [], lineLabel: "", limits: [], marks: [] },
    xTicks: format.timeTicks(view.fromUs, view.toUs, 7),
    gaps: commonGaps(
      lines.map(({ line }) => line),
      (lengthUs) => `no data ${format.duration(lengthUs / 1000)}`,
    ),
    traces: lines.map(({ item, line, look }) => ({
      ...{ name: item.name, look, decimals: item.decimals, stepUs: line.stepUs },
      ...{ atUs: line.atUs, values: line.values, low: line.low, high: line.high },
    })),
  };
  const key = lines.map(({ item, look }) => ({
    ...{ name: item.name, href: item.href, look, dropHref: dropHref(item.token) },
  }));
  return { chart, key };
}

function summaryOf({ format }: Words, item: ExploreItem, points: SensorPoints): string {
  const all = extremes(points);
  if (all === undefined) return `${item.name}: no readings in this time.`;
  const show = (value: number) => format.value(value, item.decimals, item.unit);
  return `${item.name}: lowest ${show(all.low)}, highest ${show(all.high)}, mean ${show(all.mean)}.`;
}

/** What one line was over the whole span. Pure. */
export function numbersRow(
  { format, nowUs }: Words,
  view: Pick<View, "fromUs" | "toUs">,
  item: ExploreItem,
  points: SensorPoints = NONE,
  total?: Total,
) {
  const all = extremes(points);
  const show = (value: number | undefined) => format.value(value, item.decimals, item.unit);
  const { gaps } = brokenLine(points, view, nowUs);
  const longestUs = gaps.reduce((most, gap) => Math.max(most, gap.toUs - gap.fromUs), 0);
  // Of raw readings that were thinned out, the points are not all there are.
  const isThinned = points.tier === "raw" && points.reduced === true;
  return {
    name: item.name,
    ...{
      low: show(all?.low),
      high: show(all?.high),
      mean: isThinned ? show(total?.mean) : show(all?.mean),
    },
    readings: readingsText(format, { ...{ all: all?.n, total: total?.n }, isThinned }),
    gaps:
      gaps.length === 0
        ? "none"
        : `${format.number(gaps.length)}, longest ${format.duration(longestUs / 1000)}`,
    point: isThinned ? "lowest or highest of its time" : pointText(points),
  };
}

function readingsText(
  format: Words["format"],
  of: { all: number | undefined; total: number | undefined; isThinned: boolean },
): string {
  if (of.all === undefined) return "none";
  if (!of.isThinned) return format.number(of.all);
  return of.total === undefined ? `over ${format.number(of.all)}` : format.number(of.total);
}

function pointText(points: SensorPoints): string {
  const label = lineLabelOf(points);
  return label === "measured" ? "one reading" : label;
}

/** The lines as a table of slices. Pure. */
export function tableOfLines(
  { format }: Words,
  view: Pick<View, "fromUs" | "toUs">,
  items: readonly ExploreItem[],
  points: ReadonlyMap<string, SensorPoints>,
): ExploreTable {
  const rows = slicesOf(
    items.map(({ token }) => points.get(token) ?? NONE),
    view,
    SLICES,
  );
  const length = format.duration((view.toUs - view.fromUs) / SLICES / 1000);
  return {
    columns: items.map(({ name, unit }) => (unit === "" ? name : `${name}, ${unit}`)),
    rows: rows.map(({ fromUs, cells }) => ({
      at: format.dayClock(fromUs),
      cells: cells.map((cell, i) => {
        const number = (value: number) => format.number(value, items[i]?.decimals ?? 2);
        if (cell === undefined) return "no data";
        return `${number(cell.mean)} (${number(cell.min)} to ${number(cell.max)})`;
      }),
    })),
    note: `Each row is ${length} from its time on: the mean, and the lowest to the highest.`,
  };
}

/** A strip and its key; shades go by how long each state held. Pure. */
export function stripView(
  { format }: Words,
  view: Pick<View, "fromUs" | "toUs">,
  item: ExploreItem & { readonly no: number },
  strip: Strip = { runs: [], cutAtUs: undefined },
  dropHref: DropHref = () => "",
): { readonly strip: StripProps; readonly key: StripKey } {
  const held = new Map<string, number>();
  for (const { text, fromUs, toUs } of strip.runs)
    held.set(text, (held.get(text) ?? 0) + toUs - fromUs);
  const states = [...held].sort((a, b) => b[1] - a[1]).map(([text]) => text);
  const share = (text: string) => format.percent((held.get(text) ?? 0) / (view.toUs - view.fromUs));
  const shown = states.map((text, shade) => ({ text, shade, share: share(text) }));
  const clock = (atUs: number) => format.dayClock(atUs).text;
  return {
    strip: {
      ...{ id: `strip-${item.no}`, name: item.name, fromUs: view.fromUs, toUs: view.toUs },
      runs: strip.runs.map(({ fromUs, toUs, text }) => ({
        ...{ fromUs, toUs, text, shade: states.indexOf(text) },
        title: `${text}, ${clock(fromUs)} to ${clock(toUs)}`,
      })),
      summary:
        shown.length === 0
          ? "nothing is known of this time"
          : shown.map((state) => `${state.text} ${state.share}`).join(", "),
    },
    key: {
      ...{ name: item.name, href: item.href, dropHref: dropHref(item.token), states: shown },
      note:
        strip.cutAtUs === undefined
          ? shown.length === 0
            ? "nothing is known of this time"
            : undefined
          : `shown up to ${clock(strip.cutAtUs)}: there are too many readings, zoom in`,
    },
  };
}
