import { Head1, Layout } from "../layout.tsx";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Go } from "../ui/go.tsx";
import { Icon } from "../ui/icon.tsx";
import {
  LinesChart,
  type LinesChartProps,
  StateStrip,
  type StripProps,
} from "../ui/lines-chart.tsx";
import type { Instant, Link } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { ExploreBar, type ExploreFoundProps, ExploreSearch } from "./explore-bar.tsx";
import { ExploreKey, ExploreStates, type KeyEntry, type StripKey } from "./explore-key.tsx";
import { ExploreNumbers, type ExploreTable, ExploreTableView } from "./explore-numbers.tsx";

/** GET /explore?s=…&range=24h|…&from=…&to=…&res=auto|raw|5m|1h|1d&view=table; the region is #explore. */
export type ExploreProps = {
  readonly shell: Shell;
  /** "2 series, Mon 16 Nov 14:32 to Mon 23 Nov 14:32". */
  readonly opening: string;
  /** What could not be done as asked. */
  readonly problem: string | undefined;
  /** Names and values of the address, for forms. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The address without its times, for the browser's zoom. */
  readonly base: string;
  readonly from: Instant;
  readonly to: Instant;
  /** Both ends as a form takes them: "2026-11-23T14:32". */
  readonly fromField: string;
  readonly toField: string;
  readonly ranges: readonly (Link & { readonly current: boolean })[];
  readonly resolutions: readonly (Link & { readonly current: boolean })[];
  readonly moves: {
    readonly earlier: string;
    readonly later: string | undefined;
    readonly closer: string;
    readonly wider: string;
  };
  readonly charts: readonly {
    readonly chart: LinesChartProps;
    readonly key: readonly KeyEntry[];
  }[];
  readonly strips: readonly { readonly strip: StripProps; readonly key: StripKey }[];
  /** What is chosen and cannot be drawn, with why. */
  readonly undrawn: readonly (KeyEntry & { readonly why: string })[];
  readonly numbers: readonly {
    readonly name: string;
    readonly low: string;
    readonly high: string;
    readonly mean: string;
    readonly readings: string;
    readonly gaps: string;
    readonly point: string;
  }[];
  readonly table: ExploreTable | undefined;
  readonly tableHref: string;
  readonly downloads: readonly Link[];
  /** The same read by the REST API, as a command. */
  readonly rest: string;
  readonly q: string;
  readonly found: ExploreFoundProps;
};

/** Several series over a range. */
export function ExplorePage(props: ExploreProps) {
  return (
    <Layout shell={props.shell} title={t.explore.title} section="explore" charts>
      <ExploreRegion {...props} />
    </Layout>
  );
}

/** All of the page that follows the address. */
export function ExploreRegion(props: ExploreProps) {
  const e = t.explore;
  const isEmpty = props.charts.length + props.strips.length + props.undrawn.length === 0;
  return (
    <div id="explore" data-base={props.base}>
      <Head1 title={e.title} sub={props.opening} />
      {props.problem !== undefined && <Note level="warning">{props.problem}</Note>}
      <ExploreSearch {...props} />
      <ExploreBar {...props} />
      {isEmpty ? (
        <section class="panel">
          <Empty title={e.emptyTitle} text={e.emptyText} />
        </section>
      ) : (
        <>
          <ExploreCharts {...props} />
          {props.numbers.length > 0 && <ExploreNumbers {...props} />}
          {props.table !== undefined && <ExploreTableView table={props.table} />}
          <ExploreTake {...props} />
        </>
      )}
    </div>
  );
}

function ExploreCharts(props: ExploreProps) {
  const e = t.explore;
  return (
    <section class="panel" aria-label={e.charts}>
      <header>
        <h2>{e.charts}</h2>
        <output class="muted sm" id="explore-at" data-none={e.cursorNone}>
          {e.cursorNone}
        </output>
      </header>
      <section id="explore-charts" tabindex={0} aria-label={e.chartsLabel}>
        {props.charts.map(({ chart, key }) => (
          <div class="pad-s charted">
            <LinesChart {...chart} wide />
            <ExploreKey entries={key} chartId={chart.id} />
          </div>
        ))}
        {props.strips.map(({ strip, key }) => (
          <div class="pad-s charted">
            <StateStrip {...strip} />
            <ExploreStates entry={key} stripId={strip.id} />
          </div>
        ))}
      </section>
      {props.undrawn.length > 0 && (
        <ul class="keyed">
          {props.undrawn.map((one) => (
            <li>
              <span>{one.name}</span>
              <span class="muted sm">{one.why}</span>
              <Go href={one.dropHref} class="btn quiet icon" label={e.drop(one.name)}>
                <Icon name="close" />
              </Go>
            </li>
          ))}
        </ul>
      )}
      <footer class="desk">{e.help}</footer>
    </section>
  );
}

function ExploreTake(props: ExploreProps) {
  const e = t.explore;
  return (
    <Panel id="explore-take" title={e.take} class="mt">
      <div class="pad stack">
        <p class="row wrap">
          {props.downloads.map((link) => (
            <a class="btn" href={link.href} download>
              {link.text}
            </a>
          ))}
        </p>
        <p class="hint">{e.takeText}</p>
        {props.rest !== "" && (
          <details class="edit">
            <summary>{e.rest}</summary>
            <pre class="code">{props.rest}</pre>
          </details>
        )}
      </div>
    </Panel>
  );
}
