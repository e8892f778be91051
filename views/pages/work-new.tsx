import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { AreaField, FormErrors, Keys, SelectField, TextField } from "../ui/form.tsx";
import type { FormState, Option } from "../ui/model.ts";

/** POST /work with: asset_id, title, description, priority, assignee, planned_at, alert_id, prediction_id. */
export type WorkNewProps = {
  readonly shell: Shell;
  readonly form: FormState;
  readonly assets: readonly Option[];
  readonly priorities: readonly Option[];
  /** Where it comes from, in words. */
  readonly cause: string | undefined;
};

/** Fields that a new order and a changed one share. */
export function WorkFields(props: { form: FormState; priorities: readonly Option[] }) {
  const { labels } = t.work;
  return (
    <>
      <TextField form={props.form} name="title" label={labels.title} maxlength={120} required />
      <AreaField form={props.form} name="description" label={labels.description} />
      <div class="cols three">
        <SelectField
          form={props.form}
          name="priority"
          label={labels.priority}
          options={props.priorities}
        />
        <TextField form={props.form} name="assignee" label={labels.assignee} maxlength={80} />
        <TextField
          form={props.form}
          name="planned_at"
          type="datetime-local"
          label={labels.planned_at}
          hint={t.work.plannedHint}
        />
      </div>
    </>
  );
}

/** A new order, from nothing or from an alarm or prediction. */
export function WorkNewPage(props: WorkNewProps) {
  const { form } = props;
  return (
    <Layout shell={props.shell} title={t.work.new} section="work">
      <Head1 title={t.work.new} sub={props.cause} crumbs={<a href={paths.work}>{t.nav.work}</a>} />
      <form method="post" action={paths.work} class="panel pad single">
        <Keys keys={props.shell} name="new-work" />
        <FormErrors form={form} labels={t.work.labels} />
        {["alert_id", "prediction_id"].map(
          (name) =>
            (form.values[name] ?? "") !== "" && (
              <input type="hidden" name={name} value={form.values[name]} />
            ),
        )}
        <SelectField
          form={form}
          name="asset_id"
          label={t.work.labels.asset_id}
          options={props.assets}
        />
        <WorkFields form={form} priorities={props.priorities} />
        <div class="row ends">
          <button type="submit" class="btn go big">
            {t.work.create}
          </button>
          <a class="btn quiet big" href={paths.work}>
            {t.acts.cancel}
          </a>
        </div>
      </form>
    </Layout>
  );
}
