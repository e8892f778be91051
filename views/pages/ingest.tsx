import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import type { Instant } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { StateGlyph } from "../ui/status-badge.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Time } from "../ui/time.tsx";

export type IngestTab = "overview" | "inbox" | "quarantine" | "uploads" | "tokens";

/** Counts beside the tabs of all ingest pages. */
export type IngestTabs = { readonly inbox: number; readonly quarantine: number };

export type SourceRow = {
  readonly id: string;
  readonly name: string;
  /** "line protocol, HTTP" */
  readonly kind: string;
  readonly silent: boolean;
  readonly sent: string;
  readonly href: string;
  /** Sent = stored + known + corrected + undecided + refused + ignored; late ones are among these. */
  readonly stored: string;
  readonly known: string;
  readonly corrected: string;
  readonly undecided: string;
  readonly refused: string;
  readonly ignored: string;
  readonly late: string;
  /** Readings a second at the last look. */
  readonly rate: string;
  readonly last: Instant | undefined;
};

export type IngestProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly rate: ChartProps | undefined;
  /** "Waiting to be written: 0. Late rows today: 412." */
  readonly rateNote: string;
  readonly sources: readonly SourceRow[];
  /** A line to paste: a ready curl command, without the token. */
  readonly example: string;
};

/** The tabs of all ingest pages. */
export function IngestNav(props: { tabs: IngestTabs; current: IngestTab }) {
  const hrefs = {
    overview: paths.ingest,
    inbox: paths.inbox,
    quarantine: paths.quarantine,
    uploads: paths.uploads,
    tokens: paths.tokens,
  } as const;
  return (
    <Tabs
      label={t.nav.ingest}
      tabs={(["overview", "inbox", "quarantine", "uploads", "tokens"] as const).map((tab) => ({
        href: hrefs[tab],
        label: t.ingest.tabs[tab],
        current: tab === props.current,
        ...(tab === "inbox" || tab === "quarantine" ? { count: props.tabs[tab] } : {}),
      }))}
    />
  );
}

/** What comes in: rate, sources with their ledgers, and how to send. */
export function IngestPage(props: IngestProps) {
  const i = t.ingest;
  return (
    <Layout
      shell={props.shell}
      title={t.nav.ingest}
      section="ingest"
      live="ingest"
      charts={props.rate !== undefined}
    >
      <Head1 title={t.nav.ingest} sub={<span id="ingest-opening">{props.opening}</span>} />
      <IngestNav tabs={props.tabs} current="overview" />
      <div class="vstack">
        <IngestSources {...props} />
        <div class="cols two">
          <Panel id="rate" title={i.rate} aside={<span class="sm muted">{i.rateSpan}</span>}>
            <div class="pad stack">
              {props.rate === undefined ? (
                <Empty title={i.noRateTitle} text={i.noRateText} />
              ) : (
                <Chart {...props.rate} small />
              )}
              <p class="sm muted">{props.rateNote}</p>
            </div>
          </Panel>
          <Panel id="send" title={i.send} foot={<a href={paths.tokens}>{i.makeToken}</a>}>
            <div class="pad stack">
              <p>{i.sendText}</p>
              <pre class="code">{props.example}</pre>
            </div>
          </Panel>
        </div>
      </div>
    </Layout>
  );
}

/** Live region `sources`. */
export function IngestSources(props: IngestProps) {
  const i = t.ingest;
  return (
    <Panel id="sources" title={i.sources} aside={<span class="sm muted">{i.ledger}</span>}>
      {props.sources.length === 0 ? (
        <Empty title={i.noSourcesTitle} text={i.noSourcesText} />
      ) : (
        <Scroll label={i.sources}>
          <table class="dense">
            <thead>
              <tr>
                <th>
                  <span class="vh">{t.words.state}</span>
                </th>
                <th>{i.source}</th>
                <th class="num">{i.sent}</th>
                <th class="num">{i.stored}</th>
                <th class="num">{i.known}</th>
                <th class="num">{i.corrected}</th>
                <th class="num">{i.undecided}</th>
                <th class="num">{i.refused}</th>
                <th class="num">{i.ignored}</th>
                <th class="num">{i.ofThemLate}</th>
                <th class="num">{i.perSecond}</th>
                <th class="num">{i.last}</th>
              </tr>
            </thead>
            <tbody>
              {props.sources.map((source) => (
                <tr id={`source-${source.id}`}>
                  <td class="tight">{source.silent && <StateGlyph state="blind" />}</td>
                  <td>
                    <a href={source.href}>
                      <b>{source.name}</b>
                    </a>
                    <span class="sub">{source.kind}</span>
                  </td>
                  <td class="num">{source.sent}</td>
                  <td class="num">{source.stored}</td>
                  <td class="num">{source.known}</td>
                  <td class="num">{source.corrected}</td>
                  <td class="num">{source.undecided}</td>
                  <td class="num">{source.refused}</td>
                  <td class="num">{source.ignored}</td>
                  <td class="num">{source.late}</td>
                  <td class="num">{source.rate}</td>
                  <td class="num">
                    {source.silent ? (
                      <b>
                        <Time at={source.last} />
                      </b>
                    ) : (
                      <Time at={source.last} />
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
