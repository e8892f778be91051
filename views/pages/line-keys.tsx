import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton, FormErrors, Keys, TextField } from "../ui/form.tsx";
import type { FormState, Instant, Link } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import { AdminNav } from "./admin.tsx";

/** POST /admin/line-keys with: name, x, y; POST /admin/line-keys/:id/revocation. */
export type LineKeysProps = {
  readonly shell: Shell;
  readonly opening: string;
  readonly form: FormState;
  /** The key just made; `jwk` is shown this once, and undefined where the device keeps it. */
  readonly fresh:
    | { readonly name: string; readonly keyId: string; readonly jwk: string | undefined }
    | undefined;
  readonly keys: readonly {
    readonly id: string;
    readonly version: number;
    readonly name: string;
    readonly keyId: string;
    readonly source: Link;
    readonly made: Instant;
    readonly lastUsed: Instant | undefined;
    readonly revoked: Instant | undefined;
  }[];
};

/** Keys of devices that write line protocol over TCP. */
export function LineKeysPage(props: LineKeysProps) {
  const k = t.lineKeys;
  return (
    <Layout shell={props.shell} title={k.title} section="admin">
      <Head1 title={k.title} sub={props.opening} />
      <AdminNav current="lineKeys" />
      {props.fresh !== undefined && (
        <Note level="info" id="fresh-key" urgent>
          <p>
            <b>{k.fresh(props.fresh.name)}</b> {props.fresh.jwk === undefined ? k.signIn : k.once}
          </p>
          <pre class="code">{props.fresh.jwk ?? props.fresh.keyId}</pre>
        </Note>
      )}
      <div class="cols side-r">
        <KeyList {...props} />
        <Panel id="key-new" title={k.new}>
          <form class="pad" method="post" action={paths.lineKeys}>
            <Keys keys={props.shell} name="line-key" />
            <FormErrors form={props.form} labels={k.labels} />
            <TextField
              form={props.form}
              name="name"
              label={k.labels.name}
              hint={k.nameHint}
              maxlength={60}
              required
            />
            <h3 class="part">{k.publicTitle}</h3>
            <p class="hint">{k.publicHint}</p>
            <TextField form={props.form} name="x" label={k.labels.x} maxlength={60} />
            <TextField form={props.form} name="y" label={k.labels.y} maxlength={60} />
            <div class="row ends">
              <button type="submit" class="btn go">
                {k.make}
              </button>
            </div>
          </form>
        </Panel>
      </div>
    </Layout>
  );
}

function KeyList(props: LineKeysProps) {
  const k = t.lineKeys;
  return (
    <Panel id="keys" title={k.title}>
      {props.keys.length === 0 ? (
        <Empty title={k.emptyTitle} text={k.emptyText} />
      ) : (
        <Scroll label={k.title}>
          <table>
            <thead>
              <tr>
                <th>{k.labels.name}</th>
                <th class="hide">{k.keyId}</th>
                <th>{k.source}</th>
                <th class="hide">{t.tokens.made}</th>
                <th>{t.tokens.used}</th>
                <th>
                  <span class="vh">{t.words.acts}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {props.keys.map((key) => (
                <tr>
                  <td>
                    <b>{key.name}</b>
                  </td>
                  <td class="hide mono xs">{key.keyId}</td>
                  <td>
                    <a href={key.source.href}>{key.source.text}</a>
                  </td>
                  <td class="hide nw">
                    <Time at={key.made} />
                  </td>
                  <td class="nw">
                    <Time at={key.lastUsed} />
                  </td>
                  <td class="tight acts">
                    {key.revoked !== undefined ? (
                      <span class="muted">
                        {t.tokens.revoked} <Time at={key.revoked} />
                      </span>
                    ) : (
                      <ActButton
                        action={paths.lineKeyRevocation(key.id)}
                        keys={props.shell}
                        name={`revoke-${key.id}`}
                        version={key.version}
                        label={t.tokens.revokeOf(key.name)}
                      >
                        {t.tokens.revoke}
                      </ActButton>
                    )}
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
