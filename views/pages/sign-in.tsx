import { PlainLayout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { PlainShell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Option } from "../ui/model.ts";
import { Note } from "../ui/note.tsx";

/** POST /sign-in with: tenant, email, password, next. */
export type SignInProps = {
  readonly shell: PlainShell;
  /** Values of tenant and email; the error stands under "". */
  readonly form: FormState;
  /** Empty when the address names the tenant, or to let people type it; one is chosen by itself. */
  readonly tenants: readonly Option[];
  /** Where to land. */
  readonly next: string;
  /** "You were signed out because …" */
  readonly note: string | undefined;
};

/** One column, one neutral sentence on wrong input, nothing about the plant. */
export function SignInPage(props: SignInProps) {
  const { form } = props;
  const whole = form.errors[""];
  return (
    <PlainLayout shell={props.shell} title={t.signIn.title}>
      <h1>{t.signIn.title}</h1>
      <form method="post" action={paths.signIn} class="stack signin">
        {props.note !== undefined && <Note>{props.note}</Note>}
        {whole !== undefined && (
          <Note level="emergency" urgent>
            {whole}
          </Note>
        )}
        <input type="hidden" name="next" value={props.next} />
        {props.tenants.length > 1 ? (
          <SelectField form={form} name="tenant" label={t.signIn.tenant} options={props.tenants} />
        ) : props.tenants.length === 1 ? (
          <input type="hidden" name="tenant" value={props.tenants[0]?.value} />
        ) : (
          <TextField form={form} name="tenant" label={t.signIn.tenant} required />
        )}
        <TextField
          form={form}
          name="email"
          type="email"
          label={t.signIn.email}
          autocomplete="username"
          required
        />
        <TextField
          form={form}
          name="password"
          type="password"
          label={t.signIn.password}
          autocomplete="current-password"
          required
        />
        <div class="row ends">
          <button type="submit" class="btn go big">
            {t.signIn.go}
          </button>
        </div>
      </form>
    </PlainLayout>
  );
}
