import { paths, withQuery } from "../../views/paths.ts";
import { TIERS, type Tier } from "../domain/reading-store.ts";
import { readLocalTime } from "./form.ts";

/** Ranges that end now, by the word in the address, in µs. */
export const EXPLORE_RANGES = {
  "1h": 3_600e6,
  "6h": 6 * 3_600e6,
  "24h": 86_400e6,
  "7d": 7 * 86_400e6,
  "30d": 30 * 86_400e6,
  "60d": 60 * 86_400e6,
  "1y": 365 * 86_400e6,
} as const;
export type ExploreRange = keyof typeof EXPLORE_RANGES;

export const RESOLUTIONS = ["auto", ...TIERS] as const;

/** At most so many series at once: more nobody tells apart. */
export const SERIES_MOST = 12;
const SHORTEST_US = 1_000_000;
const LONGEST_US = 40 * 366 * 86_400e6;
const EARLIEST_US = 0;

/** What the explorer's address asks for, as text. */
export type ExploreQuery = {
  readonly s?: string | readonly string[] | undefined;
  readonly range?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly res?: string | undefined;
  readonly view?: string | undefined;
  readonly q?: string | undefined;
};

/** What is shown: `range` is set while it ends now, else both ends are fixed. */
export type View = {
  /** Sensors by their id, series by their number. */
  readonly chosen: readonly string[];
  readonly range: ExploreRange | undefined;
  readonly fromUs: number;
  readonly toUs: number;
  readonly tier: Tier | "auto";
  readonly asTable: boolean;
  /** What of the address could not be used, in words. */
  readonly problem: string | undefined;
};

/** Reads the address. What cannot be used is named, and the usual taken in its place. Pure. */
export function viewOf(query: ExploreQuery, zone: string, nowUs: number): View {
  const all = [...new Set([query.s ?? []].flat())].filter((one) => one !== "");
  const tier = RESOLUTIONS.find((one) => one === query.res) ?? "auto";
  const rest = { chosen: all.slice(0, SERIES_MOST), tier, asTable: query.view === "table" };
  const tooMany =
    all.length > SERIES_MOST
      ? `${all.length} series are too many for one page; the first ${SERIES_MOST} are shown.`
      : undefined;
  const names = Object.keys(EXPLORE_RANGES) as ExploreRange[]; // keys of the constant above
  const range = names.find((name) => name === query.range);
  const last = (name: ExploreRange, problem: string | undefined): View => {
    const fromUs = nowUs - EXPLORE_RANGES[name];
    return { ...rest, range: name, fromUs, toUs: nowUs, problem: problem ?? tooMany };
  };
  if (range !== undefined || (!query.from && !query.to)) return last(range ?? "24h", undefined);
  const fromUs = timeOf(query.from ?? "", zone);
  const toUs = query.to ? timeOf(query.to, zone) : nowUs;
  if (fromUs === undefined || toUs === undefined)
    return last("24h", "Write both times as a date and a clock, such as 2026-11-25 14:30.");
  if (fromUs < EARLIEST_US || toUs - fromUs > LONGEST_US)
    return last("24h", "This time is too long: choose at most 40 years, from 1970 on.");
  if (toUs - fromUs < SHORTEST_US)
    return last("24h", "The start must lie at least a second before the end.");
  return { ...rest, range: undefined, fromUs, toUs, problem: tooMany };
}

const EXACT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?Z$/;

/** A time of the address: with a Z as it is, without as the site's clock shows it. */
function timeOf(text: string, zone: string): number | undefined {
  if (!EXACT.test(text)) return readLocalTime(text, zone);
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : ms * 1000;
}

/** A time as the address carries it, to the millisecond. */
export function exactTime(atUs: number): string {
  return new Date(Math.round(atUs / 1000)).toISOString();
}

/** Address of a view, whole or changed in parts. */
export function exploreHref(view: View, change: Partial<View> = {}): string {
  return withQuery(paths.explore, queryOf({ ...view, ...change }));
}

/** A view as an address carries it. */
export function queryOf(view: View) {
  return {
    s: view.chosen,
    ...(view.range === undefined
      ? { from: exactTime(view.fromUs), to: exactTime(view.toUs) }
      : { range: view.range }),
    res: view.tier === "auto" ? undefined : view.tier,
    view: view.asTable ? "table" : undefined,
  };
}

/** The view moved by a share of its length, or with its length changed around the middle. Pure. */
export function movedView(
  view: View,
  by: { readonly share?: number; readonly factor?: number },
  nowUs: number,
): View {
  const lengthUs = view.toUs - view.fromUs;
  const newLengthUs = Math.min(LONGEST_US, Math.max(SHORTEST_US, lengthUs * (by.factor ?? 1)));
  const middleUs = (view.fromUs + view.toUs) / 2 + lengthUs * (by.share ?? 0);
  // Nothing lies ahead of now: what would reach beyond it ends there.
  const toUs = Math.min(middleUs + newLengthUs / 2, Math.max(nowUs, view.toUs));
  const fromUs = Math.max(EARLIEST_US, toUs - newLengthUs);
  return { ...view, range: undefined, fromUs: Math.round(fromUs), toUs: Math.round(toUs) };
}
