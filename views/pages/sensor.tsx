import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart, Legend } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import { Facts } from "../ui/facts.tsx";
import { Icon } from "../ui/icon.tsx";
import { Known } from "../ui/known.tsx";
import type { AssetRef, Fact, Instant, Link, SeverityMark } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Crumbs, RangeLinks } from "../ui/ranges.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph, severityText } from "../ui/severity.tsx";
import { Time } from "../ui/time.tsx";

/** GET /sensors/:id?range=24h|7d|60d|1y&compare=week&view=table */
export type SensorProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly asset: AssetRef;
  readonly crumbs: readonly Link[];
  readonly label: string;
  readonly mark: SeverityMark | undefined;
  readonly value: string | undefined;
  readonly valueSub: string;
  readonly chart: ChartProps | undefined;
  readonly range: string;
  readonly comparing: boolean;
  /** The table is asked for by the address. */
  readonly tableOpen: boolean;
  /** The same numbers as the chart: newest first. */
  readonly table: readonly {
    readonly at: Instant;
    readonly value: string;
    readonly low: string;
    readonly high: string;
    readonly count: string;
  }[];
  readonly numbers: readonly Fact[];
  readonly marks: readonly {
    readonly mark: SeverityMark;
    readonly text: string;
    readonly at: Instant;
    readonly href: string;
  }[];
  readonly facts: readonly Fact[];
  readonly rules: readonly { readonly id: string; readonly sentence: string }[];
  readonly mayWriteRules: boolean;
};

/** One signal: its chart, numbers, marks and what is known of the signal itself. */
export function SensorPage(props: SensorProps) {
  const path = paths.sensor(props.id);
  return (
    <Layout
      shell={props.shell}
      title={`${props.asset.tag} ${props.label}`}
      section="assets"
      live={`sensor:${props.id}`}
      charts
    >
      <Head1
        title={props.label}
        crumbs={<Crumbs links={props.crumbs} />}
        sub={<SensorValue {...props} />}
      >
        <a class="btn" href={withQuery(paths.explore, { s: props.id, range: props.range })}>
          {t.sensor.explore}
        </a>
        {props.mayWriteRules && (
          <a class="btn" href={withQuery(paths.ruleNew, { sensor: props.id })}>
            {t.sensor.newRule}
          </a>
        )}
      </Head1>
      <div class="filters">
        <RangeLinks
          path={path}
          range={props.range}
          query={{ compare: props.comparing ? "week" : undefined }}
        />
        <a
          class="btn"
          href={withQuery(path, {
            range: props.range,
            compare: props.comparing ? undefined : "week",
          })}
          aria-current={props.comparing ? "true" : undefined}
        >
          {t.sensor.compare}
        </a>
      </div>
      <section class="panel">
        <div class="pad">
          {props.chart === undefined ? (
            <Empty title={t.chart.emptyTitle} text={t.chart.emptyText} />
          ) : (
            <Chart {...props.chart} wide />
          )}
        </div>
        {props.chart !== undefined && (
          <footer class="row wrap">
            <Legend {...props.chart} />
            <span class="xs desk">{t.chart.help}</span>
          </footer>
        )}
      </section>
      <div class="cols three mt">
        <Panel id="numbers" title={t.sensor.numbers}>
          <div class="pad">
            <Facts facts={props.numbers} />
          </div>
        </Panel>
        <SensorMarks {...props} />
        <Panel id="signal" title={t.sensor.signal}>
          <div class="pad">
            <Facts facts={props.facts} />
          </div>
        </Panel>
      </div>
      <SensorTable {...props} />
    </Layout>
  );
}

/** Live region `value`. */
export function SensorValue(props: SensorProps) {
  return (
    <p class="row wrap" id="value">
      {props.mark !== undefined && (
        <span class="badge">
          <SeverityGlyph {...props.mark} decorative />
          {severityText(props.mark)}
        </span>
      )}
      <b class="ink">
        <Known text={props.value} />
      </b>
      <span>{props.valueSub}</span>
    </p>
  );
}

function SensorMarks(props: SensorProps) {
  return (
    <Panel id="marks" title={t.sensor.marks}>
      {props.marks.length + props.rules.length === 0 ? (
        <Empty title={t.sensor.noMarksTitle} text={t.sensor.noMarksText} />
      ) : (
        <ul class="lines">
          {props.marks.map((mark) => (
            <li>
              <SeverityGlyph {...mark.mark} />
              <span class="grow">
                <a class="plain" href={mark.href}>
                  {mark.text}
                </a>
              </span>
              <span class="muted sm">
                <Time at={mark.at} />
              </span>
            </li>
          ))}
          {props.rules.map((rule) => (
            <li>
              <Icon name="rules" />
              <a class="plain grow" href={paths.rule(rule.id)}>
                {rule.sentence}
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function SensorTable(props: SensorProps) {
  return (
    <details class="panel mt fold" open={props.tableOpen ? true : undefined}>
      <summary>{t.sensor.table}</summary>
      <Scroll label={t.sensor.table}>
        <table class="dense">
          <thead>
            <tr>
              <th>{t.words.time}</th>
              <th class="num">{t.sensor.mean}</th>
              <th class="num">{t.sensor.low}</th>
              <th class="num">{t.sensor.high}</th>
              <th class="num">{t.sensor.count}</th>
            </tr>
          </thead>
          <tbody>
            {props.table.map((row) => (
              <tr>
                <td>
                  <Time at={row.at} />
                </td>
                <td class="num">{row.value}</td>
                <td class="num">{row.low}</td>
                <td class="num">{row.high}</td>
                <td class="num">{row.count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </details>
  );
}
