import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { FilterSelect } from "../ui/filters.tsx";
import { ActButton, Keys } from "../ui/form.tsx";
import type { Instant, Option, Paging as PagingProps } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Paging } from "../ui/paging.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";
import { FixPanel, type FixProps, type RuleRow, RulesPanel } from "./quarantine-rules.tsx";

/**
 * GET /ingest/quarantine?source=&reason=&cursor=; POST /ingest/quarantine/replays and /removals with
 * `source` and `reason`, or `id` for one line.
 */
export type QuarantineProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  /** The source that is looked at; undefined = all. */
  readonly source: string | undefined;
  readonly sources: readonly Option[];
  readonly accounts: readonly {
    readonly source: string;
    readonly href: string;
    readonly refused: string;
    readonly kept: string;
    readonly notKept: string;
    readonly deleted: string;
    readonly replayed: string;
  }[];
  /** Said when only a part of the refused lines is kept. */
  readonly partNote: string | undefined;
  readonly groups: readonly {
    readonly reason: string;
    readonly sample: string;
    readonly count: string;
    readonly source: string;
    readonly first: Instant;
    readonly last: Instant;
    readonly href: string;
    readonly isChosen: boolean;
  }[];
  /** The reason that is looked at. */
  readonly chosen: ChosenReason | undefined;
  /** Its lines. */
  readonly lines: readonly KeptLine[];
  readonly paging: PagingProps;
  /** A rule for the reason that is looked at. */
  readonly fix: FixProps | undefined;
  readonly rules: readonly RuleRow[];
  readonly mayWrite: boolean;
  /** How the last act came out. */
  readonly outcome: string | undefined;
  readonly problem: string | undefined;
};

export type ChosenReason = {
  readonly reason: string;
  readonly source: string | undefined;
  readonly count: string;
  /** How many can be sent again; undefined when none. */
  readonly replayable: string | undefined;
  /** How many cannot; undefined when none. */
  readonly notWhole: string | undefined;
};

export type KeptLine = {
  readonly id: string;
  readonly at: Instant;
  readonly source: string;
  readonly lineNo: number;
  readonly column: number;
  readonly line: string;
  readonly isWhole: boolean;
};

/** Lines that could not be kept as readings, by reason: looked at, replayed, deleted. */
export function QuarantinePage(props: QuarantineProps) {
  const q = t.quarantine;
  return (
    <Layout shell={props.shell} title={t.ingest.tabs.quarantine} section="ingest">
      <Head1 title={t.ingest.tabs.quarantine} sub={props.opening} />
      <IngestNav tabs={props.tabs} current="quarantine" />
      <div class="vstack">
        {props.outcome !== undefined && (
          <div role="status">
            <Note>{props.outcome}</Note>
          </div>
        )}
        {props.problem !== undefined && (
          <Note level="warning" urgent>
            {props.problem}
          </Note>
        )}
        {props.sources.length > 1 && <SourceFilter {...props} />}
        <Panel id="reasons" title={q.reasons}>
          {props.groups.length === 0 ? (
            <Empty title={q.emptyTitle} text={q.emptyText} />
          ) : (
            <Reasons groups={props.groups} />
          )}
        </Panel>
        {props.fix !== undefined && <FixPanel shell={props.shell} fix={props.fix} />}
        {props.chosen !== undefined && <Chosen {...props} chosen={props.chosen} />}
        {props.rules.length > 0 && (
          <RulesPanel shell={props.shell} rules={props.rules} mayWrite={props.mayWrite} />
        )}
        {props.accounts.length > 0 && <Accounts {...props} />}
      </div>
    </Layout>
  );
}

function SourceFilter(props: QuarantineProps) {
  const q = t.quarantine;
  return (
    <search>
      <form class="filters" method="get" action={paths.quarantine}>
        <FilterSelect
          name="source"
          label={q.allSources}
          value={props.source ?? ""}
          options={props.sources}
        />
        <button type="submit" class="btn">
          {t.acts.show}
        </button>
      </form>
    </search>
  );
}

function Reasons(props: { groups: QuarantineProps["groups"] }) {
  const q = t.quarantine;
  return (
    <Scroll label={q.reasons}>
      <table>
        <thead>
          <tr>
            <th>{q.reason}</th>
            <th class="num">{q.lines}</th>
            <th>{t.ingest.source}</th>
            <th class="num">{q.first}</th>
            <th class="num">{q.last}</th>
          </tr>
        </thead>
        <tbody>
          {props.groups.map((group) => (
            <tr data-row>
              <td>
                <a
                  class="plain"
                  href={group.href}
                  aria-current={group.isChosen ? "true" : undefined}
                >
                  {group.reason}
                </a>
                <span class="sub mono cut">{group.sample}</span>
              </td>
              <td class="num">{group.count}</td>
              <td class="nw">{group.source}</td>
              <td class="num">
                <Time at={group.first} />
              </td>
              <td class="num">
                <Time at={group.last} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  );
}

function Chosen(props: QuarantineProps & { chosen: ChosenReason }) {
  const { chosen } = props;
  return (
    <Panel id="lines" title={chosen.reason} foot={<Paging paging={props.paging} />}>
      {props.mayWrite && <GroupActs shell={props.shell} chosen={chosen} />}
      <ul class="lines">
        {props.lines.map((line) => (
          <Line {...props} line={line} />
        ))}
      </ul>
    </Panel>
  );
}

function GroupActs(props: { shell: Shell; chosen: ChosenReason }) {
  const q = t.quarantine;
  const { shell, chosen } = props;
  const fields = { source: chosen.source ?? "", reason: chosen.reason };
  return (
    <div class="pad stack">
      {chosen.replayable !== undefined && (
        <ActButton
          action={paths.quarantineReplays}
          keys={shell}
          name="replay"
          class="go"
          fields={fields}
        >
          {q.replayAll(chosen.replayable)}
        </ActButton>
      )}
      <p class="sm muted">{q.replayHint}</p>
      {chosen.notWhole !== undefined && <p class="sm">{q.notWhole(chosen.notWhole)}</p>}
      <details class="edit">
        <summary>{q.deleteOpen}</summary>
        <form method="post" action={paths.quarantineRemovals}>
          <Keys keys={shell} name="delete" />
          <input type="hidden" name="source" value={fields.source} />
          <input type="hidden" name="reason" value={fields.reason} />
          <p class="sm muted">{q.deleteHint}</p>
          <button type="submit" class="btn">
            {q.deleteAll(chosen.count)}
          </button>
        </form>
      </details>
    </div>
  );
}

function Line(props: QuarantineProps & { chosen: ChosenReason; line: KeptLine }) {
  const q = t.quarantine;
  const { line, chosen, shell } = props;
  return (
    <li>
      <span class="grow">
        <code class="pre">{line.line}</code>
        <span class="sub">{q.where(line.lineNo, line.column, line.source)}</span>
        {!line.isWhole && <span class="sub">{q.cut}</span>}
      </span>
      <span class="muted sm nw">
        <Time at={line.at} />
      </span>
      {props.mayWrite && line.isWhole && (
        <ActButton
          action={paths.quarantineReplays}
          keys={shell}
          name={`replay-${line.id}`}
          label={q.replayOf(line.lineNo)}
          fields={{ id: line.id, source: chosen.source ?? "", reason: chosen.reason }}
        >
          {q.replay}
        </ActButton>
      )}
    </li>
  );
}

function Accounts(props: QuarantineProps) {
  const q = t.quarantine;
  return (
    <Panel id="accounts" title={q.accounts} foot={props.partNote ?? q.allKept}>
      <Scroll label={q.accounts}>
        <table>
          <thead>
            <tr>
              <th>{t.ingest.source}</th>
              <th class="num">{q.refused}</th>
              <th class="num">{q.kept}</th>
              <th class="num">{q.notKept}</th>
              <th class="num">{q.deletedCount}</th>
              <th class="num">{q.replayedCount}</th>
            </tr>
          </thead>
          <tbody>
            {props.accounts.map((one) => (
              <tr data-row>
                <td>
                  <a class="plain" href={one.href}>
                    {one.source}
                  </a>
                </td>
                <td class="num">{one.refused}</td>
                <td class="num">{one.kept}</td>
                <td class="num">{one.notKept}</td>
                <td class="num">{one.deleted}</td>
                <td class="num">{one.replayed}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
