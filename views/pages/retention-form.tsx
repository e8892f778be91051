import { paths } from "../paths.ts";
import { t } from "../texts/index.ts";
import { FilterText } from "../ui/filters.tsx";
import { FormErrors, Keys, Options } from "../ui/form.tsx";
import type { FormState, Option } from "../ui/model.ts";
import { Panel } from "../ui/panel.tsx";
import { Scroll } from "../ui/scroll.tsx";
import type { RetentionProps } from "./retention.tsx";
import { TierTable } from "./retention-table.tsx";

/** Names of the fields of one class' row; `days` in the order of the tiers. */
export type ClassRow = {
  readonly name: string;
  readonly days: readonly string[];
  readonly drop: string | undefined;
};

/** Belongs to no class by name; an empty field would not be sent on. */
const NO_CLASS = "-";

/** The classes, what belongs to each, and a look at what would go before they are saved. */
export function RetentionForm(props: RetentionProps) {
  const r = t.retention;
  return (
    <>
      <Panel id="retention-classes" title={r.classes}>
        <form
          id="retention-form"
          method="post"
          action={paths.retention}
          hx-post={paths.retention}
          hx-target="#retention"
          hx-swap="outerHTML"
        >
          <div class="pad stack">
            <Keys keys={props.shell} name="retention" version={props.version} />
            <input type="hidden" name="previewed" value={props.previewed} />
            <FormErrors form={props.form} labels={labelsOf(props)} />
            <p class="hint">{r.classesHint}</p>
            <ClassTable {...props} />
            {props.types.length > 0 && <h3 class="part">{r.byType}</h3>}
            <Assigned fields={props.types} props={props} none={r.defaultClass} />
            <h3 class="part">{r.bySensor}</h3>
            {props.sensors.length === 0 ? (
              <p class="muted">{r.noSensors}</p>
            ) : (
              <Assigned fields={props.sensors} props={props} none={r.asType} />
            )}
            <Preview {...props} />
            <div class="row ends">
              <button type="submit" name="act" value="look" class="btn">
                {r.look}
              </button>
              {props.preview !== undefined && (
                <button type="submit" name="act" value="save" class="btn go">
                  {r.save}
                </button>
              )}
            </div>
          </div>
        </form>
      </Panel>
      <FindSensor {...props} />
    </>
  );
}

/** What the fields of classes are called, where faults are summed up. */
function labelsOf({ form, rows }: RetentionProps): Record<string, string> {
  const r = t.retention;
  return Object.fromEntries(
    rows.flatMap((row) => {
      const of = form.values[row.name] || r.newClass;
      const days = row.days.map((field, tier) => [field, r.daysOf(r.tiers[tier] ?? "", of)]);
      return [[row.name, r.nameOf(of)], ...days];
    }),
  );
}

function ClassTable(props: RetentionProps) {
  const r = t.retention;
  const { form } = props;
  return (
    <Scroll label={r.classes}>
      <table class="dense">
        <thead>
          <tr>
            <th>{r.className}</th>
            {r.tiers.map((tier) => (
              <th>{tier}</th>
            ))}
            <th>{r.drop}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, i) => {
            const name = form.values[row.name] ?? "";
            const of = name === "" ? r.newClass : name;
            return (
              <tr>
                <td>
                  {name === "default" && i === 0 ? (
                    <>
                      <input type="hidden" name={row.name} value={name} />
                      <b>{name}</b>
                    </>
                  ) : (
                    <Cell form={form} name={row.name} label={r.nameOf(of)} hint={r.newClass} />
                  )}
                </td>
                {row.days.map((field, tier) => (
                  <td>
                    <Cell
                      form={form}
                      name={field}
                      label={r.daysOf(r.tiers[tier] ?? "", of)}
                      hint={name === "" ? "" : r.forEver}
                      numeric
                    />
                  </td>
                ))}
                <td>
                  {row.drop !== undefined && name !== "default" && (
                    <input
                      type="checkbox"
                      name={row.drop}
                      value="on"
                      aria-label={r.dropOf(of)}
                      checked={form.values[row.drop] === "on" ? true : undefined}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Scroll>
  );
}

function Cell(props: {
  form: FormState;
  name: string;
  label: string;
  hint: string;
  numeric?: boolean;
}) {
  const error = props.form.errors[props.name];
  const id = `f-${props.name}`;
  return (
    <div class={error === undefined ? "field slim" : "field slim bad"}>
      <input
        id={id}
        name={props.name}
        value={props.form.values[props.name] ?? ""}
        aria-label={props.label}
        placeholder={props.hint}
        inputmode={props.numeric ? "numeric" : undefined}
        maxlength={40}
        autocomplete="off"
        aria-invalid={error === undefined ? undefined : "true"}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
      />
      {error !== undefined && (
        <p class="err" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}

function Assigned(args: {
  fields: readonly { readonly field: string; readonly label: string }[];
  props: RetentionProps;
  none: string;
}) {
  const { form, classes } = args.props;
  const options: readonly Option[] = [{ value: NO_CLASS, label: args.none }, ...classes];
  return (
    <ul class="assigned">
      {args.fields.map(({ field, label }) => (
        <li>
          <label for={`f-${field}`}>{label}</label>
          <select id={`f-${field}`} name={field}>
            <Options options={options} chosen={form.values[field] ?? NO_CLASS} />
          </select>
        </li>
      ))}
    </ul>
  );
}

function Preview(props: RetentionProps) {
  const r = t.retention;
  if (props.preview === undefined) return null;
  return (
    <div id="retention-preview" role="status">
      <h3 class="part">{r.preview}</h3>
      <p>
        <b>{props.preview.sentence}</b>
      </p>
      <p class="hint">{r.previewNote}</p>
      {props.preview.rows.length > 0 && (
        <TierTable label={r.preview} rows={props.preview.rows} reasons />
      )}
    </div>
  );
}

function FindSensor(props: RetentionProps) {
  const r = t.retention;
  return (
    <Panel id="retention-sensor" title={r.find}>
      <div class="pad">
        <search>
          <form class="filters" method="get" action={paths.retention}>
            <FilterText name="q" label={r.findLabel} value={props.q} />
            <button type="submit" class="btn">
              {t.search.go}
            </button>
          </form>
        </search>
        {props.hits !== undefined && props.hits.length === 0 && <p class="hint">{r.noHits}</p>}
        {props.hits !== undefined && props.hits.length > 0 && (
          <p class="row wrap">
            {props.hits.map((hit) => (
              <a class="chip" href={hit.href}>
                {hit.text}
              </a>
            ))}
          </p>
        )}
      </div>
    </Panel>
  );
}
