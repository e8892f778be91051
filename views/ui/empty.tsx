import type { Child } from "hono/jsx";

/** Says what is true, then what comes next or what to do. */
export function Empty(props: { title: string; text: string; children?: Child }) {
  return (
    <div class="empty">
      <h3>{props.title}</h3>
      <p>{props.text}</p>
      {props.children}
    </div>
  );
}
