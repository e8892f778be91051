import { Type } from "@sinclair/typebox";
import { ExplorePage, type ExploreProps, ExploreRegion } from "../../views/pages/explore.tsx";
import { ExploreFound, type ExploreFoundProps } from "../../views/pages/explore-bar.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { Caller } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import {
  exploredFile,
  exploredTable,
  restCommand,
  TAKE_AS,
  type TakeAs,
} from "./explore-download.ts";
import { type ExploreItem, findItems, readItems } from "./explore-items.ts";
import { groupsOf } from "./explore-lines.ts";
import {
  EXPLORE_RANGES,
  type ExploreQuery,
  type ExploreRange,
  exploreHref,
  movedView,
  queryOf,
  RESOLUTIONS,
  SERIES_MOST,
  type View,
  viewOf,
} from "./explore-range.ts";
import { type Explored, explore, isLine, isStrip } from "./explore-read.ts";
import { chartOfGroup, numbersRow, stripView, tableOfLines } from "./explore-words.ts";
import { type Frame, frameOf } from "./shell.ts";

const field = Type.Optional(Type.String({ maxLength: 100 }));
const token = Type.String({ maxLength: 100 });
const QUERY = {
  s: Type.Optional(Type.Union([token, Type.Array(token, { maxItems: 100 })])),
  ...{ range: field, from: field, to: field, res: field, view: field },
  q: Type.Optional(Type.String({ maxLength: 200 })),
};
const read = { surface: "page", permission: "plant:read", method: "GET" } as const;

type Context = RouteContext<unknown, unknown, unknown>;

/** Several series over a range: charts, strips, numbers, and files of them. */
export function exploreRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.explore,
      summary: "Several series over a range: charts, numbers, the same as a table.",
      query: Type.Object(QUERY),
      handle: async (context) => {
        const { props, address } = await exploreProps(deps, context, context.query);
        if (!context.isPart) return html(ExplorePage(props));
        return html(ExploreRegion(props), 200, { "hx-push-url": address });
      },
    }),
    route({
      ...read,
      path: paths.exploreFound,
      summary: "Sensors and series that words find, to add to the explorer.",
      query: Type.Object(QUERY),
      handle: async ({ caller, query }) => {
        const view = viewOf(query, "UTC", deps.clock.nowUs());
        return html(ExploreFound(await foundOf(deps, caller, view, query.q ?? "")));
      },
    }),
    route({
      ...read,
      path: paths.exploreReadings,
      summary: "What the explorer shows as a file: CSV, Parquet or Arrow.",
      query: Type.Object({
        ...QUERY,
        as: Type.Union([Type.Literal("csv"), Type.Literal("parquet"), Type.Literal("arrow")]),
      }),
      handle: async ({ caller, query }) => {
        const nowUs = deps.clock.nowUs();
        const view = viewOf(query, await zoneOf(deps, caller), nowUs);
        if (view.problem !== undefined) throw new AppError("invalid", view.problem);
        const { items } = await readItems(deps.stores, caller, view.chosen);
        const explored = await explore(deps.readings, items, view, nowUs);
        return exploredFile(exploredTable(items, explored), query.as, view);
      },
    }),
  ];
}

async function zoneOf({ stores }: WebDeps, caller: Caller): Promise<string> {
  const [[site], tenant] = await Promise.all([
    stores.sites.list(caller),
    stores.tenants.get(caller.tenantId),
  ]);
  return site?.zone ?? tenant?.zone ?? "UTC";
}

async function exploreProps(
  deps: WebDeps,
  context: Context,
  query: ExploreQuery,
): Promise<{ readonly props: ExploreProps; readonly address: string }> {
  const { caller } = context;
  const frame = await frameOf(deps, context);
  const asked = viewOf(query, frame.zone, frame.nowUs);
  const { items, missing } = await readItems(deps.stores, caller, asked.chosen);
  const view = { ...asked, chosen: items.map((item) => item.token) };
  const [{ explored, problem }, found] = await Promise.all([
    readOrSay(deps, items, view, frame.nowUs),
    foundOf(deps, caller, view, query.q ?? ""),
  ]);
  const gone = missing === 0 ? undefined : "Something that was chosen is not here any more.";
  const props: ExploreProps = {
    ...{ shell: frame.shell, ...navigationOf(frame, view), ...drawn(frame, view, items, explored) },
    opening: openingOf(frame, view),
    problem: problem ?? view.problem ?? gone,
    downloads: (Object.keys(TAKE_AS) as TakeAs[]).map((as) => ({
      href: withQuery(paths.exploreReadings, { ...queryOf(view), as }),
      text: TAKE_AS[as].words,
    })),
    rest: restCommand(context.url.origin, caller.tenantId, items, view),
    q: query.q ?? "",
    found,
  };
  return { props, address: exploreHref(view) };
}

/** A read that the store refuses (too much, too long) leaves the page with the reason. */
async function readOrSay(
  deps: WebDeps,
  items: readonly ExploreItem[],
  view: View,
  nowUs: number,
): Promise<{ readonly explored: Explored; readonly problem: string | undefined }> {
  try {
    const explored = await explore(deps.readings, items, view, nowUs);
    return { explored, problem: undefined };
  } catch (error) {
    const isRefused =
      error instanceof AppError && (error.code === "invalid" || error.code === "unavailable");
    if (!isRefused) throw error;
    const problem = `The readings were not read: ${error.message}. Zoom in, or choose a coarser resolution.`;
    return { explored: { points: new Map(), strips: new Map(), totals: new Map() }, problem };
  }
}

function drawn(frame: Frame, view: View, items: readonly ExploreItem[], explored: Explored) {
  const dropHref = (token: string) =>
    exploreHref(view, { chosen: view.chosen.filter((one) => one !== token) });
  const lines = items.filter(isLine);
  const others = items.filter((item) => !isLine(item) && !isStrip(item));
  return {
    charts: groupsOf(lines).map((group, no) =>
      chartOfGroup(frame, view, { ...group, no }, explored.points, dropHref),
    ),
    strips: items
      .filter(isStrip)
      .map((item, no) =>
        stripView(frame, view, { ...item, no }, explored.strips.get(item.token), dropHref),
      ),
    undrawn: others.map((item) => ({
      ...{ name: item.name, href: item.href, look: 1 as const, dropHref: dropHref(item.token) },
      why: "waveforms are not drawn here",
    })),
    numbers: lines.map((item) =>
      numbersRow(
        frame,
        view,
        item,
        explored.points.get(item.token),
        explored.totals.get(item.token),
      ),
    ),
    table: view.asTable ? tableOfLines(frame, view, lines, explored.points) : undefined,
  };
}

const RANGE_WORDS: Readonly<Record<ExploreRange, string>> = {
  ...{
    "1h": "1 h",
    "6h": "6 h",
    "24h": "24 h",
    "7d": "7 d",
    "30d": "30 d",
    "60d": "60 d",
    "1y": "1 y",
  },
};
const RESOLUTION_WORDS = {
  ...{ auto: "auto", raw: "raw", "5m": "5 min", "1h": "hours", "1d": "days" },
} as const;

/** Everything that leads on from a view. Pure. */
function navigationOf(frame: Frame, view: View) {
  const { nowUs, format } = frame;
  const move = (by: Parameters<typeof movedView>[1]) => exploreHref(movedView(view, by, nowUs));
  const fields = Object.entries(queryOf(view)).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => [name, one] as const),
  );
  const {
    range: _range,
    from: _from,
    to: _to,
    ...timeless
  } = { range: "", from: "", to: "", ...queryOf(view) };
  return {
    fields,
    base: withQuery(paths.explore, timeless),
    ...{ from: format.dayClock(view.fromUs), to: format.dayClock(view.toUs) },
    ...{ fromField: wallTime(view.fromUs, frame.zone), toField: wallTime(view.toUs, frame.zone) },
    ranges: (Object.keys(EXPLORE_RANGES) as ExploreRange[]).map((range) => ({
      href: exploreHref(view, { range }),
      text: RANGE_WORDS[range],
      current: range === view.range,
    })),
    resolutions: RESOLUTIONS.map((tier) => ({
      href: exploreHref(view, { tier }),
      text: RESOLUTION_WORDS[tier],
      current: tier === view.tier,
    })),
    moves: {
      earlier: move({ share: -0.5 }),
      later: view.toUs >= nowUs ? undefined : move({ share: 0.5 }),
      closer: move({ factor: 0.5 }),
      wider: move({ factor: 2 }),
    },
    tableHref: exploreHref(view, { asTable: !view.asTable }),
  };
}

/** A time as a form's field of date and clock takes it. */
function wallTime(atUs: number, zone: string): string {
  const shown = new Intl.DateTimeFormat("sv-SE", {
    ...{ timeZone: zone, dateStyle: "short", timeStyle: "short" },
  }).format(new Date(atUs / 1000));
  return shown.replace(" ", "T");
}

function openingOf({ format, zone, nowUs }: Frame, view: View): string {
  const count = view.chosen.length;
  const year = (atUs: number) => wallTime(atUs, zone).slice(0, 4);
  const words = (atUs: number) => {
    const text = format.dayClock(atUs).text;
    return year(atUs) === year(nowUs) ? text : `${text} ${year(atUs)}`;
  };
  const span = `${words(view.fromUs)} to ${words(view.toUs)}`;
  if (count === 0) return "Readings of any sensors, beside each other, over any time.";
  return `${count === 1 ? "One series" : `${count} series`}, ${span}.`;
}

async function foundOf(
  deps: WebDeps,
  caller: Caller,
  view: View,
  q: string,
): Promise<ExploreFoundProps> {
  if (q.trim() === "") return { hits: undefined, note: undefined };
  if (view.chosen.length >= SERIES_MOST)
    return { hits: [], note: `${SERIES_MOST} series is the most; take one away first.` };
  const { found, more } = await findItems(deps.stores, caller, q);
  const hits = found
    .filter((one) => !view.chosen.includes(one.token))
    .map((one) => ({
      name: one.name,
      sub: one.unit === "" ? one.kind : one.unit,
      href: exploreHref(view, { chosen: [...view.chosen, one.token] }),
    }));
  const none = hits.length === 0 ? "Nothing else fits these words." : undefined;
  return { hits, note: more ? "There are more; write another word." : none };
}
