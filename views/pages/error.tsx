import { Head1, Layout, PlainLayout } from "../layout.tsx";
import type { PlainShell, Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Note } from "../ui/note.tsx";

export type ErrorProps = {
  /** With a shell when somebody is signed in. */
  readonly shell: Shell | undefined;
  readonly plain: PlainShell;
  readonly status: number;
  /** What failed, on what, what to do. */
  readonly message: string;
  /** One sentence per field that does not fit. */
  readonly fields: readonly string[];
  /** Address to go back to. */
  readonly backHref: string;
};

/** What failed, on what, what to do; with the navigation when somebody is signed in. */
export function ErrorPage(props: ErrorProps) {
  const title = t.errors.title(props.status);
  if (props.shell === undefined) {
    return (
      <PlainLayout shell={props.plain} title={title}>
        <h1>{title}</h1>
        <ErrorPart {...props} />
      </PlainLayout>
    );
  }
  return (
    <Layout shell={props.shell} title={title} section="none">
      <Head1 title={title} />
      <ErrorPart {...props} />
    </Layout>
  );
}

/** The same as a part, for what htmx asked: it goes where the answer would have gone. */
export function ErrorPart(props: Pick<ErrorProps, "message" | "fields" | "backHref">) {
  return (
    <div class="vstack single error" id="error">
      <Note level="warning" urgent>
        <p>{sentence(props.message)}</p>
        {props.fields.length > 0 && (
          <ul>
            {props.fields.map((field) => (
              <li>{field}</li>
            ))}
          </ul>
        )}
      </Note>
      <p>
        <a class="btn" href={props.backHref}>
          {t.errors.back}
        </a>
      </p>
    </div>
  );
}

/** Messages are written lower-case for logs; people read sentences. */
function sentence(message: string): string {
  const text = message.charAt(0).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
