import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart, Legend } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import { Facts } from "../ui/facts.tsx";
import { FormErrors, Keys, SelectField, TextField } from "../ui/form.tsx";
import { HealthBar, LostPoints } from "../ui/health.tsx";
import { Known } from "../ui/known.tsx";
import type { LadderStep } from "../ui/ladder.tsx";
import { Ladder, LadderStand } from "../ui/ladder.tsx";
import type {
  AssetRef,
  Fact,
  FormState,
  Health,
  Instant,
  Link,
  Option,
  Part,
  SeverityMark,
  Spark,
  StateMark,
  TimelineEntry,
} from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import type { RangeProps } from "../ui/range.tsx";
import { Range } from "../ui/range.tsx";
import { Crumbs, RangeLinks } from "../ui/ranges.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Sparkline } from "../ui/spark.tsx";
import { StatusBadge } from "../ui/status-badge.tsx";
import { Timeline } from "../ui/timeline.tsx";

export type SensorRow = {
  readonly id: string;
  readonly label: string;
  readonly mark: SeverityMark | undefined;
  readonly spark: Spark;
  /** "7.4"; undefined = not known. */
  readonly value: string | undefined;
  readonly unit: string;
  /** This sensor itself is late: "silent 48 min". */
  readonly stale: string | undefined;
};

export type AssetPrediction = {
  readonly id: string;
  /** "62 % chance of failure within 14 days." or "At least 14 days left." */
  readonly sentence: string;
  /** "Most likely 9 to 21 days from now." */
  readonly second: string;
  /** Undefined when a rule said it, or the model sees no end. */
  readonly range: RangeProps | undefined;
  /** "Why: bearing temperature and vibration rose together …" */
  readonly why: string;
  /** The rule-based fallback says that it is one, and what is missing for a model. */
  readonly isRule: boolean;
  readonly missing: string;
};

export type AssetProps = {
  readonly shell: Shell;
  readonly asset: AssetRef;
  readonly crumbs: readonly Link[];
  readonly mark: StateMark;
  /** Beside the state: "Running", "Criticality A", "pump". */
  readonly chips: readonly string[];
  /** Banner while in maintenance or stopped, or when the asset is blind. */
  readonly note:
    | { readonly level: "info" | "warning" | "critical"; readonly text: string }
    | undefined;
  /** Alarms not acknowledged: acknowledging all posts `alarm` ids to `acknowledgeAction`. */
  readonly unacknowledged: readonly string[];
  readonly mayAct: boolean;
  readonly mayEdit: boolean;
  readonly chart: ChartProps | undefined;
  /** Other signals for the main chart: `?signal=` links; the chosen one is current. */
  readonly signals: readonly {
    readonly id: string;
    readonly label: string;
    readonly current: boolean;
  }[];
  /** "24h", "7d", "60d", "1y" */
  readonly range: string;
  readonly health: Health;
  /** Points lost, each positive; 100 minus their sum is the score. */
  readonly healthParts: readonly Part[];
  /** "yesterday 41" */
  readonly healthBefore: string;
  /** "All 6 sensors reported in the last hour." */
  readonly coverage: string;
  /** Why health is not known. */
  readonly healthUnknown: string;
  readonly prediction: AssetPrediction | undefined;
  readonly ladder: readonly LadderStep[];
  readonly sensors: readonly SensorRow[];
  readonly sensorsAge: string;
  readonly timeline: readonly TimelineEntry[];
  readonly facts: readonly Fact[];
  /** Cost form (POST /assets/:id/costs: downtime_cost_per_hour, repair_cost, failure_cost, criticality, mode). */
  readonly costs: FormState;
  readonly version: number;
  readonly currency: string;
  readonly modes: readonly Option[];
  readonly now: Instant;
};

/** One asset on one screen: state, main chart, health and why, what will probably happen, sensors, work. */
export function AssetPage(props: AssetProps) {
  const { asset } = props;
  return (
    <Layout
      shell={props.shell}
      title={`${asset.tag} ${asset.name}`}
      section="assets"
      live={`asset:${asset.id}`}
      charts
    >
      <Head1
        title={`${asset.tag} ${asset.name}`}
        crumbs={props.crumbs.length > 0 ? <Crumbs links={props.crumbs} /> : undefined}
        sub={<AssetState {...props} />}
      >
        <AssetActs {...props} />
      </Head1>
      {props.note !== undefined && <Note level={props.note.level}>{props.note.text}</Note>}
      <div class="cols side-r">
        <div class="vstack">
          <AssetChart {...props} />
          <div class="cols two">
            <AssetHealth {...props} />
            <AssetForecast {...props} />
          </div>
          <Panel id="trust" title={t.ladder.title} aside={<LadderStand steps={props.ladder} />}>
            <div class="pad">
              <Ladder steps={props.ladder} />
            </div>
          </Panel>
        </div>
        <aside class="vstack" aria-label={t.asset.beside}>
          <AssetSensors {...props} />
          <Panel id="timeline" title={t.timeline.title}>
            {props.timeline.length === 0 ? (
              <Empty title={t.timeline.emptyTitle} text={t.timeline.emptyText} />
            ) : (
              <Timeline entries={props.timeline} />
            )}
          </Panel>
          <AssetMoney {...props} />
        </aside>
      </div>
    </Layout>
  );
}

/** Live region `state`. */
export function AssetState(props: AssetProps) {
  return (
    <p class="row wrap" id="state">
      <StatusBadge {...props.mark} />
      {props.chips.map((chip) => (
        <span class="chip">{chip}</span>
      ))}
    </p>
  );
}

function AssetActs(props: AssetProps) {
  const open = props.unacknowledged;
  return (
    <>
      {props.mayAct && open.length > 0 && (
        <form method="post" action={paths.alarmsAcknowledgement} class="act">
          <Keys keys={props.shell} name={`ack-all-${props.asset.id}`} />
          <input type="hidden" name="next" value={paths.asset(props.asset.id)} />
          {open.map((alarm) => (
            <input type="hidden" name="alarm" value={alarm} />
          ))}
          <button type="submit" class="btn go">
            {t.asset.acknowledge(open.length)}
          </button>
        </form>
      )}
      {props.signals.length > 0 && (
        <a class="btn" href={exploreOf(props)}>
          {t.sensor.explore}
        </a>
      )}
      {props.mayAct && (
        <a class="btn" href={withQuery(paths.workNew, { asset: props.asset.id })}>
          {t.acts.planWork}
        </a>
      )}
    </>
  );
}

/** More sensors beside each other nobody tells apart. */
const EXPLORED_MOST = 8;

/** The explorer with the asset's sensors over the same time. */
function exploreOf(props: AssetProps): string {
  const s = props.signals.map(({ id }) => id).slice(0, EXPLORED_MOST);
  return withQuery(paths.explore, { s, range: props.range });
}

function hasLine(chart: ChartProps | undefined): chart is ChartProps {
  return chart?.values.some((value) => value !== null) === true;
}

function AssetChart(props: AssetProps) {
  const { chart } = props;
  const current = props.signals.find((signal) => signal.current);
  const path = paths.asset(props.asset.id);
  return (
    <Panel
      id="chart-panel"
      title={chart?.title ?? t.asset.chart}
      aside={
        <>
          <RangeLinks path={path} range={props.range} query={{ signal: current?.id }} />
          {current !== undefined && (
            <a class="sm desk" href={paths.sensor(current.id)}>
              {t.asset.openSensor}
            </a>
          )}
        </>
      }
      foot={hasLine(chart) ? <Legend {...chart} /> : undefined}
    >
      {chart === undefined ? (
        <Empty title={t.chart.emptyTitle} text={t.chart.emptyText} />
      ) : (
        <div class="pad">
          <Chart {...chart} />
        </div>
      )}
      {props.signals.length > 1 && (
        <nav class="signals pad" aria-label={t.asset.signals}>
          {props.signals.map((signal) => (
            <a
              class="chip"
              href={withQuery(path, { signal: signal.id, range: props.range })}
              aria-current={signal.current ? "true" : undefined}
            >
              {signal.label}
            </a>
          ))}
        </nav>
      )}
    </Panel>
  );
}

/** Live region `health-panel`. */
export function AssetHealth(props: AssetProps) {
  const { score } = props.health;
  return (
    <Panel
      id="health-panel"
      title={score === undefined ? t.health.notKnown : t.health.title(Math.round(score))}
      aside={<span class="sm muted">{props.healthBefore}</span>}
      foot={props.coverage}
    >
      <div class="pad stack">
        {score === undefined ? (
          <>
            <HealthBar health={props.health} />
            <p>{props.healthUnknown}</p>
          </>
        ) : (
          <LostPoints health={props.health} parts={props.healthParts} />
        )}
      </div>
    </Panel>
  );
}

/** Live region `forecast`. */
export function AssetForecast(props: AssetProps) {
  const { prediction } = props;
  return (
    <Panel id="forecast" title={t.asset.forecast}>
      {prediction === undefined ? (
        <Empty title={t.asset.noForecastTitle} text={t.asset.noForecastText} />
      ) : (
        <div class="pad stack">
          <p>
            <b>{prediction.sentence}</b> {prediction.second}
          </p>
          {prediction.range !== undefined && <Range {...prediction.range} />}
          <p class="sm muted">{prediction.why}</p>
          {prediction.isRule && (
            <Note>
              {t.asset.byRule} {prediction.missing}
            </Note>
          )}
          <p>
            <a class="btn" href={paths.prediction(prediction.id)}>
              {t.asset.evidence}
            </a>
          </p>
        </div>
      )}
    </Panel>
  );
}

/** Live region `sensors`. */
export function AssetSensors(props: AssetProps) {
  return (
    <Panel
      id="sensors"
      title={t.words.sensors}
      aside={<span class="sm muted">{props.sensorsAge}</span>}
    >
      {props.sensors.length === 0 ? (
        <Empty title={t.asset.noSensorsTitle} text={t.asset.noSensorsText}>
          <a class="btn" href={paths.inbox}>
            {t.assets.adopt}
          </a>
        </Empty>
      ) : (
        <ul class="lines sensors">
          {props.sensors.map((sensor) => (
            <SensorLine {...sensor} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

/** One sensor's row; live events replace it by its id. */
export function SensorLine(props: SensorRow) {
  return (
    <li id={`sensor-${props.id}`}>
      <span class="glyph">{props.mark !== undefined && <SeverityGlyph {...props.mark} />}</span>
      <span class="grow">
        <a class="plain" href={paths.sensor(props.id)}>
          {props.label}
        </a>
        {props.stale !== undefined && <span class="sub w">{props.stale}</span>}
      </span>
      <Sparkline values={props.spark} />
      <span class="num reading">
        {props.value === undefined ? (
          <Known text={undefined} />
        ) : (
          <>
            <b>{props.value}</b> <span class="muted">{props.unit}</span>
          </>
        )}
      </span>
    </li>
  );
}

function AssetMoney(props: AssetProps) {
  return (
    <Panel id="money" title={t.asset.money}>
      <div class="pad">
        <Facts facts={props.facts} />
        {props.mayEdit && <CostForm {...props} />}
      </div>
    </Panel>
  );
}

function CostForm(props: AssetProps) {
  const { costs } = props;
  const failed = Object.keys(costs.errors).length > 0;
  const hint = t.asset.costHint(props.currency);
  return (
    <details class="edit" open={failed ? true : undefined}>
      <summary>{t.asset.editCosts}</summary>
      <form method="post" action={paths.assetCosts(props.asset.id)}>
        <Keys keys={props.shell} name="costs" version={props.version} />
        <FormErrors form={costs} labels={t.asset.labels} />
        {(["failure_cost", "repair_cost", "downtime_cost_per_hour"] as const).map((name) => (
          <TextField
            form={costs}
            name={name}
            label={t.asset.labels[name]}
            hint={hint}
            inputmode="decimal"
          />
        ))}
        <SelectField
          form={costs}
          name="criticality"
          label={t.asset.labels.criticality}
          options={["A", "B", "C"].map((value) => ({ value, label: value }))}
        />
        <SelectField form={costs} name="mode" label={t.asset.labels.mode} options={props.modes} />
        <div class="row ends">
          <button type="submit" class="btn go">
            {t.acts.save}
          </button>
        </div>
      </form>
    </details>
  );
}
