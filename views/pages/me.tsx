import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import { type Shell, THEMES } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Facts } from "../ui/facts.tsx";
import { CheckField, FormErrors, Keys, TextField } from "../ui/form.tsx";
import type { Fact, FormState, Link } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";

/** POST /me with: password, new_password, new_password_again (all or none) and keys ("on"). */
export type MeProps = {
  readonly shell: Shell;
  readonly facts: readonly Fact[];
  readonly form: FormState;
  /** Pages this role may open, for the phone's "More". */
  readonly links: readonly Link[];
};

/** My settings, and on a phone the way to all other pages. */
export function MePage(props: MeProps) {
  const m = t.me;
  return (
    <Layout shell={props.shell} title={m.title} section="me">
      <Head1 title={m.title} sub={props.shell.user.name} />
      <div class="cols two top">
        <div class="vstack">
          <Panel id="pages" title={m.pages} class="phone-only">
            <ul class="lines">
              {props.links.map((link) => (
                <li>
                  <a class="plain grow" href={link.href}>
                    {link.text}
                  </a>
                </li>
              ))}
            </ul>
          </Panel>
          <Panel id="look" title={m.look}>
            <form class="pad row wrap" method="post" action={paths.theme}>
              <Keys keys={props.shell} name="theme-me" />
              <input type="hidden" name="next" value={paths.me} />
              {THEMES.map((theme) => (
                <button
                  type="submit"
                  class="btn"
                  name="theme"
                  value={theme}
                  aria-pressed={theme === props.shell.theme ? "true" : "false"}
                >
                  {t.shell.themes[theme]}
                </button>
              ))}
            </form>
          </Panel>
          <Panel id="account" title={m.account}>
            <div class="pad">
              <Facts facts={props.facts} />
            </div>
          </Panel>
        </div>
        <Panel id="settings" title={m.settings}>
          <form class="pad" method="post" action={paths.me}>
            <Keys keys={props.shell} name="me" />
            <FormErrors form={props.form} labels={m.labels} />
            <CheckField form={props.form} name="keys" label={m.labels.keys} hint={m.keysHint} />
            <TextField
              form={props.form}
              name="password"
              type="password"
              label={m.labels.password}
              hint={m.passwordHint}
              autocomplete="current-password"
            />
            <TextField
              form={props.form}
              name="new_password"
              type="password"
              label={m.labels.new_password}
              hint={t.setup.passwordHint}
              autocomplete="new-password"
            />
            <TextField
              form={props.form}
              name="new_password_again"
              type="password"
              label={m.labels.new_password_again}
              autocomplete="new-password"
            />
            <div class="row ends">
              <button type="submit" class="btn go">
                {t.acts.save}
              </button>
            </div>
          </form>
        </Panel>
      </div>
    </Layout>
  );
}
