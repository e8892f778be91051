import { SEVERITIES } from "../../src/domain/rule.ts";
import { Head1, Layout } from "../layout.tsx";
import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { Chart, Legend } from "../ui/chart.tsx";
import type { ChartProps } from "../ui/chart-model.ts";
import { Empty } from "../ui/empty.tsx";
import { ActButton, CheckField, FormErrors, Keys, Options, TextField } from "../ui/form.tsx";
import type { FormState, Instant, Option } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Time } from "../ui/time.tsx";

/**
 * A new rule or a version of one. POST /rules or /rules/:id with: name, scope (a value of `scopes`), op,
 * threshold, hold_minutes, severity, clear, enabled ("on"); POST /rules/:id/removal.
 */
export type RuleProps = {
  readonly shell: Shell;
  /** Undefined for a new rule. */
  readonly rule:
    | { readonly id: string; readonly version: number; readonly name: string }
    | undefined;
  readonly form: FormState;
  /** Grouped: one sensor ("sensor:<id>"), or all of a type ("type:<typeId or *>:<sensor name>"). */
  readonly scopes: readonly { readonly group: string; readonly options: readonly Option[] }[];
  readonly unit: string;
  /** What it covers, in words: "covers 6 pumps". */
  readonly covers: string;
  /** Last weeks of one sensor it covers, with this limit. */
  readonly chart: ChartProps | undefined;
  readonly versions: readonly {
    readonly version: number;
    readonly sentence: string;
    readonly at: Instant;
    readonly by: string;
    readonly state: string;
  }[];
  readonly mayWrite: boolean;
};

/** A rule is a sentence whose slots are controls: readable as it stands, and a plain form. */
export function RulePage(props: RuleProps) {
  const { rule } = props;
  const title = rule?.name ?? t.rules.new;
  return (
    <Layout shell={props.shell} title={title} section="rules" charts={props.chart !== undefined}>
      <Head1 title={title} sub={props.covers} crumbs={<a href={paths.rules}>{t.nav.rules}</a>} />
      <div class="cols side-r">
        <div class="vstack">
          <RuleForm {...props} />
          {props.chart !== undefined && (
            <Panel id="rule-chart" title={t.rules.history} foot={<Legend {...props.chart} />}>
              <div class="pad">
                <Chart {...props.chart} />
              </div>
            </Panel>
          )}
        </div>
        <aside class="vstack" aria-label={t.rules.versions}>
          <RuleVersions {...props} />
          {rule !== undefined && props.mayWrite && (
            <section class="panel pad">
              <ActButton
                action={paths.ruleRemoval(rule.id)}
                keys={props.shell}
                name={`remove-${rule.id}`}
                version={rule.version}
              >
                {t.rules.remove}
              </ActButton>
              <p class="hint">{t.rules.removeHint}</p>
            </section>
          )}
        </aside>
      </div>
    </Layout>
  );
}

/** The sentence as a form; swapped as a whole when it comes back with faults. */
export function RuleForm(props: RuleProps) {
  const { form, rule } = props;
  const action = rule === undefined ? paths.rules : paths.rule(rule.id);
  const r = t.rules;
  return (
    <section class="panel" id="rule-form" aria-label={r.sentence}>
      <form
        method="post"
        action={action}
        hx-post={action}
        hx-target="#rule-form"
        hx-swap="outerHTML"
      >
        <Keys keys={props.shell} name="rule" version={rule?.version} />
        <fieldset disabled={props.mayWrite ? undefined : true}>
          <legend class="vh">{r.sentence}</legend>
          <div class="pad">
            <FormErrors form={form} labels={r.labels} />
            <TextField form={form} name="name" label={r.labels.name} maxlength={80} required />
          </div>
          <div class="sentence">
            <p class="ln">
              <span class="kw">{r.when}</span>
              <span class="slots">
                <Slot form={form} name="scope" label={r.labels.scope} groups={props.scopes} />
                <span>{r.is}</span>
                <Slot form={form} name="op" label={r.labels.op} options={r.ops} />
                <Slot form={form} name="threshold" label={r.labels.threshold} unit={props.unit} />
              </span>
            </p>
            <p class="ln">
              <span class="kw">{r.for}</span>
              <span class="slots">
                <Slot
                  form={form}
                  name="hold_minutes"
                  label={r.labels.hold_minutes}
                  unit={r.minutes}
                />
              </span>
            </p>
            <p class="ln">
              <span class="kw">{r.raise}</span>
              <span class="slots">
                <Slot
                  form={form}
                  name="severity"
                  label={r.labels.severity}
                  options={SEVERITIES.map((value) => ({ value, label: t.severity[value] }))}
                />
              </span>
            </p>
            <p class="ln">
              <span class="kw">{r.clearAt}</span>
              <span class="slots">
                <Slot form={form} name="clear" label={r.labels.clear} unit={props.unit} />
              </span>
            </p>
          </div>
          <footer class="pad">
            <CheckField form={form} name="enabled" label={r.labels.enabled} hint={r.enabledHint} />
            {props.mayWrite && (
              <div class="row ends">
                <button type="submit" class="btn go big">
                  {rule === undefined ? r.saveNew : r.save}
                </button>
                <a class="btn quiet big" href={paths.rules}>
                  {t.acts.cancel}
                </a>
              </div>
            )}
          </footer>
        </fieldset>
      </form>
    </section>
  );
}

/** One slot of the sentence: its label is heard, its words are seen. */
function Slot(props: {
  form: FormState;
  name: string;
  label: string;
  unit?: string;
  options?: readonly Option[];
  groups?: RuleProps["scopes"];
}) {
  const error = props.form.errors[props.name];
  const value = props.form.values[props.name] ?? "";
  const wiring = {
    id: `f-${props.name}`,
    name: props.name,
    "aria-label": props.label,
    "aria-invalid": error === undefined ? undefined : ("true" as const),
    "aria-describedby": error === undefined ? undefined : `f-${props.name}-error`,
  };
  const isNumber = props.options === undefined && props.groups === undefined;
  return (
    <span class={error === undefined ? "slot" : "slot bad"}>
      {isNumber ? (
        <input {...wiring} value={value} inputmode="decimal" size={7} required />
      ) : (
        <select {...wiring}>
          <Options options={props.options ?? []} chosen={value} />
          {(props.groups ?? []).map((group) => (
            <optgroup label={group.group}>
              <Options options={group.options} chosen={value} />
            </optgroup>
          ))}
        </select>
      )}
      {props.unit !== undefined && <span class="unit">{props.unit}</span>}
      {error !== undefined && (
        <span class="err" id={`f-${props.name}-error`}>
          {error}
        </span>
      )}
    </span>
  );
}

function RuleVersions(props: RuleProps) {
  return (
    <Panel id="versions" title={t.rules.versions}>
      {props.versions.length === 0 ? (
        <Empty title={t.rules.firstTitle} text={t.rules.firstText} />
      ) : (
        <ol class="lines versions">
          {props.versions.map((version) => (
            <li>
              <span class="grow">
                <b>{t.rules.version(version.version)}</b> <span class="muted">{version.state}</span>
                <span class="sub">{version.sentence}</span>
              </span>
              <span class="muted sm nw">
                <Time at={version.at} />
                <span class="sub">{version.by}</span>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
