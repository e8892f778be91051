import { IngestPage, type IngestTabs } from "../../views/pages/ingest.tsx";
import { paths } from "../../views/paths.ts";
import type { Caller } from "../domain/access.ts";
import { type Route, type RouteContext, route } from "../domain/route.ts";
import { withAccounts } from "../domain/source-account.ts";
import { html } from "../lib/reply.ts";
import type { WebDeps } from "./deps.ts";
import { frameOf } from "./shell.ts";
import { rateChart, sourceRow } from "./source-words.ts";

const read = { surface: "page", permission: "plant:read", method: "GET" } as const;
type Context = RouteContext<unknown, unknown, unknown>;

/** Where readings come from: sources with their ledgers. */
export function ingestRoutes(deps: WebDeps): Route[] {
  return [
    route({
      ...read,
      path: paths.ingest,
      summary: "Sources: what each sent, and what became of it.",
      handle: async (context) => html(IngestPage(await ingestProps(deps, context))),
    }),
  ];
}

/** Counts beside the tabs of all ingest pages. */
export async function tabsOf(deps: WebDeps, caller: Caller): Promise<IngestTabs> {
  const [series, accounts] = await Promise.all([
    deps.stores.series.counts(caller),
    deps.stores.quarantine.accounts(caller),
  ]);
  return { inbox: series.inbox, quarantine: accounts.reduce((sum, one) => sum + one.kept, 0) };
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
