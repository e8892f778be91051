import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";

/** A listener with its counters since it started, as text. */
export type ListenerRow = {
  readonly name: string;
  readonly port: string;
  readonly connections: string;
  readonly readings: string;
  readonly rejected: string;
  /** What was lost or held up: "12 datagrams dropped, 3 refusals"; "nothing". */
  readonly trouble: string;
  readonly bytes: string;
};

/** Line protocol over TCP, TLS and UDP. */
export function Listeners(props: { listeners: readonly ListenerRow[] }) {
  const l = t.listeners;
  return (
    <Panel id="listeners" title={l.title} foot={props.listeners.length === 0 ? undefined : l.note}>
      {props.listeners.length === 0 ? (
        <Empty title={l.noneTitle} text={l.noneText} />
      ) : (
        <Scroll label={l.title}>
          <table>
            <thead>
              <tr>
                <th>{l.name}</th>
                <th class="num">{l.port}</th>
                <th class="num">{l.connections}</th>
                <th class="num">{l.bytes}</th>
                <th class="num">{l.readings}</th>
                <th class="num">{l.rejected}</th>
                <th>{l.trouble}</th>
              </tr>
            </thead>
            <tbody>
              {props.listeners.map((row) => (
                <tr>
                  <td>
                    <b>{row.name}</b>
                  </td>
                  <td class="num">{row.port}</td>
                  <td class="num">{row.connections}</td>
                  <td class="num">{row.bytes}</td>
                  <td class="num">{row.readings}</td>
                  <td class="num">{row.rejected}</td>
                  <td>{row.trouble}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
