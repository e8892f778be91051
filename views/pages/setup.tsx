import { PlainLayout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { PlainShell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { FormErrors, SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Option } from "../ui/model.ts";

/**
 * First run. POST /setup with: token, tenant_name, name, email, password, password_again, site_name,
 * zone, currency.
 */
export type SetupProps = {
  readonly shell: PlainShell;
  /** Values of: token, tenant_name, name, email, site_name, zone, currency. Passwords never come back. */
  readonly form: FormState;
  readonly zones: readonly Option[];
  readonly currencies: readonly Option[];
  /** "now 14:32 (CET)" for the chosen zone. */
  readonly zoneHint: string;
};

/** The first run: the owner, the site. There is no default password, so this must be filled in once. */
export function SetupPage(props: SetupProps) {
  const { form } = props;
  const s = t.setup;
  return (
    <PlainLayout
      shell={props.shell}
      title={s.title}
      aside={
        <ol class="steps">
          {s.steps.map((step, i) => (
            <li aria-current={i === 0 ? "step" : undefined}>
              <span>
                {step.name}
                <small>{step.what}</small>
              </span>
            </li>
          ))}
        </ol>
      }
    >
      <h1>{s.title}</h1>
      <p class="muted lead">{s.sub}</p>
      <form method="post" action={paths.setup} class="stack">
        <FormErrors form={form} labels={s.labels} />
        <TextField
          form={form}
          name="token"
          label={s.labels.token}
          hint={s.tokenHint}
          autocomplete="off"
          required
        />
        <h2 class="part">{s.owner}</h2>
        <TextField form={form} name="name" label={s.labels.name} autocomplete="name" required />
        <TextField
          form={form}
          name="email"
          type="email"
          label={s.labels.email}
          autocomplete="username"
          required
        />
        <div class="cols two">
          <TextField
            form={form}
            name="password"
            type="password"
            label={s.labels.password}
            hint={s.passwordHint}
            autocomplete="new-password"
            required
          />
          <TextField
            form={form}
            name="password_again"
            type="password"
            label={s.labels.password_again}
            autocomplete="new-password"
            required
          />
        </div>
        <h2 class="part">{s.site}</h2>
        <div class="cols two">
          <TextField form={form} name="tenant_name" label={s.labels.tenant_name} required />
          <TextField form={form} name="site_name" label={s.labels.site_name} required />
        </div>
        <div class="cols two">
          <SelectField
            form={form}
            name="zone"
            label={s.labels.zone}
            options={props.zones}
            hint={props.zoneHint}
          />
          <SelectField
            form={form}
            name="currency"
            label={s.labels.currency}
            options={props.currencies}
          />
        </div>
        <div class="row ends">
          <button type="submit" class="btn go big">
            {s.save}
          </button>
          <span class="sm muted">{s.local}</span>
        </div>
      </form>
    </PlainLayout>
  );
}
