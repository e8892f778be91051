import type { WorkStatus } from "../../src/domain/work-order.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/facts.tsx";
import { ActButton, FormErrors, Keys } from "../ui/form.tsx";
import type { AssetRef, Fact, FormState, Link, Option, TimelineEntry } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Timeline } from "../ui/timeline.tsx";
import { WorkFields } from "./work-new.tsx";

/**
 * One order. POST /work/:id with: title, description, priority, assignee, planned_at; or with `status`
 * alone to move it (planned, in-progress, cancelled).
 */
export type WorkOrderProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly title: string;
  readonly description: string;
  readonly status: WorkStatus;
  readonly statusText: string;
  readonly late: boolean;
  readonly asset: AssetRef;
  readonly facts: readonly Fact[];
  readonly cause: Link | undefined;
  /** Statuses it may move to; done goes through the close-out. */
  readonly moves: readonly WorkStatus[];
  readonly form: FormState;
  readonly priorities: readonly Option[];
  readonly closeOut: readonly Fact[] | undefined;
  readonly timeline: readonly TimelineEntry[];
  readonly mayWrite: boolean;
};

/** One order: what, where, why, who and when; its moves; what was found. */
export function WorkOrderPage(props: WorkOrderProps) {
  const w = t.work;
  const isOpen = props.closeOut === undefined && props.status !== "cancelled";
  return (
    <Layout shell={props.shell} title={`${props.number} ${props.title}`} section="work">
      <Head1
        title={props.title}
        crumbs={
          <>
            <a href={paths.work}>{t.nav.work}</a>
            {" / "}
            {props.number}
          </>
        }
        sub={
          <p class="row wrap">
            <span class="badge words">{props.statusText}</span>
            {props.late && <span class="chip late">{w.late}</span>}
            <a href={paths.asset(props.asset.id)}>
              <b>{props.asset.tag}</b> {props.asset.name}
            </a>
          </p>
        }
      >
        {props.mayWrite && isOpen && (
          <a class="btn go" href={paths.workClose(props.id)}>
            {w.close}
          </a>
        )}
        {props.mayWrite &&
          props.moves.map((status) => (
            <ActButton
              action={paths.workOrder(props.id)}
              keys={props.shell}
              name={`move-${status}`}
              version={props.version}
              fields={{ status }}
            >
              {w.moves[status]}
            </ActButton>
          ))}
      </Head1>
      <div class="cols side-r">
        <div class="vstack">
          <Panel id="what" title={w.what}>
            <div class="pad stack">
              {props.description === "" ? (
                <p class="muted">{w.noDescription}</p>
              ) : (
                <p class="pre">{props.description}</p>
              )}
              {props.cause !== undefined && (
                <p>
                  {w.cause} <a href={props.cause.href}>{props.cause.text}</a>
                </p>
              )}
              {props.mayWrite && isOpen && <EditOrder {...props} />}
            </div>
          </Panel>
          {props.closeOut !== undefined && (
            <Panel id="found" title={w.found}>
              <div class="pad">
                <Facts facts={props.closeOut} />
              </div>
            </Panel>
          )}
          <Panel id="timeline" title={t.timeline.title}>
            <Timeline entries={props.timeline} />
          </Panel>
        </div>
        <aside class="vstack" aria-label={w.facts}>
          <Panel id="facts" title={w.facts}>
            <div class="pad">
              <Facts facts={props.facts} />
            </div>
          </Panel>
        </aside>
      </div>
    </Layout>
  );
}

function EditOrder(props: WorkOrderProps) {
  const { form } = props;
  const failed = Object.keys(form.errors).length > 0;
  return (
    <details class="edit" open={failed ? true : undefined}>
      <summary>{t.work.edit}</summary>
      <form method="post" action={paths.workOrder(props.id)}>
        <Keys keys={props.shell} name="edit" version={props.version} />
        <FormErrors form={form} labels={t.work.labels} />
        <WorkFields form={form} priorities={props.priorities} />
        <div class="row ends">
          <button type="submit" class="btn go">
            {t.acts.save}
          </button>
        </div>
      </form>
    </details>
  );
}
