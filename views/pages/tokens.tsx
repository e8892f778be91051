import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton, FormErrors, Keys, SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Instant, Option } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import { Time } from "../ui/time.tsx";
import type { IngestTabs } from "./ingest.tsx";
import { IngestNav } from "./ingest.tsx";

/** POST /ingest/tokens with: name, scope; POST /ingest/tokens/:id/revocation. */
export type TokensProps = {
  readonly shell: Shell;
  readonly tabs: IngestTabs;
  readonly form: FormState;
  readonly scopes: readonly Option[];
  readonly tokens: readonly {
    readonly id: string;
    readonly version: number;
    readonly name: string;
    readonly scope: string;
    readonly made: Instant;
    readonly lastUsed: Instant | undefined;
    readonly revoked: Instant | undefined;
  }[];
  /** The token just made, shown this once, and a command to try it with. */
  readonly fresh:
    | { readonly name: string; readonly token: string; readonly example: string }
    | undefined;
  readonly mayWrite: boolean;
};

/** Keys of machines. A token is shown once; only its hash is kept. */
export function TokensPage(props: TokensProps) {
  const k = t.tokens;
  return (
    <Layout shell={props.shell} title={t.ingest.tabs.tokens} section="ingest">
      <Head1 title={t.ingest.tabs.tokens} sub={k.sub} />
      <IngestNav tabs={props.tabs} current="tokens" />
      {props.fresh !== undefined && (
        <Note level="info" id="fresh-token" urgent>
          <p>
            <b>{k.fresh(props.fresh.name)}</b> {k.once}
          </p>
          <pre class="code">{props.fresh.token}</pre>
          <p>{k.try}</p>
          <pre class="code">{props.fresh.example}</pre>
        </Note>
      )}
      <div class="cols side-r">
        <TokenList {...props} />
        {props.mayWrite && (
          <Panel id="token-new" title={k.new}>
            <form class="pad" method="post" action={paths.tokens}>
              <Keys keys={props.shell} name="token" />
              <FormErrors form={props.form} labels={k.labels} />
              <TextField
                form={props.form}
                name="name"
                label={k.labels.name}
                hint={k.nameHint}
                maxlength={60}
                required
              />
              <SelectField
                form={props.form}
                name="scope"
                label={k.labels.scope}
                options={props.scopes}
              />
              <div class="row ends">
                <button type="submit" class="btn go">
                  {k.make}
                </button>
              </div>
            </form>
          </Panel>
        )}
      </div>
    </Layout>
  );
}

function TokenList(props: TokensProps) {
  const k = t.tokens;
  return (
    <Panel id="tokens" title={k.list}>
      {props.tokens.length === 0 ? (
        <Empty title={k.emptyTitle} text={k.emptyText} />
      ) : (
        <Scroll label={k.list}>
          <table>
            <thead>
              <tr>
                <th>{k.labels.name}</th>
                <th>{k.labels.scope}</th>
                <th class="hide">{k.made}</th>
                <th>{k.used}</th>
                <th>
                  <span class="vh">{t.words.acts}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {props.tokens.map((token) => (
                <tr id={`token-${token.id}`}>
                  <td>
                    <b>{token.name}</b>
                  </td>
                  <td>{token.scope}</td>
                  <td class="hide nw">
                    <Time at={token.made} />
                  </td>
                  <td class="nw">
                    <Time at={token.lastUsed} />
                  </td>
                  <td class="tight acts">
                    {token.revoked !== undefined ? (
                      <span class="muted">
                        {k.revoked} <Time at={token.revoked} />
                      </span>
                    ) : (
                      props.mayWrite && (
                        <ActButton
                          action={paths.tokenRevocation(token.id)}
                          keys={props.shell}
                          name={`revoke-${token.id}`}
                          version={token.version}
                          label={k.revokeOf(token.name)}
                        >
                          {k.revoke}
                        </ActButton>
                      )
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
