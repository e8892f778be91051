import { Type } from "@sinclair/typebox";
import { InboxPage, type InboxRow } from "../../views/pages/inbox.tsx";
import { IngestPage, type IngestTabs } from "../../views/pages/ingest.tsx";
import { QuarantinePage } from "../../views/pages/quarantine.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import { type Caller, mayUse } from "../domain/access.ts";
import { AppError } from "../domain/error.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import type { Adoption, SeriesRow } from "../domain/series-store.ts";
import { withAccounts } from "../domain/source-account.ts";
import { html, redirect } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { valuesOfForm } from "./form.ts";
import { type Frame, frameOf } from "./shell.ts";
import { rateChart, sourceRow } from "./source-words.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const write = { surface: "page", permission: "ingest:write", method: "POST" } as const;
const text = Type.Optional(Type.String({ maxLength: 500 }));
type Context = RouteContext<unknown, unknown, unknown>;
const PAGE = 50;

/** Where readings come from: sources with ledgers, the inbox, quarantine. */
export function ingestRoutes(deps: WebDeps): Route[] {
  return [...readRoutes(deps), ...inboxActs(deps)];
}

function readRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.ingest,
      summary: "Sources: what each sent, and what became of it.",
      handle: async (context) => html(IngestPage(await ingestProps(deps, context))),
    }),
    route({
      ...read,
      path: paths.inbox,
      summary: "Series that nobody has placed yet.",
      query: Type.Object({ cursor: text }),
      handle: async (context) =>
        html(InboxPage(await inboxProps(deps, context, context.query.cursor, undefined))),
    }),
    route({
      ...read,
      path: paths.quarantine,
      summary: "Refused lines by reason.",
      query: Type.Object({ source: text, reason: text, cursor: text }),
      handle: async (context) =>
        html(QuarantinePage(await quarantineProps(deps, context, context.query))),
    }),
  ];
}

const TICKED = Type.Object(
  { series: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())])) },
  { additionalProperties: true },
);

function inboxActs(deps: WebDeps): Route[] {
  const { series } = deps.stores;
  return [
    route({
      ...write,
      path: paths.inboxAdoption,
      summary: "Places the ticked series.",
      body: TICKED,
      handle: (context) =>
        afterInbox(deps, context, async () => {
          const values = valuesOfForm(context.body);
          const adoptions = tickedOf(context.body.series).map(
            (seriesNo): Adoption => ({
              seriesNo,
              assetKey: values[`asset_${seriesNo}`] || undefined,
              sensorName: values[`sensor_${seriesNo}`] || undefined,
              unit: values[`unit_${seriesNo}`] || undefined,
            }),
          );
          if (adoptions.length === 0) throw new AppError("invalid", "tick the series to adopt");
          await series.adopt(context.caller, adoptions, { idempotencyKey: context.idempotencyKey });
          await deps.tellLog();
        }),
    }),
    route({
      ...write,
      path: paths.inboxIgnored,
      summary: "Ignores the ticked series; their readings are kept.",
      body: TICKED,
      handle: (context) =>
        afterInbox(deps, context, async () => {
          const seriesNos = tickedOf(context.body.series);
          if (seriesNos.length === 0) throw new AppError("invalid", "tick the series to ignore");
          await series.ignore(context.caller, seriesNos, {
            idempotencyKey: context.idempotencyKey,
          });
        }),
    }),
  ];
}

function tickedOf(series: string | readonly string[] | undefined): number[] {
  const all = series === undefined ? [] : typeof series === "string" ? [series] : series;
  return all.map(Number).filter((no) => Number.isInteger(no) && no > 0);
}

async function afterInbox(deps: WebDeps, context: Context, doIt: () => Promise<void>) {
  try {
    await doIt();
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "internal") throw error;
    return html(InboxPage(await inboxProps(deps, context, undefined, error.message)), 422);
  }
  deps.live.changed(context.caller.tenantId, "inbox");
  return redirect(paths.inbox);
}

/** Counts beside the tabs of all ingest pages. */
export async function tabsOf(deps: WebDeps, caller: Caller): Promise<IngestTabs> {
  const [series, groups] = await Promise.all([
    deps.stores.series.counts(caller),
    deps.stores.quarantine.groups(caller),
  ]);
  return { inbox: series.inbox, quarantine: groups.reduce((sum, group) => sum + group.count, 0) };
}

async function ingestProps(deps: WebDeps, context: Context) {
  const frame = await frameOf(deps, context);
  const [sources, tabs, late, status] = await Promise.all([
    deps.stores.sources.list(context.caller),
    tabsOf(deps, context.caller),
    deps.readings.lateLedger(),
    deps.readings.status(),
  ]);
  const { format } = frame;
  const rows = withAccounts(sources, late).map((source) =>
    sourceRow(source, deps.sourceRates(source.id), frame),
  );
  const silent = rows.filter((row) => row.silent).length;
  return {
    shell: frame.shell,
    tabs,
    opening:
      sources.length === 0
        ? "Nothing sends readings yet"
        : silent === 0
          ? "Every source sends"
          : silent === 1
            ? "One source is silent"
            : `${silent} sources are silent`,
    rate: rateChart(deps.rates(context.caller.tenantId), frame),
    rateNote: `Waiting to be written: ${format.number(status.queuedRows)} readings.`,
    sources: rows,
    example:
      `curl -X POST '${context.url.origin}/api/v2/write?bucket=plant&precision=s' ` +
      `-H 'Authorization: Token YOUR_TOKEN' ` +
      `--data-binary 'readings,asset=P-101,sensor=vibration value=2.1 '$(date +%s)`,
  };
}

async function inboxProps(
  deps: WebDeps,
  context: Context,
  cursor: string | undefined,
  problem: string | undefined,
) {
  const frame = await frameOf(deps, context);
  const [found, tabs, assets] = await Promise.all([
    deps.stores.series.list(context.caller, { status: "inbox", limit: PAGE, after: cursor }),
    tabsOf(deps, context.caller),
    deps.stores.assets.all(context.caller),
  ]);
  const keys = new Set(assets.map((asset) => asset.key));
  return {
    shell: frame.shell,
    tabs,
    opening:
      tabs.inbox === 0
        ? "No new sensors wait"
        : tabs.inbox === 1
          ? "1 new sensor waits for its place"
          : `${tabs.inbox} new sensors wait for their place`,
    rows: found.items.map((row) => inboxRow(deps, frame, row, keys)),
    assets: assets.map((asset) => ({ value: asset.key, label: `${asset.key} ${asset.name}` })),
    paging: {
      nextHref: found.next && withQuery(paths.inbox, { cursor: found.next }),
      countText: `${found.items.length} of ${tabs.inbox}`,
    },
    mayWrite: mayUse("ingest:write", context.caller),
    problem,
  };
}

function inboxRow(
  deps: WebDeps,
  { format, nowUs }: Frame,
  row: SeriesRow,
  assetKeys: ReadonlySet<string>,
): InboxRow {
  const tags = row.tags.map(([key, value]) => `,${key}=${value}`).join("");
  const last = deps.lastValue(row.seriesNo);
  const newest =
    last === undefined
      ? ""
      : `, last ${Number.isNaN(last.value) ? "a text" : format.number(last.value, 2)} ${format.ago(last.atUs, nowUs).text}`;
  const key = row.assetKey ?? row.deviceKey;
  return {
    seriesNo: row.seriesNo,
    series: `${row.measurement}${tags} ${row.field}`,
    sub: `since ${format.at(row.firstAtUs, nowUs).text}${newest}`,
    spark: [],
    assetKey: key,
    sensorName: row.sensorName,
    why: assetKeys.has(key) ? `asset ${key} is known` : `makes a new asset ${key}`,
    unit: "",
    ticked: assetKeys.has(key),
  };
}

async function quarantineProps(
  deps: WebDeps,
  context: Context,
  query: { source?: string; reason?: string; cursor?: string },
) {
  const frame = await frameOf(deps, context);
  const { format, nowUs } = frame;
  const { quarantine } = deps.stores;
  const [groups, tabs, lines] = await Promise.all([
    quarantine.groups(context.caller),
    tabsOf(deps, context.caller),
    quarantine.list(context.caller, {
      sourceId: query.source || undefined,
      reason: query.reason || undefined,
      limit: PAGE,
      after: query.cursor,
    }),
  ]);
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  return {
    shell: frame.shell,
    tabs,
    opening:
      total === 0
        ? "Nothing was refused"
        : `${format.number(total)} lines were refused and are kept`,
    groups: groups.map((group) => ({
      reason: group.reason,
      sample: group.sample,
      count: format.number(group.count),
      source: group.sourceName,
      last: format.at(group.lastAtUs, nowUs),
      href: withQuery(paths.quarantine, { source: group.sourceId, reason: group.reason }),
    })),
    lines: lines.items.map((line) => ({
      id: line.id,
      at: format.at(line.receivedAtUs, nowUs),
      source: line.sourceName,
      lineNo: line.lineNo,
      column: line.column,
      line: line.line,
      reason: line.reason,
    })),
    chosen: query.reason,
    paging: {
      nextHref: lines.next && withQuery(paths.quarantine, { ...query, cursor: lines.next }),
      countText: lines.items.length === 1 ? "1 line" : `${lines.items.length} lines`,
    },
  };
}
