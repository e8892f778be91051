import type { Severity } from "../../src/domain/rule.ts";
import { SEVERITIES } from "../../src/domain/rule.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import type { AlarmRowProps } from "../ui/alarm-row.tsx";
import { AlarmRow } from "../ui/alarm-row.tsx";
import { Empty } from "../ui/empty.tsx";
import { FilterSelect, Filters, FilterText } from "../ui/filters.tsx";
import { Keys } from "../ui/form.tsx";
import type { Paging as PagingProps } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Paging } from "../ui/paging.tsx";
import { Tabs } from "../ui/tabs.tsx";
import type { AlarmDetailProps } from "./alarm.tsx";
import { AlarmDetail } from "./alarm.tsx";

export const ALARM_VIEWS = ["active", "unacknowledged", "closed", "info"] as const;
export type AlarmView = (typeof ALARM_VIEWS)[number];

/** GET /alarms?view=&severity=&q=&cursor=; POST /alarms/acknowledgement with `alarm` once per ticked row. */
export type AlarmsProps = {
  readonly shell: Shell;
  /** "8 active, 4 not acknowledged. 7 new since midnight." */
  readonly opening: string;
  readonly view: AlarmView;
  readonly counts: Readonly<Record<"active" | "unacknowledged", number>>;
  readonly severity: Severity | "";
  readonly q: string;
  readonly rows: readonly AlarmRowProps[];
  readonly paging: PagingProps;
  /** Over 10 alarms in 10 minutes: what to know, in a sentence. */
  readonly flood: string | undefined;
  /** The alarm opened beside the list, when one is. */
  readonly detail: AlarmDetailProps | undefined;
  readonly mayAct: boolean;
};

/** The list and, beside it, the alarm that is open. */
export function AlarmsPage(props: AlarmsProps) {
  return (
    <Layout shell={props.shell} title={t.nav.alarms} section="alarms" live="alarms" bulk>
      <Head1 title={t.nav.alarms} sub={<span id="alarms-opening">{props.opening}</span>} />
      <Tabs
        label={t.alarms.views}
        tabs={ALARM_VIEWS.map((view) => ({
          href: withQuery(paths.alarms, { view }),
          label: t.alarms.view[view],
          current: view === props.view,
          ...(view === "active" || view === "unacknowledged" ? { count: props.counts[view] } : {}),
        }))}
      />
      {props.flood !== undefined && <Note level="critical">{props.flood}</Note>}
      <div class="cols side-r">
        <AlarmList {...props} />
        {props.detail === undefined ? (
          <section class="panel desk" id="detail" aria-label={t.alarms.detail}>
            <Empty title={t.alarms.chooseTitle} text={t.alarms.chooseText} />
          </section>
        ) : (
          <AlarmDetail {...props.detail} />
        )}
      </div>
    </Layout>
  );
}

/** The list region: filters, bulk acts and rows, swapped alone when a filter changes. */
export function AlarmList(props: AlarmsProps) {
  return (
    <div id="alarm-list" class="vstack-s">
      <Filters action={paths.alarms} target="#alarm-list">
        <input type="hidden" name="view" value={props.view} />
        <FilterText name="q" label={t.alarms.filter} value={props.q} />
        <FilterSelect
          name="severity"
          label={t.words.severity}
          value={props.severity}
          options={SEVERITIES.toReversed().map((value) => ({ value, label: t.severity[value] }))}
        />
        <span class="chip desk">{t.alarms.order}</span>
      </Filters>
      <section class="panel" x-data="bulk" aria-label={t.nav.alarms}>
        {props.rows.length === 0 ? (
          <Empty title={t.alarms.emptyTitle[props.view]} text={t.alarms.emptyText} />
        ) : (
          <>
            {props.mayAct && props.rows.some((row) => row.mayAcknowledge) && <Bulk {...props} />}
            <AlarmTable {...props} />
            <footer>
              <Paging paging={props.paging} />
            </footer>
          </>
        )}
      </section>
    </div>
  );
}

/** Works without scripts: tick, then press. With scripts it counts what is ticked. */
function Bulk(props: AlarmsProps) {
  return (
    <form method="post" action={paths.alarmsAcknowledgement} id="bulk" class="bulk">
      <Keys keys={props.shell} name="bulk" />
      <input type="hidden" name="next" value={paths.alarms} />
      <b x-text="label" data-none={t.alarms.tick} data-some={t.alarms.ticked}>
        {t.alarms.tick}
      </b>
      <span class="grow" />
      <button type="submit" class="btn go">
        {t.alarms.acknowledgeTicked}
      </button>
    </form>
  );
}

function AlarmTable(props: AlarmsProps) {
  return (
    <table class="alarms">
      <thead class="stick">
        <tr>
          <th>
            <span class="vh">{t.acts.tick}</span>
          </th>
          <th>
            <span class="vh">{t.words.severity}</span>
          </th>
          <th>{t.words.alarm}</th>
          <th>{t.words.value}</th>
          <th>{t.words.since}</th>
          <th>{t.words.state}</th>
          <th>
            <span class="vh">{t.words.acts}</span>
          </th>
        </tr>
      </thead>
      <tbody id="alarm-rows">
        {props.rows.map((row) => (
          <AlarmRow {...row} keys={props.shell} mayAct={props.mayAct} />
        ))}
      </tbody>
    </table>
  );
}
