import { THIN } from "../format.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import { Facts } from "../ui/facts.tsx";
import type { AssetRef, Fact, Link, Part } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { PartList } from "../ui/parts.tsx";
import type { RangeProps } from "../ui/range.tsx";
import { Range } from "../ui/range.tsx";

/** The evidence of one prediction. */
export type PredictionProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly asset: AssetRef;
  /** The sentence is the title: "62 % chance of failure within 14 days". */
  readonly title: string;
  readonly sub: string;
  readonly range: RangeProps | undefined;
  /** "Why 62 %" or "Why 14 days" */
  readonly whyTitle: string;
  /** First the base, then signed contributions; they sum to `total` exactly. */
  readonly parts: readonly Part[];
  readonly total: number;
  /** "Days left" */
  readonly totalLabel: string;
  /** "d", "%" */
  readonly unit: string;
  readonly whyNote: string;
  readonly isRule: boolean;
  readonly missing: string;
  /** Sentences: what to check, best window, what it costs now or later. */
  readonly advice: readonly string[];
  readonly signals: readonly {
    readonly title: string;
    readonly sub: string;
    readonly chart: ChartProps;
  }[];
  readonly saw: readonly Fact[];
  /** How the forecast moved. */
  readonly history: ChartProps | undefined;
  readonly model: { readonly link: Link; readonly sentence: string } | undefined;
  readonly workHref: string | undefined;
};

/** The evidence: why, what to do, the signals behind it, what it could see. */
export function PredictionPage(props: PredictionProps) {
  const p = t.predictions;
  return (
    <Layout shell={props.shell} title={props.title} section="predictions" charts>
      <Head1
        title={props.title}
        sub={props.sub}
        crumbs={
          <>
            <a href={paths.predictions}>{t.nav.predictions}</a>
            {" / "}
            <a href={paths.asset(props.asset.id)}>
              {props.asset.tag} {props.asset.name}
            </a>
          </>
        }
      >
        {props.workHref !== undefined && (
          <a class="btn go" href={props.workHref}>
            {t.acts.planWork}
          </a>
        )}
        <a class="btn" href={paths.asset(props.asset.id)}>
          {p.openAsset}
        </a>
      </Head1>
      {props.isRule && (
        <Note>
          {t.asset.byRule} {props.missing}
        </Note>
      )}
      <div class="cols side-r">
        <div class="vstack">
          <div class="cols two">
            <Panel
              id="why"
              title={props.whyTitle}
              aside={props.parts.length > 0 && <span class="sm muted">{p.exact}</span>}
              foot={hasHollow(props) ? p.hollow : undefined}
            >
              <div class="pad stack">
                <PartList
                  parts={props.parts}
                  total={props.total}
                  unit={props.unit === "%" || Math.abs(props.total) >= 20 ? 1 : 0.1}
                  sumLabel={props.totalLabel}
                  sumText={totalText(props)}
                  hasBase={!props.isRule}
                />
                <p class="sm muted">{props.whyNote}</p>
              </div>
            </Panel>
            <Panel id="advice" title={p.advice}>
              <div class="pad stack">
                {props.range !== undefined && <Range {...props.range} />}
                {props.advice.map((sentence, i) => (
                  <p class={i === 0 ? "" : "sm muted"}>{i === 0 ? <b>{sentence}</b> : sentence}</p>
                ))}
              </div>
            </Panel>
          </div>
          <Signals {...props} />
        </div>
        <aside class="vstack" aria-label={p.beside}>
          <Panel id="saw" title={p.saw}>
            <div class="pad">
              <Facts facts={props.saw} />
            </div>
          </Panel>
          {props.history !== undefined && (
            <Panel id="moved" title={p.moved}>
              <div class="pad">
                <Chart {...props.history} small />
              </div>
            </Panel>
          )}
          {props.model !== undefined && (
            <Panel
              id="model"
              title={p.model}
              aside={
                <a class="sm" href={props.model.link.href}>
                  {props.model.link.text}
                </a>
              }
            >
              <div class="pad">
                <p class="sm muted">{props.model.sentence}</p>
              </div>
            </Panel>
          )}
        </aside>
      </div>
    </Layout>
  );
}

/** A part that takes away from the sum is drawn hollow. */
function hasHollow({ parts }: PredictionProps): boolean {
  return parts.some((part) => part.value < 0);
}

/** The total, rounded by the same step as its parts. */
function totalText(props: PredictionProps): string {
  const isWhole = props.unit === "%" || Math.abs(props.total) >= 20;
  const text = isWhole ? String(Math.round(props.total)) : props.total.toFixed(1);
  return `${text.replace("-", "\u2212")}${THIN}${props.unit}`;
}

function Signals(props: PredictionProps) {
  return (
    <Panel id="signals" title={t.predictions.signals(props.signals.length)}>
      {props.signals.length === 0 ? (
        <Empty title={t.chart.emptyTitle} text={t.chart.emptyText} />
      ) : (
        <div class="pad cols three">
          {props.signals.map((signal) => (
            <div>
              <h3>{signal.title}</h3>
              <Chart {...signal.chart} small />
              <p class="sm muted">{signal.sub}</p>
            </div>
          ))}
        </div>
      )}
    </Panel>
  );
}
