import type { Severity } from "../../src/domain/rule.ts";
import type { WorkStatus } from "../../src/domain/work-order.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Icon } from "../ui/icon.tsx";
import type { AssetRef } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Segments } from "../ui/tabs.tsx";

export type WorkCard = {
  readonly id: string;
  /** "WO-1187" */
  readonly number: string;
  readonly title: string;
  readonly asset: AssetRef;
  readonly severity: Severity | undefined;
  /** "from a prediction, 62 %", "Thu 26 Nov, 1 h" */
  readonly foot: readonly string[];
  readonly late: boolean;
};

/** Lanes in order: requested, planned, in-progress, done (this week). */
export type WorkProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly view: "board" | "list";
  readonly lanes: readonly {
    readonly status: WorkStatus;
    readonly count: number;
    readonly cards: readonly WorkCard[];
  }[];
  /** What closing told the models, by origin. */
  readonly learned: readonly {
    readonly origin: string;
    readonly closed: string;
    readonly failures: string;
    readonly nothing: string;
  }[];
  readonly learnedNote: string;
  readonly mayWrite: boolean;
};

/** Asked for, planned, in progress, done this week; and what closing told the models. */
export function WorkPage(props: WorkProps) {
  return (
    <Layout shell={props.shell} title={t.nav.work} section="work" live="work">
      <Head1 title={t.nav.work} sub={props.opening}>
        <Segments
          label={t.work.view}
          tabs={(["board", "list"] as const).map((view) => ({
            href: withQuery(paths.work, { view }),
            label: t.work.views[view],
            current: view === props.view,
          }))}
        />
        {props.mayWrite && (
          <a class="btn go" href={paths.workNew}>
            <Icon name="plus" />
            {t.work.new}
          </a>
        )}
      </Head1>
      {props.view === "board" ? <Board {...props} /> : <List {...props} />}
      <div class="mt">
        <Panel id="learned" title={t.work.learned} foot={props.learnedNote}>
          {props.learned.length === 0 ? (
            <Empty title={t.work.nothingLearnedTitle} text={t.work.nothingLearnedText} />
          ) : (
            <Scroll label={t.work.learned}>
              <table>
                <thead>
                  <tr>
                    <th>{t.work.origin}</th>
                    <th class="num">{t.work.closed}</th>
                    <th class="num">{t.work.failures}</th>
                    <th class="num">{t.work.nothing}</th>
                  </tr>
                </thead>
                <tbody>
                  {props.learned.map((row) => (
                    <tr>
                      <td>{row.origin}</td>
                      <td class="num">{row.closed}</td>
                      <td class="num">{row.failures}</td>
                      <td class="num">{row.nothing}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </Panel>
      </div>
    </Layout>
  );
}

function Board(props: WorkProps) {
  return (
    <div class="board" id="board">
      {props.lanes.map((lane) => (
        <section class="lane" aria-labelledby={`lane-${lane.status}`}>
          <h2 id={`lane-${lane.status}`}>
            {t.work.lanes[lane.status]}
            <span>{lane.count}</span>
          </h2>
          <ul>
            {lane.cards.map((card) => (
              <Card card={card} />
            ))}
            {lane.cards.length === 0 && <li class="card none">{t.work.none}</li>}
          </ul>
        </section>
      ))}
    </div>
  );
}

function Card(props: { card: WorkCard }) {
  const { card } = props;
  return (
    <li class="card" id={`work-${card.id}`} data-row>
      <div class="row between">
        <span class="faint xs">{card.number}</span>
        {card.severity !== undefined && <SeverityGlyph severity={card.severity} acknowledged />}
      </div>
      <h3>
        <a href={paths.workOrder(card.id)}>{card.title}</a>
      </h3>
      <span class="muted">
        {card.asset.tag} {card.asset.name}
      </span>
      <div class="cardfoot">
        {card.late && <span class="chip late">{t.work.late}</span>}
        {card.foot.map((text) => (
          <span>{text}</span>
        ))}
      </div>
    </li>
  );
}

function List(props: WorkProps) {
  const rows = props.lanes.flatMap((lane) => lane.cards.map((card) => ({ card, lane })));
  return (
    <section class="panel" id="board" aria-label={t.nav.work}>
      {rows.length === 0 ? (
        <Empty title={t.work.none} text={t.work.noneText} />
      ) : (
        <table class="cards">
          <thead class="stick">
            <tr>
              <th>{t.words.number}</th>
              <th>{t.words.work}</th>
              <th>{t.words.asset}</th>
              <th>{t.words.state}</th>
              <th class="hide">{t.words.when}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ card, lane }) => (
              <tr id={`work-${card.id}`} data-row>
                <td class="tight faint">{card.number}</td>
                <td>
                  <a class="plain" href={paths.workOrder(card.id)}>
                    <b>{card.title}</b>
                  </a>
                </td>
                <td>
                  {card.asset.tag} {card.asset.name}
                </td>
                <td class="nw">{t.work.lanes[lane.status]}</td>
                <td class="hide muted">{card.foot.join(", ")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
