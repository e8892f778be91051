import { PlainLayout } from "../layout.tsx";
import type { PlainShell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/facts.tsx";
import { Note } from "../ui/note.tsx";

/** The demo plant, or a large import, is being made; the page asks again by itself. */
export type LoadingProps = {
  readonly shell: PlainShell;
  /** What happens now: "Simulating 24 machines". */
  readonly phase: string;
  /** All phases in order. */
  readonly phases: readonly { readonly label: string; readonly state: "done" | "here" | "next" }[];
  /** 0 to 100, whole. */
  readonly percent: number;
  /** "1.2 M of 3.7 M readings" */
  readonly counts: readonly { readonly label: string; readonly value: string }[];
  /** Undefined while all is well; otherwise what failed and what to do. */
  readonly failure: string | undefined;
  /** Address to go to when it is done, offered as a link as soon as pages can be read. */
  readonly continueHref: string | undefined;
};

/** Shows how far loading is and asks again by itself, with or without scripts. */
export function LoadingPage(props: LoadingProps) {
  return (
    <PlainLayout
      shell={props.shell}
      title={t.loading.title}
      refreshS={2}
      aside={
        <ol class="steps">
          {props.phases.map((phase) => (
            <li
              class={phase.state === "done" ? "done" : ""}
              aria-current={phase.state === "here" ? "step" : undefined}
            >
              <span>{phase.label}</span>
            </li>
          ))}
        </ol>
      }
    >
      <h1>{props.failure === undefined ? t.loading.title : t.loading.failed}</h1>
      <p class="muted lead">{t.loading.sub}</p>
      {props.failure === undefined ? (
        <div class="vstack">
          <p>
            <b>{props.phase}</b> <span class="muted">{t.loading.percent(props.percent)}</span>
          </p>
          <progress max={100} value={props.percent} aria-label={props.phase} />
          <Facts
            facts={props.counts.map((count) => ({ label: count.label, value: count.value }))}
          />
          {props.continueHref !== undefined && (
            <p>
              <a class="btn go big" href={props.continueHref}>
                {t.loading.open}
              </a>
            </p>
          )}
        </div>
      ) : (
        <Note level="emergency" urgent>
          {props.failure}
        </Note>
      )}
    </PlainLayout>
  );
}
