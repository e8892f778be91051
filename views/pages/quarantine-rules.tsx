import { paths } from "../paths.ts";
import type { Shell } from "../shell.ts";
import { t } from "../texts/index.ts";
import { ActButton, Keys, type OptionGroup, SelectField, TextField } from "../ui/form.tsx";
import type { FormState } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";

/**
 * The form of a mapping rule: GET /ingest/quarantine with source, reason, act, name, to and measurement
 * tries it; POST /ingest/mapping-rules with the same makes it, with `replay` to replay the lines after.
 */
export type FixProps = {
  readonly source: string;
  readonly reason: string;
  readonly acts: readonly OptionGroup[];
  readonly form: FormState;
  readonly here: string;
  /** What the written rule would do; undefined until it was tried. */
  readonly preview:
    | {
        readonly note: string;
        readonly samples: readonly {
          readonly line: string;
          readonly becomes: string;
        }[];
      }
    | undefined;
};

export type RuleRow = {
  readonly id: string;
  readonly version: number;
  readonly text: string;
  readonly source: string;
  readonly madeBy: string;
};

/** A rule for the lines of one reason: written, tried on them, made. */
export function FixPanel(props: { shell: Shell; fix: FixProps }) {
  const m = t.mapping;
  const { fix } = props;
  return (
    <Panel id="fix" title={m.title}>
      <div class="pad stack">
        <form method="get" action={paths.quarantine} class="across">
          <input type="hidden" name="source" value={fix.source} />
          <input type="hidden" name="reason" value={fix.reason} />
          <SelectField form={fix.form} name="act" label={m.act} groups={fix.acts} />
          <TextField form={fix.form} name="name" label={m.name} maxlength={200} />
          <TextField form={fix.form} name="to" label={m.to} maxlength={200} />
          <TextField form={fix.form} name="measurement" label={m.measurement} maxlength={200} />
          <div class="field under">
            <button type="submit" class="btn">
              {m.preview}
            </button>
          </div>
        </form>
        <p class="sm muted">{m.hint}</p>
        {fix.preview !== undefined && <Tried {...props} preview={fix.preview} />}
      </div>
    </Panel>
  );
}

function Tried(props: { shell: Shell; fix: FixProps; preview: NonNullable<FixProps["preview"]> }) {
  const m = t.mapping;
  const { fix, preview, shell } = props;
  const hidden = { source: fix.source, reason: fix.reason, ...fix.form.values };
  return (
    <>
      <p role="status">{preview.note}</p>
      <ul class="lines">
        {preview.samples.map((sample) => (
          <li>
            <span class="grow">
              <code class="pre">{sample.line}</code>
              <span class="sub mono">→ {sample.becomes}</span>
            </span>
          </li>
        ))}
      </ul>
      <form method="post" action={paths.mappingRules} class="row wrap">
        <Keys keys={shell} name="make-rule" />
        {Object.entries(hidden).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <button type="submit" class="btn go" name="replay" value="yes">
          {m.makeAndReplay}
        </button>
        <button type="submit" class="btn">
          {m.make}
        </button>
      </form>
    </>
  );
}

/** The rules that lines go through, with the way to drop each. */
export function RulesPanel(props: { shell: Shell; rules: readonly RuleRow[]; mayWrite: boolean }) {
  const m = t.mapping;
  return (
    <Panel id="mapping-rules" title={m.rules} foot={m.rulesFoot}>
      <ul class="lines">
        {props.rules.map((rule) => (
          <li>
            <span class="grow">
              {rule.text}
              <span class="sub">{m.ruleOf(rule.source, rule.madeBy)}</span>
            </span>
            {props.mayWrite && (
              <ActButton
                action={paths.mappingRuleRemoval(rule.id)}
                keys={props.shell}
                name={`drop-rule-${rule.id}`}
                version={rule.version}
                label={m.removeOf(rule.text)}
              >
                {m.remove}
              </ActButton>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
