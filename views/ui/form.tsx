import type { Child } from "hono/jsx";
import { t } from "../texts/index.ts";
import type { FormKeys, FormState, Option } from "./model.ts";
import { SeverityGlyph } from "./severity.tsx";

/** Session token, idempotency key and version, as every form carries them. */
export function Keys(props: { keys: FormKeys; name: string; version?: number | undefined }) {
  return (
    <>
      <input type="hidden" name="csrf" value={props.keys.csrf} />
      <input type="hidden" name="idempotency_key" value={`${props.keys.formKey}.${props.name}`} />
      {props.version !== undefined && (
        <input type="hidden" name="version" value={String(props.version)} />
      )}
    </>
  );
}

/** One button that posts to one address: the plain form behind every act of a row. */
export function ActButton(props: {
  action: string;
  keys: FormKeys;
  name: string;
  version?: number | undefined;
  class?: string;
  label?: string;
  /** More hidden fields. */
  fields?: Readonly<Record<string, string>>;
  hx?: Readonly<Record<string, string>>;
  children?: Child;
}) {
  return (
    <form method="post" action={props.action} class="act" {...props.hx}>
      <Keys keys={props.keys} name={props.name} version={props.version} />
      {Object.entries(props.fields ?? {}).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button type="submit" class={`btn ${props.class ?? ""}`.trimEnd()} aria-label={props.label}>
        {props.children}
      </button>
    </form>
  );
}

type FieldProps = {
  readonly form: FormState;
  readonly name: string;
  readonly label: string;
  readonly hint?: Child;
  readonly required?: boolean;
};

const idOf = (name: string) => `f-${name}`;

/** Attributes that tie a control to its label, hint and error. */
function wired(props: FieldProps) {
  const error = props.form.errors[props.name];
  const described = [
    props.hint === undefined ? "" : `${idOf(props.name)}-hint`,
    error === undefined ? "" : `${idOf(props.name)}-error`,
  ].filter((id) => id !== "");
  return {
    id: idOf(props.name),
    name: props.name,
    required: props.required,
    "aria-invalid": error === undefined ? undefined : ("true" as const),
    "aria-describedby": described.length === 0 ? undefined : described.join(" "),
    autofocus: error !== undefined && firstError(props.form) === props.name ? true : undefined,
  };
}

function firstError(form: FormState): string | undefined {
  return Object.keys(form.errors).find((name) => name !== "");
}

function Frame(props: { field: FieldProps; children?: Child }) {
  const { form, name, label, hint } = props.field;
  const error = form.errors[name];
  return (
    <div class={error === undefined ? "field" : "field bad"}>
      <label for={idOf(name)}>{label}</label>
      {props.children}
      {hint !== undefined && (
        <p class="hint" id={`${idOf(name)}-hint`}>
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p class="err" id={`${idOf(name)}-error`}>
          <SeverityGlyph severity="emergency" decorative off />
          <span>{error}</span>
        </p>
      )}
    </div>
  );
}

/** A line of text, number, password, time or file. */
export function TextField(
  props: FieldProps & {
    type?: "text" | "email" | "password" | "date" | "datetime-local" | "file" | "search";
    autocomplete?: string;
    inputmode?: "decimal" | "numeric" | "email";
    placeholder?: string;
    accept?: string;
    maxlength?: number;
  },
) {
  const secret = props.type === "password" || props.type === "file";
  return (
    <Frame field={props}>
      <input
        {...wired(props)}
        type={props.type ?? "text"}
        value={secret ? undefined : props.form.values[props.name]}
        autocomplete={props.autocomplete}
        inputmode={props.inputmode}
        placeholder={props.placeholder}
        accept={props.accept}
        maxlength={props.maxlength}
      />
    </Frame>
  );
}

/** Several lines. */
export function AreaField(props: FieldProps & { rows?: number }) {
  return (
    <Frame field={props}>
      <textarea {...wired(props)} rows={props.rows ?? 3}>
        {props.form.values[props.name] ?? ""}
      </textarea>
    </Frame>
  );
}

export type OptionGroup = { readonly group: string; readonly options: readonly Option[] };

/** One of a list; grouped where groups are given. */
export function SelectField(
  props: FieldProps & { options?: readonly Option[]; groups?: readonly OptionGroup[] },
) {
  return (
    <Frame field={props}>
      <select {...wired(props)}>
        <Options options={props.options ?? []} chosen={props.form.values[props.name] ?? ""} />
        {(props.groups ?? []).map((group) => (
          <optgroup label={group.group}>
            <Options options={group.options} chosen={props.form.values[props.name] ?? ""} />
          </optgroup>
        ))}
      </select>
    </Frame>
  );
}

/** The options of a select, the chosen one marked. */
export function Options(props: { options: readonly Option[]; chosen: string }) {
  return (
    <>
      {props.options.map((option) => (
        <option value={option.value} selected={option.value === props.chosen ? true : undefined}>
          {option.label}
        </option>
      ))}
    </>
  );
}

/** Yes or no. */
export function CheckField(props: FieldProps) {
  return (
    <div class="field">
      <label class="check">
        <input
          type="checkbox"
          name={props.name}
          value="on"
          checked={props.form.values[props.name] === "on" ? true : undefined}
        />
        <span>{props.label}</span>
      </label>
      {props.hint !== undefined && <p class="hint">{props.hint}</p>}
    </div>
  );
}

/** What is wrong with the form as a whole, and where, when there is more than one fault. */
export function FormErrors(props: { form: FormState; labels: Readonly<Record<string, string>> }) {
  const faults = Object.entries(props.form.errors);
  const whole = props.form.errors[""];
  if (faults.length === 0 || (whole === undefined && faults.length < 2)) return null;
  return (
    <div class="note e" role="alert" tabindex={-1}>
      <b>{whole ?? t.form.summary(faults.length)}</b>
      {faults.length > (whole === undefined ? 0 : 1) && (
        <ul>
          {faults
            .filter(([name]) => name !== "")
            .map(([name, reason]) => (
              <li>
                <a href={`#${idOf(name)}`}>{props.labels[name] ?? name}</a>: {reason}
              </li>
            ))}
        </ul>
      )}
    </div>
  );
}
