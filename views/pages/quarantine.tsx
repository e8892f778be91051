import { Head1, Layout } from "../layout.tsx";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import type { Instant, Paging as PagingProps } from "../ui/model.ts";
import { Paging } from "../ui/paging.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";

/** GET /ingest/quarantine?source=&reason=&cursor= */
export type QuarantineProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly opening: string;
  readonly groups: readonly {
    readonly reason: string;
    readonly sample: string;
    readonly count: string;
    readonly source: string;
    readonly last: Instant;
    readonly href: string;
  }[];
  /** Lines of the chosen group. */
  readonly lines: readonly {
    readonly id: string;
    readonly at: Instant;
    readonly source: string;
    readonly lineNo: number;
    readonly column: number;
    readonly line: string;
    readonly reason: string;
  }[];
  readonly chosen: string | undefined;
  readonly paging: PagingProps;
};

/** Lines that could not be kept, grouped by reason, none of them lost. */
export function QuarantinePage(props: QuarantineProps) {
  const q = t.quarantine;
  return (
    <Layout shell={props.shell} title={t.ingest.tabs.quarantine} section="ingest">
      <Head1 title={t.ingest.tabs.quarantine} sub={props.opening} />
      <IngestNav tabs={props.tabs} current="quarantine" />
      <div class="vstack">
        <Panel id="reasons" title={q.reasons}>
          {props.groups.length === 0 ? (
            <Empty title={q.emptyTitle} text={q.emptyText} />
          ) : (
            <Scroll label={q.reasons}>
              <table>
                <thead>
                  <tr>
                    <th>{q.reason}</th>
                    <th class="num">{q.lines}</th>
                    <th>{t.ingest.source}</th>
                    <th class="num">{t.ingest.last}</th>
                  </tr>
                </thead>
                <tbody>
                  {props.groups.map((group) => (
                    <tr data-row>
                      <td>
                        <a class="plain" href={group.href}>
                          {group.reason}
                        </a>
                        <span class="sub mono cut">{group.sample}</span>
                      </td>
                      <td class="num">{group.count}</td>
                      <td class="nw">{group.source}</td>
                      <td class="num">
                        <Time at={group.last} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </Scroll>
          )}
        </Panel>
        {props.chosen !== undefined && (
          <Panel id="lines" title={props.chosen} foot={<Paging paging={props.paging} />}>
            <ul class="lines">
              {props.lines.map((line) => (
                <li>
                  <span class="grow">
                    <code class="pre">{line.line}</code>
                    <span class="sub">{q.where(line.lineNo, line.column, line.source)}</span>
                    <span class="sub">{line.reason}</span>
                  </span>
                  <span class="muted sm nw">
                    <Time at={line.at} />
                  </span>
                </li>
              ))}
            </ul>
          </Panel>
        )}
      </div>
    </Layout>
  );
}
