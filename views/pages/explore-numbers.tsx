import { t } from "../texts/index.ts";
import { Go } from "../ui/go.tsx";
import type { Instant } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import type { ExploreProps } from "./explore.tsx";

/** The chart as a table: slices of the span, oldest first. */
export type ExploreTable = {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly at: Instant; readonly cells: readonly string[] }[];
  /** "each row is 30 min; the mean, and lowest to highest" */
  readonly note: string;
};

/** What each line was over the whole span. */
export function ExploreNumbers(props: ExploreProps) {
  const e = t.explore;
  return (
    <Panel
      id="explore-numbers"
      title={t.sensor.numbers}
      class="mt"
      aside={
        <Go href={props.tableHref} class="btn" current={props.table !== undefined}>
          {e.table}
        </Go>
      }
    >
      <Scroll label={t.sensor.numbers}>
        <table class="dense">
          <thead>
            <tr>
              <th>{e.series}</th>
              <th class="num">{t.sensor.low}</th>
              <th class="num">{t.sensor.high}</th>
              <th class="num">{t.sensor.mean}</th>
              <th class="num">{t.sensor.count}</th>
              <th>{e.gaps}</th>
              <th>{e.point}</th>
            </tr>
          </thead>
          <tbody>
            {props.numbers.map((row) => (
              <tr>
                <td class="nw">
                  <b>{row.name}</b>
                </td>
                <td class="num">{row.low}</td>
                <td class="num">{row.high}</td>
                <td class="num">{row.mean}</td>
                <td class="num">{row.readings}</td>
                <td>{row.gaps}</td>
                <td>{row.point}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}

/** The lines as numbers, for who does not see the charts or wants to copy. */
export function ExploreTableView(props: { table: ExploreTable }) {
  const e = t.explore;
  return (
    <Panel id="explore-table" title={e.table} class="mt" foot={props.table.note}>
      <Scroll label={e.table}>
        <table class="dense">
          <thead>
            <tr>
              <th>{t.words.time}</th>
              {props.table.columns.map((name) => (
                <th class="num">{name}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {props.table.rows.map((row) => (
              <tr>
                <td class="nw">
                  <Time at={row.at} />
                </td>
                {row.cells.map((cell) => (
                  <td class="num">{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Panel>
  );
}
