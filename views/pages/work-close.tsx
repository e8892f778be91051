import type { Finding } from "../../src/domain/work-order.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths, withQuery } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { AreaField, FormErrors, Keys, TextField } from "../ui/form.tsx";
import type { AssetRef, FormState, Option } from "../ui/model.ts";

/**
 * Close-out in two taps. POST /work/:id/close with: finding, failure_mode_id, failure_mode_new (the name
 * of a mode not listed), hours, cost, notes. Without scripts the first tap is a link
 * (`?finding=failure`) and the second the button that closes.
 */
export type WorkCloseProps = {
  readonly shell: Shell;
  readonly id: string;
  readonly version: number;
  readonly number: string;
  readonly title: string;
  readonly asset: AssetRef;
  /** Undefined until the first tap. */
  readonly finding: Finding | undefined;
  /** Most common on this type first. */
  readonly modes: readonly Option[];
  readonly typeName: string;
  readonly form: FormState;
  readonly currency: string;
};

const FINDINGS = ["failure", "nothing", "planned"] as const;

/** Two taps: what was found, and which. Those two answers are what the models learn from. */
export function WorkClosePage(props: WorkCloseProps) {
  const w = t.work;
  return (
    <Layout shell={props.shell} title={w.closeTitle(props.number)} section="work">
      <Head1
        title={w.closeTitle(props.number)}
        sub={`${props.title}, ${props.asset.tag} ${props.asset.name}`}
        crumbs={
          <>
            <a href={paths.work}>{t.nav.work}</a>
            {" / "}
            <a href={paths.workOrder(props.id)}>{props.number}</a>
          </>
        }
      />
      <section class="panel pad single stack" id="close-out" aria-label={w.close}>
        <FormErrors form={props.form} labels={w.labels} />
        <h2 id="tap-1">{w.tapFinding}</h2>
        <nav class="taps" aria-labelledby="tap-1">
          {FINDINGS.map((finding) => (
            <a
              class="tap"
              href={withQuery(paths.workClose(props.id), { finding })}
              aria-current={finding === props.finding ? "true" : undefined}
            >
              {w.findings[finding].name}
              <small>{w.findings[finding].what}</small>
            </a>
          ))}
        </nav>
        {props.finding !== undefined && <SecondTap {...props} finding={props.finding} />}
      </section>
    </Layout>
  );
}

function SecondTap(props: WorkCloseProps & { finding: Finding }) {
  const w = t.work;
  const { form } = props;
  const withModes = props.finding === "failure";
  return (
    <form method="post" action={paths.workClose(props.id)} class="stack">
      <Keys keys={props.shell} name="close" version={props.version} />
      <input type="hidden" name="finding" value={props.finding} />
      {withModes && (
        <fieldset class="taps-set">
          <legend>
            <b>{w.tapMode}</b> <span class="hint">{w.modeHint(props.typeName)}</span>
          </legend>
          <div class="taps">
            {props.modes.map((mode) => (
              <label class="tap">
                <input
                  type="radio"
                  name="failure_mode_id"
                  value={mode.value}
                  checked={form.values.failure_mode_id === mode.value ? true : undefined}
                />
                {mode.label}
              </label>
            ))}
          </div>
          {form.errors.failure_mode_id !== undefined && (
            <p class="err" id="f-failure_mode_id" role="alert">
              {form.errors.failure_mode_id}
            </p>
          )}
          {props.modes.length === 0 && <p class="hint">{w.noModes}</p>}
          <TextField form={form} name="failure_mode_new" label={w.labels.failure_mode_new} />
        </fieldset>
      )}
      <p class="hint">{w.enough}</p>
      <details
        class="edit"
        open={["hours", "cost", "notes"].some((name) => form.errors[name] !== undefined)}
      >
        <summary>{w.more}</summary>
        <div class="cols two">
          <TextField form={form} name="hours" label={w.labels.hours} inputmode="decimal" />
          <TextField
            form={form}
            name="cost"
            label={w.labels.cost}
            hint={props.currency}
            inputmode="decimal"
          />
        </div>
        <AreaField form={form} name="notes" label={w.labels.notes} />
      </details>
      <div class="row ends">
        <button type="submit" class="btn go big">
          {w.closeGo}
        </button>
        <a class="btn quiet big" href={paths.workOrder(props.id)}>
          {t.acts.cancel}
        </a>
      </div>
    </form>
  );
}
