import type { Child } from "hono/jsx";

/** A box that scrolls sideways on a narrow screen and can be reached and scrolled by keys. */
export function Scroll(props: { label: string; children?: Child }) {
  return (
    <div class="scroll" role="group" tabindex={0} aria-label={props.label}>
      {props.children}
    </div>
  );
}
