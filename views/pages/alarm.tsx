import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Facts } from "../ui/facts.tsx";
import { ActButton, Keys } from "../ui/form.tsx";
import { Icon } from "../ui/icon.tsx";
import type { AssetRef, Fact, FormKeys, Instant, SeverityMark } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { SeverityGlyph, severityText } from "../ui/severity.tsx";
import { Time } from "../ui/time.tsx";

/**
 * One alarm, in the panel beside the list or as a page. Acts: POST /alarms/:id/acknowledgement and
 * /alarms/:id/closure with csrf, version, idempotency_key, comment.
 */
export type AlarmDetailProps = {
  readonly keys: FormKeys;
  readonly id: string;
  readonly version: number;
  readonly mark: SeverityMark;
  readonly title: string;
  readonly asset: AssetRef | undefined;
  readonly sensorHref: string | undefined;
  /** "7.4 mm/s was over 7.1 for 10 min. That is rule 'Output vibration', version 6." */
  readonly sentence: string;
  readonly chart: ChartProps | undefined;
  readonly facts: readonly Fact[];
  readonly events: readonly { readonly at: Instant; readonly text: string }[];
  readonly mayAcknowledge: boolean;
  readonly mayClose: boolean;
  /** Link to a new work order made from this alarm. */
  readonly workHref: string | undefined;
  /** What failed about the last act, to show in place: "Anna acknowledged it a moment ago." */
  readonly problem: string | undefined;
};

export type AlarmPageProps = { readonly shell: Shell; readonly detail: AlarmDetailProps };

/** The alarm as a page of its own: on a phone, and at its address without scripts. */
export function AlarmPage(props: AlarmPageProps) {
  return (
    <Layout
      shell={props.shell}
      title={props.detail.title}
      section="alarms"
      live={`alarm:${props.detail.id}`}
    >
      <Head1
        title={props.detail.title}
        crumbs={<a href={paths.alarms}>{t.nav.alarms}</a>}
        sub={severityText(props.detail.mark)}
      />
      <div class="single">
        <AlarmDetail {...props.detail} />
      </div>
    </Layout>
  );
}

/** The detail: what fired and how, what to do, what happened so far. Replaces `#detail`. */
export function AlarmDetail(props: AlarmDetailProps) {
  return (
    <section class="panel" id="detail" aria-labelledby="detail-h">
      <header>
        <SeverityGlyph {...props.mark} />
        <h2 id="detail-h" tabindex={-1}>
          {props.title}
        </h2>
        <a class="btn quiet icon" href={paths.alarms} aria-label={t.acts.close}>
          <Icon name="close" />
        </a>
      </header>
      <div class="pad stack">
        {props.problem !== undefined && (
          <Note level="warning" urgent>
            {props.problem}
          </Note>
        )}
        {props.asset === undefined ? (
          <p class="muted">{t.alarms.notAdopted}</p>
        ) : (
          <p>
            <a href={paths.asset(props.asset.id)}>
              <b>{props.asset.tag}</b> {props.asset.name}
            </a>
            {props.sensorHref !== undefined && (
              <>
                {" · "}
                <a href={props.sensorHref}>{t.alarms.openSensor}</a>
              </>
            )}
          </p>
        )}
        <p>{props.sentence}</p>
        {props.chart !== undefined && <Chart {...props.chart} small />}
        <Acts {...props} />
        <Facts facts={props.facts} />
      </div>
      {props.events.length > 0 && (
        <ul class="lines events">
          {props.events.map((event) => (
            <li>
              <span class="grow">{event.text}</span>
              <span class="muted sm nw">
                <Time at={event.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Acts(props: AlarmDetailProps) {
  if (!props.mayAcknowledge && !props.mayClose && props.workHref === undefined) return null;
  const swap = (path: string) => ({
    "hx-post": path,
    "hx-target": "#detail",
    "hx-swap": "outerHTML",
  });
  return (
    <div class="stack">
      <div class="row wrap acts">
        {props.mayAcknowledge && (
          <ActButton
            action={paths.alarmAcknowledgement(props.id)}
            keys={props.keys}
            name={`ack-${props.id}`}
            version={props.version}
            class="go"
            fields={{ view: "detail" }}
            hx={swap(paths.alarmAcknowledgement(props.id))}
          >
            {t.acts.acknowledge}
          </ActButton>
        )}
        {props.workHref !== undefined && (
          <a class="btn" href={props.workHref}>
            {t.acts.planWork}
          </a>
        )}
      </div>
      {props.mayClose && (
        <details class="edit">
          <summary>{t.alarms.closeIt}</summary>
          <form
            method="post"
            action={paths.alarmClosure(props.id)}
            {...swap(paths.alarmClosure(props.id))}
          >
            <Keys keys={props.keys} name={`close-${props.id}`} version={props.version} />
            <input type="hidden" name="view" value="detail" />
            <div class="field">
              <label for="close-comment">{t.alarms.comment}</label>
              <input id="close-comment" name="comment" maxlength={500} />
              <p class="hint">{t.alarms.closeHint}</p>
            </div>
            <div class="row ends">
              <button type="submit" class="btn">
                {t.alarms.closeGo}
              </button>
            </div>
          </form>
        </details>
      )}
    </div>
  );
}
