import type { Child } from "hono/jsx";
import { t } from "../texts/index.ts";
import { Options } from "./form.tsx";
import { Icon } from "./icon.tsx";
import type { Option } from "./model.ts";

/**
 * Filters of a list as a GET form: works as it is, and with scripts swaps the list region alone and
 * puts the address into the history.
 */
export function Filters(props: { action: string; target: string; children?: Child }) {
  return (
    <search>
      <form
        class="filters"
        method="get"
        action={props.action}
        hx-get={props.action}
        hx-target={props.target}
        hx-swap="outerHTML"
        hx-push-url="true"
        hx-trigger="submit, change"
      >
        {props.children}
        <button type="submit" class="btn">
          {t.acts.show}
        </button>
      </form>
    </search>
  );
}

/** A text to search for. */
export function FilterText(props: { name: string; label: string; value: string }) {
  return (
    <input
      type="search"
      name={props.name}
      value={props.value}
      aria-label={props.label}
      placeholder={props.label}
      maxlength={120}
    />
  );
}

/** One of a list, or all. */
export function FilterSelect(props: {
  name: string;
  label: string;
  value: string;
  options: readonly Option[];
}) {
  return (
    <select name={props.name} aria-label={props.label}>
      <option value="">{props.label}</option>
      <Options options={props.options} chosen={props.value} />
    </select>
  );
}

/** An active filter with the way to drop it. */
export function FilterChip(props: { text: string; href: string }) {
  return (
    <a class="chip" href={props.href} aria-label={t.filters.drop(props.text)}>
      {props.text} <Icon name="close" />
    </a>
  );
}
