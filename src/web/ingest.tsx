import { Type } from "@sinclair/typebox";
import { IngestPage, type IngestTabs } from "../../views/pages/ingest.tsx";
import { QuarantinePage } from "../../views/pages/quarantine.tsx";
import { paths, withQuery } from "../../views/paths.ts";
import type { Caller } from "../domain/access.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { withAccounts } from "../domain/source-account.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { frameOf } from "./shell.ts";
import { rateChart, sourceRow } from "./source-words.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
const text = Type.Optional(Type.String({ maxLength: 500 }));
type Context = RouteContext<unknown, unknown, unknown>;
const PAGE = 50;

/** Where readings come from: sources with ledgers, quarantine. */
export function ingestRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.ingest,
      summary: "Sources: what each sent, and what became of it.",
      handle: async (context) => html(IngestPage(await ingestProps(deps, context))),
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
