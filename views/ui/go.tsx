import type { Child } from "hono/jsx";

/** A link that swaps the region `#explore`; the answer says which address it has. */
export function Go(props: {
  href: string;
  class?: string;
  label?: string;
  current?: boolean;
  id?: string;
  keys?: string;
  children?: Child;
}) {
  return (
    <a
      href={props.href}
      class={props.class}
      id={props.id}
      aria-label={props.label}
      aria-current={props.current ? "true" : undefined}
      data-go={props.keys}
      hx-get={props.href}
      hx-target="#explore"
      hx-swap="outerHTML"
    >
      {props.children}
    </a>
  );
}
