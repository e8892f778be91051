import { Type } from "@sinclair/typebox";
import { InboxPage, type InboxProps } from "../../views/pages/inbox.tsx";
import type { PatternState } from "../../views/pages/inbox-pattern.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { t } from "../../views/texts/index.ts";
import { mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import {
  adoptionsOf,
  PATTERN_LENGTH_MAX,
  type PlacementPattern,
  placementsOf,
} from "../domain/placement.ts";
import type { PlacementRule } from "../domain/placement-rule.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { Adoption } from "../domain/series-store.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { readLocalTime, valuesOfForm } from "./form.ts";
import { inboxRow, knownPlaces } from "./inbox-rows.ts";
import { tabsOf } from "./ingest.tsx";
import { type Frame, frameOf } from "./shell.ts";

const write = { surface: "page", permission: "ingest:write", method: "POST" } as const;
const text = Type.Optional(Type.String({ maxLength: 500 }));
const pattern = Type.Optional(Type.String({ maxLength: PATTERN_LENGTH_MAX }));
type Context = RouteContext<unknown, unknown, unknown>;
const PAGE = 50;

/** What a person chose to see of the inbox. */
type Look = {
  readonly status?: "inbox" | "ignored";
  readonly cursor?: string;
  readonly asset?: string;
  readonly sensor?: string;
};

/** Series that nobody has placed yet, those ignored, and what is done with them. */
export function inboxRoutes(deps: WebDeps): Route[] {
  return [
    route({
      surface: "page",
      permission: "plant:read",
      method: "GET",
      path: paths.inbox,
      summary: "Series that nobody has placed yet, or those ignored.",
      query: Type.Object({
        status: Type.Optional(Type.Union([Type.Literal("inbox"), Type.Literal("ignored")])),
        ...{ cursor: text, asset: pattern, sensor: pattern },
      }),
      handle: async (context) =>
        html(InboxPage(await inboxProps(deps, context, context.query, undefined))),
    }),
    adoption(deps),
    placements(deps),
    ticking(deps, paths.inboxIgnored, "Ignores the ticked series; their readings are kept."),
    ticking(deps, paths.inboxReleased, "Puts the ticked series back into the inbox."),
  ];
}

const TICKED = Type.Object(
  { series: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])) },
  { additionalProperties: true },
);

function adoption(deps: WebDeps): Route {
  return route({
    ...write,
    path: paths.inboxAdoption,
    summary: "Places the ticked series.",
    body: TICKED,
    handle: (context) =>
      afterInbox(deps, context, {}, async () => {
        const values = valuesOfForm(context.body);
        const seriesNos = tickedOf(context.body.series);
        if (seriesNos.length === 0) throw new AppError("invalid", "tick the series to adopt");
        const { zone } = await frameOf(deps, context);
        const adoptions = seriesNos.map(
          (seriesNo): Adoption => ({
            seriesNo,
            assetKey: values[`asset_${seriesNo}`] || undefined,
            sensorName: values[`sensor_${seriesNo}`] || undefined,
            unit: values[`unit_${seriesNo}`] || undefined,
            fromUs: startOf(seriesNo, values[`from_${seriesNo}`] ?? "", zone),
          }),
        );
        await adopt(deps, context, adoptions, undefined);
      }),
  });
}

function placements(deps: WebDeps): Route {
  return route({
    ...write,
    path: paths.inboxPlacements,
    summary: "Places all waiting series that the pattern fits.",
    body: Type.Object({ asset: Type.String(), sensor: Type.String() }),
    handle: (context) =>
      afterInbox(deps, context, {}, async () => {
        const { asset, sensor } = context.body;
        const { series } = deps.stores;
        const found = await placementsOf(series, context.caller, { asset, sensor }, undefined);
        const adopted = await adopt(deps, context, adoptionsOf(found.items), { asset, sensor });
        if (adopted === 0) throw new AppError("invalid", t.inbox.noneFits);
      }),
  });
}

/** `request` is what a person asked for where the adoptions follow from it. Returns how many there are. */
async function adopt(
  deps: WebDeps,
  context: Context,
  adoptions: readonly Adoption[],
  request: PlacementPattern | undefined,
): Promise<number> {
  const change = { idempotencyKey: context.idempotencyKey };
  const adopted = await deps.stores.series.adopt(context.caller, adoptions, change, request);
  await deps.tellLog();
  return adopted.length;
}

/** The start that was written, as event time; undefined for the first reading. */
function startOf(seriesNo: number, text: string, zone: string): number | undefined {
  if (text.trim() === "") return undefined;
  const atUs = readLocalTime(text, zone);
  if (atUs === undefined) throw new AppError("invalid", t.inbox.wrongTime(seriesNo));
  return atUs;
}

function ticking(deps: WebDeps, path: string, summary: string): Route {
  const { series } = deps.stores;
  const isIgnoring = path === paths.inboxIgnored;
  return route({
    ...write,
    path,
    summary,
    body: TICKED,
    handle: (context) =>
      afterInbox(deps, context, isIgnoring ? {} : { status: "ignored" }, async () => {
        const seriesNos = tickedOf(context.body.series);
        const what = isIgnoring ? "ignore" : "take back";
        if (seriesNos.length === 0) throw new AppError("invalid", `tick the series to ${what}`);
        const change = { idempotencyKey: context.idempotencyKey };
        await series[isIgnoring ? "ignore" : "release"](context.caller, seriesNos, change);
        if (!isIgnoring) await deps.tellLog();
      }),
  });
}

function tickedOf(series: string | readonly string[] | undefined): number[] {
  const all = series === undefined ? [] : typeof series === "string" ? [series] : series;
  return all.map(Number).filter((no) => Number.isInteger(no) && no > 0);
}

async function afterInbox(deps: WebDeps, context: Context, look: Look, doIt: () => Promise<void>) {
  try {
    await doIt();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    return html(InboxPage(await inboxProps(deps, context, look, error.message)), 422);
  }
  deps.live.changed(context.caller.tenantId, "inbox");
  return redirect(withQuery(paths.inbox, { status: look.status }));
}

/** The page as somebody chose to see it, with what went wrong. */
export async function inboxProps(
  deps: WebDeps,
  context: Context,
  look: Look,
  problem: string | undefined,
): Promise<InboxProps> {
  const frame = await frameOf(deps, context);
  const view = look.status ?? "inbox";
  const { series } = deps.stores;
  const [found, tabs, assets, sensors, mapped, counts, standing] = await Promise.all([
    series.list(context.caller, { status: view, limit: PAGE, after: look.cursor }),
    tabsOf(deps, context.caller),
    deps.stores.assets.all(context.caller),
    deps.stores.sensors.all(context.caller),
    series.mapped(context.caller),
    series.counts(context.caller),
    deps.stores.placementRules.list(context.caller),
  ]);
  const tried = await tryPattern(deps, context, look, frame, standing);
  const known = knownPlaces(assets, sensors, mapped);
  const by = tried.found === undefined ? undefined : tried;
  const { number } = frame.format;
  return {
    shell: frame.shell,
    tabs,
    view,
    pattern: tried,
    standing: standing.map(({ query, createdBy, ...rule }) => ({
      ...{ id: rule.id, version: rule.version, asset: rule.asset, sensor: rule.sensor },
      ...{ query: query ?? "", madeBy: createdBy },
    })),
    opening:
      view === "ignored" ? t.inbox.ignoredOpening(number(counts.ignored)) : opening(tabs.inbox),
    rows: found.items.map((row) =>
      inboxRow(deps, frame, row, known, view === "inbox" ? by : undefined),
    ),
    assets: assets.map((asset) => ({ value: asset.key, label: `${asset.key} ${asset.name}` })),
    paging: {
      nextHref: found.next && withQuery(paths.inbox, { ...look, cursor: found.next }),
      countText: `${found.items.length} of ${counts[view]}`,
    },
    mayWrite: mayUse("ingest:write", context.caller),
    problem,
  };
}

function opening(waiting: number): string {
  if (waiting === 0) return "No new sensors wait";
  return waiting === 1
    ? "1 new sensor waits for its place"
    : `${waiting} new sensors wait for their place`;
}

/** What the written pattern would do; nothing is done yet. */
async function tryPattern(
  deps: WebDeps,
  context: Context,
  look: Look,
  { format }: Frame,
  standing: readonly PlacementRule[],
): Promise<PatternState> {
  const { asset, sensor } = look;
  if (asset === undefined || sensor === undefined)
    return { asset: "{asset}", sensor: "{sensor}", found: undefined, problem: undefined };
  try {
    const query = undefined;
    const found = await placementsOf(deps.stores.series, context.caller, { asset, sensor }, query);
    const placed = adoptionsOf(found.items).length;
    const unplaced = found.items.length - placed;
    const notes = [t.inbox.placed(format.number(placed))];
    if (unplaced > 0) notes.push(t.inbox.unplaced(format.number(unplaced)));
    if (!found.isWhole) notes.push(t.inbox.notWhole(format.number(found.items.length)));
    const placedText = format.number(placed);
    const isKept = standing.some(
      (rule) => rule.asset === asset && rule.sensor === sensor && rule.query === undefined,
    );
    return {
      asset,
      sensor,
      found: { placed, placedText, note: notes.join(" "), isKept },
      problem: undefined,
    };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "invalid") throw error;
    return { asset, sensor, found: undefined, problem: error.message };
  }
}
