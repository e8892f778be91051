import type { UploadStatus } from "../../src/domain/upload.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { FormErrors, Keys, SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Instant, Option } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { Time } from "../ui/time.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";

export type UploadRow = {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly status: UploadStatus;
  /** "1,204 rows in, 3 refused" */
  readonly result: string;
  readonly at: Instant;
  readonly by: string;
  readonly errors: readonly {
    readonly lineNo: number;
    readonly reason: string;
    readonly line: string;
  }[];
  /** How many more errors there are than `errors` holds. */
  readonly moreErrors: number;
  readonly failure: string | undefined;
};

/** POST /ingest/uploads (multipart) with: kind, file. */
export type UploadsProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly form: FormState;
  readonly kinds: readonly (Option & { readonly columns: string; readonly example: string })[];
  readonly uploads: readonly UploadRow[];
  readonly mayWrite: boolean;
  readonly limit: string;
};

/** Files of assets, readings and maintenance records; the same file twice changes nothing. */
export function UploadsPage(props: UploadsProps) {
  const u = t.uploads;
  return (
    <Layout shell={props.shell} title={t.ingest.tabs.uploads} section="ingest" live="uploads">
      <Head1 title={t.ingest.tabs.uploads} sub={u.sub} />
      <IngestNav tabs={props.tabs} current="uploads" />
      <div class="cols side-r">
        <UploadList {...props} />
        <aside class="vstack" aria-label={u.new}>
          {props.mayWrite && (
            <Panel id="upload" title={u.new}>
              <form class="pad" method="post" action={paths.uploads} enctype="multipart/form-data">
                <Keys keys={props.shell} name="upload" />
                <FormErrors form={props.form} labels={u.labels} />
                <SelectField
                  form={props.form}
                  name="kind"
                  label={u.labels.kind}
                  options={props.kinds}
                />
                <TextField
                  form={props.form}
                  name="file"
                  type="file"
                  label={u.labels.file}
                  hint={props.limit}
                  accept=".csv,.txt,.gz,text/csv"
                  required
                />
                <div class="row ends">
                  <button type="submit" class="btn go">
                    {u.send}
                  </button>
                </div>
              </form>
            </Panel>
          )}
          <Panel id="columns" title={u.columns}>
            <div class="pad stack">
              {props.kinds.map((kind) => (
                <div>
                  <h3>{kind.label}</h3>
                  <p class="sm muted">
                    <code>{kind.columns}</code>
                  </p>
                  <pre class="code">{kind.example}</pre>
                </div>
              ))}
            </div>
          </Panel>
        </aside>
      </div>
    </Layout>
  );
}

/** Live region `uploads`. */
export function UploadList(props: UploadsProps) {
  const u = t.uploads;
  return (
    <Panel id="uploads" title={u.list}>
      {props.uploads.length === 0 ? (
        <Empty title={u.emptyTitle} text={u.emptyText} />
      ) : (
        <ul class="lines uploads">
          {props.uploads.map((upload) => (
            <li id={`upload-${upload.id}`}>
              <span class="grow">
                <b>{upload.name}</b> <span class="chip">{u.status[upload.status]}</span>
                <span class="sub">
                  {upload.kind}, {upload.result}
                </span>
                {upload.failure !== undefined && <Note level="warning">{upload.failure}</Note>}
                {upload.errors.length > 0 && <Errors {...upload} />}
              </span>
              <span class="muted sm nw">
                <Time at={upload.at} />
                <span class="sub">{upload.by}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Errors(props: UploadRow) {
  return (
    <details class="edit">
      <summary>{t.uploads.errors(props.errors.length + props.moreErrors)}</summary>
      <ul class="sm">
        {props.errors.map((error) => (
          <li>
            <b>{t.uploads.line(error.lineNo)}</b> {error.reason}
            <code class="sub cut">{error.line}</code>
          </li>
        ))}
      </ul>
      {props.moreErrors > 0 && <p class="muted sm">{t.uploads.more(props.moreErrors)}</p>}
    </details>
  );
}
