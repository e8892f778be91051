import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Keys } from "../ui/form.tsx";
import type { Option, Paging as PagingProps, Spark } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Paging } from "../ui/paging.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Sparkline } from "../ui/spark.tsx";
import { Segments } from "../ui/tabs.tsx";
import {
  PatternPanel,
  type PatternState,
  StandingPanel,
  type StandingPattern,
} from "./inbox-pattern.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";

export type InboxRow = {
  readonly seriesNo: number;
  /** "gb_211,loc=out vib_rms" */
  readonly series: string;
  /** "8,412 rows since 12:10" */
  readonly sub: string;
  readonly spark: Spark;
  /** What it looks like: asset and sensor it would become; empty = no suggestion. */
  readonly assetKey: string;
  readonly sensorName: string;
  readonly why: string;
  readonly unit: string;
  readonly ticked: boolean;
};

/**
 * POST /ingest/inbox/adoption and /ingest/inbox/ignored with `series` once per ticked row; with
 * `asset_<no>`, `sensor_<no>`, `unit_<no>`, `from_<no>` where a person changed the suggestion.
 */
export type InboxProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly rows: readonly InboxRow[];
  readonly assets: readonly Option[];
  readonly paging: PagingProps;
  readonly mayWrite: boolean;
  readonly problem: string | undefined;
  readonly view: "inbox" | "ignored";
  /** What was written as a pattern; texts are empty when nothing was. */
  readonly pattern: PatternState;
  readonly standing: readonly StandingPattern[];
};

/** Series that nobody has adopted: their rows are stored already, adopting brings them along. */
export function InboxPage(props: InboxProps) {
  return (
    <Layout shell={props.shell} title={t.ingest.tabs.inbox} section="ingest" bulk>
      <Head1 title={t.ingest.tabs.inbox} sub={props.opening} />
      <IngestNav tabs={props.tabs} current="inbox" />
      <div class="vstack">
        <div>
          <Segments
            label={t.inbox.views}
            tabs={(["inbox", "ignored"] as const).map((view) => ({
              href: view === "inbox" ? paths.inbox : withQuery(paths.inbox, { status: view }),
              label: view === "inbox" ? t.inbox.waiting : t.inbox.ignored,
              current: view === props.view,
            }))}
          />
        </div>
        {props.view === "inbox" && props.mayWrite && <PatternPanel {...props} />}
        {props.rows.length === 0 && props.problem !== undefined && (
          <Note level="warning" urgent>
            {props.problem}
          </Note>
        )}
        <InboxList {...props} />
        {props.view === "inbox" && props.standing.length > 0 && <StandingPanel {...props} />}
      </div>
    </Layout>
  );
}

/** The list region with its form; swapped whole after adopting or ignoring. */
export function InboxList(props: InboxProps) {
  const n = t.inbox;
  const ticked = props.rows.filter((row) => row.ticked).length;
  if (props.rows.length === 0) {
    return (
      <section class="panel" id="inbox" aria-label={t.ingest.tabs.inbox}>
        <Empty
          title={props.view === "inbox" ? n.emptyTitle : n.noneIgnoredTitle}
          text={props.view === "inbox" ? n.emptyText : n.noneIgnoredText}
        />
      </section>
    );
  }
  return (
    <section class="panel" id="inbox" x-data="bulk" aria-label={t.ingest.tabs.inbox}>
      <form method="post" action={paths.inboxAdoption}>
        <Keys keys={props.shell} name="adopt" />
        {props.problem !== undefined && (
          <Note level="warning" urgent>
            {props.problem}
          </Note>
        )}
        {props.mayWrite && <BulkBar view={props.view} ticked={ticked} />}
        <Scroll label={t.ingest.tabs.inbox}>
          <table class="inbox">
            <thead>
              <tr>
                <th>
                  <span class="vh">{t.acts.tick}</span>
                </th>
                <th>{n.series}</th>
                <th class="desk">{n.spark}</th>
                <th>{n.asset}</th>
                <th>{n.sensor}</th>
                <th>{n.unit}</th>
              </tr>
            </thead>
            <tbody>
              {props.rows.map((row) => (
                <Row row={row} mayWrite={props.mayWrite && props.view === "inbox"} />
              ))}
            </tbody>
          </table>
        </Scroll>
        <datalist id="assets">
          {props.assets.map((asset) => (
            <option value={asset.value}>{asset.label}</option>
          ))}
        </datalist>
        <footer>
          {n.foot} <Paging paging={props.paging} />
        </footer>
      </form>
    </section>
  );
}

function BulkBar(props: { view: InboxProps["view"]; ticked: number }) {
  const n = t.inbox;
  const none = props.view === "inbox" ? n.tick : n.tickBack;
  return (
    <div class="bulk">
      <b x-text="label" data-none={none} data-some={t.alarms.ticked}>
        {props.ticked === 0 ? none : t.alarms.ticked.replace("#", String(props.ticked))}
      </b>
      <span class="grow" />
      {props.view === "inbox" ? (
        <>
          <button type="submit" class="btn go">
            {n.adopt}
          </button>
          <button type="submit" class="btn" formaction={paths.inboxIgnored}>
            {n.ignore}
          </button>
        </>
      ) : (
        <button type="submit" class="btn" formaction={paths.inboxReleased}>
          {n.takeBack}
        </button>
      )}
    </div>
  );
}

function Row(props: { row: InboxRow; mayWrite: boolean }) {
  const { row, mayWrite } = props;
  const no = row.seriesNo;
  const readonly = mayWrite ? undefined : true;
  return (
    <tr id={`series-${no}`}>
      <td class="tight">
        <input
          type="checkbox"
          name="series"
          value={String(no)}
          checked={row.ticked ? true : undefined}
          aria-label={t.alarms.select(row.series)}
          x-on:change="count"
        />
      </td>
      <td>
        <code>{row.series}</code>
        <span class="sub">{row.sub}</span>
      </td>
      <td class="tight desk">
        <Sparkline values={row.spark} />
      </td>
      <td>
        <input
          name={`asset_${no}`}
          value={row.assetKey}
          list="assets"
          aria-label={t.inbox.assetOf(row.series)}
          placeholder={t.inbox.noSuggestion}
          readonly={readonly}
        />
      </td>
      <td>
        <input
          name={`sensor_${no}`}
          value={row.sensorName}
          aria-label={t.inbox.sensorOf(row.series)}
          readonly={readonly}
        />
        <span class="sub">{row.why}</span>
        {mayWrite && (
          <details class="edit">
            <summary>{t.inbox.from}</summary>
            <div>
              <input
                type="datetime-local"
                name={`from_${no}`}
                aria-label={t.inbox.fromOf(row.series)}
              />
            </div>
          </details>
        )}
      </td>
      <td class="tight">
        <input
          class="unit"
          name={`unit_${no}`}
          value={row.unit}
          size={6}
          aria-label={t.inbox.unitOf(row.series)}
          readonly={readonly}
        />
      </td>
    </tr>
  );
}
