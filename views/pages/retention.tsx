import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton } from "../ui/form.tsx";
import type { FormState, Instant, Link, Option } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import { AdminNav } from "./admin.tsx";
import { type ClassRow, RetentionForm } from "./retention-form.tsx";
import { type TierRow, TierTable } from "./retention-table.tsx";

export type HeldProps = { readonly held: readonly TierRow[]; readonly why: string | undefined };

/** GET /admin/retention?sensor=&q=&held=; POST the same with the form, act=look|save; the region is #retention. */
export type RetentionProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly disk: { readonly level: "info" | "warning" | "critical"; readonly text: string };
  readonly form: FormState;
  readonly version: number;
  /** Rows of classes, with an empty one for another. */
  readonly rows: readonly ClassRow[];
  readonly classes: readonly Option[];
  readonly types: readonly { readonly field: string; readonly label: string }[];
  readonly sensors: readonly { readonly field: string; readonly label: string }[];
  readonly q: string;
  readonly hits: readonly Link[] | undefined;
  /** What a dry run of the form found. */
  readonly preview: { readonly sentence: string; readonly rows: readonly TierRow[] } | undefined;
  /** Names what was looked at. */
  readonly previewed: string;
  readonly heldShown: HeldProps | undefined;
  readonly log: readonly (TierRow & { readonly at: Instant })[];
  readonly logMore: string | undefined;
};

/** How long readings are kept. */
export function RetentionPage(props: RetentionProps) {
  return (
    <Layout shell={props.shell} title={t.retention.title} section="admin">
      <RetentionRegion {...props} />
    </Layout>
  );
}

export function RetentionRegion(props: RetentionProps) {
  const r = t.retention;
  return (
    <div id="retention">
      <Head1 title={r.title} sub={props.opening} />
      <AdminNav current="retention" />
      <div class="vstack">
        <Note level={props.disk.level}>{props.disk.text}</Note>
        <RetentionForm {...props} />
        {props.heldShown === undefined ? <HeldLater /> : <RetentionHeld {...props.heldShown} />}
        <RetentionLog {...props} />
      </div>
    </div>
  );
}

/** Counting what is held takes a moment, so it is asked for once the page stands. */
function HeldLater() {
  const r = t.retention;
  return (
    <Panel id="held" title={r.held}>
      <p
        class="pad muted"
        hx-get={paths.retentionHeld}
        hx-trigger="load"
        hx-target="#held"
        hx-swap="outerHTML"
      >
        {r.counting} <a href={paths.retentionHeld}>{r.countNow}</a>
      </p>
    </Panel>
  );
}

/** What is held by class and tier: `#held`. */
export function RetentionHeld(props: HeldProps) {
  const r = t.retention;
  return (
    <Panel id="held" title={r.held} foot={r.heldNote}>
      {props.why !== undefined && <p class="pad">{props.why}</p>}
      {props.why === undefined && props.held.length === 0 && (
        <Empty title={r.noneHeldTitle} text={r.noneHeldText} />
      )}
      {props.held.length > 0 && <TierTable label={r.held} rows={props.held} />}
    </Panel>
  );
}

function RetentionLog(props: RetentionProps) {
  const r = t.retention;
  return (
    <Panel
      id="retention-log"
      title={r.log}
      aside={
        <details class="menu">
          <summary class="btn">{r.run}</summary>
          <div class="pop pad stack">
            <p>{r.runWhat}</p>
            <ActButton
              action={paths.retentionRuns}
              keys={props.shell}
              name="retention-run"
              class="go"
            >
              {r.runGo}
            </ActButton>
          </div>
        </details>
      }
      foot={props.logMore === undefined ? undefined : <a href={props.logMore}>{r.logMore}</a>}
    >
      {props.log.length === 0 ? (
        <Empty title={r.noneGoneTitle} text={r.noneGoneText} />
      ) : (
        <Scroll label={r.log}>
          <table class="dense">
            <thead>
              <tr>
                <th>{t.words.time}</th>
                <th>{r.className}</th>
                <th>{r.tier}</th>
                <th>{r.days}</th>
                <th class="num">{r.rowsCount}</th>
                <th class="num">{r.size}</th>
                <th>{r.reason}</th>
              </tr>
            </thead>
            <tbody>
              {props.log.map((row) => (
                <tr>
                  <td class="nw">
                    <Time at={row.at} />
                  </td>
                  <td>{row.className}</td>
                  <td class="nw">{row.tier}</td>
                  <td class="nw">{row.days}</td>
                  <td class="num">{row.rows}</td>
                  <td class="num">{row.size}</td>
                  <td>{row.reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </Panel>
  );
}
