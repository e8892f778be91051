import type { Child } from "hono/jsx";

/** A framed region with a heading; the heading names it for a screen reader. */
export function Panel(props: {
  id: string;
  title: Child;
  aside?: Child;
  foot?: Child;
  class?: string;
  children?: Child;
}) {
  return (
    <section
      class={`panel ${props.class ?? ""}`.trimEnd()}
      id={props.id}
      aria-labelledby={`${props.id}-h`}
    >
      <header>
        <h2 id={`${props.id}-h`}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
      {props.foot !== undefined && props.foot !== "" && <footer>{props.foot}</footer>}
    </section>
  );
}
