import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton } from "../ui/form.tsx";
import { HealthBar } from "../ui/health.tsx";
import { Icon } from "../ui/icon.tsx";
import { Known } from "../ui/known.tsx";
import type {
  AssetRef,
  AssetState,
  Health,
  Instant,
  Link,
  SeverityMark,
  Spark,
  StateMark,
} from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import type { MapAreaProps } from "../ui/plant-map.tsx";
import { PlantMap, Tally } from "../ui/plant-map.tsx";
import type { ProofRow } from "../ui/proof.tsx";
import { ProofTable } from "../ui/proof.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Sparkline } from "../ui/spark.tsx";
import { StateGlyph } from "../ui/status-badge.tsx";

/** One thing that needs a person: a fact with its number and limit, what follows, and its acts. */
export type NeedRow = {
  /** Id of the row in the page: `need-alarm-41`, `need-blind-7`. */
  readonly id: string;
  readonly mark: ({ kind: "severity" } & SeverityMark) | ({ kind: "state" } & StateMark);
  readonly title: string;
  readonly href: string;
  readonly detail: string;
  readonly chips: readonly { readonly text: string; readonly href?: string }[];
  /** Alarm that can be acknowledged from here, with its version. */
  readonly acknowledge?: { readonly alarmId: string; readonly version: number };
  readonly links: readonly Link[];
};

export type RiskRow = {
  readonly asset: AssetRef;
  readonly health: Health;
  /** "62 %", or undefined = not known. */
  readonly chance: string | undefined;
  readonly timeLeft: string | undefined;
  /** "€11.4k" */
  readonly risk: string | undefined;
  readonly spark: Spark;
  readonly sparkLimit?: number;
  readonly next: string;
  readonly nextSub: string;
  readonly href: string;
};

export type NowProps = {
  readonly shell: Shell;
  /** "Three things need you"; see `openingNeeds` in format.ts. */
  readonly opening: string;
  readonly sub: string;
  /** At most five, most urgent first. */
  readonly needs: readonly NeedRow[];
  /** Everything after the first five, one link each. */
  readonly later: readonly Link[];
  /** Said instead of the list when it is empty: "Last alarm cleared 3 h ago; 148 assets are watched." */
  readonly calm: string;
  readonly blindPlant: boolean;
  readonly risks: readonly RiskRow[];
  /** "next 14 days" */
  readonly riskHorizon: string;
  readonly work: readonly {
    readonly id: string;
    readonly title: string;
    readonly sub: string;
    readonly when: string;
    readonly late: boolean;
  }[];
  readonly tally: Readonly<Record<AssetState, number>>;
  readonly map: readonly MapAreaProps[];
  readonly assetCount: number;
  /** Assets by tens of health, from 0; and how many are not known. */
  readonly healthTens: readonly number[];
  readonly healthUnknown: number;
  /** The demo's proof, when this plant has known faults. */
  readonly proof: { readonly rows: readonly ProofRow[]; readonly sub: string } | undefined;
  readonly mayAct: boolean;
  readonly now: Instant;
};

/** What needs me, then the rest. */
export function NowPage(props: NowProps) {
  return (
    <Layout shell={props.shell} title={t.nav.now} section="now" live="now">
      <Head1 title={props.opening} sub={props.sub}>
        {props.mayAct && (
          <a class="btn" href={paths.workNew}>
            <Icon name="plus" />
            {t.now.report}
          </a>
        )}
      </Head1>
      {props.blindPlant && <Note level="warning">{t.now.blindPlant}</Note>}
      <div class="cols side-r">
        <div class="vstack">
          <NowNeeds {...props} />
          <NowRisks {...props} />
          <NowWork {...props} />
          {props.proof !== undefined && (
            <Panel
              id="proof"
              title={t.proof.title}
              aside={<span class="sm muted">{props.proof.sub}</span>}
              foot={<a href={paths.models}>{t.proof.more}</a>}
            >
              <ProofTable rows={props.proof.rows} label={t.proof.title} />
            </Panel>
          )}
        </div>
        <aside class="vstack" aria-label={t.now.fleet}>
          <NowPlant {...props} />
          <NowHealth {...props} />
        </aside>
      </div>
    </Layout>
  );
}

/** Live region `needs`. */
export function NowNeeds(props: NowProps) {
  return (
    <Panel
      id="needs"
      title={t.now.needs}
      aside={<span class="sm muted">{t.now.urgent}</span>}
      foot={props.later.length > 0 ? <Then links={props.later} /> : undefined}
    >
      {props.needs.length === 0 ? (
        <Empty title={t.now.calmTitle} text={props.calm} />
      ) : (
        <ol class="todo">
          {props.needs.map((need) => (
            <Need need={need} shell={props.shell} mayAct={props.mayAct} />
          ))}
        </ol>
      )}
    </Panel>
  );
}

function Then(props: { links: NowProps["later"] }) {
  return (
    <>
      {t.now.later}{" "}
      {props.links.map((link, i) => (
        <>
          {i > 0 && ", "}
          <a href={link.href}>{link.text}</a>
        </>
      ))}
    </>
  );
}

function Need(props: { need: NeedRow; shell: Shell; mayAct: boolean }) {
  const { need } = props;
  const { acknowledge } = need;
  return (
    <li id={need.id}>
      {need.mark.kind === "severity" ? (
        <SeverityGlyph {...need.mark} />
      ) : (
        <StateGlyph {...need.mark} />
      )}
      <div>
        <h3>
          <a href={need.href}>{need.title}</a>
        </h3>
        <p>{need.detail}</p>
        {need.chips.length > 0 && (
          <div class="meta">
            {need.chips.map((chip) =>
              chip.href === undefined ? (
                <span class="chip">{chip.text}</span>
              ) : (
                <a class="chip" href={chip.href}>
                  {chip.text}
                </a>
              ),
            )}
          </div>
        )}
      </div>
      {props.mayAct && (
        <div class="acts">
          {acknowledge !== undefined && (
            <ActButton
              action={paths.alarmAcknowledgement(acknowledge.alarmId)}
              keys={props.shell}
              name={`ack-${acknowledge.alarmId}`}
              version={acknowledge.version}
              fields={{ next: paths.now }}
              label={t.alarms.acknowledgeOne(need.title)}
              class="go"
            >
              {t.acts.acknowledge}
            </ActButton>
          )}
          {need.links.map((link) => (
            <a class="btn" href={link.href}>
              {link.text}
            </a>
          ))}
        </div>
      )}
    </li>
  );
}

/** Live region `risks`. */
export function NowRisks(props: NowProps) {
  return (
    <Panel
      id="risks"
      title={t.now.risk(props.riskHorizon)}
      aside={
        <a class="sm" href={paths.predictions}>
          {t.now.allPredictions}
        </a>
      }
      foot={t.now.riskFoot}
    >
      {props.risks.length === 0 ? (
        <Empty title={t.now.noRiskTitle} text={t.now.noRiskText} />
      ) : (
        <Scroll label={t.now.risk(props.riskHorizon)}>
          <table class="risk">
            <thead>
              <tr>
                <th>{t.words.asset}</th>
                <th>{t.words.health}</th>
                <th class="num hide">{t.words.chance}</th>
                <th class="hide">{t.words.timeLeft}</th>
                <th class="num">{t.words.risk}</th>
                <th class="hide">{t.words.days30}</th>
                <th class="hide">{t.words.nextStep}</th>
              </tr>
            </thead>
            <tbody>
              {props.risks.map((row) => (
                <Risk row={row} />
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}

function Risk(props: { row: RiskRow }) {
  const { row } = props;
  return (
    <tr>
      <td>
        <a class="plain" href={row.href}>
          <span class="tag">{row.asset.tag}</span>
          <span class="sub">{row.asset.name}</span>
        </a>
      </td>
      <td class="tight">
        <HealthBar health={row.health} />
      </td>
      <td class="num hide">
        <Known text={row.chance} />
      </td>
      <td class="nw hide">
        <Known text={row.timeLeft} />
      </td>
      <td class="num">{row.risk === undefined ? <Known text={undefined} /> : <b>{row.risk}</b>}</td>
      <td class="tight hide">
        <Sparkline values={row.spark} limit={row.sparkLimit} />
      </td>
      <td class="hide">
        {row.next}
        <span class="sub">{row.nextSub}</span>
      </td>
    </tr>
  );
}

function NowWork(props: NowProps) {
  return (
    <Panel
      id="work"
      title={t.now.work}
      aside={
        <a class="sm" href={paths.work}>
          {t.now.allWork}
        </a>
      }
    >
      {props.work.length === 0 ? (
        <Empty title={t.now.noWorkTitle} text={t.now.noWorkText} />
      ) : (
        <ul class="lines">
          {props.work.map((order) => (
            <li>
              <Icon name="work" />
              <span class="grow">
                <a class="plain" href={paths.workOrder(order.id)}>
                  <b>{order.title}</b>
                </a>
                <span class="sub">{order.sub}</span>
              </span>
              <span class={order.late ? "w sm nw" : "muted sm nw"}>{order.when}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** Live region `plant`. */
export function NowPlant(props: NowProps) {
  return (
    <Panel
      id="plant"
      title={t.now.plant}
      aside={
        <a class="sm" href={paths.assets}>
          {t.now.assets(props.assetCount)}
        </a>
      }
    >
      <Tally counts={props.tally} />
      <div class="pad">
        <PlantMap areas={props.map} />
      </div>
    </Panel>
  );
}

function NowHealth(props: NowProps) {
  const most = Math.max(1, ...props.healthTens);
  const known = props.healthTens.reduce((sum, count) => sum + count, 0);
  return (
    <Panel
      id="health"
      title={t.words.health}
      aside={<span class="sm muted">{t.now.known(known, props.healthUnknown)}</span>}
    >
      <div class="pad">
        <svg class="chart" viewBox="0 0 320 96" role="img" aria-label={t.now.healthSummary(known)}>
          {props.healthTens.map((count, i) => {
            const height = (count / most) * 62;
            const kind = i < 4 ? "c" : i < 6 ? "w" : "dim";
            return (
              <>
                <rect
                  class={`bar ${kind}`}
                  x={i * 32 + 3}
                  y={76 - height}
                  width="26"
                  height={height}
                />
                {count > 0 && (
                  <text x={i * 32 + 16} y={71 - height} text-anchor="middle">
                    {count}
                  </text>
                )}
                <text x={i * 32 + 16} y="92" text-anchor="middle">
                  {i * 10}
                </text>
              </>
            );
          })}
        </svg>
      </div>
    </Panel>
  );
}
