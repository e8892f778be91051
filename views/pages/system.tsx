import { Head1, Layout } from "../layout.tsx";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import type { Instant } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { SeverityGlyph } from "../ui/severity.tsx";
import { Time } from "../ui/time.tsx";
import { AdminNav } from "./admin.tsx";
import { type ListenerRow, Listeners } from "./listeners.tsx";

/** GET /admin/system */
export type SystemProps = {
  readonly shell: Shell;
  readonly opening: string;
  /** Why writes are refused now. */
  readonly refusal: string | undefined;
  readonly followers: readonly {
    readonly name: string;
    /** Not shown where several tenants live. */
    readonly sequence: string | undefined;
    /** "up to date", or how far it is behind. */
    readonly behind: string;
  }[];
  /** Undefined where several tenants live: it may be another's. */
  readonly damage:
    | readonly {
        readonly frames: string;
        readonly readings: string;
        readonly found: Instant;
      }[]
    | undefined;
  readonly listeners: readonly ListenerRow[] | undefined;
};

/** The log and those that follow it. */
export function SystemPage(props: SystemProps) {
  const s = t.admin.system;
  const isOwn = props.followers.every(({ sequence }) => sequence !== undefined);
  return (
    <Layout shell={props.shell} title={s.title} section="admin">
      <Head1 title={s.title} sub={props.opening} />
      <AdminNav current="system" />
      <div class="vstack">
        {props.refusal !== undefined && (
          <Panel id="refusal" title={s.refusing}>
            <p class="pad">
              <SeverityGlyph severity="warning" decorative /> {props.refusal}
            </p>
          </Panel>
        )}
        <Panel id="followers" title={s.followers}>
          <Scroll label={s.followers}>
            <table>
              <thead>
                <tr>
                  <th>{s.follower}</th>
                  {isOwn && <th>{s.frame}</th>}
                  <th>{s.behind}</th>
                </tr>
              </thead>
              <tbody>
                {props.followers.map((one) => (
                  <tr>
                    <td>{one.name}</td>
                    {isOwn && <td>{one.sequence}</td>}
                    <td>{one.behind}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </Scroll>
        </Panel>
        {props.listeners !== undefined && <Listeners listeners={props.listeners} />}
        {props.damage !== undefined && <Damage damage={props.damage} />}
      </div>
    </Layout>
  );
}

function Damage(props: { damage: NonNullable<SystemProps["damage"]> }) {
  const s = t.admin.system;
  return (
    <Panel id="damage" title={s.damage}>
      {props.damage.length === 0 ? (
        <p class="pad muted">{s.noDamage}</p>
      ) : (
        <Scroll label={s.damage}>
          <table>
            <thead>
              <tr>
                <th>{s.frames}</th>
                <th>{s.readings}</th>
                <th>{s.found}</th>
              </tr>
            </thead>
            <tbody>
              {props.damage.map((one) => (
                <tr>
                  <td>{one.frames}</td>
                  <td>{one.readings}</td>
                  <td class="nw">
                    <Time at={one.found} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
